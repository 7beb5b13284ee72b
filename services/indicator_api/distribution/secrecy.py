"""What of a distribution must not be seen, so that no part comes out of the total and the others (METHODS 2.11)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from services.indicator_api.definitions import Definition
from services.indicator_api.series.known import Known
from shared.schemas.figures import ValueStatus
from shared.schemas.periods import Period
from shared.suppression_sums import Sum, hidden_in_sums

ByBreakdown = Mapping[str, Mapping[Period, Known]]


def veiled(
    definition: Definition, area: str, whole: Sum[str], true: ByBreakdown, seen: ByBreakdown, threshold: int
) -> dict[str, dict[Period, Known]]:
    """The figures a caller may see, with what else must be hidden where one of a sum is."""
    found = {key: dict(figures) for key, figures in seen.items()}
    for period in {period for figures in true.values() for period in figures}:
        counts: dict[str, int | None] = {
            key: round(value)
            for key, figures in true.items()
            if period in figures and (value := figures[period].value) is not None
        }
        also = [key for key in counts if seen[key][period].value is None]
        # What an official body publishes for an area is no secret; what we sum up ourselves is not what it published.
        official = [key for key in counts if definition.is_official(area) and true[key][period].units is None]
        hidden = hidden_in_sums(counts, [whole], threshold=threshold, also=also, official=official)
        for key in hidden:
            found[key][period] = _hidden(found[key][period])
    return found


def _hidden(one: Known) -> Known:
    status = ValueStatus.c if one.value is not None or one.status is None else one.status
    return replace(
        one, value=None, status=status, numerator=None, denominator=None, revised=False, recorded_at=None, hidden=True
    )
