"""The wire of the reconciliation with the complaints system (R59)."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator

from services.feedback_api.parameters import RespondRef
from shared.faults import SafeValueError
from shared.schemas.base import LocalDate, OutModel, StrictModel

References = Annotated[list[RespondRef], Field(max_length=20_000)]


class ReferencesIn(StrictModel):
    """Every reference the complaints system holds for complaints and compliments received in a span of days."""

    model_config = StrictModel.model_config | {
        "json_schema_extra": {
            "examples": [
                {
                    "from": "2026-10-01",
                    "to": "2026-10-31",
                    "complaints": ["CSC-2026-0118"],
                    "compliments": ["CPL-2026-0051"],
                }
            ]
        }
    }

    first: LocalDate = Field(alias="from")
    last: LocalDate = Field(alias="to")
    complaints: References
    compliments: References

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.last < self.first:
            raise SafeValueError("`to` lies before `from`")
        return self


class MonthOut(OutModel):
    month: str
    complaints: int
    compliments: int


class _Span(OutModel):
    model_config = OutModel.model_config | ConfigDict(serialize_by_alias=True, validate_by_name=True)

    first: date = Field(alias="from")
    last: date = Field(alias="to")


class ReconciledCountsOut(_Span):
    """What is held here, to be laid beside the counts of the complaints system."""

    months: list[MonthOut] = Field(description="every month of the span, by the day of receipt")
    complaints: int
    compliments: int


class DifferenceOut(OutModel):
    """One kind of record on both sides."""

    in_source: int
    here: int = Field(description="received in the span, by what is held here")
    missing_here: list[str] = Field(description="in the source and not held here: send them again")
    missing_in_source: list[str] = Field(description="held here for the span and not in the source's list")
    received_outside: list[str] = Field(description="in the source's list, but held here with another day of receipt")


class DifferencesOut(_Span):
    complaints: DifferenceOut
    compliments: DifferenceOut
    agrees: bool
