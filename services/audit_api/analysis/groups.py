"""Groups of submitted audits: a month, a unit and an edition of a tool, which every analysis is a sum of."""

from __future__ import annotations

from calendar import monthrange
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from heapq import nsmallest

from shared.suppression import is_small

# As they are kept: JSON rows of fact, key, value and number, and JSON lists of titles by kind of finding.
Written = tuple[str, str]


@dataclass(frozen=True, order=True, slots=True)
class Group:
    """Audits that count for the same month, of one unit, with one edition of a tool."""

    month: date
    unit: str
    tool: str
    version: int

    @property
    def last_day(self) -> date:
        return self.month.replace(day=monthrange(self.month.year, self.month.month)[1])


@dataclass(frozen=True, slots=True)
class Part:
    """What one group adds up to, read from its written form; titles only where they are wanted."""

    group: Group
    counts: list[tuple[str, str, str, int]]
    titles: dict[str, list[str]]


class Tally:
    """What audits add up to; groups add to one another: a year is the sum of its months, a service of its teams."""

    def __init__(self, parts: Iterable[Part], *, titles: bool = True) -> None:
        self._facts: dict[str, Counter[tuple[str, str]]] = {}
        self._answers: Counter[tuple[str, int, str, str]] = Counter()
        self._grades: Counter[tuple[str, int, str, str]] = Counter()
        self._titles: dict[str, Counter[str]] = {}
        self._months: dict[str, dict[str, date]] = {}
        self._few: set[str] = set()
        # From the oldest month to the newest, so that the last that is said of a title is its newest.
        for part in sorted(parts, key=lambda one: one.group):
            self._add(part)
            if titles:
                self._add_titles(part)

    def _add(self, part: Part) -> None:
        tool, version = part.group.tool, part.group.version
        for fact, key, value, number in part.counts:
            if fact == "answer":
                self._answers[tool, version, key, value] += number
            elif fact == "grade":
                self._grades[tool, version, key, value] += number
            else:
                self._facts.setdefault(fact, Counter())[key, value] += number
                if fact == "view" and value and is_small(number):
                    self._few.add(key)

    def _add_titles(self, part: Part) -> None:
        for kind, titles in part.titles.items():
            self._titles.setdefault(kind, Counter()).update(titles)
            self._months.setdefault(kind, {}).update(dict.fromkeys(titles, part.group.month))

    @property
    def audits(self) -> int:
        return sum(self.of("status").values())

    def of(self, fact: str) -> Mapping[tuple[str, str], int]:
        """The counts of one fact, by key and value."""
        return self._facts.get(fact, {})

    def tells_of_few(self, view_of: str) -> bool:
        """Whether some group has a reason why this view was not heard that was given only a few times."""
        return view_of in self._few

    def keyed(self, fact: str) -> dict[str, int]:
        """The counts of one fact by key alone."""
        found: Counter[str] = Counter()
        for (key, _), number in self.of(fact).items():
            found[key] += number
        return dict(found)

    def grades(self) -> Mapping[tuple[str, int, str, str], int]:
        """By tool, version, domain and grade."""
        return self._grades

    def answers(self) -> Mapping[tuple[str, int, str, str], int]:
        """By tool, version, question and value."""
        return self._answers

    def titles(self, kind: str, most: int) -> list[str]:
        """The titles of findings of a kind, equal ones once: the most frequent, then the newest month's, first."""
        months = self._months.get(kind, {})
        found: Mapping[str, int] = self._titles.get(kind, {})
        return nsmallest(most, found, key=lambda title: (-found[title], -months[title].toordinal(), title))
