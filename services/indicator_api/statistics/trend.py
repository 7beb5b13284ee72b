"""Whether five annual points rise or fall by more than chance (METHODS 2.7).

After the recent-trend method of public health profiles in England, with one guard more: the trend must stand
whichever of the five years is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shared.schemas.figures import Polarity, SpcLabel

YEARS = 5
# The 99.8% point of chi-square with one degree of freedom.
CHI_SQUARE_LIMIT = 9.549536
# A 95% interval is this many standard errors wide.
WIDTH_95 = 3.92


@dataclass(frozen=True, slots=True)
class AnnualPoint:
    """A year's value with its 95% limits; without them, or without width between them, it has no weight."""

    year: int
    value: float | None
    lower: float | None
    upper: float | None


@dataclass(frozen=True, slots=True)
class Trend:
    """The slope a year and whether it is significant; `reason` says why nothing could be tested."""

    significant: bool
    rising: bool | None
    slope: float | None
    chi_square: float | None
    label: SpcLabel | None
    reason: str | None = None


def annual_trend(points: Sequence[AnnualPoint], polarity: Polarity) -> Trend:
    """Test the last five years, which must follow each other; earlier ones are not used."""
    latest = sorted(points, key=lambda point: point.year)[-YEARS:]
    years = [point.year for point in latest]
    if len(years) < YEARS or years != list(range(years[0], years[0] + YEARS)):
        return Trend(False, None, None, None, None, "not_five_years_in_a_row")
    weighted: list[tuple[float, float, float]] = []
    for place, point in enumerate(latest):
        if point.value is None or point.lower is None or point.upper is None or point.upper <= point.lower:
            return Trend(False, None, None, None, None, "no_interval")
        error = (point.upper - point.lower) / WIDTH_95
        weighted.append((float(place), point.value, 1 / error**2))
    slope, variance = _weighted_slope(weighted)
    chi_square = slope**2 / variance
    signs = {_sign(_weighted_slope(weighted[:out] + weighted[out + 1 :])[0]) for out in range(YEARS)}
    significant = chi_square > CHI_SQUARE_LIMIT and signs == {_sign(slope)}
    rising = slope > 0 if significant else None
    return Trend(significant, rising, slope, chi_square, _label(rising, polarity))


def _weighted_slope(points: Sequence[tuple[float, float, float]]) -> tuple[float, float]:
    """The weighted least squares slope and its variance."""
    whole = sum(w for _, _, w in points)
    mean_x = sum(w * x for x, _, w in points) / whole
    mean_y = sum(w * y for _, y, w in points) / whole
    spread = sum(w * (x - mean_x) ** 2 for x, _, w in points)
    return sum(w * (x - mean_x) * (y - mean_y) for x, y, w in points) / spread, 1 / spread


def _sign(value: float) -> int:
    return (value > 0) - (value < 0)


def _label(rising: bool | None, polarity: Polarity) -> SpcLabel:
    if rising is None:
        return SpcLabel.common_cause
    if polarity is Polarity.no_judgement:
        return SpcLabel.special_cause_neutral_high if rising else SpcLabel.special_cause_neutral_low
    good = rising == (polarity is Polarity.high_is_good)
    return SpcLabel.special_cause_improvement if good else SpcLabel.special_cause_concern
