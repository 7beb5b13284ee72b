"""A theme from six sides, and every theme at a glance: asked in the caller's name, set side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from services.reporting_api.asking import Answers, ask_as
from services.reporting_api.questions import Subject, challenges_of, shared_learning_of, words_of
from services.reporting_api.triangulation.done import asks_for_deeds, tell_deeds
from services.reporting_api.triangulation.hearing import Hearing
from services.reporting_api.triangulation.judging import RULE, Says, Verdict, verdict_on
from services.reporting_api.triangulation.schemas import (
    AgreementOut,
    ThemeLine,
    ThemeRef,
    ThemesOverviewOut,
    TriangulationOut,
    UnitRef,
    VoiceCode,
    VoiceOut,
    VoiceSays,
)
from services.reporting_api.triangulation.voices import asks_for_all, hear_all
from services.reporting_api.words import listed, sentence
from shared.auth.caller import Caller
from shared.clients.neighbour import Neighbour

Theme = Mapping[str, Any]
_ORDER: Sequence[Verdict] = ("disagree", "divided", "agree", "too_little")
_CALLED: Mapping[VoiceCode, str] = {
    "numbers": "the numbers",
    "audits": "audits",
    "families": "children and families",
    "staff": "staff",
    "complaints": "complaints and compliments",
    "partners": "partners",
}


async def triangulate(
    caller: Caller, neighbours: Mapping[str, Neighbour], subject: Subject, theme: Theme, narrower: list[str],
    now: datetime,
) -> TriangulationOut:  # fmt: skip
    """Everything that is said of one theme, whether it agrees, and what was done."""
    code, indicators = theme["code"], theme.get("indicators", ())
    challenges = challenges_of(subject, code)
    lessons = shared_learning_of(code)
    asks = [*asks_for_all(subject, indicators), challenges, *asks_for_deeds(subject, code), *words_of(subject, code)]
    answers = await ask_as(caller, neighbours, asks, now)
    hearing = Hearing(subject, theme, answers)
    voices = hear_all(hearing, [challenges, lessons], indicators)
    described = {name: theme[name] for name in ("code", "name", "scope", "description")}
    return TriangulationOut(
        theme=ThemeRef(**described, parent=theme.get("parent"), narrower=narrower), unit=unit_of(subject),
        period=subject.span, as_of=now, services_heard=sorted({one.service for one in answers.found}),
        voices=voices, agreement=agreement_of(voices), done=tell_deeds(hearing),
    )  # fmt: skip


async def oversee(
    caller: Caller, neighbours: Mapping[str, Neighbour], subject: Subject, themes: Sequence[Theme], now: datetime
) -> ThemesOverviewOut:
    """Every theme with what each voice says of it, from the same few answers."""
    indicators = sorted({code for theme in themes for code in theme.get("indicators", ())})
    challenges = challenges_of(subject)
    asks = [*asks_for_all(subject, indicators), challenges]
    answers = await ask_as(caller, neighbours, asks, now)
    lines = [_line(answers, subject, theme, hear_all(Hearing(subject, theme, answers), [challenges], indicators))
             for theme in themes]  # fmt: skip
    lines.sort(key=lambda one: (_ORDER.index(one.verdict), one.few, -sum(two.says == "concern" for two in one.voices)))
    return ThemesOverviewOut(
        unit=unit_of(subject), period=subject.span, as_of=now, rule=RULE,
        disagreeing=sum(one.disagreement for one in lines), items=lines,
        sources=[answers.source(one) for one in asks],
    )  # fmt: skip


def _line(answers: Answers, subject: Subject, theme: Theme, voices: Sequence[VoiceOut]) -> ThemeLine:
    found = agreement_of(voices)
    return ThemeLine(
        theme=theme["code"], name=theme["name"], verdict=found.verdict, disagreement=found.disagreement, few=found.few,
        sentence=found.sentence,
        voices=[VoiceSays(voice=one.voice, says=one.says, few=one.few, headline=one.headline) for one in voices],
    )  # fmt: skip


def unit_of(subject: Subject) -> UnitRef | None:
    return None if subject.unit is None else UnitRef(code=subject.unit, name=subject.unit_name or subject.unit)


def agreement_of(voices: Sequence[VoiceOut]) -> AgreementOut:
    said: dict[VoiceCode, Says] = {one.voice: one.says for one in voices}
    verdict = verdict_on(said.values())
    strength, concern, mixed = (_who(said, word) for word in ("strength", "concern", "mixed"))
    return AgreementOut(
        verdict=verdict, disagreement=verdict == "disagree", strength=strength, concern=concern, mixed=mixed,
        few=any(one.few for one in voices),
        unheard=[one for one in said if one not in (*strength, *concern, *mixed)],
        sentence=_sentence(verdict, strength, concern, mixed), rule=RULE,
    )  # fmt: skip


def _who(said: Mapping[VoiceCode, Says], word: str) -> list[VoiceCode]:
    return [code for code, says in said.items() if says == word]


def _sentence(
    verdict: Verdict, strength: Sequence[VoiceCode], concern: Sequence[VoiceCode], mixed: Sequence[VoiceCode]
) -> str:
    good, bad, both = (listed([_CALLED[code] for code in codes]) for codes in (strength, concern, mixed))
    if verdict == "disagree":
        return sentence(f"{good} speak of a strength, {bad} of a concern: look behind the difference")
    if verdict == "agree":
        return sentence(f"{good or bad} agree that this is a {'strength' if good else 'concern'}")
    if verdict == "divided":
        clear = f"; {good or bad} of a {'strength' if good else 'concern'}" if good or bad else ""
        return sentence(f"{both} speak both ways{clear}")
    alone = good or bad or both
    return sentence(f"only {alone} can be heard: ask others" if alone else "nobody can be heard clearly: ask")
