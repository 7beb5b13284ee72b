"""Rounds: one slot for each team in force, made once, with a denominator that never moves."""

from __future__ import annotations

import asyncio

import pytest

from tests.audit_api.framework import apply, dorset_programme
from tests.audit_api.papers import PROGRAMME, TEAMS, activity_of, cover, make_round
from tests.conftest import Running

PATH = f"/v1/programmes/{PROGRAMME}/rounds"


async def test_R21_a_round_has_one_slot_for_each_of_the_fourteen_teams(audit: Running) -> None:
    client = await audit.client("qa_manager")
    answer = await client.post(PATH, params={"period": "2026-10"})
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert len(made["slots"]) == TEAMS == len({slot["unit"] for slot in made["slots"]})
    assert made["due_on"] == "2026-11-13"
    assert made["missed_after"] == "2026-12-14"
    assert {slot["state"] for slot in made["slots"]} == {"overdue"}
    found = await client.get(answer.headers["location"])
    assert found.json() == made
    seen = {"If-None-Match": found.headers["etag"]}
    assert (await client.get(answer.headers["location"], headers=seen)).status_code == 304


async def test_R21_a_round_asked_for_again_is_the_same_round(audit: Running) -> None:
    client = await audit.client("qa_manager")
    made = await client.post(PATH, params={"period": "2026-04"})
    again = await client.post(PATH, params={"period": "2026-04"})
    assert (made.status_code, again.status_code) == (201, 200)
    assert made.json() == again.json()
    await audit.seal()
    admin = await audit.client("admin")
    (row,) = await activity_of(admin, "round")
    assert (row["action"], row["data"]["slots"]) == ("round.created", TEAMS)
    listed = (await client.get(PATH)).json()["items"]
    assert [one["period"] for one in listed] == ["2026-04"]


