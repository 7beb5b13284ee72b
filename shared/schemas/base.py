"""The strict base of every wire model and the bounded field types they are made of."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    Strict,
    StringConstraints,
    WithJsonSchema,
)

from shared.faults import SafeValueError

_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_ISO_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}.*")
# C0 and C1 controls but tab, line feed and carriage return; bidirectional overrides; lone surrogates; and the two signs
# that are none, which no drawing in XML could hold.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
_MARKS_IN_A_ROW = 8


class StrictModel(BaseModel):
    """What comes in: no unknown key, no silent conversion, no infinity."""

    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False, str_strip_whitespace=True)


class OutModel(BaseModel):
    """What goes out; held to the answers by tests rather than checked again on each request."""

    model_config = ConfigDict(extra="forbid", from_attributes=True, allow_inf_nan=False)


def _only_text(value: Any) -> Any:
    if isinstance(value, str):
        return value
    raise SafeValueError("give this as text")


def _iso_date(value: Any) -> Any:
    if isinstance(value, date):
        return value
    if not isinstance(value, str) or not _ISO_DATE.fullmatch(value):
        raise SafeValueError("give a date as YYYY-MM-DD")
    return value


def _plausible_date(value: date) -> date:
    if not 1900 <= value.year <= 2200:
        raise SafeValueError("the year is outside 1900 to 2200")
    return value


def _iso_moment(value: Any) -> Any:
    if not isinstance(value, str) or not _ISO_MOMENT.fullmatch(value):
        raise SafeValueError("give a time as YYYY-MM-DDThh:mm:ss with its offset")
    return value


def clean_text(value: str) -> str:
    """Refuse control and override characters and piles of combining marks; compose the rest (NFC)."""
    if _FORBIDDEN.search(value):
        raise SafeValueError("there is a control or override character in this text")
    if value.isascii():
        return value
    run = 0
    for character in value:
        run = run + 1 if unicodedata.combining(character) else 0
        if run > _MARKS_IN_A_ROW:
            raise SafeValueError("there are too many combining marks on one letter")
    return unicodedata.normalize("NFC", value)


def _composed(most: int) -> AfterValidator:
    """A clean text that is still no longer than it may be: what was read must be fit to be sent again."""

    def clean(value: str) -> str:
        composed = clean_text(value)
        if len(composed) > most:
            raise SafeValueError(f"with its letters composed this is longer than {most} characters")
        return composed

    return AfterValidator(clean)


def _json_number(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise SafeValueError("give this as a JSON number")
    return Decimal(repr(value) if isinstance(value, float) else value)


def _bounded(value: Decimal) -> Decimal:
    if not value.is_finite():
        raise SafeValueError("give a finite number")
    if value and not -10 <= value.adjusted() <= 12:
        raise SafeValueError("the number is outside the range a figure can have")
    return value


LocalDate = Annotated[
    date,
    Strict(False),
    AfterValidator(_plausible_date),
    BeforeValidator(_iso_date),
    WithJsonSchema({"type": "string", "format": "date", "examples": ["2026-09-30"]}),
]
Moment = Annotated[AwareDatetime, Strict(False), AfterValidator(_plausible_date), BeforeValidator(_iso_moment)]
Id = Annotated[UUID, Strict(False), BeforeValidator(_only_text), WithJsonSchema({"type": "string", "format": "uuid"})]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,79}$")]
AreaCode = Annotated[str, StringConstraints(pattern=r"^[A-Z][0-9]{8}$")]
Label = Annotated[str, StringConstraints(min_length=1, max_length=200), _composed(200)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=4_000), _composed(4_000)]
LongText = Annotated[str, StringConstraints(min_length=1, max_length=20_000), _composed(20_000)]
NamesOnRecord = Annotated[
    list[Annotated[str, StringConstraints(min_length=2, max_length=80), _composed(80)]],
    Field(max_length=20, description="of the child, the family, the workers: looked for in the texts, never stored"),
]
Reference = Annotated[str, StringConstraints(min_length=1, max_length=80, pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._/:#-]*$")]
Count = Annotated[int, Field(ge=0, le=1_000_000_000)]
Number = Annotated[
    Decimal,
    Strict(False),
    AfterValidator(_bounded),
    BeforeValidator(_json_number),
    PlainSerializer(lambda value: float(value), return_type=float, when_used="json"),
    WithJsonSchema({"type": "number", "minimum": -9_999_999_999_999, "maximum": 9_999_999_999_999}),
]
