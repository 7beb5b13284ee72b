"""Groups of submitted audits: a month, a unit and an edition of a tool, which every analysis is a sum of."""

from __future__ import annotations

import json
from calendar import monthrange
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass
from datetime import date
from heapq import nlargest, nsmallest
from operator import attrgetter
from typing import TypeVar

from pydantic_core import from_json

# JSON rows of fact, key, value and number, and of each kind of finding its titles: a list, or how often each was given.
Written = tuple[str, str]
Fact = tuple[str, str, str]
OfEdition = tuple[str, int, str, str]
K = TypeVar("K")
_BY_EDITION = ("answer", "grade")
# Every group tells the same facts: they are held once.
_facts: dict[Fact, Fact] = {}


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
    """What audits of one group add up to."""

    group: Group
    counts: Counter[Fact]
    titles: Mapping[str, Counter[str]]

    @staticmethod
    def read(group: Group, written: Written) -> Part:
        """The part from its written form."""
        counts: Counter[Fact] = Counter()
        for fact, key, value, number in from_json(written[0]):
            counts[_facts.setdefault((fact, key, value), (fact, key, value))] = number
        return Part(group, counts, {kind: Counter(titles) for kind, titles in from_json(written[1]).items()})

    def written(self) -> Written:
        """The form in which the part is kept."""
        return json.dumps([[*fact, number] for fact, number in self.counts.items()]), json.dumps(self.titles)

    def plus(self, other: Part) -> Part:
        """Both together, where no audit is in both."""
        kinds = self.titles.keys() | other.titles.keys()
        none: Counter[str] = Counter()
        titles = {kind: _sum(self.titles.get(kind, none), other.titles.get(kind, none)) for kind in kinds}
        return Part(self.group, _sum(self.counts, other.counts), titles)


def _sum(one: Counter[K], other: Counter[K]) -> Counter[K]:
    both = one.copy()
    both.update(other)
    return both


class Tally:
    """What audits add up to; groups add to one another: a year is the sum of its months, a service of its teams."""

    def __init__(self, parts: Iterable[Part], *, titles: bool = True) -> None:
        self._parts: dict[Group, Part] = {}
        self._facts: defaultdict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
        self._by_edition: defaultdict[str, Counter[OfEdition]] = defaultdict(Counter)
        self._titles: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._titled = titles
        for part in parts:
            self._add(part)

    def changed(self, parts: Mapping[Group, Part]) -> Tally:
        """The tally of these parts: what went or changed is taken away from this one, what came or changed is added."""
        found = copy(self)
        found._parts = dict(self._parts)
        for name in ("_facts", "_by_edition", "_titles"):
            counters = getattr(self, name)
            setattr(found, name, defaultdict(Counter, {key: counter.copy() for key, counter in counters.items()}))
        for group, part in self._parts.items():
            if parts.get(group) is not part:
                found._add(part, -1)
        for group, part in parts.items():
            if self._parts.get(group) is not part:
                found._add(part)
        return found

    def _add(self, part: Part, times: int = 1) -> None:
        if times > 0:
            self._parts[part.group] = part
        else:
            del self._parts[part.group]
        tool, version = part.group.tool, part.group.version
        for (fact, key, value), number in part.counts.items():
            if fact in _BY_EDITION:
                _count(self._by_edition[fact], (tool, version, key, value), times * number)
            else:
                _count(self._facts[fact], (key, value), times * number)
        if self._titled:
            for kind, titles in part.titles.items():
                for title, number in titles.items():
                    _count(self._titles[kind], title, times * number)

    @property
    def audits(self) -> int:
        return sum(self.of("status").values())

    def of(self, fact: str) -> Mapping[tuple[str, str], int]:
        """The counts of one fact, by key and value."""
        return self._facts.get(fact, {})

    def keyed(self, fact: str) -> dict[str, int]:
        """The counts of one fact by key alone."""
        found: Counter[str] = Counter()
        for (key, _), number in self.of(fact).items():
            found[key] += number
        return dict(found)

    def grades(self) -> Mapping[OfEdition, int]:
        """By tool, version, domain and grade."""
        return self._by_edition.get("grade", {})

    def answers(self) -> Mapping[OfEdition, int]:
        """By tool, version, question and value."""
        return self._by_edition.get("answer", {})

    def titles(self, kind: str, most: int) -> list[str]:
        """The titles of findings of a kind, equal ones once: the most frequent, then the newest month's, first."""
        found: Mapping[str, int] = self._titles.get(kind, {})
        # Only what is as frequent as the last of them can be among them, and has its newest month looked up.
        least = min(nlargest(most, found.values()), default=0)
        sought = {title for title, number in found.items() if number >= least}
        newest: dict[str, date] = {}
        for group in sorted(self._parts, key=attrgetter("month"), reverse=True):
            if len(newest) == len(sought):
                break
            for title in sought.intersection(self._parts[group].titles.get(kind, ())):
                newest.setdefault(title, group.month)
        return nsmallest(most, sought, key=lambda title: (-found[title], -newest[title].toordinal(), title))


def _count(counts: Counter[K], key: K, number: int) -> None:
    counts[key] += number
    if not counts[key]:
        # What nobody says any more is not there, as if it had never been said.
        del counts[key]