async def test_R21_a_round_asked_for_by_many_at_once_is_made_once(audit: Running) -> None:
    client = await audit.client("qa_manager")
    answers = await asyncio.gather(*(client.post(PATH, params={"period": "2026-06"}) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [201]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert (await cover(client, "2026-06"))["expected"] == TEAMS


async def test_R22_the_teams_of_the_next_phase_join_on_their_day(audit: Running) -> None:
    client = await audit.client("qa_manager")
    march = await make_round(client, "2027-03")
    april = await make_round(client, "2027-04")
    joined = {slot["unit"] for slot in april["slots"]} - {slot["unit"] for slot in march["slots"]}
    assert joined == {"adoption_and_kinship_team", "fostering_team", "horizon_team"}
    assert len(april["slots"]) == TEAMS + 3


async def test_R22_the_denominator_of_a_past_month_does_not_move_with_the_framework(audit: Running) -> None:
    admin = await audit.client("admin")
    await make_round(admin, "2026-10")
    changed = dorset_programme()
    changed["slots"] = [slot for slot in changed["slots"] if slot["unit"].startswith("cwd")]
    changed["due_working_days_after_period"] = 3
    assert (await apply(admin, "programmes", changed)).status_code == 200
    before, after = await cover(admin, "2026-10"), await make_round(admin, "2026-11")
    assert (before["expected"], before["due_on"]) == (TEAMS, "2026-11-13")
    assert len(after["slots"]) == 2
    assert (await apply(admin, "programmes", dorset_programme(code="another"), retire_missing=True)).status_code == 200
    assert (await cover(admin, "2026-10"))["expected"] == TEAMS


async def test_R22_a_team_that_is_closed_has_no_slot(audit: Running) -> None:
    admin = await audit.client("admin")
    unit = (await admin.get("/v1/framework/units/fs_portland")).json()["content"]
    unit = {name: value for name, value in unit.items() if value not in (None, [])} | {"valid_to": "2026-10-15"}
    assert (await apply(admin, "units", unit)).status_code == 200
    assert len((await make_round(admin, "2026-10"))["slots"]) == TEAMS
    assert len((await make_round(admin, "2026-11"))["slots"]) == TEAMS - 1


@pytest.mark.parametrize("period", ["FY2026-27", "FY2026-27-Q1", "AY2026-27-T1", "2090-01", "2026-13", "x", ""])
async def test_a_period_the_programme_has_no_round_for_is_refused(audit: Running, period: str) -> None:
    answer = await (await audit.client("qa_manager")).post(PATH, params={"period": period})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/query/period"


async def test_a_period_before_any_team_had_a_slot_is_refused(audit: Running) -> None:
    answer = await (await audit.client("qa_manager")).post(PATH, params={"period": "2024-01"})
    assert answer.status_code == 409
    assert answer.json()["type"].endswith("/no-slots-in-force")


async def test_a_programme_nobody_applied_is_not_found(audit: Running) -> None:
    client = await audit.client("qa_manager")
    assert (await client.post("/v1/programmes/other/rounds?period=2026-04")).status_code == 404
    assert (await client.get("/v1/coverage?programme=other&period=2026-04")).status_code == 404


@pytest.mark.parametrize("role", ["practitioner", "auditor", "team_manager", "board_reader", "analyst"])
async def test_making_a_round_needs_the_scope_to_manage(audit: Running, role: str) -> None:
    answer = await (await audit.client(role)).post(PATH, params={"period": "2026-04"})
    assert answer.status_code == 403


async def test_a_caller_of_one_part_of_the_council_cannot_make_the_round_of_all(audit: Running) -> None:
    answer = await (await audit.client("qa_manager", unit="family_support")).post(PATH, params={"period": "2026-04"})
    assert answer.status_code == 403
    assert answer.json()["type"].endswith("/whole-programme-needed")


async def test_a_caller_sees_the_slots_of_the_own_units_only(audit: Running) -> None:
    made = await make_round(await audit.client("qa_manager"), "2026-10")
    path = f"/v1/rounds/{made['id']}"
    team = await audit.client("team_manager", unit="fs_weymouth")
    assert [slot["unit"] for slot in (await team.get(path)).json()["slots"]] == ["fs_weymouth"]
    other = await audit.client("team_manager", unit="sen_team")
    assert (await other.get(path)).status_code == 404
    assert (await other.get(PATH)).json()["items"] == []
    slot = next(one for one in made["slots"] if one["unit"] == "fs_weymouth")
    assert (await team.get(f"/v1/slots/{slot['id']}")).json()["unit"] == "fs_weymouth"
    assert (await other.get(f"/v1/slots/{slot['id']}")).status_code == 404


async def test_the_programmes_say_whose_turn_it_is(audit: Running) -> None:
    client = await audit.client("qa_manager")
    (found,) = [one for one in (await client.get("/v1/programmes")).json()["items"] if one["code"] == PROGRAMME]
    assert len(found["teams_in_force"]) == TEAMS
    assert found["allowed_actions"] == ["make_round"]
    assert found["required_views"] == ["child", "parent_carer", "icrs"]


async def test_a_programme_with_an_unpublished_tool_or_an_unknown_unit_is_refused(audit: Running) -> None:
    admin = await audit.client("admin")
    assert (await apply(admin, "programmes", dorset_programme(tool="nothing"))).status_code == 422
    slots = [{"unit": "nowhere", "effective_from": "2025-04-01"}]
    assert (await apply(admin, "programmes", dorset_programme(slots=slots))).status_code == 422


async def test_a_round_is_made_with_no_body_or_with_json_and_nothing_else(audit: Running) -> None:
    client = await audit.client("qa_manager")
    for sent in ({"content": b"x", "headers": {"Content-Type": "text/plain"}}, {"content": b"{}"}):
        assert (await client.post(PATH, params={"period": "2026-10"}, **sent)).status_code == 415
    assert (await client.post(PATH, params={"period": "2026-10"})).status_code == 201
    assert (await client.post(PATH, params={"period": "2026-10"}, json={})).status_code == 200
    assert (await client.post(PATH, params={"period": "2026-10"}, json={"announced": True})).status_code == 200
    assert (await client.post(PATH, params={"period": "2026-10"}, json=None)).status_code == 200
