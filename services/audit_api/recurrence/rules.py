"""Which themes recur, by the rules and the counts of audits: pure functions, the same result every time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from shared.schemas.framework.recurrences import RecurrenceFindings, RecurrenceLevel, RecurrenceRule


@dataclass(frozen=True, slots=True)
class Counted:
    """In how many audits of a unit a theme was found."""

    theme: str
    unit: str
    strength: bool
    audits: int


@dataclass(frozen=True, slots=True)
class Place:
    """A unit of the tree, with its last day and the one unit it became, where it did."""

    parent: str | None
    kind: str
    name: str
    valid_to: date | None = None
    heir: str | None = None


@dataclass(frozen=True, slots=True)
class Alert:
    """A theme that recurs in a place, with the audits of each unit behind it."""

    rule: RecurrenceRule
    theme: str
    place: str
    audits: int
    units: tuple[tuple[str, int], ...]

    @property
    def strength(self) -> bool:
        """Whether it is good practice that recurs."""
        return self.rule.findings is RecurrenceFindings.strengths


def place_of(tree: Mapping[str, Place], unit: str, level: RecurrenceLevel, on: date) -> str | None:
    """Where a unit's audits are counted at a level as things stood on a day; None of a unit above all services.

    A team that was merged into one other by then is counted with it: what recurs does not start anew with a name.
    """
    if level is RecurrenceLevel.unit:
        seen = [unit]
        while (heir := _heir(tree[seen[-1]], on)) is not None and heir in tree and heir not in seen:
            seen.append(heir)
        return seen[-1]
    line = [unit]
    while (parent := tree[line[-1]].parent) is not None and parent in tree and parent not in line:
        line.append(parent)
    if level is RecurrenceLevel.organisation:
        return line[-1]
    return next((code for code in line if tree[code].kind == "service"), None)


def _heir(place: Place, on: date) -> str | None:
    return place.heir if place.valid_to is not None and place.valid_to < on else None


def alerts_of(
    rule: RecurrenceRule, counts: Iterable[Counted], tree: Mapping[str, Place], scopes: Mapping[str, str], on: date
) -> list[Alert]:
    """The alerts one rule gives, each unit's audits added up at the rule's level as units stood on a day."""
    wanted = rule.findings is RecurrenceFindings.strengths
    behind: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for one in counts:
        fits = rule.scope is None or scopes.get(one.theme) == rule.scope.value
        place = place_of(tree, one.unit, rule.level, on) if fits and one.strength is wanted else None
        if place is not None:
            behind[one.theme, place][one.unit] += one.audits
    found = []
    for (theme, place), units in behind.items():
        number = sum(units.values())
        if number >= rule.audits:
            most_first = sorted(units.items(), key=lambda pair: (-pair[1], pair[0]))
            found.append(Alert(rule, theme, place, number, tuple(most_first)))
    return sorted(found, key=lambda alert: (-alert.audits, alert.theme, alert.place))
