"""Re-audits on the wire: did what was found, or acted on, change?"""

from __future__ import annotations

from datetime import datetime
from typing import Self

from pydantic import ConfigDict, Field, model_validator

from services.audit_api.actions.schemas import Outcome
from shared.faults import SafeValueError
from shared.schemas.base import Id, OutModel, StrictModel, Text


class ReAuditIn(StrictModel):
    """What a later audit showed of an action or of a finding."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "action": "0192f0c1-0000-7000-8000-00000000000a",
                    "audit": "0192f0c1-0000-7000-8000-00000000000b",
                    "outcome": "partly",
                    "note": "Reviews are booked in time now, but minutes still come late.",
                }
            ]
        }
    )

    action: Id | None = Field(default=None, description="its finding, if it has one, is looked at with it")
    finding: Id | None = None
    audit: Id = Field(description="the later audit, of the same unit or with a finding on the same theme")
    outcome: Outcome
    note: Text | None = None

    @model_validator(mode="after")
    def _one_subject(self) -> Self:
        if (self.action is None) == (self.finding is None):
            raise SafeValueError("name the action or the finding, one of both")
        return self


class ReAuditOut(OutModel):
    """Whether an action or a finding changed, as a later audit showed."""

    id: str
    action: str | None
    finding: str | None
    audit: str
    unit: str = Field(description="of the action or of the finding's audit")
    outcome: Outcome
    note: str | None
    recorded_by: str
    recorded_at: datetime
