"""Answers, bodies and steps that the audit tests share."""

from __future__ import annotations

from typing import Any

import httpx

PROGRAMME = "monthly_case_audit"
TEAMS = 14

_GRADES = (
    "assessment_whole_child", "assessment_history", "risk_reasoned", "identity_understood", "plan_specific",
    "partners_contribute", "intervention_overall", "outcomes_evidenced", "outcomes_overall", "record_current",
    "record_readable", "process_overall", "supervision_reflective", "decisions_explained", "overall_grade",
)  # fmt: skip
_SCALES = ("direct_work", "plan_shared", "safer", "better_off", "lasting", "supervision_follow_up")
_YES_NO = (
    "worker_took_part", "contingency", "family_sees_change", "visits_in_time", "assessment_in_time",
    "reviews_in_time", "consent_recorded", "supervision_regular",
)  # fmt: skip


def answers(**changed: Any) -> dict[str, Any]:
    """Every required answer of the case audit."""
    found: dict[str, Any] = {"case_status": "child_in_need", "goals_met": "most", "safeguarding_concern": "no"}
    found |= dict.fromkeys(_GRADES, "good") | dict.fromkeys(_SCALES, 4) | dict.fromkeys(_YES_NO, "yes")
    found |= dict.fromkeys(("records_read", "strengths", "improvements"), "Read from April to September.")
    return found | changed


VIEWS = {
    "child": {"feedback": "0192f0c1-0000-7000-8000-000000000001"},
    "parent_carer": {"reason": "declined"},
    "icrs": {"feedback": "0192f0c1-0000-7000-8000-000000000002"},
}
STRENGTH = {
    "kind": "strength",
    "domain": "quality_of_intervention",
    "title": "Direct work that suits the child",
    "text": "The worker used play to hear what life at home is like.",
    "themes": ["voice_of_the_child"],
}
IMPROVEMENT = {
    "kind": "area_for_improvement",
    "domain": "adherence_to_process",
    "title": "Reviews held late",
    "themes": ["drift_and_delay", "planning"],
}


def whole(unit: str = "fs_weymouth", **changed: Any) -> dict[str, Any]:
    """A whole audit without a slot, to be sent in one request."""
    body: dict[str, Any] = {
        "unit": unit,
        "tool": "case_audit",
        "case_reference": "CMS-204417",
        "auditor_unit": "safeguarding_and_standards",
        "answers": answers(),
        "views": VIEWS,
        "findings": [STRENGTH, IMPROVEMENT],
        "submit": True,
    }
    return body | changed


def in_round(unit: str, period: str, **changed: Any) -> dict[str, Any]:
    """A whole audit for a team's slot of a round."""
    body = whole(unit, programme=PROGRAMME, period=period, **changed)
    del body["tool"]
    return body


async def make_round(client: httpx.AsyncClient, period: str) -> dict[str, Any]:
    """The round of a period, made or found."""
    answer = await client.post(f"/v1/programmes/{PROGRAMME}/rounds", params={"period": period})
    assert answer.status_code in (200, 201), answer.text
    found: dict[str, Any] = answer.json()
    return found


async def send(client: httpx.AsyncClient, body: dict[str, Any]) -> dict[str, Any]:
    """Post an audit that must be taken."""
    answer = await client.post("/v1/audits", json=body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def cover(client: httpx.AsyncClient, period: str) -> dict[str, Any]:
    """The coverage of a round."""
    answer = await client.get("/v1/coverage", params={"programme": PROGRAMME, "period": period})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def activity_of(client: httpx.AsyncClient, subject_type: str) -> list[dict[str, Any]]:
    """The sealed activity of one type of record."""
    answer = await client.get("/v1/activity", params={"subject_type": subject_type, "limit": 500})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found
