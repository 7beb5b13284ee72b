"""OData's `$filter`, as much of it as the feed offers, for rows in memory and for tables in SQL."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NoReturn

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from shared.extracts.errors import NotOffered, UnreadableQuery
from shared.extracts.instants import read_instant
from shared.extracts.tables import Column, Table

_TOKEN = re.compile(
    r"\s*(?:(?P<bracket>[(),])|(?P<text>'(?:[^']|'')*')|(?P<word>[A-Za-z_$][\w./]*)"
    r"|(?P<moment>\d{4}-\d{2}-\d{2}(?:T[\d:.]+(?:Z|[+-]\d{2}:\d{2}))?)|(?P<number>-?\d+(?:\.\d+)?))"
)
_COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "eq": operator.eq, "ne": operator.ne, "gt": operator.gt, "ge": operator.ge, "lt": operator.lt, "le": operator.le,
}  # fmt: skip
_OF_BOOLEANS = ("eq", "ne")
_WORDS = {"true": True, "false": False, "null": None}
_DEEPEST, _LONGEST = 20, 400


@dataclass(frozen=True)
class Comparison:
    column: Column
    comparison: str
    value: Any

    def holds(self, row: Mapping[str, Any]) -> bool:
        """Nothing is greater or less than null, as OData has it."""
        found = row[self.column.name]
        if self.comparison in ("eq", "ne"):
            return bool(_COMPARISONS[self.comparison](found, self.value))
        return found is not None and self.value is not None and bool(_COMPARISONS[self.comparison](found, self.value))

    def condition(self, columns: Mapping[str, sa.ColumnElement[Any]]) -> sa.ColumnElement[bool]:
        found = columns[self.column.name]
        if self.comparison == "eq":
            return found.is_not_distinct_from(self.value)
        if self.comparison == "ne":
            return found.is_distinct_from(self.value)
        return sa.false() if self.value is None else _COMPARISONS[self.comparison](found, self.value)

    def columns(self) -> set[str]:
        return {self.column.name}


@dataclass(frozen=True)
class Joined:
    """Conditions that hold together, or one of which holds."""

    every: bool
    parts: tuple[Filter, ...]

    def holds(self, row: Mapping[str, Any]) -> bool:
        return (all if self.every else any)(part.holds(row) for part in self.parts)

    def condition(self, columns: Mapping[str, sa.ColumnElement[Any]]) -> sa.ColumnElement[bool]:
        return (sa.and_ if self.every else sa.or_)(*(part.condition(columns) for part in self.parts))

    def columns(self) -> set[str]:
        return {name for part in self.parts for name in part.columns()}


@dataclass(frozen=True)
class Among:
    """A text that is one of several: what a comparison comes to that is made of another column than it names."""

    column: Column
    values: frozenset[str]

    def holds(self, row: Mapping[str, Any]) -> bool:
        return row[self.column.name] in self.values

    def condition(self, columns: Mapping[str, sa.ColumnElement[Any]]) -> sa.ColumnElement[bool]:
        return columns[self.column.name] == sa.any_(sa.literal(sorted(self.values), ARRAY(sa.Text)))

    def columns(self) -> set[str]:
        return {self.column.name}


Filter = Comparison | Joined | Among


def reworded(condition: Filter, name: str, words: Callable[[Comparison], Filter]) -> Filter:
    """The condition with each comparison of one column said of others."""
    if isinstance(condition, Joined):
        return Joined(condition.every, tuple(reworded(part, name, words) for part in condition.parts))
    if isinstance(condition, Comparison) and condition.column.name == name:
        return words(condition)
    return condition


def read_filter(text: str, table: Table) -> Filter:
    """Raises UnreadableQuery and NotOffered; what was written is never repeated."""
    return _Reader(text, table).whole()


class _Reader:
    def __init__(self, text: str, table: Table) -> None:
        self._table = table
        self._tokens = list(_tokens(text))
        self._at = 0
        self._depth = 0

    def whole(self) -> Filter:
        found = self._joined("or")
        if self._at < len(self._tokens):
            _refuse()
        return found

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("end", "")

    def _next(self) -> tuple[str, str]:
        token = self._peek()
        self._at += 1
        return token

    def _joined(self, word: str) -> Filter:
        part = self._primary if word == "and" else lambda: self._joined("and")
        parts = [part()]
        while self._peek() == ("word", word):
            self._next()
            parts.append(part())
        return parts[0] if len(parts) == 1 else Joined(word == "and", tuple(parts))

    def _primary(self) -> Filter:
        if self._peek() != ("bracket", "("):
            return self._comparison()
        self._depth += 1
        if self._depth > _DEEPEST:
            _refuse()
        self._next()
        found = self._joined("or")
        if self._next() != ("bracket", ")"):
            _refuse()
        self._depth -= 1
        return found

    def _comparison(self) -> Comparison:
        kind, name = self._next()
        if kind != "word":
            _refuse()
        if self._peek() == ("bracket", "(") or name == "not":
            raise NotOffered("$filter offers no functions and no `not`")
        column = self._table.column(name)
        if column is None:
            raise UnreadableQuery("$filter names a property that this entity does not have")
        kind, comparison = self._next()
        if kind != "word" or comparison not in _COMPARISONS:
            raise NotOffered("$filter offers the comparisons eq, ne, gt, ge, lt and le")
        if column.kind == "boolean" and comparison not in _OF_BOOLEANS:
            raise NotOffered("$filter compares true and false with eq and ne only")
        return Comparison(column, comparison, _literal(column, *self._next()))


def _tokens(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    place, text = 0, text.rstrip()
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None or len(found) > _LONGEST:
            _refuse()
        found.append((str(match.lastgroup), match[str(match.lastgroup)]))
        place = match.end()
    return found


def _literal(column: Column, kind: str, text: str) -> Any:
    """A value as the column holds it; raises UnreadableQuery for one of another kind."""
    if kind == "word" and text == "null":
        return None
    try:
        if column.kind == "text" and kind == "text":
            return text[1:-1].replace("''", "'")
        if column.kind in ("number", "integer") and kind == "number":
            return float(text)
        if column.kind == "boolean" and kind == "word":
            return _WORDS[text]
        if column.kind == "date" and kind == "moment":
            return date.fromisoformat(text)
        if column.kind == "moment" and kind == "moment" and "T" in text:
            return read_instant(text)
    except (ValueError, KeyError):
        pass
    raise UnreadableQuery(f"$filter compares a property of kind {column.kind} with something of another kind")


def _refuse() -> NoReturn:
    raise UnreadableQuery("$filter cannot be read")
