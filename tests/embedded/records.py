"""For each address with an id in it, how a record of somebody else comes to stand there."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tests.embedded.test_request_examples import (
    BEFORE,
    COMPLIMENT,
    SUBMITTED_AUDIT,
    Caller,
    Step,
    asked,
    assessment,
    concern,
    draft,
    flagged,
    opened,
    recommendation,
    submission,
)

FIGURES = {
    "items": [
        {"indicator": "supervision_in_time", "area": "fs_weymouth", "period": f"2026-{month:02}", "value": value}
        for month, value in enumerate((90.5, 91.5, 90.5, 91.5, 90.5, 91.5, 90.5, 91.5, 90.5, 58.25), 1)
    ]
}
KEY = "supervision_in_time.fs_weymouth.2026-10"
AREA = {"code": "supervision_in_time", "area": "fs_weymouth", "period": "2026-10"}
ASKED = {"indicator": "supervision_in_time", "area": "fs_weymouth", "period": "2026-10"}


@dataclass(frozen=True)
class Family:
    """The addresses that begin alike: the steps that make a record, and what is known without any."""

    steps: list[Step] = field(default_factory=list)
    given: dict[str, str] = field(default_factory=dict)


FRAMEWORK = Family(given={"kind": "themes", "code": "supervision"})
# By the beginning of the path, service and version included; the longest that fits is taken.
HOLD = Family([Step("place_hold")])
FAMILIES: dict[str, Family] = {
    **{f"/{name}/v1/framework": FRAMEWORK for name in ("audit", "indicator", "feedback", "reporting")},
    **{f"/{name}/v1/privacy/holds": HOLD for name in ("audit", "indicator", "feedback", "reporting")},
    "/audit/v1/tools": Family(given={"code": "case_audit", "version": "1"}),
    "/audit/v1/programmes": Family(given={"code": "monthly_case_audit"}),
    "/audit/v1/commitments": Family(given={"code": "multi-agency"}),
    "/audit/v1/rounds": Family([Step("make_round"), Step("list_rounds", chosen={"code": "monthly_case_audit"})]),
    "/audit/v1/slots": Family([Step("make_round")]),
    "/audit/v1/auditors": Family([Step("keep_auditor")]),
    "/audit/v1/audits": Family([SUBMITTED_AUDIT, Step("attach_reference")], given={"number": "1"}),
    "/audit/v1/draws": Family(BEFORE["get_draw"]),
    "/audit/v1/actions": Family([Step("raise_action")]),
    "/audit/v1/escalations": Family([Step("raise_concern")]),
    "/audit/v1/learning": Family([Step("add_learning")]),
    "/audit/v1/moderations": Family([Step("list_audits", chosen={"status": "submitted"}), Step("raise_moderation")]),
    "/audit/v1/moderation-samples": Family([Step("draw_moderation_sample")]),
    "/audit/v1/plans": Family([Step("raise_action"), Step("make_plan")]),
    "/audit/v1/scrutiny/reviews": Family([Step("add_review", {"reference": "SCR-2025-61"})]),
    "/audit/v1/scrutiny/recommendations": Family(recommendation(62), given={"number": "1"}),
    "/audit/v1/sen-assessments": Family(assessment(63)),
    "/audit/v1/recurrences": Family(),
    "/audit/v1/units": Family([Step("keep_open_cases", chosen={"unit": "fs_weymouth"})], given={"unit": "fs_weymouth"}),
    "/indicator/v1/providers": Family(concern(8), given={"code": "example_hill_8"}),
    "/indicator/v1/concerns": Family(concern(9)),
    "/indicator/v1/exceptions": Family(
        [Step("import_observations", FIGURES)], given={"key": f"{KEY}.SIGNIFICANT_CHANGE"}
    ),
    "/indicator/v1/indicators/{code}/commentary": Family([Step("write_commentary", {"text": "x"}, AREA)], AREA),
    "/indicator/v1/indicators": Family(given={"code": "supervision_in_time"}),
    "/indicator/v1/commentary/requests": Family([Step("request_commentary", ASKED)]),
    "/indicator/v1/comparators": Family(given={"code": "england"}),
    "/indicator/v1/mappings": Family([Step("save_mapping", chosen={"code": "mine"})], given={"code": "mine"}),
    "/indicator/v1/focus": Family(given={"unit": "fs_weymouth", "period": "2026-10"}),
    "/indicator/v1/exports": Family(),
    "/indicator/v1/odata": Family(),
    "/indicator/v1/observations/imports": Family([Step("import_observations", FIGURES)]),
    "/indicator/v1/observations/import-jobs": Family(
        [Step("import_observations", FIGURES, {"job": "true"}), Step("list_import_jobs")]
    ),
    "/indicator/v1/registrations": Family([Step("import_registrations")], given={"staff_ref": "HR-004711"}),
    "/feedback/v1/bank-holidays": Family([Step("add_bank_holiday")]),
    "/feedback/v1/challenges": Family([Step("raise_challenge")]),
    "/feedback/v1/complaints/reports/updates": Family(
        [Step("keep_complaints_report_update")], given={"unit": "fs_weymouth"}
    ),
    "/feedback/v1/complaints": Family(
        [opened(64), Step("escalate_complaint"), Step("appoint_person")], given={"stage": "stage_1"}
    ),
    "/feedback/v1/compliments": Family([COMPLIMENT]),
    "/feedback/v1/ombudsman-enquiries": Family(
        [opened(65), Step("add_ombudsman_enquiry", {"reference": "LGSCO 26 001 265"})]
    ),
    "/feedback/v1/remedies": Family([opened(66), Step("add_remedy")]),
    "/feedback/v1/recommendations": Family([opened(67), Step("add_complaint_recommendation")]),
    "/feedback/v1/participation/activities": Family([Step("record_participation")]),
    "/feedback/v1/participation/changes": Family([Step("record_participation"), Step("add_change")]),
    "/feedback/v1/public-submissions": Family(submission()),
    "/feedback/v1/quotations": Family([COMPLIMENT, Step("put_words_forward")]),
    "/feedback/v1/reconciliation/months": Family(given={"month": "2026-10"}),
    "/feedback/v1/safeguarding-flags": Family(flagged(68)),
    "/feedback/v1/shared-learning": Family([Step("share_agency_learning")], given={"unit": "fs_weymouth"}),
    "/feedback/v1/strategy/commitments": Family(given={"code": "every_channel_heard"}),
    "/feedback/v1/surveys": Family(),
    "/feedback/v1/survey-words": Family(
        [Step("plan_survey_wave"), Step("record_survey_response"), Step("list_survey_words")]
    ),
    "/feedback/v1/survey-waves": Family([Step("plan_survey_wave")]),
    "/feedback/v1/token-batches": Family([Step("issue_tokens"), Step("list_token_batches")]),
    "/feedback/v1/views": Family([Step("record_view")]),
    "/feedback/v1/weaknesses/links": Family([Step("link_action", {"action_ref": "ACT-69"})]),
    "/reporting/v1/boards": Family(given={"board": "csoc", "planned_on": "2027-02-11"}),
    "/reporting/v1/calendar-addresses": Family([Step("make_calendar_address")]),
    "/reporting/v1/contributions": Family(asked("cafcass")),
    "/reporting/v1/decisions": Family([Step("list_reports"), Step("record_decision")]),
    "/reporting/v1/delegations": Family([Step("add_delegation")]),
    "/reporting/v1/extracts": Family(),
    "/reporting/v1/odata": Family(),
    "/reporting/v1/occurrences": Family(draft("2026-05")[:1]),
    "/reporting/v1/reports": Family([Step("list_reports"), Step("list_report_charts"), Step("add_comment")]),
    "/reporting/v1/returns": Family([Step("prepare_return", {"return": "cin_census", "period": "RY2024"})]),
    "/reporting/v1/teams": Family(given={"unit": "fs_weymouth"}),
    "/reporting/v1/webhooks": Family([Step("make_webhook"), Step("ping_webhook"), Step("list_deliveries")]),
}


def family_of(path: str) -> str:
    """The family an address belongs to; every address with an id has one."""
    fits = [name for name in FAMILIES if path == name or path.startswith(f"{name}/")]
    assert fits, f"{path}: say in FAMILIES how a record comes to stand there"
    return max(fits, key=len)


async def record_of(name: str, caller: Caller) -> dict[str, str]:
    """What the path parameters of a family's record are, made by that caller unless it is there."""
    family = FAMILIES[name]
    await caller.prepare(name, family.steps)
    return family.given | caller.kept


def parameters_of(path: str) -> list[str]:
    return re.findall(r"{(\w+)", path)
