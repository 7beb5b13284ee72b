"""The counts behind coverage: methods of activities by unit, activities by stage, and the names and teams of a period.

An activity counts where children, young people, parents or carers took part: those of staff and partners alone are
voices of their channels and cover nothing here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession


@dataclass(frozen=True)
class Span:
    """The days and units asked for; `units` None is the whole council."""

    first: date
    last: date
    units: list[str] | None

    @property
    def bound(self) -> dict[str, object]:
        return {"first": self.first, "last": self.last, "units": self.units}


@dataclass(frozen=True)
class Entry:
    """A channel, stage or other code of the framework as it is called, and whether it was in force."""

    code: str
    title: str
    family: str | None
    owner_role: str | None
    order: int
    in_force: bool


_WITHIN = "(CAST(:units AS text[]) IS NULL OR {unit} = ANY(CAST(:units AS text[])))"
_FAMILIES = """
EXISTS (SELECT 1 FROM participation_group g
        JOIN framework_item f ON f.kind = 'respondent_groups' AND f.code = g.respondent_group
        WHERE g.activity_id = a.id AND f.content->>'family' = 'children_and_families')
"""
_COUNTS = f"""
a.took_place AND a.withdrawn_because IS NULL AND a.ended_on BETWEEN :first AND :last
AND {_WITHIN.format(unit="a.unit")} AND {_FAMILIES}
"""
_WAYS = sa.text(
    f"""
    SELECT DISTINCT a.unit, coalesce(m.content->>'channel', a.method) AS way
    FROM participation_activity a
    LEFT JOIN framework_item m ON m.kind = 'participation_methods' AND m.code = a.method
    WHERE {_COUNTS}
    """  # noqa: S608 - fixed text of this module; values travel as bound parameters
)
_METHODS = sa.text(
    f"SELECT a.method, count(*) AS n FROM participation_activity a WHERE {_COUNTS} GROUP BY 1 ORDER BY 1"  # noqa: S608
)
_STAGES = sa.text(
    f"""
    SELECT a.commissioning_stage AS stage, a.unit, count(*) AS n FROM participation_activity a
    WHERE a.commissioning_stage IS NOT NULL AND {_COUNTS} GROUP BY 1, 2
    """  # noqa: S608 - fixed text of this module; values travel as bound parameters
)
_ENTRIES = sa.text(
    """
    SELECT code, coalesce(content->>'name', content->>'title', code) AS title, content->>'family' AS family,
           content->>'owner_role' AS owner_role, coalesce((content->>'order')::int, 0) AS place,
           coalesce((content->>'valid_from')::date <= :last, true)
             AND coalesce((content->>'valid_to')::date >= :first, true)
             AND (NOT retired OR applied_at::date > :first) AS in_force
    FROM framework_item WHERE kind = :kind ORDER BY place, code
    """
)
_TEAMS = sa.text(
    f"""
    SELECT code, name FROM org_unit
    WHERE kind = 'team' AND valid_from <= :last AND (valid_to IS NULL OR valid_to >= :first)
      AND {_WITHIN.format(unit="code")}
    ORDER BY code
    """  # noqa: S608 - fixed text of this module; values travel as bound parameters
)


async def ways_of_activities(session: AsyncSession, span: Span) -> set[tuple[str, str]]:
    """Units and the methods they used; a method that is also a channel under the channel's code."""
    return {(row.unit, row.way) for row in (await session.execute(_WAYS, span.bound)).all()}


async def count_methods(session: AsyncSession, span: Span) -> dict[str, int]:
    """Activities by method."""
    return {row.method: row.n for row in (await session.execute(_METHODS, span.bound)).all()}


async def count_stages(session: AsyncSession, span: Span) -> dict[tuple[str, str], int]:
    """Activities by stage of commissioning and unit."""
    return {(row.stage, row.unit): row.n for row in (await session.execute(_STAGES, span.bound)).all()}


async def read_entries(session: AsyncSession, kind: str, first: date, last: date) -> dict[str, Entry]:
    """The items of a kind as they are called, in their order; those retired or not in force too."""
    rows = (await session.execute(_ENTRIES, {"kind": kind, "first": first, "last": last})).all()
    return {
        row.code: Entry(row.code, row.title, row.family, row.owner_role, row.place, bool(row.in_force)) for row in rows
    }


async def teams_of(session: AsyncSession, span: Span) -> dict[str, str]:
    """The teams in force in the span, by code, with their names."""
    return {row.code: row.name for row in (await session.execute(_TEAMS, span.bound)).all()}
