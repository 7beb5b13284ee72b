"""The counts behind a theme analysis: records by unit, group and theme, and themes that stand together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
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
# Names of lists, each with one or two codes a count, as the statement below gives them.
Lists = dict[str, dict[str, int]]
_BETWEEN = " "


@dataclass
class ThemeCounts:
    """Records of one kind and one period; `themed` are those that have a theme at all."""

    # Of all records; the other counts are of themed ones.
    all_units: Counter[str] = field(default_factory=Counter)
    all_groups: Counter[str] = field(default_factory=Counter)
    units: Counter[str] = field(default_factory=Counter)
    groups: Counter[str] = field(default_factory=Counter)
    themes: Counter[str] = field(default_factory=Counter)
    by_unit: Counter[tuple[str, str]] = field(default_factory=Counter)
    by_group: Counter[tuple[str, str]] = field(default_factory=Counter)
    pairs: Counter[tuple[str, str]] = field(default_factory=Counter)
    # Of views only; of all of them.
    channels: Counter[str] = field(default_factory=Counter)
    sentiments: Counter[str] = field(default_factory=Counter)
    # How many were rated, and the sum of their ratings.
    ratings: Counter[str] = field(default_factory=Counter)

    @property
    def records(self) -> int:
        return self.all_units.total()

    @property
    def themed(self) -> int:
        return self.units.total()

    def add(self, lists: Mapping[str, Mapping[str, int]]) -> None:
        """Add counts as the database or a kept tally gives them."""
        for name in ("all_units", "all_groups", "units", "groups", "channels", "sentiments", "ratings"):
            getattr(self, name).update(lists.get(name, {}))
        for name in ("by_unit", "by_group", "pairs"):
            counts = getattr(self, name)
            for codes, count in lists.get(name, {}).items():
                one, _, other = codes.partition(_BETWEEN)
                counts[one, other] += count
        for codes, count in lists.get("by_unit", {}).items():
            self.themes[codes.partition(_BETWEEN)[0]] += count


@dataclass(frozen=True)
class Asked:
    """Which records are counted; None is no limit."""

    first: date
    last: date
    units: list[str] | None = None
    groups: list[str] | None = None


# Records alike are counted first: the lists are made of their few rows.
_LISTS = """
WITH alike AS MATERIALIZED (
  SELECT {part} AS part, unit, coalesce(respondent_group, :no_group) AS grp, themes, count(*) AS n
  FROM {table} WHERE {day} BETWEEN :first AND :last {units} {groups} GROUP BY 1, 2, 3, 4),
named AS MATERIALIZED (
  SELECT part, unit, grp, theme, sum(n) AS n FROM alike CROSS JOIN LATERAL unnest(themes) AS theme GROUP BY 1, 2, 3, 4)
SELECT 'all_units' AS list, part, unit AS codes, sum(n)::bigint AS n FROM alike GROUP BY part, unit
UNION ALL SELECT 'all_groups', part, grp, sum(n)::bigint FROM alike GROUP BY part, grp
UNION ALL SELECT 'units', part, unit, sum(n)::bigint FROM alike WHERE themes <> '{{}}' GROUP BY part, unit
UNION ALL SELECT 'groups', part, grp, sum(n)::bigint FROM alike WHERE themes <> '{{}}' GROUP BY part, grp
UNION ALL SELECT 'by_unit', part, theme || ' ' || unit, sum(n)::bigint FROM named GROUP BY part, theme, unit
UNION ALL SELECT 'by_group', part, theme || ' ' || grp, sum(n)::bigint FROM named GROUP BY part, theme, grp
UNION ALL SELECT 'pairs', part, one || ' ' || other, sum(n)::bigint
FROM alike CROSS JOIN LATERAL unnest(themes) AS one CROSS JOIN LATERAL unnest(themes) AS other
WHERE one < other GROUP BY part, one, other
"""
_VOICES = """
SELECT {part} AS part, channel, coalesce(sentiment, 'not_given') AS sentiment, count(*) AS n, count(rating) AS rated,
       coalesce(sum(rating), 0)::bigint AS rating
FROM {table} WHERE {day} BETWEEN :first AND :last {units} {groups} GROUP BY 1, 2, 3
"""


async def count_lists(session: AsyncSession, kind: str, asked: Asked, *, by_unit: bool = False) -> dict[str, Lists]:
    """The lists of all units together, under an empty name, or those of each unit under its code."""
    table, day = KINDS[kind]
    parts = {
        "part": "unit" if by_unit else "CAST('' AS text)",
        "units": "" if asked.units is None else "AND unit = ANY(CAST(:units AS text[]))",
        "groups": "" if asked.groups is None else "AND respondent_group = ANY(CAST(:groups AS text[]))",
    }
    bound: dict[str, Any] = {"first": asked.first, "last": asked.last, "no_group": NO_GROUP}
    bound |= {"units": asked.units, "groups": asked.groups}
    # Only fixed fragments of this module are put into the text; every value travels as a bound parameter.
    rows = await session.execute(sa.text(_LISTS.format(table=table, day=day, **parts)), bound)
    found: dict[str, Lists] = {}
    for row in rows.all():
        found.setdefault(row.part, {}).setdefault(row.list, {})[row.codes] = row.n
    if kind == "views":
        for row in (await session.execute(sa.text(_VOICES.format(table=table, day=day, **parts)), bound)).all():
            for name, code, count in (
                ("channels", row.channel, row.n), ("sentiments", row.sentiment, row.n),
                ("ratings", "given", row.rated), ("ratings", "sum", row.rating),
            ):  # fmt: skip
                counts = found[row.part].setdefault(name, {})
                counts[code] = counts.get(code, 0) + count
    return found
