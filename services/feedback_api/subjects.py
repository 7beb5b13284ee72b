"""The records that hold a person's words, read alike whatever they are: for the duty role, and for sharing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.models import (
    Complaint,
    ComplaintExtension,
    ComplaintFreeze,
    ComplaintHistory,
    ComplaintStage,
    Compliment,
    ComplimentHistory,
    PublicSubmission,
    SurveyWave,
    SurveyWords,
    Table,
    View,
    ViewHistory,
    ViewLink,
    table_of,
)

Words = dict[str, str]
_FREE_TEXT = frozenset(
    {
        "what_works", "what_should_change", "words", "refusal_reason", "learning", "improvement", "shared_learning",
        "accepted_because", "reason",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Earlier:
    """What a record said until it was corrected."""

    until: datetime
    words: Words


@dataclass(frozen=True, slots=True)
class Subject:
    """One record with its words by field, whom it came from, and what was agreed about sharing them."""

    unit: str
    said_on: date
    words: Words
    recorded_by: str
    themes: list[str]
    respondent_group: str | None = None
    channel: str | None = None
    consent: str | None = None
    source: str | None = None
    source_ref: str | None = None
    links: list[tuple[str, str]] = field(default_factory=list)
    earlier: list[Earlier] = field(default_factory=list)
    # Not yet admitted: read by the duty role, and quoted by nobody.
    quarantined: bool = False


def words_in(content: Mapping[str, Any], under: str = "") -> Words:
    """Every free text of a record's content, by its pointer without the first stroke."""
    return {pointer: text for pointer, text in _walk(content, under) if text}


def _walk(content: Mapping[str, Any], under: str) -> Iterator[tuple[str, str]]:
    for name, value in content.items():
        if name in _FREE_TEXT and isinstance(value, str):
            yield f"{under}{name}", value
        elif isinstance(value, list):
            for at, one in enumerate(value):
                if not isinstance(one, str) and isinstance(one, Mapping):
                    yield from _walk(one, f"{under}{name}/{at}/")


async def read_subject(session: AsyncSession, kind: str, ref: str) -> Subject | None:
    """The record, whatever became of it since; None where there is none of that kind and reference."""
    read = _READERS.get(kind)
    if read is None or (kind in _BY_ID and not _is_id(ref)):
        return None
    return await read(session, ref)


def _is_id(ref: str) -> bool:
    try:
        UUID(ref)
    except ValueError:
        return False
    return True


async def _view(session: AsyncSession, ref: str) -> Subject | None:
    row = await _one(session, View, "id", UUID(ref))
    if row is None:
        return None
    link = table_of(ViewLink).c
    links = sa.select(link.kind, link.ref).where(link.view_id == row["id"]).order_by(link.kind, link.ref)
    return Subject(
        row["unit"], row["given_on"], words_in(row), row["recorded_by"], row["themes"], row["respondent_group"],
        row["channel"], row["consent"], row["source"], row["source_ref"],
        [(one.kind, one.ref) for one in (await session.execute(links)).all()],
        await _earlier(session, ViewHistory, "view_id", row["id"]),
    )  # fmt: skip


async def _complaint(session: AsyncSession, ref: str) -> Subject | None:
    row = await _one(session, Complaint, "respond_ref", ref)
    if row is None:
        return None
    parts = {}
    for name, model, order in (
        ("stages", ComplaintStage, "position"), ("extensions", ComplaintExtension, "id"),
        ("freezes", ComplaintFreeze, "from_on"),
    ):  # fmt: skip
        table = table_of(model)
        found = sa.select(table).where(table.c.complaint_id == row["id"]).order_by(table.c[order])
        parts[name] = (await session.execute(found)).mappings().all()
    return Subject(
        row["unit"], row["received_on"], words_in(row | parts), row["recorded_by"], row["themes"],
        row["respondent_group"], source="respond", source_ref=ref,
        earlier=await _earlier(session, ComplaintHistory, "complaint_id", row["id"]),
    )  # fmt: skip


async def _compliment(session: AsyncSession, ref: str) -> Subject | None:
    row = await _one(session, Compliment, "respond_ref", ref)
    if row is None:
        return None
    return Subject(
        row["unit"], row["received_on"], words_in(row), row["recorded_by"], row["themes"], row["respondent_group"],
        source="respond", source_ref=ref,
        earlier=await _earlier(session, ComplimentHistory, "compliment_id", row["id"]),
    )  # fmt: skip


async def _submission(session: AsyncSession, ref: str) -> Subject | None:
    row = await _one(session, PublicSubmission, "id", UUID(ref))
    if row is None:
        return None
    left = {one["pointer"].removeprefix("/"): one["value"] for one in row["left_over"]}
    return Subject(
        row["unit"], row["received_on"], words_in(row) | left, "public", [], row["respondent_group"], row["channel"],
        row["consent"], source="public",
    )  # fmt: skip


async def _survey_words(session: AsyncSession, ref: str) -> Subject | None:
    row = await _one(session, SurveyWords, "id", UUID(ref))
    if row is None:
        return None
    wave = await _one(session, SurveyWave, "id", row["wave_id"])
    assert wave is not None
    # Of staff nobody is told the team or the group: a few words of one are as good as signed.
    unit, group = (wave["unit"], None) if wave["of_staff"] else (row["unit"], row["respondent_group"])
    return Subject(
        unit, row["said_on"], {row["question"]: row["words"]}, "survey", [], group, wave["channel"], source="survey"
    )


async def _one(session: AsyncSession, model: type[Table], key: str, value: Any) -> dict[str, Any] | None:
    table = table_of(model)
    row = (await session.execute(sa.select(table).where(table.c[key] == value))).mappings().one_or_none()
    return None if row is None else dict(row)


async def _earlier(session: AsyncSession, model: type[Table], key: str, value: UUID) -> list[Earlier]:
    """What it said before each correction, and why it was corrected, the newest first."""
    table = table_of(model).c
    statement = sa.select(table.content, table.reason, table.superseded_at).where(table[key] == value)
    rows = (await session.execute(statement.order_by(table.version.desc()))).all()
    # A correction that the source sent gives the word "source" for its reason.
    said = [row.content | ({} if row.reason == "source" else {"reason": row.reason}) for row in rows]
    return [Earlier(row.superseded_at, words_in(content)) for row, content in zip(rows, said, strict=True)]


_BY_ID = ("view", "survey_response", "public_submission")
_READERS: dict[str, Callable[[AsyncSession, str], Awaitable[Subject | None]]] = {
    "survey_response": _survey_words,
    "view": _view,
    "complaint": _complaint,
    "compliment": _compliment,
    "public_submission": _submission,
}
