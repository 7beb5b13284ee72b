"""A figure on the wire, its symbols and its display text, and the words indicators are described in."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Context, Decimal
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, model_validator

from shared.faults import SafeValueError
from shared.schemas.base import Number


class ValueStatus(StrEnum):
    """The symbols of official statistics: why a value is absent, or how to take the one that is there."""

    c = "c"  # confidential: hidden because it is small or would give a small one away
    z = "z"  # not applicable
    x = "x"  # unavailable
    k = "k"  # rounds to 0 but is not 0; the value is 0
    u = "u"  # low reliability; the value stands


WITHOUT_VALUE = frozenset({ValueStatus.c, ValueStatus.z, ValueStatus.x})

# Read but never written. `low` is what DfE wrote before `k`: one working day lost among 22 posts, a rate of
# 0.02, stands as `low` in its files. The dots and dashes are older still.
_OBSOLETE = {
    ":": ValueStatus.x,
    "~": ValueStatus.x,
    "..": ValueStatus.x,
    "-": ValueStatus.x,
    "": ValueStatus.x,
    ".": ValueStatus.z,
    "low": ValueStatus.k,
}


class InformationType(StrEnum):
    """How many, how well, or what difference (R04)."""

    quantitative = "quantitative"
    qualitative = "qualitative"
    outcome = "outcome"


class Measure(StrEnum):
    """What sort of number an indicator is."""

    count = "count"  # type: ignore[assignment]  # the word, not the method of str
    percentage = "percentage"
    rate = "rate"
    mean = "mean"
    money = "money"
    ordinal = "ordinal"


class Polarity(StrEnum):
    """Which direction is an improvement, if either."""

    high_is_good = "high_is_good"
    low_is_good = "low_is_good"
    no_judgement = "no_judgement"


class ThemedArea(StrEnum):
    """The four themed areas that audits, indicators, feedback and reports are grouped by (R20)."""

    performance_management = "performance_management"
    staff_and_service_user_feedback = "staff_and_service_user_feedback"
    workforce_development = "workforce_development"
    partnership_and_external_scrutiny = "partnership_and_external_scrutiny"


class SourceFamily(StrEnum):
    """The five families of sources evidence comes from (R06)."""

    children_parents_and_carers = "children_parents_and_carers"
    staff_and_managers = "staff_and_managers"
    case_records = "case_records"
    management_information = "management_information"
    thematic_audits = "thematic_audits"


class OfstedGrade(StrEnum):
    """The four grades of an inspection; always kept together with the framework they were given under."""

    outstanding = "outstanding"
    good = "good"
    requires_improvement_to_be_good = "requires_improvement_to_be_good"
    inadequate = "inadequate"


class BenchmarkOutcome(StrEnum):
    """How a figure compares with a reference; higher and lower where there is no judgement."""

    better = "better"
    similar = "similar"
    worse = "worse"
    higher = "higher"
    lower = "lower"  # type: ignore[assignment]  # the word, not the method of str
    not_compared = "not_compared"


class QuartileBand(StrEnum):
    """A is the best quarter of authorities, D the last."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"


class SpcProfile(StrEnum):
    """The edition of the control chart rules: which points two_in_three counts."""

    mdc_2023 = "mdc_2023"
    nhsr_0_2 = "nhsr_0_2"


class SpcRule(StrEnum):
    """The four signals of a control chart, in the order in which they decide a point's label."""

    outside_limits = "outside_limits"
    trend = "trend"
    two_in_three = "two_in_three"
    shift = "shift"


class SpcLabel(StrEnum):
    """What a point on a control chart shows."""

    common_cause = "common_cause"
    special_cause_improvement = "special_cause_improvement"
    special_cause_concern = "special_cause_concern"
    special_cause_neutral_high = "special_cause_neutral_high"
    special_cause_neutral_low = "special_cause_neutral_low"


class Assurance(StrEnum):
    """Whether a process as it runs now can be expected to meet its target."""

    consistent_pass = "consistent_pass"  # noqa: S105
    consistent_fail = "consistent_fail"
    inconsistent = "inconsistent"


def read_status(symbol: str) -> ValueStatus:
    """Read a symbol, obsolete ones and those in square brackets too."""
    bare = symbol.strip().removeprefix("[").removesuffix("]").lower()
    if bare in _OBSOLETE:
        return _OBSOLETE[bare]
    if bare in ValueStatus.__members__:
        return ValueStatus(bare)
    raise SafeValueError("give a value_status of c, z, x, k or u")


def _status_in(value: Any) -> Any:
    # An empty status on the wire is a slip, not a symbol; only a cell of a table may be blank.
    if isinstance(value, str) and value and not isinstance(value, ValueStatus):
        return read_status(value)
    return value


