"""Tools: published editions never change, and what may be published is checked."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest

from tests.audit_api.framework import apply, dorset_tool, second_edition
from tests.audit_api.papers import answers, send, whole
from tests.conftest import Running


async def test_the_tools_are_listed_and_read_by_edition(audit: Running) -> None:
    client = await audit.client("practitioner")
    got = await client.get("/v1/tools")
    assert got.status_code == 200, got.text
    listed = got.json()
    assert "case_audit" in [row["code"] for row in listed["items"]]
    answer = await client.get("/v1/tools/case_audit")
    tool = answer.json()
    assert (tool["version"], tool["versions"], tool["status"]) == (1, [1], "published")
    assert tool["allowed_actions"] == []
    same = await client.get("/v1/tools/case_audit/versions/1", headers={"If-None-Match": answer.headers["etag"]})
    assert same.status_code == 304
    auditor = await audit.client("auditor")
    assert (await auditor.get("/v1/tools/case_audit")).json()["allowed_actions"] == ["start_audit"]


@pytest.mark.parametrize(
    "path", ["/v1/tools/nothing", "/v1/tools/case_audit/versions/9", "/v1/tools/case_audit/form?version=9"]
)
async def test_what_was_never_published_is_not_found(audit: Running, path: str) -> None:
    assert (await (await audit.client("auditor")).get(path)).status_code == 404


async def test_R29_a_published_edition_cannot_change(audit: Running) -> None:
    admin = await audit.client("admin")
    changed = dorset_tool(title="Case audit with other words")
    answer = await apply(admin, "tools", changed)
    assert answer.status_code == 409, answer.text
    assert answer.json()["type"].endswith("/problems/published-tool-changed")
    assert (await admin.get("/v1/tools/case_audit")).json()["title"] == "Single case audit"
    back = await apply(admin, "tools", dorset_tool(status="draft"))
    assert back.status_code == 409


async def test_R29_the_same_edition_applied_again_changes_nothing(audit: Running) -> None:
    admin = await audit.client("admin")
    answer = await apply(admin, "tools", dorset_tool())
    assert answer.status_code == 200, answer.text
    assert answer.json()["unchanged"] == 1


async def test_R29_a_new_edition_takes_the_place_of_the_old_which_audits_keep(audit: Running) -> None:
    admin, client = await audit.client("admin"), await audit.client("qa_manager")
    body = whole(submit=False, answers={}, views={}, findings=[])
    before = await send(client, body)
    assert (await apply(admin, "tools", second_edition())).status_code == 200
    tool = (await client.get("/v1/tools/case_audit")).json()
    assert (tool["version"], tool["versions"]) == (2, [1, 2])
    assert (await client.get("/v1/tools/case_audit/versions/1")).json()["status"] == "retired"
    refused = await client.post("/v1/audits", json=body | {"tool_version": 1})
    assert refused.status_code == 409
    assert refused.json()["type"].endswith("/tool-not-in-use")
    assert (await send(client, body))["tool_version"] == 2
    path, tag = f"/v1/audits/{before['id']}/answers", {"If-Match": '"1"'}
    foreign = await client.put(path, json={"answers": {"heard_since": "yes"}}, headers=tag)
    assert foreign.status_code == 422
    assert foreign.json()["type"].endswith("/question-of-another-version")
    assert (await client.put(path, json={"answers": {"safer": 5}}, headers=tag)).json()["tool_version"] == 1


async def test_R29_an_edition_below_the_last_is_refused(audit: Running) -> None:
    admin = await audit.client("admin")
    third = second_edition() | {"version": 3}
    assert (await apply(admin, "tools", third)).status_code == 200
    answer = await apply(admin, "tools", second_edition())
    assert answer.status_code == 409
    assert answer.json()["type"].endswith("/tool-version-not-newer")


async def test_a_retired_tool_starts_no_new_audit_and_stays_readable(audit: Running) -> None:
    admin = await audit.client("admin")
    assert (await apply(admin, "tools", dorset_tool(status="retired"))).status_code == 200
    refused = await admin.post("/v1/audits", json=whole())
    assert refused.status_code == 409
    assert (await admin.get("/v1/tools/case_audit")).json()["status"] == "retired"


def _without_overall(tool: dict[str, Any]) -> None:
    for section in tool["sections"]:
        section["questions"] = [one for one in section["questions"] if not one.get("domain_overall")]


def _unmapped(tool: dict[str, Any]) -> None:
    del tool["scale"]["grades"][0]["ofsted"]


def _upside_down(tool: dict[str, Any]) -> None:
    grades = tool["scale"]["grades"]
    grades[0]["ofsted"], grades[-1]["ofsted"] = grades[-1]["ofsted"], grades[0]["ofsted"]


def _without_supervision(tool: dict[str, Any]) -> None:
    tool["sections"] = [one for one in tool["sections"] if one["domain"] != "supervision"]


@pytest.mark.parametrize("spoil", [_without_overall, _unmapped, _upside_down, _without_supervision])
async def test_R25_R31_a_tool_is_published_only_when_it_is_complete(audit: Running, spoil: Any) -> None:
    tool = dorset_tool(code="other_audit")
    spoil(tool)
    admin = await audit.client("admin")
    answer = await apply(admin, "tools", tool)
    assert answer.status_code == 422, answer.text
    assert (await apply(admin, "tools", tool | {"status": "draft"})).status_code == 200
    assert (await admin.get("/v1/tools/other_audit")).status_code == 404


async def test_R31_supervision_is_left_out_with_a_published_reason(audit: Running) -> None:
    tool = dorset_tool(code="minutes_sample", audit_types=["sample"])
    _without_supervision(tool)
    tool["supervision_omitted_reason"] = "Minutes of a conference hold no supervision."
    admin = await audit.client("admin")
    assert (await apply(admin, "tools", tool)).status_code == 200
    found = (await admin.get("/v1/tools/minutes_sample")).json()
    assert found["supervision_omitted_reason"] == "Minutes of a conference hold no supervision."


async def test_the_schema_is_a_json_schema_of_the_answers(audit: Running) -> None:
    client = await audit.client("auditor")
    schema = (await client.get("/v1/tools/case_audit/schema")).json()
    jsonschema.Draft202012Validator.check_schema(schema)
    form = jsonschema.Draft202012Validator(schema)
    assert form.is_valid(answers())
    assert not form.is_valid(answers(safer=6))
    assert not form.is_valid(answers(outcomes_overall="splendid"))
    assert not form.is_valid(answers(goals_met="none"))
    assert form.is_valid(answers(goals_met="none", goals_missed_why="The course began late."))
    assert not form.is_valid(answers(goals_missed_why="The course began late."))
    assert [one["code"] for one in schema["x-sections"]][1] == "intervention"
    assert schema["x-views"] == ["child", "parent_carer", "icrs"]
