"""What an analysis needs to know of the tools its audits were made with; an edition never changes, so it is kept."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.models import ToolVersion
from services.audit_api.questionnaires import tool_of
from services.audit_api.registry import table_of
from shared.schemas.framework.audit import Question, Section, Tool

_editions = table_of(ToolVersion)
_KEPT = 200
_known: dict[bytes, Edition] = {}


@dataclass(frozen=True)
class Edition:
    """One published edition with its questions by code, each with its section."""

    tool: Tool
    sections: dict[str, Section]
    questions: dict[str, Question]


async def read_editions(
    session: AsyncSession, wanted: Collection[tuple[str, int]], tool: str | None = None
) -> dict[tuple[str, int], Edition]:
    """These editions; where none is wanted, those of the tool asked for, or of all tools in use."""
    statement = sa.select(_editions.c.tool, _editions.c.version, _editions.c.hash)
    if wanted:
        statement = statement.where(sa.tuple_(_editions.c.tool, _editions.c.version).in_(sorted(wanted)))
    else:
        statement = statement.where(_editions.c.status == "published")
        statement = statement if tool is None else statement.where(_editions.c.tool == tool)
    rows = (await session.execute(statement.order_by(_editions.c.tool, _editions.c.version))).all()
    unknown = [row for row in rows if row.hash not in _known]
    if unknown:
        await _prepare(session, unknown)
    return {(row.tool, row.version): _known[row.hash] for row in rows}


async def _prepare(session: AsyncSession, rows: Collection[Any]) -> None:
    places = [(row.tool, row.version) for row in rows]
    statement = sa.select(_editions.c.hash, _editions.c.content).where(
        sa.tuple_(_editions.c.tool, _editions.c.version).in_(places)
    )
    if len(_known) + len(rows) > _KEPT:
        _known.clear()
    for digest, content in (await session.execute(statement)).all():
        tool = tool_of(content)
        asked = list(tool.questions())
        _known[digest] = Edition(
            tool, {one.code: section for section, one in asked}, {one.code: one for _, one in asked}
        )
