"""The six voices on a theme: numbers, audits, families, staff, complaints and compliments, partners."""

from __future__ import annotations

from collections.abc import Sequence

from services.reporting_api.asking import Question
from services.reporting_api.questions import Subject, analysis_of, standings_of, themes_of, words_of
from services.reporting_api.testimony import (
    AllSharedLearning,
    AllWords,
    Challenges,
    Standing,
    Standings,
    ThemesTold,
    ThemeTold,
)
from services.reporting_api.triangulation.hearing import Hearing, tally, warn_of_few
from services.reporting_api.triangulation.judging import Says, weigh, weigh_figures
from services.reporting_api.triangulation.schemas import EvidenceOut, VoiceCode, VoiceOut
from services.reporting_api.words import counted, listed, sentence
from shared.schemas.audit_summary import AuditAnalysis
from shared.schemas.feedback_summary import SentimentOut

_STANDS = {"strength": True, "attention": False, "neutral": None}
_FAMILIES: dict[VoiceCode, str] = {"families": "children_and_families", "staff": "staff", "partners": "partners"}
_MOST_WORDS = 3


def asks_for_all(subject: Subject, indicators: Sequence[str]) -> list[Question]:
    """The questions whose answers tell of every theme at once."""
    return [
        *([standings_of(subject, indicators)] if indicators else []),
        analysis_of(subject),
        themes_of(subject, of="complaints"),
        *(themes_of(subject, family=family, of="views") for family in _FAMILIES.values()),
    ]


def hear_all(hearing: Hearing, of_partners: Sequence[Question], indicators: Sequence[str]) -> list[VoiceOut]:
    """Every voice in the order they are read; partners are asked for their challenges, and for lessons where wanted."""
    return [
        numbers(hearing, indicators),
        audits(hearing),
        spoken(hearing, "families"),
        spoken(hearing, "staff"),
        complaints(hearing),
        partners(hearing, *of_partners),
    ]


def numbers(hearing: Hearing, asked: Sequence[str]) -> VoiceOut:
    """The indicators that the framework ties to the theme, each as strength or for attention (R48)."""
    wanted = hearing.theme.get("indicators", ())
    if not wanted:
        return hearing.without("numbers", "the framework names no indicator that speaks to this theme")
    question = standings_of(hearing.subject, asked)
    told: Standings | None = hearing.answers.of(question)
    rows = [one for one in told.items if one.indicator in wanted] if told else []
    known = [one for one in rows if one.value is not None]
    better, worse = (sum(one.standing == word for one in known) for word in ("strength", "attention"))
    says: Says = weigh_figures(better, worse) if known else "silent"
    if not known and any(one.value_status == "c" for one in rows):
        says = "not_told"
    headline = "there is no figure" if not known else (
        f"of {counted(len(known), 'figure')} {better} {'is a strength' if better == 1 else 'are strengths'}"
        f" and {worse} {'needs' if worse == 1 else 'need'} attention"
    )  # fmt: skip
    voice = hearing.voice("numbers", says, headline, [question])
    voice.evidence = [_figure(one) for one in rows]
    return voice


def _figure(one: Standing) -> EvidenceOut:
    return EvidenceOut(
        kind="indicator", ref=one.indicator, title=one.title, period=one.period, value=one.value,
        value_status=one.value_status, display=one.display, favourable=_STANDS[one.standing],
        sentence=" ".join(reason.text for reason in one.reasons[:2]),
    )  # fmt: skip


def audits(hearing: Hearing) -> VoiceOut:
    """Findings on the theme, strengths first (R28)."""
    question = analysis_of(hearing.subject)
    data: AuditAnalysis | None = hearing.answers.of(question)
    found = next((one for one in data.findings.themes if one.theme == hearing.code), None) if data else None
    if found is None or data is None:
        number = data.audits if data else 0
        return hearing.voice("audits", "silent", f"{counted(number, 'audit')} and no finding on this theme", [question])
    worse = found.areas_for_improvement + found.concerns
    headline = (
        f"{counted(found.strengths, 'strength')}, {counted(found.areas_for_improvement, 'area')} for improvement and"
        f" {counted(found.concerns, 'concern')} in {found.audits or 0} of {counted(data.audits, 'audit')}"
    )
    voice = hearing.voice("audits", weigh(found.strengths, worse), headline, [question])
    kinds = (
        ("Strengths", found.strengths, True, "strength"),
        ("Areas for improvement", found.areas_for_improvement, False, "area for improvement"),
        ("Concerns", found.concerns, False, "concern"),
    )
    many = {"area for improvement": "areas for improvement"}
    voice.evidence = [
        tally("findings", title, count, favourable, one=one, many=many.get(one))
        for title, count, favourable, one in kinds
    ]
    warn_of_few(voice, found.count, "finding")
    return voice


def spoken(hearing: Hearing, code: VoiceCode) -> VoiceOut:
    """The views of a family of respondents on the theme and how they were felt, with words approved for boards."""
    family = _FAMILIES[code]
    question = themes_of(hearing.subject, family=family, of="views")
    told: ThemesTold | None = hearing.answers.of(question)
    row = told.of(hearing.code) if told else None
    says, headline = _heard(told, row)
    voice = hearing.voice(code, says, headline, [question])
    if row is not None and told is not None and not told.withheld:
        voice.evidence = _views(row)
        warn_of_few(voice, row.counts.views or 0, "view")
    for quoted in words_of(hearing.subject, hearing.code):
        said: AllWords | None = hearing.answers.of(quoted)
        mine = [one for one in said.items if one.family == family] if said else []
        voice.evidence += [_quote(one.text) for one in mine[:_MOST_WORDS]]
    return voice


