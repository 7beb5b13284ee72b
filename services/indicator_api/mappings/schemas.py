"""Saved mappings on the wire: how the columns of one source's export become ours."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)

from shared.faults import SafeValueError
from shared.schemas.base import Code, Label, OutModel, StrictModel, clean_text
from shared.schemas.periods import PeriodKind

Column = Literal[
    "indicator", "area", "period", "breakdown", "numerator", "denominator", "value", "value_status", "source_ref"
]
Header = Annotated[
    str,
    StringConstraints(min_length=1, max_length=200),
    AfterValidator(clean_text),
    Field(description="the header of a column of theirs; capitals and spaces around it do not matter"),
]
Cell = Annotated[str, StringConstraints(max_length=200), AfterValidator(clean_text)]


def _told_as_a_whole(sentence: str) -> WrapValidator:
    """A fault inside points at the whole: a pointer to a key would repeat what was sent."""

    def check(value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
        try:
            return handler(value)
        except ValidationError:
            raise SafeValueError(sentence) from None

    return WrapValidator(check)


_OURS = _told_as_a_whole("give texts under the names of our columns, each of at most 200 characters")
Columns = Annotated[dict[Column, Header], _OURS, Field(description="our column: the header of theirs")]
Constants = Annotated[dict[Column, Cell], _OURS, Field(description="our column: what it holds in every row")]

_EXAMPLE: dict[str, Any] = {
    "title": "DfE children's social work workforce, indicators by local authority",
    "source_system": "workforce_census",
    "other_columns": "ignore",
    "columns": {"area": "area_code"},
    "period": {"columns": ["time_period"], "reading": "dfe", "identifier": "CY"},
    "constants": {"source_ref": "DfE social work workforce"},
    "only": {"geographic_level": ["Local authority"]},
    "figures": [
        {"columns": {"value": "inpost_fte"}, "constants": {"indicator": "social_workers_in_post"}},
        {
            "columns": {"value": "turnover_rate_fte", "numerator": "leavers_fte", "denominator": "inpost_fte"},
            "constants": {"indicator": "social_worker_turnover"},
        },
    ],
}


class PeriodIn(StrictModel):
    """How a period is read where theirs is not one of our codes."""

    columns: Annotated[list[Header], Field(min_length=1, max_length=2)]
    reading: Literal["dfe", "date"] = Field(
        description="dfe: `201819` or `2018/19` with AY, FY or T1 to T3, `2019` with RY, CY or a month; "
        "date: `2026-04-01`, `01/04/2026`, `Apr-26` or a date cell, as the period it lies in"
    )
    identifier: Annotated[str, StringConstraints(min_length=1, max_length=40)] | None = Field(
        default=None, description="for dfe with one column: what its second column would say, such as `RY`"
    )
    kind: Annotated[PeriodKind, Field(strict=False)] = Field(
        default=PeriodKind.month, description="for date: which kind of period the day lies in"
    )


class MappedFigureIn(StrictModel):
    """One of the figures that a row of theirs holds."""

    columns: Columns = {}
    constants: Constants = {}


class MappingIn(StrictModel):
    """Each of our columns comes from a column of theirs, is constant, or is left out."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    title: Label
    source_system: Annotated[Code, Field(description="the code of a source system of the framework")]
    delimiter: Literal["comma", "semicolon", "tab"] = "comma"
    skip_lines: int = Field(default=0, ge=0, le=100, description="lines, or rows of the sheet, above the header")
    other_columns: Literal["refuse", "ignore"] = Field(
        default="refuse", description="what to do with a column this mapping does not name"
    )
    columns: Columns = {}
    constants: Constants = {}
    period: PeriodIn | None = None
    area_by: Literal["code", "la_number"] = Field(
        default="code", description="la_number: DfE's three digits of an authority, such as 838"
    )
    breakdown: Annotated[
        dict[Code, Header], Field(max_length=5), _told_as_a_whole("give a header under each of at most 5 dimensions")
    ] = Field(default={}, description="dimension: the header of the column that holds its value")
    translations: Annotated[
        dict[Column, Annotated[dict[Cell, Cell], Field(max_length=2_000)]],
        _told_as_a_whole("under the names of our columns, give what is written for each of at most 2,000 texts"),
    ] = Field(
        default={},
        description="our column: what stands there in theirs, and what we write for it; in a breakdown nothing leaves "
        "the dimension out, which is the total",
    )
    only: Annotated[
        dict[Header, Annotated[list[Cell], Field(min_length=1, max_length=500)]],
        Field(max_length=10),
        _told_as_a_whole("under each of at most 10 headers, give 1 to 500 texts"),
    ] = Field(default={}, description="rows are read only where the column holds one of these")
    figures: Annotated[list[MappedFigureIn], Field(max_length=200)] = Field(
        default=[], description="for a file with several figures in a row: what differs between them"
    )
    blank_figures: Literal["refuse", "skip"] = Field(
        default="refuse", description="what to do with a figure none of whose cells holds anything"
    )


class MappingOut(OutModel):
    """A mapping as it is, or was in a version."""

    code: str
    version: int
    changed_by: str
    changed_at: datetime
    mapping: MappingIn
    allowed_actions: list[Literal["change", "delete"]]
