"""The wire of the monthly reconciliation."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from services.feedback_api.parameters import RespondRef
from services.feedback_api.reconciliation.schemas import References
from shared.faults import SafeValueError
from shared.schemas.base import Count, OutModel, StrictModel, Text

Month = Annotated[str, StringConstraints(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$")]
Kind = Literal["complaints", "compliments"]
Difference = Literal["missing_here", "missing_in_source", "received_outside"]


class CountsIn(StrictModel):
    """How many of each the complaints system counts itself, apart from the list it sends."""

    complaints: Count
    compliments: Count


class ManifestIn(StrictModel):
    """What the complaints system holds for a month, by the day of receipt: its counts and every reference."""

    model_config = StrictModel.model_config | {
        "json_schema_extra": {
            "examples": [
                {
                    "counts": {"complaints": 1, "compliments": 1},
                    "complaints": ["CSC-2026-0118"],
                    "compliments": ["CPL-2026-0051"],
                }
            ]
        }
    }

    counts: CountsIn
    complaints: References
    compliments: References

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        for name in ("complaints", "compliments"):
            listed: list[str] = getattr(self, name)
            if len(set(listed)) != len(listed):
                raise SafeValueError(f"a reference stands twice among the {name}")
            if len(listed) != getattr(self.counts, name):
                raise SafeValueError(f"the number of {name} is not what was counted: the list may be cut off")
        return self


class RunOut(OutModel):
    """One comparison, as it was found."""

    run: int
    complaints_in_source: int
    complaints_here: int
    compliments_in_source: int
    compliments_here: int
    differences: int = Field(description="found by this run, resolved ones too")
    posted_by: str
    posted_at: datetime


class DifferenceRow(OutModel):
    """A reference on which the two sides differed."""

    kind: Kind
    respond_ref: str
    difference: Difference
    state: Literal["open", "resolved", "gone"] = Field(description="`gone`: the newest run no longer finds it")
    first_run: int
    last_run: int
    here_now: bool = Field(description="held here by now, whatever the runs found")
    reason: str | None
    resolved_by: str | None
    resolved_at: datetime | None
    allowed_actions: list[str]


class MonthStanding(OutModel):
    """Whether a month agrees with the complaints system, and whether that is late."""

    month: str
    complaints: int = Field(description="held here now")
    compliments: int
    due_on: date = Field(description="the tenth working day of the month after")
    reconciled: bool = Field(description="compared after the month was over, and every difference is gone or resolved")
    overdue: bool = Field(description="past that day and not compared since the month was over")
    open_differences: int
    newest: RunOut | None


class MonthReconciled(MonthStanding):
    """A month with its runs, newest first, and everything they found."""

    runs: list[RunOut]
    differences: list[DifferenceRow]


class ResolutionIn(StrictModel):
    """Why a difference is in order, such as a complaint merged in the complaints system."""

    model_config = StrictModel.model_config | {
        "json_schema_extra": {
            "examples": [
                {
                    "kind": "complaints",
                    "respond_ref": "CSC-2026-0118",
                    "difference": "missing_in_source",
                    "reason": "Deleted there as a duplicate.",
                }
            ]
        }
    }

    kind: Kind
    respond_ref: RespondRef
    difference: Difference
    reason: Text