def _heard(told: ThemesTold | None, row: ThemeTold | None) -> tuple[Says, str]:
    if told is None:
        return "not_told", ""
    if told.withheld:
        return "not_told", told.withheld
    if row is None or row.counts.views == 0:
        return "silent", "nobody spoke of it"
    if row.counts.views is None:
        return "not_told", "how many spoke of it is hidden, or nobody did"
    more = row.movement[0].word if row.movement else None
    trend = f", a {'larger' if more == 'more' else 'smaller'} share than before" if more in ("more", "less") else ""
    felt = row.sentiment
    if felt is None:
        return "no_clear_view", f"{counted(row.counts.views, 'view')}{trend}; how they were felt is not told"
    words = f"{felt.positive or 0} positive, {felt.mixed or 0} mixed and {felt.negative or 0} negative"
    return _feeling(felt), f"{counted(row.counts.views, 'view')}{trend}: {words}"


def _feeling(felt: SentimentOut) -> Says:
    return weigh(felt.positive or 0, felt.negative or 0, felt.mixed or 0)


def _views(row: ThemeTold) -> list[EvidenceOut]:
    lines = [tally("views", "Views on the theme", row.counts.views, None, one="view")]
    if row.sentiment is not None:
        lines += [
            tally("views", "Felt positive", row.sentiment.positive, True, one="view"),
            tally("views", "Felt mixed", row.sentiment.mixed, None, one="view"),
            tally("views", "Felt negative", row.sentiment.negative, False, one="view"),
        ]
    return lines


def _quote(text: str) -> EvidenceOut:
    return EvidenceOut(kind="words", ref=None, title="In their words", display="", favourable=None, sentence=text)


def complaints(hearing: Hearing) -> VoiceOut:
    """Complaints on the theme against compliments on it, and whether complaints of it grow."""
    question = themes_of(hearing.subject, of="complaints")
    told: ThemesTold | None = hearing.answers.of(question)
    row = told.of(hearing.code) if told else None
    if told is None or told.withheld or row is None:
        says: Says = "silent" if told and not told.withheld else "not_told"
        return hearing.voice("complaints", says, (told and told.withheld) or "none on this theme", [question])
    received, thanks = row.counts.complaints, row.counts.compliments
    if received is None or thanks is None:
        says, headline = "not_told", "how many there were is hidden, or there were none"
    else:
        says = weigh(thanks, received) if received or thanks else "silent"
        headline = f"{counted(received, 'complaint')} and {counted(thanks, 'compliment')}"
        word = row.movement[0].word if row.movement else None
        headline += f"; its share of complaints is {word} than before" if word in ("better", "worse") else ""
    voice = hearing.voice("complaints", says, headline, [question])
    voice.evidence = [
        tally("complaints", "Complaints", received, False, one="complaint"),
        tally("compliments", "Compliments", thanks, True, one="compliment"),
    ]
    warn_of_few(voice, (received or 0) + (thanks or 0), "record")
    return voice


def partners(hearing: Hearing, challenges: Question, learning: Question | None = None) -> VoiceOut:
    """Challenges of the boards, partners' views, and what agencies learned from complaints of their own."""
    views = themes_of(hearing.subject, family="partners", of="views")
    raised, lessons = _raised(hearing, challenges), _lessons(hearing, learning)
    told: ThemesTold | None = hearing.answers.of(views)
    row = told.of(hearing.code) if told and not told.withheld else None
    felt, spoke = (row.sentiment, row.counts.views or 0) if row else (None, 0)
    better, worse, both = (felt.positive or 0, felt.negative or 0, felt.mixed or 0) if felt else (0, 0, 0)
    anything = bool(raised or lessons or spoke)
    says: Says = weigh(better, worse + len(raised), both) if anything else "silent"
    parts = [counted(len(raised), "challenge"), counted(spoke, "view"), counted(len(lessons), "lesson")]
    headline = f"{listed(parts)} from partners" if anything else "nothing came from partners"
    voice = hearing.voice("partners", says, headline, [challenges, views, *([learning] if learning else [])])
    warn_of_few(voice, spoke + len(raised), "view")
    voice.evidence = [*raised, *(_views(row) if row and spoke else []), *lessons]
    return voice


def _raised(hearing: Hearing, challenges: Question) -> list[EvidenceOut]:
    """Challenges raised in the period, and earlier ones that are not closed."""
    told: Challenges | None = hearing.answers.of(challenges)
    return [
        EvidenceOut(
            kind="challenge", ref=one.id, title=hearing.subject.name(one.raised_by_body), display=one.status,
            favourable=False, sentence=one.question,
        )
        for one in (told.items if told else [])
        if one.about.ref == hearing.code and (one.raised_on >= hearing.subject.span.start or one.status != "closed")
    ]  # fmt: skip


def _lessons(hearing: Hearing, learning: Question | None) -> list[EvidenceOut]:
    """What agencies shared in the period of what they learned themselves."""
    told: AllSharedLearning | None = hearing.answers.of(learning) if learning else None
    span = hearing.subject.span
    return [
        EvidenceOut(
            kind="learning", ref=one.id, title=one.agency_title or "A partner", display="learned", favourable=None,
            sentence=sentence(one.learning),
        )
        for one in (told.items if told else [])
        if one.origin == "agency" and span.start <= one.shared_at.date() <= span.end
    ]  # fmt: skip
