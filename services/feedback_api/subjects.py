"""A record that holds somebody's words, read alike whatever it is: for the duty role, and for sharing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.models import Table, table_of

Words = dict[str, str]
# Every column and every field of a body in which somebody writes as they like.
_FREE_TEXT = frozenset(
    {
        "accepted_because", "answer_reason", "area_for_development", "asked", "board_words", "commission",
        "description", "did", "evidence", "improvement", "learning", "left_because", "note", "provider", "question",
        "reason", "refusal_reason", "response", "resumed_because", "said", "shared_learning", "summary", "title",
        "undone_because", "what_follows", "what_should_change", "what_we_did", "what_works", "why_nobody", "why_not",
        "withdrawn_because", "withdrawn_reason", "words",
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

    unit: str | None
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
    """Every free text of a record's content or of a body's fields, by its pointer without the first stroke."""
    return {pointer: text for pointer, text in _walk(content, under) if text}


def _walk(content: Mapping[str, Any], under: str) -> Iterator[tuple[str, str]]:
    for name, value in content.items():
        if name in _FREE_TEXT and isinstance(value, str):
            yield f"{under}{name}", value
        elif isinstance(value, list):
            for at, one in enumerate(value):
                if isinstance(one, BaseModel):
                    yield from _walk(one.__dict__, f"{under}{name}/{at}/")
                elif not isinstance(one, str) and isinstance(one, Mapping):
                    yield from _walk(one, f"{under}{name}/{at}/")


async def one_row(session: AsyncSession, model: type[Table], key: str, value: Any) -> dict[str, Any] | None:
    table = table_of(model)
    row = (await session.execute(sa.select(table).where(table.c[key] == value))).mappings().one_or_none()
    return None if row is None else dict(row)


async def earlier_of(session: AsyncSession, model: type[Table], key: str, *values: UUID) -> list[Earlier]:
    """What they said before each change, and why they were changed, the newest first."""
    if not values:
        return []
    table = table_of(model).c
    statement = sa.select(table.content, table.reason, table.superseded_at).where(table[key].in_(values))
    rows = (await session.execute(statement.order_by(table.superseded_at.desc(), table.version.desc()))).all()
    # A correction that the source sent gives the word "source" for its reason.
    said = [row.content | ({} if row.reason in (None, "source") else {"reason": row.reason}) for row in rows]
    return [Earlier(row.superseded_at, words_in(content)) for row, content in zip(rows, said, strict=True)]
