"""The summary of a quarter: movement, questions, profile, breakdowns, small numbers, and sentences a board can read."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.audit_api.papers import IMPROVEMENT, STRENGTH, VIEWS, answers, in_round, make_round, send, whole
from tests.conftest import Running


async def _get(client: httpx.AsyncClient, path: str = "/v1/analysis", **params: Any) -> dict[str, Any]:
    answer = await client.get(path, params=params)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.fixture
async def client(audit: Running) -> httpx.AsyncClient:
    """Two audits of the summer, of which one is good; four of the autumn, of which three are."""
    found = await audit.client("qa_manager")
    await make_round(found, "2026-10")
    weak = answers(outcomes_overall="inadequate", consent_recorded="no", safer=1)
    await send(found, whole("fs_weymouth", submitted_on="2026-08-10"))
    await send(found, whole("fs_chesil", submitted_on="2026-08-11", answers=weak))
    await send(found, in_round("fs_weymouth", "2026-10"))
    await send(found, in_round("fs_chesil", "2026-10", answers=weak))
    await send(found, in_round("cwd_east", "2026-10", answers=answers(consent_recorded="not_applicable")))
    concern = {"kind": "concern", "domain": "outcomes_achieved", "title": "Home conditions not seen"}
    await send(found, whole("cwd_west", findings=[STRENGTH, concern]))
    return found


async def test_R32_a_domain_moves_against_the_quarter_before_and_says_so(client: httpx.AsyncClient) -> None:
    found = await _get(client, period="FY2026-27-Q3")
    assert (found["period_before"], found["audits"], found["audits_before"]) == ("FY2026-27-Q2", 4, 2)
    outcomes = found["domains"][1]
    assert (outcomes["good_percent"], outcomes["good_percent_before"]) == (75.0, 50.0)
    assert outcomes["movement"] == (
        "3 of 4 good or outstanding (75.0%), up 25.0 percentage points from 1 of 2 (50.0%)."
    )
    worst = outcomes["grades"][0]
    assert (worst["count"], worst["percent"], worst["count_before"], worst["percent_before"], worst["points"]) == (
        1, 25.0, 1, 50.0, -25.0,
    )  # fmt: skip
    first = await _get(client, period="FY2026-27-Q2")
    assert first["domains"][0]["movement"].endswith("so there is nothing to compare.")


async def test_R32_each_question_is_told_with_what_does_not_apply_left_out(client: httpx.AsyncClient) -> None:
    asked = {one["question"]: one for one in (await _get(client, period="FY2026-27-Q3"))["questions"]}
    consent = asked["consent_recorded"]
    assert {one["answer"]: one["count"] for one in consent["answers"]} == {"yes": 2, "no": 1, "not_applicable": 1}
    assert (consent["answered"], consent["met_percent"], consent["mean"]) == (4, 66.7, None)
    assert (asked["safer"]["mean"], asked["safer"]["met_percent"]) == (3.25, 56.2)
    assert "records_read" not in asked
    assert asked["assessment_whole_child"]["weight"] == 2


async def test_R25_the_profile_weighs_the_questions_of_each_domain(client: httpx.AsyncClient) -> None:
    found = await _get(client, period="FY2026-27-Q3")
    mine = [
        one for one in found["questions"] if one["domain"] == "outcomes_achieved" and one["met_percent"] is not None
    ]
    expected = sum(one["met_percent"] * one["weight"] for one in mine) / sum(one["weight"] for one in mine)
    profile = {one["domain"]: one for one in found["profile"] if one["section"] is None}
    assert profile["outcomes_achieved"]["met_percent"] == pytest.approx(expected, abs=0.06)
    assert "supervision" in profile


async def test_R33_the_same_audits_stand_side_by_side(client: httpx.AsyncClient) -> None:
    for by, expected in (
        ("team", {"fs_weymouth": 1, "fs_chesil": 1, "cwd_east": 1, "cwd_west": 1}),
        ("service", {"family_support": 2, "children_who_are_disabled": 2}),
        ("tool", {"case_audit": 4}),
        ("theme", {"voice_of_the_child": 4, "drift_and_delay": 3, "planning": 3}),
    ):
        found = await _get(client, period="FY2026-27-Q3", by=by)
        assert {row["code"]: row["audits"] for row in found["breakdown"]} == expected
    assert (await client.get("/v1/analysis?period=FY2026-27-Q3&by=worker")).status_code == 422


async def test_R28_the_sentences_name_strengths_first_and_say_where_there_are_none(client: httpx.AsyncClient) -> None:
    said = (await _get(client, period="FY2026-27-Q3"))["headlines"]
    assert said[0] == "4 audits were submitted, after 2 in the period before."
    strengths = next(at for at, one in enumerate(said) if "strengths found" in one)
    assert strengths < next(at for at, one in enumerate(said) if "for improvement found" in one)
    assert "most often about Voice of the child (4)" in said[strengths]
    without = {"findings": [IMPROVEMENT], "no_strength_reason": "Nothing of the record could be called good practice."}
    await send(client, whole("fs_swanage", submitted_on="2026-05-05", **without))
    assert "No strength was recorded in these audits." in (await _get(client, period="2026-05"))["headlines"]


async def test_R24_R21_levels_and_missed_places_are_in_the_sentences(client: httpx.AsyncClient) -> None:
    found = await _get(client, period="2026-10")
    assert any(one.startswith("Nobody took part from these levels: practitioners") for one in found["headlines"])
    slots = found["slots"]
    assert (slots["expected"], slots["done"]) == (14, 3)
    assert all(one["missing"] for one in found["levels"])


async def test_R26_the_loop_is_told(client: httpx.AsyncClient) -> None:
    assert (await _get(client, period="FY2026-27-Q3"))["loop"] == {
        "audits": 4, "with_learning": 0, "closed": 0, "percent": 0.0,
    }  # fmt: skip


async def test_R15_why_a_child_was_not_heard_is_not_told_of_a_few(audit: Running, client: httpx.AsyncClient) -> None:
    await send(client, whole("fs_weymouth", views=VIEWS | {"child": {"reason": "unsafe"}}))
    params = {"period": "2026-11", "unit": "fs_weymouth"}
    (child, _, _) = (await _get(client, **params))["voices"]
    assert (child["reasons"], child["reasons_hidden"]) == ({"unsafe": 1}, False)
    team = await audit.client("practitioner", unit="fs_weymouth")
    (child, parent, icrs) = (await _get(team, **params))["voices"]
    assert (child["reasons"], child["reasons_hidden"], child["not_heard"]) == ({}, True, 1)
    assert parent["reasons_hidden"] and not icrs["reasons_hidden"]


async def test_R15_why_one_child_was_not_heard_is_not_told_by_reading_before_and_after_the_audit(
    audit: Running,
) -> None:
    manager, reader = await audit.client("qa_manager"), await audit.client("practitioner")
    for at in range(7):
        body = {"case_reference": f"CMS-{at}", "submitted_on": "2026-07-06"}
        await send(manager, whole("fs_chesil", views=VIEWS | {"child": {"reason": "unsafe"}}, **body))
        if at > 4:
            (child, _, _) = (await _get(reader, period="2026-07"))["voices"]
            # Six to seven would tell why the seventh was not heard.
            assert (child["not_heard"], child["reasons"], child["reasons_hidden"]) == (at + 1, {}, True)


async def test_R32_a_team_has_a_page_of_its_own(audit: Running, client: httpx.AsyncClient) -> None:
    team = await audit.client("team_manager", unit="fs_chesil")
    found = await _get(team, "/v1/units/fs_chesil/audit-page", period="FY2026-27-Q3")
    assert (found["unit"], found["audits"], [row["code"] for row in found["breakdown"]]) == (
        "fs_chesil", 1, ["case_audit"],
    )  # fmt: skip
    assert (await team.get("/v1/units/cwd_east/audit-page?period=FY2026-27-Q3")).status_code == 404
