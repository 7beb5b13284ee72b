"""Whether a complaint is taken up: declined with a reason, or taken up again with the clock of its first run kept."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from services.feedback_api.complaints.case import Case, stages_by_order
from services.feedback_api.complaints.errors import ComplaintClosed
from services.feedback_api.models import Complaint, ComplaintStage
from shared.schemas.framework.feedback import ComplaintProcedure

DECIDED = (
    "eligible", "eligibility_by", "eligibility_on", "consent_given", "consent_by", "consent_on", "refusal_code",
    "refusal_reason",
)  # fmt: skip


def is_declined(complaint: Complaint) -> bool:
    return complaint.eligible is False or complaint.consent_given is False


def stamp(complaint: Complaint, changes: Mapping[str, Any], who: str, on: date) -> None:
    """Say who decided and when, where a decision is among the changes."""
    if "eligible" in changes:
        complaint.eligibility_by, complaint.eligibility_on = who, on
    if "consent_given" in changes:
        complaint.consent_by, complaint.consent_on = who, on


def decline(case: Case, on: date) -> None:
    """End the open stage because the complaint is not taken up; raises ComplaintClosed for a closed one."""
    if case.complaint.status == "closed":
        raise ComplaintClosed()
    if case.current is not None:
        case.current.ended_because, case.current.ended_on = "refused", max(on, case.current.started_on)


def take_up_again(case: Case, procedure: ComplaintProcedure, on: date, because: str | None) -> None:
    """Open another run of the stage the complaint was declined in; the first run keeps its own clock."""
    complaint = case.complaint
    if not case.stages:
        # Declined on receipt it had no stage: its first run is the time until it is taken up.
        case.stages.append(
            ComplaintStage(
                complaint_id=complaint.id, stage=stages_by_order(procedure)[0].code, run=1, position=1,
                started_on=complaint.received_on, ended_on=max(on, complaint.received_on), ended_because="refused",
            )
        )  # fmt: skip
    last = case.stages[-1]
    if last.outcome is not None or last.ended_on is None:
        return
    case.stages.append(
        ComplaintStage(
            complaint_id=complaint.id, stage=last.stage, run=last.run + 1, position=last.position + 1,
            started_on=max(on, last.ended_on), accepted_because=because,
        )
    )  # fmt: skip
