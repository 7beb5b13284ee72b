"""Focus areas, source systems and indicators: the data dictionary."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from shared.faults import SafeValueError
from shared.schemas.base import Code, Label, Text
from shared.schemas.figures import InformationType, Measure, Polarity, SourceFamily, ThemedArea
from shared.schemas.framework.fields import Item, Part, Reference, repeated
from shared.schemas.framework.scales import Scale
from shared.schemas.framework.workforce import RegistrationCount
from shared.schemas.periods import Period, PeriodCode, PeriodKind


class SeriesKind(StrEnum):
    """How the points of a series relate; only `point` series raise XmR exceptions (METHODS 2.2)."""

    point = "point"
    rolling = "rolling"
    year_to_date = "year_to_date"
    cumulative = "cumulative"
    seasonal = "seasonal"


class Expectation(StrEnum):
    """Whether a figure is owed for each period; a judgement stands until the next one, so none is ever late."""

    on_schedule = "on_schedule"
    when_it_happens = "when_it_happens"


class FocusBasis(StrEnum):
    """Why an area was chosen to be assured (R03)."""

    professional_experience = "professional_experience"
    statutory_responsibility = "statutory_responsibility"
    research = "research"
    local_conditions = "local_conditions"


class FocusArea(Item):
    """A defined area that the organisation has chosen to assure, and why."""

    name: Label
    rationale: Text
    basis: Annotated[tuple[FocusBasis, ...], Field(min_length=1, max_length=4)]
    owner_role: Code

    def references(self) -> Iterator[Reference]:
        yield Reference("roles", self.owner_role, "/owner_role")


class SourceSystem(Item):
    """A system or collection that figures come from."""

    name: Label
    source_family: SourceFamily
    aliases: Annotated[tuple[Label, ...], Field(max_length=20)] = ()


class Target(Part):
    """What the council wants a figure to be from one period to another, both included."""

    value: float
    tolerance: Annotated[float, Field(ge=0)] = 0.0
    from_period: PeriodCode
    to_period: PeriodCode | None = None


class WithheldBenchmark(Part):
    """A comparison that must not be made although figures for it exist, and why."""

    comparator_set: Code
    reason: Text


class Disclosure(Part):
    """Whether small numbers could identify people, and which official body publishes the figure, if any."""

    people: bool
    published_by: Label | None = None


class Derivation(Part):
    """A ratio of sums of other indicators: all numerators over all denominators, times the multiplier."""

    numerators: Annotated[tuple[Code, ...], Field(min_length=1, max_length=10)]
    denominators: Annotated[tuple[Code, ...], Field(min_length=1, max_length=10)]


class Dimension(Part):
    """A breakdown: its own values, or the codes of another kind; whether the parts add up to the total.

    Values that are grades name the `framework` they were given under: grades of two frameworks are not comparable.
    """

    code: Code
    title: Label
    framework: Label | None = None
    values: Annotated[tuple[Code, ...], Field(max_length=60)] = ()
    values_from: Literal["agencies", "units"] | None = None
    sums_to_total: bool = False

    @model_validator(mode="after")
    def _values_come_from_one_place(self) -> Self:
        if bool(self.values) == (self.values_from is not None):
            raise SafeValueError("a dimension lists its values or names the kind they come from, one of the two")
        return self


class QualityRule(Part):
    """What a plausible figure looks like; one outside is accepted and marked, never refused.

    A change from the period before is sudden when it is greater than `sudden_change_percent` of the figure before, or
    than `sudden_change_ranges` times the usual step of the series (its average moving range). A figure other than 0
    that stays the same for `unchanged_periods` is stuck. Parts of a dimension that `sums_to_total` may miss the total
    by `sum_tolerance`; without it by what rounding explains.
    """

    minimum: float | None = None
    maximum: float | None = None
    whole_number: bool = False
    sudden_change_percent: Annotated[float, Field(gt=0)] | None = None
    sudden_change_ranges: Annotated[float, Field(ge=1, le=100)] | None = None
    unchanged_periods: Annotated[int, Field(ge=2, le=24)] | None = None
    sum_tolerance: Annotated[float, Field(ge=0)] | None = None


class Indicator(Item):
    """One indicator: what it counts, what it means, who answers for it and what it may be set against.

    A figure is expected `due_lag_days` after the end of each period from `expected_from` to `expected_to`;
    without the first, from the first period that has one. What comes `when_it_happens` is never owed. Its owner
    comments on each new figure of the council's own area within `commentary_due_days` of its arrival, where given.
    """

    version: Annotated[int, Field(ge=1, le=9999)] = 1
    title: Label
    definition: Text
    information_type: InformationType
    measure: Measure
    unit: Label
    multiplier: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    decimal_places: Annotated[int, Field(ge=0, le=6)] = 1
    polarity: Polarity
    numerator: Text | None = None
    denominator: Text | None = None
    scale: Scale | None = None
    derived_from: Derivation | None = None
    registrations: RegistrationCount | None = None
    themed_area: ThemedArea
    focus_area: Code
    plans: Annotated[tuple[Code, ...], Field(max_length=10)] = ()
    source_system: Code
    source_family: SourceFamily
    period_kind: PeriodKind
    series_kind: SeriesKind
    due_lag_days: Annotated[int, Field(ge=0, le=800)]
    commentary_due_days: Annotated[int, Field(ge=0, le=365)] | None = None
    expected: Expectation = Expectation.on_schedule
    expected_from: PeriodCode | None = None
    expected_to: PeriodCode | None = None
    owner_role: Code
    owner_unit: Code | None = None
    targets: Annotated[tuple[Target, ...], Field(max_length=20)] = ()
    benchmarks: Annotated[tuple[Code, ...], Field(max_length=20)] = ()
    benchmarks_withheld: Annotated[tuple[WithheldBenchmark, ...], Field(max_length=20)] = ()
    no_benchmark_reason: Text | None = None
    disclosure: Disclosure
    dimensions: Annotated[tuple[Dimension, ...], Field(max_length=10)] = ()
    quality_rule: QualityRule | None = None
    lait_code: Label | None = None
    published_code: Label | None = None
    gss_note: Text | None = None
    fhir_note: Text | None = None

    @model_validator(mode="after")
    def _is_benchmarked_or_says_why_not(self) -> Self:
        if self.benchmarks and self.no_benchmark_reason:
            raise SafeValueError("an indicator with benchmarks gives no no_benchmark_reason; keep one of the two")
        if self.information_type is InformationType.quantitative and not (self.benchmarks or self.no_benchmark_reason):
            raise SafeValueError("a quantitative indicator names its benchmarks or a no_benchmark_reason (R04)")
        if set(self.benchmarks) & {withheld.comparator_set for withheld in self.benchmarks_withheld}:
            raise SafeValueError("a comparator set is both a benchmark and withheld; keep one of the two")
        return self

    @model_validator(mode="after")
    def _fits_its_measure(self) -> Self:
        if (self.measure is Measure.rate) != (self.multiplier is not None):
            raise SafeValueError("a rate has a multiplier, such as 10000, and no other measure does")
        if (self.measure is Measure.ordinal) != (self.scale is not None):
            raise SafeValueError("an ordinal indicator has a scale, and no other measure does")
        if self.measure in (Measure.rate, Measure.percentage) and not (self.numerator and self.denominator):
            raise SafeValueError("a rate or percentage says what its numerator and denominator are")
        if repeated([dimension.code for dimension in self.dimensions]):
            raise SafeValueError("two dimensions have the same code; give each its own")
        return self

    @model_validator(mode="after")
    def _its_periods_are_of_its_kind(self) -> Self:
        named = [self.expected_from, self.expected_to]
        named += [code for target in self.targets for code in (target.from_period, target.to_period)]
        if any(Period.parse(code).kind is not self.period_kind for code in named if code):
            raise SafeValueError("a period here is of another kind than the indicator's period_kind")
        last: Period | None = None
        for place, target in enumerate(self.targets):
            first = Period.parse(target.from_period)
            if place and (last is None or first <= last):
                raise SafeValueError("two targets hold at once; list them in order, each ending before the next")
            last = Period.parse(target.to_period) if target.to_period else None
            if last and last < first:
                raise SafeValueError("a target ends before it begins; correct from_period or to_period")
        return self

    def references(self) -> Iterator[Reference]:
        yield Reference("focus_areas", self.focus_area, "/focus_area")
        yield Reference("source_systems", self.source_system, "/source_system")
        yield Reference("roles", self.owner_role, "/owner_role")
        if self.owner_unit:
            yield Reference("units", self.owner_unit, "/owner_unit")
        for place, code in enumerate(self.benchmarks):
            yield Reference("comparator_sets", code, f"/benchmarks/{place}")
        for place, withheld in enumerate(self.benchmarks_withheld):
            pointer = f"/benchmarks_withheld/{place}/comparator_set"
            yield Reference("comparator_sets", withheld.comparator_set, pointer)
        if self.registrations:
            for place, code in enumerate(self.registrations.role_families):
                yield Reference("role_families", code, f"/registrations/role_families/{place}")
        if self.derived_from:
            for part in ("numerators", "denominators"):
                for place, code in enumerate(getattr(self.derived_from, part)):
                    yield Reference("indicators", code, f"/derived_from/{part}/{place}")
