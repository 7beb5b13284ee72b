"""Whether each check a post requires is valid on a day: pure rules over what the register holds (R45)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from itertools import groupby
from typing import NamedTuple, TypeVar

from shared.schemas.framework.workforce import RegistrationKind, RequiredCheck, RoleFamily

HORIZONS = (30, 60, 90)
K = TypeVar("K", bound=Hashable)
_REGISTERED = RegistrationKind.professional_registration


class State(StrEnum):
    """How a required check stands on a day."""

    valid = "valid"
    lapsed = "lapsed"
    missing = "missing"


@dataclass(frozen=True, slots=True)
class Held:
    """One row of the register as it counts on a day; without `valid_from` nothing is held."""

    staff_ref: str
    kind: RegistrationKind
    body: str
    unit: str
    role_family: str
    valid_from: date | None = None
    expires_on: date | None = None
    next_check_due: date | None = None

    @property
    def lapses_on(self) -> date | None:
        """The last day it counts: it expires, or the next check is due, whichever comes first."""
        if self.expires_on is None or self.next_check_due is None:
            return self.expires_on or self.next_check_due
        return min(self.expires_on, self.next_check_due)

    def state(self, on: date) -> State:
        if self.valid_from is None or self.valid_from > on:
            return State.missing
        lapses = self.lapses_on
        return State.valid if lapses is None or lapses >= on else State.lapsed


@dataclass(frozen=True, slots=True)
class Check:
    """One check one member of staff must have, and how it stands."""

    staff_ref: str
    kind: RegistrationKind
    body: str
    unit: str
    role_family: str
    state: State
    valid_from: date | None
    expires_on: date | None
    next_check_due: date | None
    lapses_on: date | None

    @property
    def key(self) -> tuple[str, str, str]:
        return self.staff_ref, self.kind, self.body

    def lapses_within(self, days: int, on: date) -> bool:
        """Whether it is valid on the day and stops being so within as many days."""
        return self.state is State.valid and self.lapses_on is not None and self.lapses_on <= on + timedelta(days)


def checks_on(held: Iterable[Held], families: Mapping[str, RoleFamily], on: date) -> list[Check]:
    """Every required check of everybody in the register, in order of person, kind and body."""
    ordered = sorted(held, key=lambda one: (one.staff_ref, one.kind, one.body))
    found: list[Check] = []
    for _, rows in groupby(ordered, key=lambda one: one.staff_ref):
        found += _of_person(list(rows), families, on)
    return sorted(found, key=lambda check: check.key)


def _of_person(rows: Sequence[Held], families: Mapping[str, RoleFamily], on: date) -> Iterator[Check]:
    family = families.get(rows[0].role_family)
    needs = [need for need in family.requires if need.in_force(on)] if family else []
    for need in needs:
        yield _best([row for row in rows if _answers(row, need)], rows[0], need, on)
    # What the family does not rule on is required because the source lists it.
    settled = {need.kind is _REGISTERED for need in needs}
    for row in rows:
        if (row.kind is _REGISTERED) not in settled:
            yield _check(row, row.kind, row.body, on)


def _answers(row: Held, need: RequiredCheck) -> bool:
    if need.kind is _REGISTERED:
        return row.kind is _REGISTERED and row.body in need.bodies
    covering = (need.kind, RegistrationKind.dbs_enhanced)
    return row.kind in covering


def _best(rows: Sequence[Held], person: Held, need: RequiredCheck, on: date) -> Check:
    """Of what may answer a need the valid one that lasts longest, else the latest to lapse, else that none is held."""
    states = list(State)

    def rank(row: Held) -> tuple[int, date, date]:
        return -states.index(row.state(on)), row.lapses_on or date.max, row.valid_from or date.min

    if rows:
        best = max(rows, key=rank)
        return _check(best, need.kind, best.body, on)
    nothing = Held(person.staff_ref, need.kind, need.bodies[0] if need.bodies else "", person.unit, person.role_family)
    return _check(nothing, nothing.kind, nothing.body, on)


def _check(row: Held, kind: RegistrationKind, body: str, on: date) -> Check:
    return Check(
        row.staff_ref, kind, body, row.unit, row.role_family, row.state(on),
        row.valid_from, row.expires_on, row.next_check_due, row.lapses_on,
    )  # fmt: skip


class Group(NamedTuple):
    """What checks that count alike have in common; `within` is the shortest horizon in which they lapse."""

    unit: str
    role_family: str
    kind: RegistrationKind
    body: str
    state: State
    within: int | None


Tally = Mapping[Group, int]


def tally(checks: Iterable[Check], on: date) -> Counter[Group]:
    """How many checks there are of each group: thousands of people become a few hundred rows to sum up."""
    ends = [(days, on + timedelta(days)) for days in HORIZONS]

    def group(check: Check) -> Group:
        last = check.lapses_on if check.state is State.valid else None
        within = None if last is None else next((days for days, end in ends if last <= end), None)
        return Group(check.unit, check.role_family, check.kind, check.body, check.state, within)

    return Counter(map(group, checks))


@dataclass
class Counts:
    """How many checks are required, valid, lapsed and missing, and how many valid ones lapse soon."""

    required: int = 0
    valid: int = 0
    lapsed: int = 0
    missing: int = 0
    expiring: dict[int, int] = field(default_factory=lambda: dict.fromkeys(HORIZONS, 0))

    def add(self, group: Group, times: int) -> None:
        self.required += times
        setattr(self, group.state, getattr(self, group.state) + times)
        if group.within is not None:
            for days in HORIZONS:
                self.expiring[days] += times if group.within <= days else 0

    @property
    def valid_percentage(self) -> float | None:
        """Not rounded to a whole number: 399 of 400 are not all."""
        return round(100 * self.valid / self.required, 4) if self.required else None


def count(tallied: Tally) -> Counts:
    counts = Counts()
    for group, times in tallied.items():
        counts.add(group, times)
    return counts


def count_by(tallied: Tally, keys: Callable[[Group], Iterable[K]]) -> dict[K, Counts]:
    """The counts of each key; a group may count under several, as a unit's does under all above it."""
    found: dict[K, Counts] = {}
    for group, times in tallied.items():
        for key in keys(group):
            found.setdefault(key, Counts()).add(group, times)
    return found


def above(unit: str, parents: Mapping[str, str | None]) -> list[str]:
    """The unit and every one above it, as far as they are known."""
    found: list[str] = []
    at: str | None = unit
    while at is not None and at in parents and at not in found:
        found.append(at)
        at = parents[at]
    return found
