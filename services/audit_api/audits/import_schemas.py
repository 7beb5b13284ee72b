"""A batch of audits done elsewhere as it comes in, and the report of its rows."""

from __future__ import annotations

import json
from typing import Any, Literal

from pydantic import Field

from services.audit_api.audits.schemas import AuditIn
from shared.batches import NDJSON, batch_body
from shared.problems import FaultOut
from shared.schemas.base import OutModel, Reference

MAX_ITEMS = 500
Mode = Literal["atomic", "partial"]
_EXAMPLE: dict[str, Any] = {
    "source_ref": "CASE-AUDITS-2026-0417", "unit": "fs_weymouth", "tool": "case_audit",
    "case_reference": "CMS-204417", "auditor_unit": "safeguarding_and_standards", "submitted_on": "2026-09-14",
    "answers": {
        "case_status": "child_in_need", "worker_took_part": "yes",
        "records_read": "Assessment, plan, visits and supervision of the last six months.",
        "assessment_whole_child": "good", "assessment_history": "good", "risk_reasoned": "outstanding",
        "identity_understood": "requires_improvement", "direct_work": 3, "plan_specific": "good", "plan_shared": 4,
        "partners_contribute": "good", "contingency": "yes", "intervention_overall": "good", "safer": 4,
        "better_off": 4, "outcomes_evidenced": "good", "goals_met": "most", "family_sees_change": "no", "lasting": 4,
        "outcomes_overall": "good", "visits_in_time": "yes", "assessment_in_time": "no", "reviews_in_time": "yes",
        "record_current": "requires_improvement", "record_readable": "good", "consent_recorded": "yes",
        "process_overall": "good", "supervision_regular": "yes", "supervision_reflective": "outstanding",
        "decisions_explained": "good", "supervision_follow_up": 4, "informal_support": "yes",
        "overall_grade": "good", "strengths": "See the findings.", "improvements": "See the findings.",
        "safeguarding_concern": "no",
    },
    "views": {"child": {"feedback": "V-204"}, "parent_carer": {"reason": "declined"}, "icrs": {"feedback": "V-205"}},
    "findings": [
        {"kind": "strength", "domain": "quality_of_intervention", "title": "The assessment comes to a clear view"},
    ],
}  # fmt: skip


class ImportedAuditIn(AuditIn):
    """An audit that was done elsewhere, whole."""

    source_ref: Reference = Field(description="its reference in the system it was done in; a replay is known by it")
    submit: Literal[True] = True


# Described as an audit like any other: `source_ref` is required besides, and `submit` goes without saying.
ITEMS = batch_body(ImportedAuditIn, MAX_ITEMS, example={"items": [_EXAMPLE]})
ITEMS["requestBody"]["content"][NDJSON] = {
    "schema": {"type": "string", "description": "one audit in JSON a line"},
    "example": json.dumps(_EXAMPLE),
}


class ImportRowOut(OutModel):
    row: int = Field(description="from 1")
    state: Literal["created", "unchanged", "rejected"]
    audit: str | None = Field(description="null where it was rejected, and in a dry run where it would be created")


class RowFaultOut(FaultOut):
    """A fault of one row; `problem` is the slug a single request would have been answered with."""

    row: int
    problem: str


class AuditImportOut(OutModel):
    id: str | None = Field(description="null in a dry run")
    mode: Mode
    dry_run: bool
    rows: int
    created: int
    unchanged: int = Field(description="stored before with the same content")
    rejected: int
    replayed: bool = Field(description="every row was stored before: nothing changed")
    items: list[ImportRowOut]
    errors: list[RowFaultOut]
