"""The words of the audit service that several slices speak on the wire."""

from __future__ import annotations

from typing import Literal

AuditTypeWord = Literal[
    "single_case", "thematic", "multi_agency", "serious_case", "peer", "supervision", "observation", "sample",
    "standards_self_audit",
]  # fmt: skip
Trigger = Literal["national_trend", "serious_case_review", "serious_case_audit", "local_issue"]
Level = Literal["practitioner", "team_manager", "senior_manager", "head_of_service", "director", "partner"]
