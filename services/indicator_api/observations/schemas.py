"""Figures, their past and their imports on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query
from pydantic import AfterValidator, ConfigDict, Field, StringConstraints

from services.indicator_api.observations.files.media import WORKBOOK
from shared.faults import SafeValueError
from shared.free_text import identifiers
from shared.schemas.base import Code, Label, Number, OutModel, StrictModel
from shared.schemas.figures import ValueStatus, ValueStatusIn
from shared.schemas.periods import PeriodCode

PlaceCode = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,79}$")]
Breakdown = Annotated[str, StringConstraints(max_length=100)]
_REASON = "why the figures are sent, in a few words without anything personal; a restatement is explained by it"


def _says_nothing_personal(reason: str) -> str:
    if identifiers(reason):
        raise SafeValueError("take out what could identify a person: a number, an address or a postcode")
    return reason


Reason = Annotated[
    Annotated[Label, AfterValidator(_says_nothing_personal)] | None,
    Query(description=_REASON, examples=["Corrected after the March data quality check"]),
]


class ObservationIn(StrictModel):
    """One figure. Without `value` it is made of numerator and denominator, as the indicator's measure says."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "indicator": "looked_after_rate", "area": "E06000059", "period": "RY2025", "numerator": 437,
                    "denominator": 67149, "value": 65, "source_ref": "DfE LAIT LAC 2025",
                },
                {"indicator": "referrals_monthly", "area": "fs_weymouth", "period": "2026-10", "value": 41},
            ]
        }
    )  # fmt: skip

    indicator: Code
    area: Annotated[PlaceCode, Field(description="an ONS code, or the code of a unit of the council")]
    period: PeriodCode
    breakdown: Breakdown | None = Field(
        default=None, description="`dimension=value`, several joined by `;`; null is the total"
    )
    numerator: Number | None = None
    denominator: Number | None = None
    value: Number | None = Field(default=None, description="kept as given; null where value_status is c, z or x")
    value_status: ValueStatusIn | None = None
    source_ref: Annotated[str, StringConstraints(max_length=200)] | None = None


class ObservationOut(OutModel):
    """A figure as it stands, or stood."""

    indicator: str
    area: str
    period: str
    breakdown: str | None = Field(description="null is the total")
    numerator: float | None
    denominator: float | None
    value: float | None
    value_status: ValueStatus | None
    provisional: bool
    revised: bool = Field(description="whether the value ever was another")
    source_ref: str | None
    definition_version: int = Field(description="the version of the indicator it was recorded under")
    revision: int | None = Field(
        description="counts every change, of the source too; null where small numbers of it are hidden"
    )
    import_id: UUID | None = Field(description="null where the figure is hidden")
    recorded_at: datetime | None = Field(description="null where the figure is hidden")


class FigureKey(StrictModel):
    """Which figure: its natural key."""

    indicator: Code
    area: Annotated[PlaceCode, Field(description="an ONS code, or the code of a unit of the council")]
    period: PeriodCode
    breakdown: Breakdown | None = Field(default=None, description="null is the total")


class WithdrawalsIn(StrictModel):
    """Figures that should not be there, and why."""

    model_config = StrictModel.model_config | ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "items": [{"indicator": "referrals_monthly", "area": "fs_weymouth", "period": "2026-10"}],
                    "reason": "Filed under the wrong team",
                }
            ]
        }
    )

    items: Annotated[list[FigureKey], Field(min_length=1, max_length=1_000)]
    reason: Annotated[Label, AfterValidator(_says_nothing_personal)]


class WithdrawnOut(OutModel):
    id: UUID = Field(description="the act they were withdrawn by, among the imports")
    withdrawn: int = Field(description="the figures that were there; each is `z` now")
    not_there: list[int] = Field(description="places in `items`, from 0, of keys without a figure; nothing was done")


class WarningOut(OutModel):
    pointer: str
    code: str
    detail: str


class RecordedObservationOut(ObservationOut):
    """The figure that was recorded, and what is doubtful about it."""

    warnings: list[WarningOut] = Field(description="stored all the same, but outside the indicator's quality rule")


class PastObservationOut(ObservationOut):
    """A figure with who recorded it, and until when it stood."""

    recorded_by: str | None
    superseded_at: datetime | None = Field(description="null for the figure that stands")
    superseded_by: UUID | None = Field(description="the import that superseded it")


class RowFaultOut(OutModel):
    row: int = Field(description="among the rows of figures, from 1; read through a mapping, below the header")
    line: int | None = Field(description="the line of the file, where it has lines")
    column: str | None = Field(description="null where the fault is the row's as a whole")
    source_column: int | None = Field(
        default=None, description="where it stands in the file, from 1, where a mapping read it from there"
    )
    pointer: str
    code: str
    detail: str


_APART = "null where the caller may not know what is stored: see accepted_existing"


class ImportCounts(OutModel):
    """What became of the rows: each is created, accepted_existing (changed or unchanged) or rejected."""

    rows: int
    created: int
    accepted_existing: int = Field(description="rows whose key had a figure: changed and unchanged together")
    changed: int | None = Field(description=_APART)
    unchanged: int | None = Field(description=_APART)
    rejected: int


class ImportFaults(OutModel):
    errors: list[RowFaultOut] = Field(description="the first thousand")
    errors_truncated: bool
    warnings: list[RowFaultOut] = Field(description="stored all the same, but outside the indicator's quality rule")
    warnings_truncated: bool


class ImportReportOut(ImportCounts, ImportFaults):
    """The answer to an import; in a dry run, what it would have been."""

    id: UUID | None = Field(description="null for a dry run, which leaves nothing behind")
    mode: Literal["atomic", "partial"]
    dry_run: bool
    provisional: bool
    replayed: bool | None = Field(description="every row was there already, so nothing changed; null with `changed`")


class ImportOut(ImportCounts):
    """One import as it was recorded."""

    id: UUID
    kind: Literal["single", "json", "ndjson", "csv", "xlsx", "withdrawal"]
    mode: Literal["atomic", "partial"]
    provisional: bool
    body_hash: str | None = Field(description="SHA-256 of what was sent; null with `changed`")
    reason: str | None = Field(description="why the figures were sent, in the sender's words")
    mapping: str | None = Field(description="the mapping it was read through")
    mapping_version: int | None
    unit: str | None
    recorded_by: str
    recorded_at: datetime


class ImportDetailOut(ImportOut, ImportFaults):
    """One import with the faults of its rows."""


_EXAMPLE_CSV = (
    "indicator,area,period,breakdown,numerator,denominator,value,value_status,source_ref\r\n"
    "looked_after_rate,E06000059,RY2025,,437,67149,65,,DfE LAIT LAC 2025\r\n"
)
_ITEM: dict[str, Any] = {"$ref": "#/components/schemas/ObservationIn"}
# The body is streamed past the framework's own reading of it, so its schema is declared by hand.
IMPORT_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "properties": {"items": {"type": "array", "items": _ITEM}},
                    "required": ["items"],
                    "additionalProperties": False,
                },
                "example": {"items": [{"indicator": "referrals_monthly", "area": "E06000059", "period": "2022-03",
                                       "value": 288}]},
            },
            "application/x-ndjson": {"schema": {"type": "string", "description": "one figure in JSON a line"}},
            "text/csv": {"schema": {"type": "string"}, "example": _EXAMPLE_CSV},
            WORKBOOK: {
                "schema": {"type": "string", "format": "binary", "description": "its first visible sheet as CSV"}
            },
        },
    }
}  # fmt: skip
