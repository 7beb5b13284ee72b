"""Counting views, complaints and compliments by unit, group, channel and theme, as the records stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession


@dataclass(frozen=True)
class Kind:
    """Where the records of a kind are, their day, which rows are none, and what views alone say."""

    table: str
    day: str
    only: str = ""
    said: str = "CAST(NULL AS text) AS channel, CAST(NULL AS text) AS sentiment, CAST(NULL AS int) AS rating"


KINDS: Mapping[str, Kind] = {
    "views": Kind("view", "given_on", said="channel, coalesce(sentiment, 'not_given') AS sentiment, rating"),
    "complaints": Kind("complaint", "received_on", "AND status <> 'merged'"),
    "compliments": Kind(
        "compliment",
        "received_on",
        """AND merged_into IS NULL AND NOT EXISTS (
           SELECT FROM recategorisation r
           WHERE r.kind = 'compliment' AND r.ref = compliment.respond_ref AND r.undone_at IS NULL)""",
    ),
}
NO_GROUP = "not_given"
# Counts by code, or by two codes with this between them, of each list.
Lists = dict[str, Counter[str]]
_BETWEEN = " "


@dataclass
class Counted:
    """Records of one kind and one period by each list that was asked for."""

    # Of all records.
    all_units: Counter[str] = field(default_factory=Counter)
    all_groups: Counter[str] = field(default_factory=Counter)
    # Of all views.
    channels: Counter[str] = field(default_factory=Counter)
    sentiments: Counter[str] = field(default_factory=Counter)
    ratings: Counter[str] = field(default_factory=Counter)
    # Of records that have a theme at all.
    units: Counter[str] = field(default_factory=Counter)
    groups: Counter[str] = field(default_factory=Counter)
    themes: Counter[str] = field(default_factory=Counter)
    by_unit: Counter[tuple[str, str]] = field(default_factory=Counter)
    by_group: Counter[tuple[str, str]] = field(default_factory=Counter)
    by_channel: Counter[tuple[str, str]] = field(default_factory=Counter)
    by_sentiment: Counter[tuple[str, str]] = field(default_factory=Counter)
    by_rating: Counter[tuple[str, str]] = field(default_factory=Counter)
    pairs: Counter[tuple[str, str]] = field(default_factory=Counter)

    @classmethod
    def of(cls, lists: Lists) -> Counted:
        """The lists as they are read, with codes that stand together taken apart."""
        found = cls()
        for name, counts in lists.items():
            setattr(found, name, _apart(counts) if name in CROSSED else counts)
        return found

    @property
    def records(self) -> int:
        return self.all_units.total()

    @property
    def themed(self) -> int:
        return self.units.total()

    def of_theme(self, theme: str) -> Counted:
        """What is known of the records of one theme, from the lists by theme and the pairs."""

        def of(crossed: Counter[tuple[str, str]]) -> Counter[str]:
            return Counter({code: count for (one, code), count in crossed.items() if one == theme})

        beside = {b if a == theme else a: count for (a, b), count in self.pairs.items() if theme in (a, b)}
        itself = {theme: self.themes[theme]} if theme in self.themes else {}
        return Counted(
            all_units=of(self.by_unit), all_groups=of(self.by_group), channels=of(self.by_channel),
            sentiments=of(self.by_sentiment), ratings=of(self.by_rating), themes=Counter(itself | beside),
        )  # fmt: skip


def _apart(counts: Counter[str]) -> Counter[tuple[str, str]]:
    both = ((codes.partition(_BETWEEN), count) for codes, count in counts.items())
    return Counter({(one, other): count for (one, _, other), count in both})


@dataclass(frozen=True)
class Asked:
    """Which records are counted; None is no limit. With a theme, lists by theme may tell of that one only."""

    first: date
    last: date
    units: list[str] | None = None
    groups: list[str] | None = None
    theme: str | None = None


_NAMED = "record CROSS JOIN LATERAL unnest(themes) AS theme WHERE {theme}"
_PAIRED = "record CROSS JOIN LATERAL unnest(themes) AS one CROSS JOIN LATERAL unnest(themes) AS other WHERE {theme}"
# The columns and the rows that each list is made of.
_LISTS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "all_units": (("unit",), "record"),
    "all_groups": (("grp",), "record"),
    "channels": (("channel",), "record"),
    "sentiments": (("sentiment",), "record"),
    "ratings": (("rating",), "record WHERE rating IS NOT NULL"),
    "units": (("unit",), "record WHERE themes <> '{{}}'"),
    "groups": (("grp",), "record WHERE themes <> '{{}}'"),
    "themes": (("theme",), _NAMED),
    "by_unit": (("theme", "unit"), _NAMED),
    "by_group": (("theme", "grp"), _NAMED),
    "by_channel": (("theme", "channel"), _NAMED),
    "by_sentiment": (("theme", "sentiment"), _NAMED),
    "by_rating": (("theme", "rating"), f"{_NAMED} AND rating IS NOT NULL"),
    "pairs": (("one", "other"), f"{_PAIRED} AND one < other"),
}
CROSSED = {name for name, (columns, _) in _LISTS.items() if len(columns) > 1}
_OF_VIEWS = {"channels", "sentiments", "ratings", "by_channel", "by_sentiment", "by_rating"}
# What a theme analysis is made of.
THEME_LISTS = ("all_units", "all_groups", "units", "groups", "themes", "by_unit", "by_group", "pairs")
# One pass over the covering index for each list: faster than one pass for all that tells records apart by everything.
_COUNT = """
WITH record AS NOT MATERIALIZED (
  SELECT {part} AS part, unit, coalesce(respondent_group, :no_group) AS grp, themes, {said}
  FROM {table} WHERE {day} BETWEEN :first AND :last {only} {units} {groups})
