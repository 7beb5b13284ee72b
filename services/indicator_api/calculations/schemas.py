"""What the calculators take: the figures of anyone, stored or not, in bounded amounts."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, Strict

from shared.faults import SafeValueError
from shared.schemas.base import Label, StrictModel
from shared.schemas.figures import Polarity, SpcProfile

MAX_POINTS = 5_000
MAX_ITEMS = 2_000
LARGEST, SMALLEST = 1e15, 1e-9


def _not_minute(value: float) -> float:
    if value and abs(value) < SMALLEST:
        raise SafeValueError("give 0 or a number of at least a billionth")
    return value


def _as_text(label: Any) -> Any:
    return str(label) if type(label) is int else label


def _null_is(usual: Any, form: Any) -> BeforeValidator:
    """Who has nothing to say of it may leave it out or send null."""
    return BeforeValidator(lambda given: usual if given is None else given, json_schema_input_type=form | None)


# A year or the number of an authority is a label as well.
AnyLabel = Annotated[Label, BeforeValidator(_as_text, json_schema_input_type=Label | int)]
# Any figure, and any amount of people, days or money; what a spreadsheet's arithmetic leaves of nought is one too.
Figure = Annotated[float, Field(ge=-LARGEST, le=LARGEST)]
Amount = Annotated[float, Field(ge=0, le=LARGEST), AfterValidator(_not_minute)]
Multiplier = Annotated[float, Field(ge=1e-6, le=1e9)]
Confidence = Annotated[float, Field(ge=0.01, le=0.999999)]
MultiplierIn = Annotated[Multiplier, _null_is(1.0, Multiplier)]
PolarityIn = Annotated[Polarity, Strict(False), _null_is(Polarity.no_judgement, Polarity)]
ProfileIn = Annotated[SpcProfile, Strict(False), _null_is(SpcProfile.mdc_2023, SpcProfile)]


def _example(**body: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [body]})


Rebases = Annotated[list[AnyLabel], Field(max_length=MAX_POINTS)]


class SpcPoint(StrictModel):
    period: AnyLabel = Field(description="any label, a year as well; what `rebase_at` names stands once")
    value: Figure | None = Field(description="null is a gap: it breaks every run and has no moving range")


class SpcIn(StrictModel):
    """A series in the given order (METHODS 2.1 to 2.3)."""

    model_config = _example(
        points=[
            {"period": f"2025-{month:02d}", "value": value}
            for month, value in enumerate([184, 161, 190, 175, 177, 168, 182, 171, 188, 179, 166, 240], 1)
        ],
        polarity="low_is_good",
        rebase_at=["2025-06"],
        target=200,
    )

    points: Annotated[list[SpcPoint], Field(max_length=MAX_POINTS)]
    polarity: PolarityIn = Polarity.no_judgement
    profile: ProfileIn = SpcProfile.mdc_2023
    screen_moving_ranges: Annotated[bool, _null_is(True, bool)] = True
    rebase_at: Annotated[Rebases, _null_is([], Rebases)] = Field(
        default=[], description="the first point of each new segment"
    )
    baseline_points: Annotated[int, Field(ge=2, le=MAX_POINTS)] | None = Field(
        default=None, description="the first so many values of a segment set the limits of all of it"
    )
    target: Figure | None = None


class Ratio(StrictModel):
    """An item without one of the two has no interval, and keeps its place."""

    numerator: Amount | None
    denominator: Amount | None


class IntervalsIn(StrictModel):
    """Wilson's interval for proportions; for rates the exact limits of a count under 10 and Byar's from there."""

    model_config = _example(
        method="byar", items=[{"numerator": 437, "denominator": 67149}], confidence=0.95, multiplier=10000
    )

    method: Literal["wilson", "byar"]
    items: Annotated[list[Ratio], Field(max_length=MAX_ITEMS)]
    confidence: Annotated[Confidence, _null_is(0.95, Confidence)] = 0.95
    multiplier: MultiplierIn = Field(default=1.0, description="100 for a percentage, 10000 for a rate per 10,000")


class FunnelArea(Ratio):
    area: AnyLabel


class FunnelIn(StrictModel):
    """Areas set against their pooled value (METHODS 2.6)."""

    model_config = _example(
        kind="rate",
        items=[
            {"area": "E06000059", "numerator": 437, "denominator": 67149},
            {"area": "E10000013", "numerator": 758, "denominator": 133163},
        ],
        multiplier=10000,
    )

    kind: Literal["proportion", "rate"]
    items: Annotated[list[FunnelArea], Field(max_length=MAX_ITEMS)]
    multiplier: MultiplierIn = 1.0
    over_dispersion: bool = Field(default=False, description="limits widened by Laney's sigma_z where that is above 1")


class Member(StrictModel):
    area: AnyLabel
    value: Figure | None


class BenchmarkIn(StrictModel):
    """A figure with its interval against a reference, the members of a comparator set, or both (METHODS 2.5)."""

    model_config = _example(
        value=65,
        lower=59.1,
        upper=71.5,
        reference=67,
        members=[{"area": "E10000008", "value": 57}, {"area": "E06000066", "value": 55}],
        polarity="low_is_good",
    )

    value: Figure | None = None
    lower: Figure | None
    upper: Figure | None
    reference: Figure | None = None
    members: Annotated[list[Member], Field(max_length=MAX_ITEMS)] = []
    polarity: PolarityIn = Polarity.no_judgement


class Year(StrictModel):
    year: Annotated[int, Field(ge=1900, le=2200)]
    value: Figure | None
    lower: Figure | None = None
    upper: Figure | None = None


class TrendIn(StrictModel):
    """Annual figures with their 95% intervals; the last five years count (METHODS 2.7)."""

    model_config = _example(
        points=[
            {"year": year, "value": value, "lower": value - 6, "upper": value + 6}
            for year, value in enumerate([52, 55, 61, 64, 71], 2021)
        ],
        polarity="low_is_good",
    )

    points: Annotated[list[Year], Field(max_length=300)]
    polarity: PolarityIn = Polarity.no_judgement


class QuartilesIn(StrictModel):
    """The figures of all authorities; one without a value keeps its place and has neither band nor rank."""

    model_config = _example(
        items=[{"area": "E06000059", "value": 65}, {"area": "E10000008", "value": 57}], polarity="low_is_good"
    )

    items: Annotated[list[Member], Field(max_length=MAX_ITEMS)]
    polarity: PolarityIn = Polarity.no_judgement
