"""Taking answers: judged against the wave and its questionnaire, stored so that nothing leads back to who gave them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.flagging import Flagged, raise_flags
from services.feedback_api.models import SurveyAnswer, SurveyResponse, SurveyWords, table_of
from services.feedback_api.surveys.answering import Reading, read_answers, word_faults
from services.feedback_api.surveys.errors import WaveNotOpen
from services.feedback_api.surveys.response_schemas import SurveyResponseIn, WordsWarning
from services.feedback_api.surveys.wave_queries import Held
from services.feedback_api.surveys.wave_schemas import status_of
from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.free_text import Found, Mode, fault_of, find_identifiers, reads_like_harm
from shared.problems import Fault

_RESPONSE, _ANSWER, _WORDS = table_of(SurveyResponse), table_of(SurveyAnswer), table_of(SurveyWords)
State = Literal["created", "unchanged"]


@dataclass
class Given:
    """One respondent's answers on the way: of whom, read, with what its words hold and what is wrong with it."""

    unit: str
    respondent_group: str
    language: str
    answered_on: date
    reading: Reading
    age_band: str | None = None
    pair_code: str | None = None
    source: str | None = None
    faults: list[Fault] = field(default_factory=list)
    found: list[Found] = field(default_factory=list)
    quarantined: bool = False
    left_over: int = 0

    @property
    def reasons(self) -> list[str]:
        return reads_like_harm(*self.reading.words.values())

    @property
    def warnings(self) -> list[WordsWarning]:
        return [WordsWarning(pointer=one.pointer, code=one.code) for one in self.found]


def require_open(held: Held, today: date) -> None:
    """Raises WaveNotOpen where the wave takes no answers today."""
    if status_of(held.wave, today) != "open":
        raise WaveNotOpen()


def judge(held: Held, body: SurveyResponseIn, today: date, allowed: frozenset[str] | None, identifiers: Mode) -> Given:
    """What a recorder sent, with all that is wrong with it. `allowed` are the units the caller may write for."""
    wave, survey = held.wave, held.survey
    unit = body.unit or held.scope or wave["unit"]
    reading = read_answers(survey, wave["month"], body.respondent_group, body.answers)
    given = Given(
        unit=unit, respondent_group=body.respondent_group, language=body.language,
        answered_on=body.answered_on or today, reading=reading, age_band=body.age_band, pair_code=body.pair_code,
        source=f"{body.source}\x00{body.source_ref}" if body.source_ref else None,
    )  # fmt: skip
    given.found = find_identifiers({f"/answers/{code}": words for code, words in reading.words.items()})
    given.faults = [*reading.faults, *word_faults(reading)]
    checks = (
        (unit not in held.units or (allowed is not None and unit not in allowed), "/unit", "unknown_unit",
         "this is not a unit of the wave that this caller may write for"),
        (body.respondent_group not in wave["respondent_groups"], "/respondent_group", "respondent_group",
         "the wave does not ask this group"),
        (body.language not in wave["languages"], "/language", "language", "the wave is not in this language"),
        (not wave["opens_on"] <= given.answered_on <= today, "/answered_on", "outside_wave",
         "this is not a day on which the wave has been open"),
        (body.age_band is not None and not survey.ask_age_band, "/age_band", "not_asked",
         "this survey does not ask for it"),
        (body.pair_code is not None and len(survey.months) == 1, "/pair_code", "not_asked",
         "only an evaluation of several parts has one"),
    )  # fmt: skip
    given.faults += [Fault(pointer, code, detail) for wrong, pointer, code, detail in checks if wrong]
    if identifiers == "refuse":
        given.faults += [fault_of(one) for one in given.found]
    return given


async def store(session: AsyncSession, held: Held, given: Sequence[Given], now: datetime) -> list[State]:
    """Store what is new; what its source sent before is left alone. All has been judged."""
    rows = [_row(held, one) for one in given]
    # A fixed order of insertion keeps two batches that share references from waiting in a ring.
    ordered = sorted(rows, key=lambda row: row["source_key"] or b"")
    statement = insert(_RESPONSE).on_conflict_do_nothing(index_elements=["wave_id", "source_key"])
    created = set((await session.execute(statement.returning(_RESPONSE.c.id), ordered)).scalars()) if rows else set()
    fresh = [(one, row) for one, row in zip(given, rows, strict=True) if row["id"] in created]
    marks = [
        {"response_id": row["id"], "question": mark.question, "item": mark.item, "option": mark.option}
        for one, row in fresh
        for mark in one.reading.marks
    ]
    words = [text for one, row in fresh for text in _texts(held, one)]
    if marks:
        await session.execute(sa.insert(_ANSWER), marks)
    if words:
        # In the order of their keys, which tells nothing: side by side they would be known for one person's.
        await session.execute(sa.insert(_WORDS), sorted(words, key=lambda row: row["id"]))
        # Of staff nobody is told the team, the duty role no more than others.
        whole = held.wave["unit"] if held.wave["of_staff"] else None
        flagged = [
            Flagged("survey_response", str(row["id"]), whole or row["unit"], row["flag_reasons"]) for row in words
        ]
        await raise_flags(session, flagged, now)
    return ["created" if row["id"] in created else "unchanged" for row in rows]


def _row(held: Held, one: Given) -> dict[str, Any]:
    return {
        "id": uuid4(), "wave_id": held.id, "unit": one.unit, "respondent_group": one.respondent_group,
        "age_band": one.age_band, "language": one.language, "answered_on": one.answered_on,
        "set_aside": min(len(one.reading.faults) + one.left_over, 32_000),
        "pair_key": _digest(held, "pair", one.pair_code.strip().casefold()) if one.pair_code else None,
        "source_key": _digest(held, "source", one.source) if one.source else None,
    }  # fmt: skip


def _digest(held: Held, what: str, text: str) -> bytes:
    """Known again in this wave and its later parts, and nowhere else."""
    return hashlib.blake2b(f"{what}\x00{text}".encode(), key=held.wave["salt"], digest_size=32).digest()


def _texts(held: Held, one: Given) -> list[dict[str, Any]]:
    return [
        {
            "id": uuid4(), "version": 1, "wave_id": held.id, "question": question, "unit": one.unit,
            "respondent_group": one.respondent_group, "language": one.language, "said_on": one.answered_on,
            "words": words, "quarantined": one.quarantined, "flag_reasons": reads_like_harm(words),
        }
        for question, words in one.reading.words.items()
    ]  # fmt: skip


# The feed would else say who recorded which words; for those of staff that is often who wrote them.
WITHOUT_NAME = Caller(subject="system:surveys")


async def note_taken(session: AsyncSession, caller: Caller, held: Held, number: int) -> None:
    """Record that answers were taken: how many, never which, and the recorder only where that is not the respondent."""
    who = WITHOUT_NAME if held.wave["of_staff"] else caller
    data = {"survey": held.wave["survey"], "responses": number}
    await record_activity(
        session, who, "survey_responses.recorded", "survey_wave", held.id, unit=held.wave["unit"], data=data
    )
