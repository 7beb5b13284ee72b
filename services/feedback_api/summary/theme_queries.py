"""The counts behind a theme analysis: records by unit, group and theme, and themes that stand together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import combinations
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

# Table and day column of each kind of record that has themes.
KINDS: Mapping[str, tuple[str, str]] = {
    "views": ("view", "given_on"),
    "complaints": ("complaint", "received_on"),
    "compliments": ("compliment", "received_on"),
}
NO_GROUP = "not_given"


@dataclass
class ThemeCounts:
    """Records of one kind and one period; `themed` are those that have a theme at all."""

    records: int = 0
    themed: int = 0
    # Of all records; the other counts are of themed ones.
    all_units: Counter[str] = field(default_factory=Counter)
    all_groups: Counter[str] = field(default_factory=Counter)
    themes: Counter[str] = field(default_factory=Counter)
    units: Counter[str] = field(default_factory=Counter)
    groups: Counter[str] = field(default_factory=Counter)
    by_unit: Counter[tuple[str, str]] = field(default_factory=Counter)
    by_group: Counter[tuple[str, str]] = field(default_factory=Counter)
    pairs: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, other: ThemeCounts) -> None:
        self.records += other.records
        self.themed += other.themed
        for name in ("all_units", "all_groups", "themes", "units", "groups", "by_unit", "by_group", "pairs"):
            getattr(self, name).update(getattr(other, name))


@dataclass(frozen=True)
class Asked:
    """Which records are counted; None is no limit."""

    first: date
    last: date
    units: list[str] | None = None
    groups: list[str] | None = None


_ALIKE = """
SELECT unit, coalesce(respondent_group, :no_group) AS respondent_group, themes, count(*) AS n
FROM {table} WHERE {day} BETWEEN :first AND :last {units} {groups} GROUP BY 1, 2, 3
"""
_THEMES = """
SELECT themes, count(*) AS n FROM {table} WHERE {day} BETWEEN :first AND :last {units} {groups} GROUP BY 1
"""


async def _run(session: AsyncSession, text: str, kind: str, asked: Asked) -> Iterable[sa.Row[Any]]:
    table, day = KINDS[kind]
    units = "" if asked.units is None else "AND unit = ANY(CAST(:units AS text[]))"
    groups = "" if asked.groups is None else "AND respondent_group = ANY(CAST(:groups AS text[]))"
    bound = {"first": asked.first, "last": asked.last, "units": asked.units, "groups": asked.groups}
    # Only fixed fragments of this module are put into the text; every value travels as a bound parameter.
    statement = sa.text(text.format(table=table, day=day, units=units, groups=groups))
    return (await session.execute(statement, bound | {"no_group": NO_GROUP})).all()


async def count_themes(session: AsyncSession, kind: str, asked: Asked) -> ThemeCounts:
    """Everything counted of one kind: records alike are counted by the database, and taken apart here."""
    found = ThemeCounts()
    for row in await _run(session, _ALIKE, kind, asked):
        found.records += row.n
        found.all_units[row.unit] += row.n
        found.all_groups[row.respondent_group] += row.n
        if not row.themes:
            continue
        found.themed += row.n
        found.units[row.unit] += row.n
        found.groups[row.respondent_group] += row.n
        _add_themes(found, row.themes, row.n)
        for theme in row.themes:
            found.by_unit[theme, row.unit] += row.n
            found.by_group[theme, row.respondent_group] += row.n
    return found


async def count_only_themes(session: AsyncSession, kind: str, asked: Asked) -> ThemeCounts:
    """Only records and themes, for a period that another is compared with."""
    found = ThemeCounts()
    for row in await _run(session, _THEMES, kind, asked):
        found.records += row.n
        if row.themes:
            found.themed += row.n
            for theme in row.themes:
                found.themes[theme] += row.n
    return found


def _add_themes(found: ThemeCounts, themes: list[str], count: int) -> None:
    for theme in themes:
        found.themes[theme] += count
    for pair in combinations(sorted(themes), 2):
        found.pairs[pair] += count
