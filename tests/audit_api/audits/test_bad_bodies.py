"""Bodies that are wrong: each gets a problem that points at the fault and never repeats the value."""

from __future__ import annotations

from typing import Any

import pytest

from tests.audit_api.papers import STRENGTH, whole
from tests.conftest import Running

CANARY = "Canary-Kingfisher"


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"case_reference": CANARY}, "/case_reference"),
        ({"case_reference": f"{CANARY} 12"}, "/case_reference"),
        ({"case_reference": "9434765919"}, "/case_reference"),
        ({"case_reference": "943-476-5919"}, "/case_reference"),
        ({"case_reference": 12}, "/case_reference"),
        ({"unit": CANARY}, "/unit"),
        ({"submit": CANARY}, "/submit"),
        ({"submit": 1}, "/submit"),
        ({"submitted_on": CANARY}, "/submitted_on"),
        ({"due_on": 1793000000}, "/due_on"),
        ({"answers": [CANARY]}, "/answers"),
        ({"answers": {"strengths": {"a": CANARY}}}, "/answers/strengths"),
        ({"answers": {CANARY: "good"}}, "/answers"),
        ({"views": {CANARY: {"reason": "declined"}}}, "/views"),
        ({"views": {"child": {"reason": CANARY}}}, "/views/child/reason"),
        ({"findings": [STRENGTH | {"kind": CANARY}]}, "/findings/0/kind"),
        ({"findings": [STRENGTH | {"title": f"{CANARY}\nmore"}]}, "/findings/0/title"),
        ({"findings": [STRENGTH | {"title": CANARY * 20}]}, "/findings/0/title"),
        ({"findings": [STRENGTH | {"themes": ["planning", "planning"]}]}, "/findings/0"),
        ({"findings": [STRENGTH | {CANARY: 1}]}, "/findings/0"),
        ({"participants": [{"part": "contributor", "level": CANARY}]}, "/participants/0/level"),
        ({"slot": CANARY}, "/slot"),
        ({"tool_version": 2**63}, "/tool_version"),
        ({"tool_version": 1.5}, "/tool_version"),
        ({"period": CANARY, "programme": "monthly_case_audit"}, "/period"),
        ({"programme": "monthly_case_audit"}, ""),
        ({"unit": None}, ""),
        ({"tool": None}, ""),
        ({"submit": False, "submitted_on": "2026-10-01"}, ""),
        ({CANARY: CANARY}, ""),
    ],
)
async def test_a_wrong_body_is_pointed_at_without_its_value(
    audit: Running, changed: dict[str, Any], pointer: str
) -> None:
    client = await audit.client("qa_manager")
    answer = await client.post("/v1/audits", json=whole(**changed))
    assert answer.status_code == 422, answer.text
    assert pointer in [fault["pointer"] for fault in answer.json()["errors"]]
    assert CANARY not in answer.text
    assert "9434765919" not in answer.text
    assert (await client.get("/v1/audits")).json() == {"items": [], "next": None}


@pytest.mark.parametrize(
    "path",
    [
        "/v1/audits?after=x",
        "/v1/audits?after=WyJ4Il0",
        "/v1/audits?period=AY2026-27-T1",
        "/v1/audits?period=x",
        "/v1/audits?status=gone",
        "/v1/audits?limit=-1",
        "/v1/actions?after=WyJ4IiwieSJd",
        "/v1/actions?status=late",
        "/v1/analysis",
        "/v1/analysis?period=AY2026-27-HT1",
        "/v1/analysis?period=2026-04&tool=nothing",
        "/v1/programmes/monthly_case_audit/rounds?after=WyJ4Il0",
        "/v1/audits/9223372036854775808",
        "/v1/coverage?programme=monthly_case_audit&period=FY2026-27",
    ],
)
async def test_a_wrong_parameter_is_refused(audit: Running, path: str) -> None:
    answer = await (await audit.client("qa_manager")).get(path)
    assert answer.status_code == 422, answer.text


async def test_a_unit_that_does_not_exist_or_is_out_of_reach_is_not_found(audit: Running) -> None:
    team = await audit.client("team_manager", unit="fs_weymouth")
    for path in ("/v1/audits?", "/v1/actions?", "/v1/analysis?period=2026-10&"):
        assert (await team.get(f"{path}unit=nowhere")).status_code == 404
        assert (await team.get(f"{path}unit=fs_portland")).status_code == 404
        assert (await team.get(f"{path}unit=fs_weymouth")).status_code == 200
