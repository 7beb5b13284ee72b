"""The analysis: grades by domain, findings, themes, voices, actions, and strengths always."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from shared.schemas.audit_summary import AuditAnalysis
from tests.audit_api.framework import apply, second_edition
from tests.audit_api.papers import IMPROVEMENT, STRENGTH, VIEWS, answers, in_round, make_round, send, whole
from tests.conftest import Running


async def _analysis(client: httpx.AsyncClient, period: str, **params: Any) -> dict[str, Any]:
    answer = await client.get("/v1/analysis", params={"period": period, **params})
    assert answer.status_code == 200, answer.text
    AuditAnalysis.model_validate_json(answer.content)
    found: dict[str, Any] = answer.json()
    return found


def _grades(analysis: dict[str, Any], domain: str) -> dict[str, int]:
    found = next(one for one in analysis["domains"] if one["domain"] == domain)
    return {grade["grade"]: grade["count"] for grade in found["grades"]}


@pytest.fixture
async def client(audit: Running) -> httpx.AsyncClient:
    """Four audits: three of a round in October, one alone in November."""
    found = await audit.client("qa_manager")
    await make_round(found, "2026-10")
    weak = answers(outcomes_overall="inadequate", process_overall="outstanding")
    people = [{"part": "case_worker", "level": "practitioner"}, {"part": "contributor", "level": "partner"}]
    await send(found, in_round("fs_weymouth", "2026-10", participants=people))
    await send(found, in_round("fs_chesil", "2026-10", answers=weak, participants=people[:1]))
    unheard = VIEWS | {"child": {"reason": "too_young"}}
    await send(found, in_round("cwd_east", "2026-10", views=unheard, submitted_on="2026-11-20"))
    concern = {"kind": "concern", "domain": "outcomes_achieved", "title": "Home conditions not seen"}
    await send(found, whole("cwd_west", findings=[STRENGTH, concern]))
    await send(found, whole("cwd_west", submit=False))
    return found


async def test_R25_each_domain_has_its_own_distribution(client: httpx.AsyncClient) -> None:
    found = await _analysis(client, "2026-10")
    assert found["audits"] == 3
    assert [one["domain"] for one in found["domains"]] == [
        "quality_of_intervention", "outcomes_achieved", "adherence_to_process",
    ]  # fmt: skip
    assert _grades(found, "outcomes_achieved") == {
        "inadequate": 1, "requires_improvement": 0, "good": 2, "outstanding": 0,
    }  # fmt: skip
    assert _grades(found, "adherence_to_process")["outstanding"] == 1
    assert _grades(found, "quality_of_intervention")["good"] == 3
    assert found["domains"][0]["grades"][1]["ofsted"] == "requires_improvement_to_be_good"


async def test_R32_the_quarter_and_the_year_sum_up_their_months(client: httpx.AsyncClient) -> None:
    month, next_month = await _analysis(client, "2026-10"), await _analysis(client, "2026-11")
    for period in ("FY2026-27-Q3", "FY2026-27", "CY2026", "AY2026-27"):
        found = await _analysis(client, period)
        assert found["audits"] == month["audits"] + next_month["audits"] == 4
        assert found["findings"]["strengths"] == 4
    assert (await _analysis(client, "FY2026-27-Q2"))["audits"] == 0


async def test_R28_strengths_stand_beside_what_to_improve(client: httpx.AsyncClient) -> None:
    found = await _analysis(client, "FY2026-27-Q3")
    kinds = found["findings"]
    assert (kinds["strengths"], kinds["areas_for_improvement"], kinds["concerns"]) == (4, 3, 1)
    assert found["strengths"] == ["Direct work that suits the child"]
    assert found["areas_for_improvement"] == [IMPROVEMENT["title"]]
    assert found["concerns"] == ["Home conditions not seen"]
    themes = {one["theme"]: (one["title"], one["count"]) for one in kinds["themes"]}
    assert themes["voice_of_the_child"] == ("Voice of the child", 4)
    assert themes["drift_and_delay"] == ("Drift and delay", 3)
    assert themes[None] == ("No theme given", 1)
    assert (await _analysis(client, "2026-01"))["strengths"] == []


async def test_R15_the_views_that_were_heard_are_counted_with_the_reasons_of_the_others(
    client: httpx.AsyncClient,
) -> None:
    voices = {one["view_of"]: one for one in (await _analysis(client, "2026-10"))["voices"]}
    assert (voices["child"]["heard"], voices["child"]["reasons"]) == (2, {"too_young": 1})
    assert (voices["parent_carer"]["heard"], voices["parent_carer"]["not_heard"]) == (0, 3)
    assert voices["icrs"]["heard"] == 3


async def test_R24_levels_that_took_no_part_are_shown(client: httpx.AsyncClient) -> None:
    levels = {one["level"]: one["audits"] for one in (await _analysis(client, "2026-10"))["levels"]}
    assert (levels["practitioner"], levels["partner"], levels["head_of_service"]) == (2, 1, 0)
    assert len(levels) == 6


async def test_an_analysis_is_cut_to_a_unit_and_to_the_callers_reach(audit: Running, client: httpx.AsyncClient) -> None:
    assert (await _analysis(client, "2026-10", unit="family_support"))["audits"] == 2
    assert (await _analysis(client, "FY2026-27-Q3", unit="children_who_are_disabled"))["audits"] == 2
    team = await audit.client("team_manager", unit="fs_chesil")
    found = await _analysis(team, "2026-10")
    assert (found["audits"], _grades(found, "outcomes_achieved")["inadequate"]) == (1, 1)


async def test_editions_of_a_tool_add_up(audit: Running, client: httpx.AsyncClient) -> None:
    await apply(await audit.client("admin"), "tools", second_edition())
    await send(client, whole("fs_wareham", answers=answers(heard_since="yes")))
    found = await _analysis(client, "FY2026-27-Q3", tool="case_audit")
    assert found["audits"] == 5
    assert sum(_grades(found, "outcomes_achieved").values()) == 5


async def test_an_analysis_holds_no_free_text_and_no_reference(client: httpx.AsyncClient) -> None:
    text = (await client.get("/v1/analysis?period=FY2026-27")).text
    for secret in ("CMS-204417", "used play", "Read from April", "worker used"):
        assert secret not in text


async def test_R32_the_actions_alive_in_the_period_stand_in_its_analysis(
    audit: Running, client: httpx.AsyncClient
) -> None:
    action = {
        "unit": "fs_weymouth",
        "title": "Hold reviews in time",
        "owner": {"subject": "test-qa_manager"},
        "due_on": "2026-11-20",
        "evidence": [{"kind": "research", "ref": "R-1"}],
    }
    first = (await client.post("/v1/actions", json=action)).json()
    for _ in range(2):
        assert (await client.post("/v1/actions", json=action)).status_code == 201
    path = f"/v1/actions/{first['id']}"
    await client.post(f"{path}/completions", json={}, headers={"If-Match": '"1"'})
    other = await audit.client("head_of_service")
    await other.post(f"{path}/verifications", json={"verdict": "accepted"}, headers={"If-Match": '"2"'})
    closing = {"impact": "none", "evidence": [{"kind": "research", "ref": "R-2"}]}
    answer = await client.post(f"{path}/closures", json=closing, headers={"If-Match": '"3"'})
    assert answer.status_code == 201, answer.text
    assert (await _analysis(client, "2026-11"))["actions"] == {
        "open": 2, "overdue": 2, "completed": 0, "closed": 1, "with_impact_evidence": 1,
        "loop_closed_percent": 33.3, "raised": 3,
    }  # fmt: skip
    older = await client.post("/v1/actions", json=action | {"raised_on": "2026-09-30"})
    assert older.status_code == 201, older.text
    for period, still_open in (("2026-08", 0), ("2026-09", 1), ("2026-11", 3), ("2026-12", 3)):
        found = (await _analysis(client, period))["actions"]
        assert (found["open"], found["closed"]) == (still_open, 1 if period == "2026-11" else 0)
    empty = (await _analysis(client, "2026-11", unit="cwd_east"))["actions"]
    assert (empty["open"], empty["loop_closed_percent"]) == (0, None)
    assert (await _analysis(client, "2026-11", tool="case_audit"))["actions"]["open"] == 0


async def test_the_analysis_needs_the_scope_to_read_audits(audit: Running) -> None:
    assert (await (await audit.client("board_reader")).get("/v1/analysis?period=2026-10")).status_code == 403
    assert (await (await audit.client(None)).get("/v1/analysis?period=2026-10")).status_code == 401
    reader = await audit.client("reporting_service")
    assert (await reader.get("/v1/analysis?period=2026-10")).status_code == 200


async def test_improvements_are_counted_by_theme_whatever_their_kind(client: httpx.AsyncClient) -> None:
    await send(client, whole("fs_swanage", findings=[STRENGTH, IMPROVEMENT, IMPROVEMENT]))
    themes = {one["theme"]: one["count"] for one in (await _analysis(client, "2026-11"))["findings"]["themes"]}
    assert themes["planning"] == 2
