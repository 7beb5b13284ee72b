"""Why a report is late, as it is given."""

from __future__ import annotations

from pydantic import ConfigDict, Field

from services.reporting_api.occurrences import LatenessCause
from shared.schemas.base import LocalDate, StrictModel, Text


class LatenessIn(StrictModel):
    """Why a report is late or, said beforehand, will be; and when it is to be expected."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"cause": "figures_late", "reason": "The census closed a week late.", "expected_on": "2027-03-12"}
            ]
        }
    )

    cause: LatenessCause
    reason: Text
    expected_on: LocalDate | None = Field(default=None, description="from today on, where it is still to come")