ValueStatusIn = Annotated[ValueStatus, BeforeValidator(_status_in)]


def check_value_and_status(value: Decimal | float | None, status: ValueStatus | None) -> None:
    """Hold the rule: no value if and only if the status is c, z or x; k stands with 0."""
    if (value is None) != (status in WITHOUT_VALUE):
        raise SafeValueError("a value is null exactly when its value_status is c, z or x")
    if status is ValueStatus.k and value != 0:
        raise SafeValueError("the value_status k stands with a value of 0")


class Figure(BaseModel):
    """A number, or the symbol that says why there is none; never a symbol in the number's place."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)

    value: Number | None
    value_status: ValueStatusIn | None = None

    @model_validator(mode="after")
    def _value_and_status_agree(self) -> Self:
        check_value_and_status(self.value, self.value_status)
        return self

    @classmethod
    def of(cls, value: Decimal | float | None, status: ValueStatus | None = None) -> Self:
        """A figure from any kind of number."""
        return cls.model_validate({"value": value, "value_status": status})


_NUMBER = re.compile(r"([-+]?)£?((?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?|\.[0-9]+)([eE][-+]?[0-9]{1,2})?%?")
_NUMBER_AND_STATUS = re.compile(r"(.*[0-9%])\s*(\[[a-z]+\]|[ku])", re.DOTALL)
_LARGEST_POWER, _LONGEST_CELL = 12, 60


def parse_cell(text: str) -> tuple[Decimal | None, ValueStatus | None]:
    """Read a published cell: `1,234`, `£5.2`, `49.1%`, `12.3 [u]`, `c`, `[low]`, `-` or blank.

    A bare `u` has no number to take with care: nothing is available, x. `k` and `low` are 0 with k.
    Raises SafeValueError.
    """
    cell = text.strip()
    if len(cell) > _LONGEST_CELL:
        raise SafeValueError("give a number or one of the symbols c, z, x, k and u")
    status = None
    if marked := _NUMBER_AND_STATUS.fullmatch(cell):
        cell, status = marked[1], read_status(marked[2])
    if found := _NUMBER.fullmatch(cell):
        value = Decimal(found[1] + found[2].replace(",", "") + (found[3] or ""))
        if value and abs(value.adjusted()) > _LARGEST_POWER:
            raise SafeValueError("the number is outside the range a figure can have")
        check_value_and_status(value, status)
        return value, status
    try:
        alone = read_status(cell)
    except SafeValueError:
        raise SafeValueError("give a number or one of the symbols c, z, x, k and u") from None
    if alone is ValueStatus.k:
        return Decimal(0), alone
    return None, ValueStatus.x if alone is ValueStatus.u else alone


# Spreadsheets carry 70.900000000000006 for 70.9; fourteen digits keep every real figure and drop that noise,
# which else would decide which way an exact half goes.
_WITHOUT_NOISE = Context(prec=14, rounding=ROUND_HALF_UP)
# Below the first, fourteen digits and a binary fraction both come closer to the value than the second.
_PLAIN, _NEAR_A_HALF = 1e7, 1e-6


def _rounds_alike(value: float, places: int) -> bool:
    """Whether every way of rounding gives the same: the value lies far from where halves and noughts are decided.

    Its binary fraction can be formatted as it is then, in a fifth of the time.
    """
    scaled: float = abs(value) * 10**places
    return 0.5 < scaled < _PLAIN and abs(scaled % 1 - 0.5) > _NEAR_A_HALF


def round_figure(value: Decimal | float, places: int) -> Decimal:
    """Round half away from zero, as official tables do: 2.45 to 2.5, -2.45 to -2.5, -0.04 to 0.0."""
    exact = value if isinstance(value, Decimal) else _WITHOUT_NOISE.create_decimal(repr(value))
    rounded = exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP, context=Context(prec=60))
    return rounded if rounded else abs(rounded)


def display_text(
    value: Decimal | float | None,
    status: ValueStatus | None = None,
    *,
    places: int = 0,
    measure: Measure = Measure.count,
) -> str:
    """How a figure stands in a table: `1,234.5`, `£1,234`, `65.0%`, `12.3 u`, `0 k`, or the symbol alone."""
    check_value_and_status(value, status)
    if value is None:
        return str(status)
    rounded = value if isinstance(value, float) and _rounds_alike(value, places) else round_figure(value, places)
    money, percent = measure is Measure.money, measure is Measure.percentage
    sign = "-" if rounded < 0 else ""
    text = f"{sign}{'£' if money else ''}{abs(rounded):,.{places}f}{'%' if percent else ''}"
    return f"{text} {status}" if status else text
