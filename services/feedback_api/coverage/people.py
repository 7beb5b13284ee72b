"""How many people took part, as a caller who sees protected figures may be told (METHODS 2.11); pure.

Told is each financial quarter as it stood on one day, protected by itself with its groups and its total, and a year as
the sum of quarters that are told. So no answer is what others leave, neither beside another period nor read again
after a record was added: there is one answer to each question. Of any other span, or of a part of the council, no
number is told. The reporting service shows in protected reports and copies that same answer and never the true total:
the record has it for callers who see true figures too (`how_many_told`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from shared.schemas.periods import Period, PeriodKind
from shared.suppression_sums import Sum, hidden_in_sums

TOTAL = ""
Shown = dict[str, int | None]


def quarters_of(period: Period) -> list[Period]:
    """The quarter, or those of a financial year; none of any other period."""
    if period.kind is PeriodKind.financial_quarter:
        return [period]
    if period.kind is PeriodKind.financial_year:
        return [Period(PeriodKind.financial_quarter, period.year, part) for part in (1, 2, 3, 4)]
    return []


def with_total(people: Mapping[str, int]) -> dict[str, int]:
    """The groups with the sum of all."""
    return {**people, TOTAL: sum(people.values())}


def told(people: Mapping[str, int], threshold: int) -> Shown:
    """The groups and the total of one quarter."""
    counts = with_total(people)
    hidden = hidden_in_sums(counts, [Sum(TOTAL, tuple(people))], threshold=threshold)
    return {group: None if group in hidden else number for group, number in counts.items()}


def added(quarters: Sequence[Shown]) -> Shown:
    """What several quarters come to; of a group that is hidden in one of them nothing.

    A quarter without any number may have had each group: only beside a number is a group that is not named nought.
    """
    found: Shown = {}
    unnamed = [None if set(one.values()) == {None} else 0 for one in quarters]
    for group in sorted({group for one in quarters for group in one}):
        numbers = [one.get(group, other) for one, other in zip(quarters, unnamed, strict=True)]
        known = [number for number in numbers if number is not None]
        found[group] = sum(known) if len(known) == len(numbers) else None
    return found


def untold(people: Mapping[str, int]) -> Shown:
    """The groups without any number; that somebody took part is no secret, how many is."""
    return dict.fromkeys((*people, TOTAL)) if people else {TOTAL: None}