"""
_LIST = "SELECT '{list}' AS list, part, {codes} AS codes, count(*) AS n FROM {rows} GROUP BY part, {columns}"


def lists_of(kind: str) -> list[str]:
    """Every list there is of a kind of record."""
    return [one.name for one in fields(Counted) if kind == "views" or one.name not in _OF_VIEWS]


async def count_records(
    session: AsyncSession, kind: str, asked: Asked, lists: Iterable[str], *, by_unit: bool = False
) -> dict[str, Lists]:
    """The lists of all units together, under an empty name, or those of each unit under its code."""
    of = KINDS[kind]
    theme = "true" if asked.theme is None else "themes @> ARRAY[CAST(:theme AS text)]"
    parts = []
    for name in lists:
        columns, rows = _LISTS[name]
        codes = f" || '{_BETWEEN}' || ".join(f"CAST({column} AS text)" for column in columns)
        names = ", ".join(columns)
        parts.append(_LIST.format(list=name, codes=codes, rows=rows.format(theme=theme), columns=names))
    narrowed = {
        "part": "unit" if by_unit else "CAST('' AS text)",
        "units": "" if asked.units is None else "AND unit = ANY(CAST(:units AS text[]))",
        "groups": "" if asked.groups is None else "AND respondent_group = ANY(CAST(:groups AS text[]))",
    }
    # Only fixed fragments of this module are put into the text; every value travels as a bound parameter.
    records = _COUNT.format(table=of.table, day=of.day, only=of.only, said=of.said, **narrowed)
    bound: dict[str, Any] = {"first": asked.first, "last": asked.last, "no_group": NO_GROUP}
    bound |= {"units": asked.units, "groups": asked.groups, "theme": asked.theme}
    found: dict[str, Lists] = {}
    for row in (await session.execute(sa.text(records + " UNION ALL ".join(parts)), bound)).all():
        found.setdefault(row.part, {}).setdefault(row.list, Counter())[row.codes] = row.n
    return found
