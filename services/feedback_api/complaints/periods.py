"""The long periods of a procedure: how far back a matter may lie, and how long a complaint may be put again."""

from __future__ import annotations

from datetime import date, timedelta

from services.feedback_api.models import Complaint, ComplaintFreeze
from shared.schemas.framework.feedback import ComplaintProcedure


def lies_too_far_back(complaint: Complaint, procedure: ComplaintProcedure) -> bool:
    """Whether the matter lies further back than the procedure has to look; False where its day is not known."""
    days = procedure.decline_after_days
    if days is None or complaint.matter_on is None:
        return False
    return complaint.received_on - complaint.matter_on > timedelta(days=days)


def put_again_by(freeze: ComplaintFreeze, procedure: ComplaintProcedure) -> date | None:
    """The last day on which a complaint set aside may be put again; None while its proceedings go on."""
    days = procedure.put_again_within_days
    if days is None or freeze.proceedings_ended_on is None:
        return None
    return freeze.proceedings_ended_on + timedelta(days=days)
