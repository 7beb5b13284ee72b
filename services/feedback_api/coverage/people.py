"""How many people took part, as a caller who sees protected figures may be told (METHODS 2.11); pure.

Told are the four quarters of a financial year and the year, checked together with their groups and totals, so that
none is the difference of the others. Any other span, or a part of the council, would be a difference nobody checks:
of these no number is told. Not covered: the same figures read again after a record was added.
"""

from __future__ import annotations

from collections.abc import Mapping

from shared.schemas.periods import Period, PeriodKind
from shared.suppression_sums import Sum, hidden_in_sums

TOTAL = ""
Shown = dict[str, int | None]


def year_of(period: Period) -> list[Period] | None:
    """The financial year of the period and its quarters, the year first; None for a period that is neither."""
    if period.kind not in (PeriodKind.financial_quarter, PeriodKind.financial_year):
        return None
    year = period if period.kind is PeriodKind.financial_year else period.within(PeriodKind.financial_year)
    return [year, *(Period(PeriodKind.financial_quarter, year.year, part) for part in (1, 2, 3, 4))]


def with_total(people: Mapping[str, int]) -> dict[str, int]:
    """The groups with the sum of all."""
    return {**people, TOTAL: sum(people.values())}


def told(period: Period, counts: Mapping[str, Mapping[str, int]], threshold: int) -> Shown:
    """The groups and the total of one period; `counts` are the people by group of the year and of each quarter."""
    year, *quarters = [one.code for one in year_of(period) or []]
    groups = sorted(set(counts[year]) - {TOTAL})
    table = {(group, span): counts[span].get(group, 0) for span in counts for group in (*groups, TOTAL)}
    sums = [Sum((TOTAL, span), tuple((group, span) for group in groups)) for span in counts]
    sums += [Sum((group, year), tuple((group, span) for span in quarters)) for group in (*groups, TOTAL)]
    hidden = hidden_in_sums(table, sums, threshold=threshold)
    here = [group for group in (*groups, TOTAL) if group == TOTAL or counts[period.code].get(group)]
    return {group: None if (group, period.code) in hidden else table[group, period.code] for group in here}


def untold(people: Mapping[str, int]) -> Shown:
    """The groups without any number; that somebody took part is no secret, how many is."""
    return dict.fromkeys((*people, TOTAL)) if people else {TOTAL: None}
