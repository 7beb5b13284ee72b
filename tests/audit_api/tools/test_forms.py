"""Every tool of Dorset, drawn as a form, filled from the form alone and accepted."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest

from tests.audit_api.forms import fields, fill, views
from tests.conftest import Running

TOOLS = {
    "case_audit": "single_case",
    "multi_agency_case_audit": "multi_agency",
    "observation_cp_conference": "observation",
    "observation_lac_review": "observation",
    "supervision_audit": "supervision",
    "sen_case_audit": "single_case",
    "sen_support_outreach_standards": "standards_self_audit",
    "section_11_self_audit": "standards_self_audit",
    "dip_sample_cp_minutes": "sample",
    "dip_sample_care_plan": "sample",
    "unannounced_peer_audit": "peer",
}
PARTICULARS = {
    "observation_cp_conference": {"observation_setting": "cp_conference"},
    "observation_lac_review": {"observation_setting": "lac_review"},
    "dip_sample_cp_minutes": {"sample_kind": "cp_minutes"},
    "dip_sample_care_plan": {"sample_kind": "care_plan"},
}
STRENGTH = {"kind": "strength", "domain": "quality_of_intervention", "title": "Something to show to others"}


async def test_R29_dorset_has_a_tool_for_each_kind_of_audit_of_the_framework(audit: Running) -> None:
    client = await audit.client("auditor")
    listed = (await client.get("/v1/tools", params={"limit": 100})).json()["items"]
    assert {tool["code"]: tool["audit_types"][0] for tool in listed} == TOOLS


@pytest.mark.parametrize("tool", TOOLS)
async def test_R25_R29_R31_each_tool_can_be_filled_from_its_form_and_submitted(audit: Running, tool: str) -> None:
    client = await audit.client("qa_manager")
    form = (await client.get(f"/v1/tools/{tool}/form")).json()
    schema = (await client.get(f"/v1/tools/{tool}/schema")).json()
    answers = fill(form)
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(answers)
    body = {
        "unit": "fs_weymouth", "tool": tool, "case_reference": "CMS-204417", "answers": answers,
        "auditor_unit": "safeguarding_and_standards", "views": views(form), "findings": [STRENGTH], "submit": True,
        **PARTICULARS.get(tool, {}),
    }  # fmt: skip
    sent = await client.post("/v1/audits", json=body)
    assert sent.status_code == 201, sent.text
    grades = sent.json()["grades"]
    assert set(grades) == {"quality_of_intervention", "outcomes_achieved", "adherence_to_process"}
    domains = {section["domain"] for section in form["sections"]}
    omitted = (await client.get(f"/v1/tools/{tool}")).json()["supervision_omitted_reason"]
    assert ("supervision" in domains) == (omitted is None)


async def test_a_field_is_shown_only_after_the_answer_it_depends_on(audit: Running) -> None:
    client = await audit.client("qa_manager")
    form = (await client.get("/v1/tools/case_audit/form")).json()
    missed = _field(form, "goals_missed_why")
    assert missed["shown_if"] == {"field": "goals_met", "values": ["some", "none"]}
    assert "goals_missed_why" not in fill(form)
    assert "goals_missed_why" in fill(form, goals_met="none")


async def test_a_field_says_how_it_is_drawn_and_where_its_answer_goes(audit: Running) -> None:
    client = await audit.client("qa_manager")
    form = (await client.get("/v1/tools/case_audit/form")).json()
    overall = _field(form, "outcomes_overall")
    assert (overall["widget"], overall["domain_overall"]) == ("radio", True)
    assert overall["choices"][0]["value"] == "outstanding"
    assert _field(form, "child_view")["pointer"] == "/views/child"
    assert [choice["value"] for choice in _field(form, "safer")["choices"]] == [1, 2, 3, 4, 5]
    assert _field(form, "records_read")["max_length"] == 4000


async def test_a_form_that_has_not_changed_is_not_sent_again(audit: Running) -> None:
    client = await audit.client("auditor")
    for kind in ("form", "schema"):
        first = await client.get(f"/v1/tools/case_audit/{kind}")
        again = await client.get(f"/v1/tools/case_audit/{kind}", headers={"If-None-Match": first.headers["ETag"]})
        assert again.status_code == 304


def _field(form: dict[str, Any], code: str) -> dict[str, Any]:
    return next(field for field in fields(form) if field["code"] == code)
