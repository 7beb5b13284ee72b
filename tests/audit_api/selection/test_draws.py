"""Drawing over HTTP: for a slot, a round and a unit, with every exclusion explained and the draw done again."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from services.audit_api.models import Audit, AuditRound, CaseDraw, OpenCase
from services.audit_api.registry import table_of
from shared.tables import read_log
from tests.audit_api.framework import apply, dorset_programme
from tests.audit_api.papers import TEAMS, activity_of, make_round, send, whole
from tests.audit_api.selecting import AS_AT, case, cases, draw, draw_one, keep_auditor, post_cases, reasons, refused
from tests.conftest import Running

PERIOD = "2026-11"


async def slot_of(client: httpx.AsyncClient, unit: str = "fs_weymouth") -> str:
    made = await make_round(client, PERIOD)
    return next(slot["id"] for slot in made["slots"] if slot["unit"] == unit)


@pytest.fixture
async def ready(audit: Running) -> httpx.AsyncClient:
    """A manager, Weymouth's open cases and two auditors."""
    client = await audit.client("qa_manager")
    await post_cases(client, "fs_weymouth", cases(12))
    await keep_auditor(client, "auditor-1")
    await keep_auditor(client, "auditor-2", unit="children_in_care")
    return client


async def test_a_slot_gets_a_case_drawn_with_a_recorded_seed_and_its_audit_allocated(
    audit: Running, ready: httpx.AsyncClient
) -> None:
    slot = await slot_of(ready)
    found = await draw_one(ready, slot=slot, seed="csdg-2026-11")
    assert (found["seed"], found["seed_given"], found["pool_size"], found["asked"]) == ("csdg-2026-11", True, 12, 1)
    (one,) = found["drawn"]
    made = (await ready.get(f"/v1/audits/{one['audit']}")).json()
    assert made["case_reference"] == one["case_reference"]
    assert (made["slot"], made["status"], made["unit"], made["auditor"]) == (
        slot, "allocated", "fs_weymouth", one["auditor"],
    )  # fmt: skip
    assert (made["programme"], made["period"], made["due_on"]) == ("monthly_case_audit", PERIOD, "2026-12-14")
    assert made["required_views"] == ["child", "icrs", "parent_carer"]
    assert (await ready.get(f"/v1/slots/{slot}")).json()["audit"] == one["audit"]
    read = await ready.get(f"/v1/draws/{found['id']}")
    assert read.json() == found
    assert read.headers["etag"] == '"1"'
    await audit.seal()
    (deed,) = await activity_of(await audit.client("admin"), "draw")
    assert deed["data"] == {
        "slot": slot, "round": found["round"], "seed": "csdg-2026-11", "pool_hash": found["pool_hash"],
    }  # fmt: skip
    assert one["case_reference"] not in str(deed)


async def test_a_seed_left_out_is_made_and_recorded_and_is_another_each_time(ready: httpx.AsyncClient) -> None:
    made = [await draw_one(ready, unit="fs_weymouth", tool="case_audit") for _ in range(2)]
    assert not any(one["seed_given"] for one in made)
    assert len({one["seed"] for one in made}) == 2


async def test_a_draw_is_done_again_with_the_same_outcome(audit: Running, ready: httpx.AsyncClient) -> None:
    found = await draw_one(ready, unit="fs_weymouth", tool="case_audit", count=3, stratify_by="status")
    # A newer list does not touch the draw.
    await post_cases(ready, "fs_weymouth", cases(3, start=500), as_at="2026-11-23")
    again = (await ready.get(f"/v1/draws/{found['id']}/redraw")).json()
    assert again == {
        "same": True, "pool_same": True, "drawn_same": True, "replacements_same": True,
        "pool_hash": found["pool_hash"], "drawn": [one["case_reference"] for one in found["drawn"]],
    }  # fmt: skip
    async with audit.database.transaction() as session:
        read = (await session.execute(sa.select(read_log.c.operation))).scalars().all()
    assert "redraw_cases" in read


@pytest.mark.parametrize("meddling", ["seed", "case"])
async def test_a_draw_somebody_meddled_with_is_told(audit: Running, ready: httpx.AsyncClient, meddling: str) -> None:
    found = await draw_one(ready, unit="fs_weymouth", tool="case_audit", count=3, seed="first")
    async with audit.database.transaction() as session:
        if meddling == "seed":
            await session.execute(sa.update(table_of(CaseDraw)).values(seed="another"))
        else:
            await session.execute(
                sa.delete(table_of(OpenCase)).where(
                    table_of(OpenCase).c.case_reference == found["drawn"][0]["case_reference"]
                )
            )
    again = (await ready.get(f"/v1/draws/{found['id']}/redraw")).json()
    assert (again["same"], again["pool_same"]) == (False, meddling == "seed")
    assert not again["drawn_same"]


async def test_each_exclusion_is_explained(audit: Running, ready: httpx.AsyncClient) -> None:
    await send(ready, whole(case_reference="SYN-00001"))
    await send(ready, whole(case_reference="SYN-00002", submitted_on="2025-11-23"))
    await send(ready, whole(case_reference="SYN-00003", submit=False, answers={}, views={}, findings=[]))
    await send(ready, whole("fs_portland", case_reference="SYN-00004", submitted_on="2025-11-24"))
    items = [*cases(6), case(7, closed_on="2026-11-22"), case(8, workers=["auditor-1"], managers=["auditor-2"])]
    await post_cases(ready, "fs_weymouth", items, as_at="2026-11-21")
    found = await draw_one(ready, unit="fs_weymouth", tool="case_audit", count=3)
    assert reasons(found) == {
        "SYN-00001": "recently_audited",
        "SYN-00003": "audit_under_way",
        "SYN-00004": "recently_audited",
        "SYN-00007": "closed",
        "SYN-00008": "no_independent_auditor",
    }
    details = {one["case_reference"]: one["detail"] for one in found["excluded"]}
    assert details["SYN-00004"] == "an audit was submitted on 2025-11-24"
    assert {one["case_reference"] for one in found["drawn"]} == {"SYN-00002", "SYN-00005", "SYN-00006"}
    shorter = await refused(
        ready, 409, "no-eligible-case", unit="fs_weymouth", tool="case_audit", count=3, avoid_audited_within_months=6
    )
    assert (shorter["eligible"], shorter["asked"]) == (1, 3)
    assert shorter["excluded"] == {
        "audit_under_way": 4, "closed": 1, "no_independent_auditor": 1, "recently_audited": 1,
    }  # fmt: skip


async def test_R30_an_unannounced_audit_not_begun_is_not_told_by_the_cases_it_keeps_out(
    audit: Running, ready: httpx.AsyncClient
) -> None:
    await send(ready, whole(case_reference="SYN-00001", submit=False, answers={}, views={}, findings=[]))
    async with audit.database.transaction() as session:
        await session.execute(sa.update(table_of(Audit)).values(announced=False, status="allocated"))
    found = await draw_one(ready, unit="fs_weymouth", tool="case_audit")
    assert found["excluded"] == []


async def test_R30_the_audits_of_an_unannounced_round_are_unannounced(audit: Running, ready: httpx.AsyncClient) -> None:
    slot = await slot_of(ready)
    async with audit.database.transaction() as session:
        await session.execute(sa.update(table_of(AuditRound)).values(announced=False))
    await draw(ready, slot=slot)
    async with audit.database.transaction() as session:
        assert (await session.execute(sa.select(table_of(Audit).c.announced))).scalars().all() == [False]


async def test_R21_a_whole_round_is_drawn_in_one_call_and_tells_the_slots_without_a_case(audit: Running) -> None:
    client = await audit.client("qa_manager")
    made = await make_round(client, PERIOD)
    units = [slot["unit"] for slot in made["slots"]]
    for place, unit in enumerate(units[:-2]):
        await post_cases(client, unit, cases(5, start=100 * place))
    await post_cases(client, units[-2], [case(9001, closed_on=AS_AT)])
    await keep_auditor(client, "auditor-1")
    await keep_auditor(client, "auditor-2")
    found = await draw(client, round=made["id"], seed="november")
    assert [one["unit"] for one in found["draws"]] == units[:-2]
    assert {one["seed"] for one in found["draws"]} == {"november"}
    assert [(one["unit"], one["reason"], one["excluded"]) for one in found["not_drawn"]] == [
        (units[-2], "no-eligible-case", {"closed": 1}),
        (units[-1], "case-list-missing", {}),
    ]
    auditors = [one["drawn"][0]["auditor"] for one in found["draws"]]
    assert {auditors.count("auditor-1"), auditors.count("auditor-2")} == {(TEAMS - 2) // 2}
    listed = (await client.get("/v1/draws", params={"round": made["id"]})).json()["items"]
    assert len(listed) == TEAMS - 2
    again = await refused(client, 409, "nothing-to-draw", round=made["id"])
    assert len(again["errors"]) == TEAMS
    assert again["errors"][0]["code"] == "slot_taken"


async def test_what_a_draw_would_meet_is_told_without_drawing(audit: Running, ready: httpx.AsyncClient) -> None:
    made = await make_round(ready, PERIOD)
    await send(ready, whole(case_reference="SYN-00001"))
    await post_cases(ready, "fs_portland", cases(3, start=50), as_at="2026-10-01")
    await post_cases(ready, "fs_swanage", [case(90, closed_on=AS_AT)])
    path = f"/v1/rounds/{made['id']}/prospects"
    found = (await ready.get(path)).json()
    assert found["on"] == "2026-11-23"
    slots = {slot["unit"]: slot for slot in found["slots"]}
    assert len(slots) == TEAMS
    told = {unit: (slots[unit]["ready"], slots[unit]["reason"], slots[unit]["eligible"]) for unit in slots}
    assert told["fs_weymouth"] == (True, None, 11)
    assert told["fs_portland"] == (False, "case-list-too-old", 0)
    assert told["fs_swanage"] == (False, "no-eligible-case", 0)
    assert told["fs_chesil"] == (False, "case-list-missing", 0)
    assert slots["fs_weymouth"]["excluded"] == {"recently_audited": 1}
    assert slots["fs_swanage"]["excluded"] == {"closed": 1}
    assert {slot["auditors_free"] for slot in found["slots"]} == {2}
    assert (await ready.get("/v1/draws")).json()["items"] == []
    await draw(ready, slot=slots["fs_weymouth"]["slot"])
    after = (await ready.get(path)).json()
    assert [slot["reason"] for slot in after["slots"] if slot["unit"] == "fs_weymouth"] == ["slot-taken"]
    elsewhere = await audit.client("qa_manager", "horizon")
    assert (await elsewhere.get(path)).status_code == 404


async def test_R23_eighteen_cases_for_multi_agency_audit_are_drawn_across_the_service(audit: Running) -> None:
    client = await audit.client("qa_manager")
    units = ["fs_weymouth", "fs_portland", "fs_chesil", "cwd_east"]
    for place, unit in enumerate(units):
        await post_cases(client, unit, cases(10 * (place + 1), start=1000 * place))
    await keep_auditor(client, "auditor-1", tools=[], audit_types=["multi_agency"], capacity_per_month=9)
    await keep_auditor(client, "auditor-2", tools=["multi_agency_case_audit"], capacity_per_month=9)
    found = await draw_one(
        client, unit="childrens_services", tool="multi_agency_case_audit", count=18, stratify_by="unit",
        due_on="2027-03-31",
    )  # fmt: skip
    assert found["audit_type"] == "multi_agency"
    assert {one["stratum"]: one["places"] for one in found["strata"]} == {
        "cwd_east": 7, "fs_chesil": 5, "fs_portland": 4, "fs_weymouth": 2,
    }  # fmt: skip
    audits = (await client.get("/v1/audits", params={"tool": "multi_agency_case_audit"})).json()["items"]
    assert len(audits) == 18
    assert {one["due_on"] for one in audits} == {"2027-03-31"}
    listed = (await client.get("/v1/draws", params={"audit": audits[0]["id"]})).json()["items"]
    assert [one["id"] for one in listed] == [found["id"]]


async def test_two_draws_at_once_for_one_slot_give_it_one_case(ready: httpx.AsyncClient) -> None:
    slot = await slot_of(ready)
    answers = await asyncio.gather(*(ready.post("/v1/draws", json={"slot": slot}) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert {answer.json()["type"] for answer in answers if answer.status_code == 409} == {"/problems/slot-taken"}
    assert len((await ready.get("/v1/draws", params={"slot": slot})).json()["items"]) == 1


async def test_the_same_key_draws_once(ready: httpx.AsyncClient) -> None:
    body = {"slot": await slot_of(ready)}
    made = [await ready.post("/v1/draws", json=body, headers={"Idempotency-Key": "november"}) for _ in range(2)]
    assert [answer.status_code for answer in made] == [201, 201]
    assert made[0].json() == made[1].json()


async def test_a_draw_from_a_service_takes_the_cases_of_all_its_teams_in_proportion(audit: Running) -> None:
    client = await audit.client("qa_manager")
    await post_cases(client, "fs_weymouth", cases(20))
    # One case is listed by both teams: it is there once, and nobody of either team audits it.
    shared_case = case(1, workers=["auditor-1"])
    await post_cases(client, "fs_portland", [shared_case, *cases(9, start=301)])
    await keep_auditor(client, "auditor-1", tools=["case_audit"])
    found = await draw_one(client, unit="family_support", tool="case_audit", count=6, stratify_by="unit")
    assert found["strata"] == [
        {"stratum": "fs_portland", "cases": 9, "places": 2},
        {"stratum": "fs_weymouth", "cases": 19, "places": 4},
    ]
    assert reasons(found) == {"SYN-00001": "no_independent_auditor"}
    assert [one["unit"] for one in found["sources"]] == ["fs_portland", "fs_weymouth"]
    assert len({one["case_reference"] for one in found["drawn"]}) == 6


async def test_weights_give_a_stratum_a_greater_share(ready: httpx.AsyncClient) -> None:
    found = await draw_one(
        ready, unit="fs_weymouth", tool="case_audit", count=4, stratify_by="status", weights={"child_protection": 3}
    )
    assert [(one["stratum"], one["cases"], one["places"]) for one in found["strata"]] == [
        ("child_in_need", 9, 2), ("child_protection", 3, 2),
    ]  # fmt: skip


async def test_a_draw_that_cannot_be_is_named(audit: Running, ready: httpx.AsyncClient) -> None:
    slot = await slot_of(ready)
    unit = {"unit": "fs_weymouth", "tool": "case_audit"}
    await refused(ready, 422, "seed-unusable", slot=slot, seed="two words")
    await refused(ready, 409, "too-few-to-stratify", **unit, count=1, stratify_by="status")
    await refused(ready, 409, "case-list-missing", unit="fs_portland", tool="case_audit")
    await refused(ready, 409, "tool-of-other-type", **unit, audit_type="multi_agency")
    thematic = await ready.post("/v1/draws", json=unit | {"audit_type": "thematic"})
    assert thematic.json()["type"].endswith(("/trigger-needed", "/tool-of-other-type"))
    for body, pointer in (
        (unit | {"count": 2, "stratify_by": "statsu"}, "/stratify_by"),
        (unit | {"count": 2, "stratify_by": "status", "weights": {"child_in_nead": 2}}, "/weights"),
        (unit | {"weights": {"a": 0}}, "/weights"),
        ({"slot": slot, "count": 2}, ""),
        ({"slot": slot, "unit": "fs_weymouth"}, ""),
        ({"slot": "0192f0c1-0000-7000-8000-000000000001"}, "/slot"),
        ({"round": "0192f0c1-0000-7000-8000-000000000001"}, "/round"),
        ({"unit": "nowhere", "tool": "case_audit"}, "/unit"),
        ({"unit": "fs_weymouth", "tool": "nothing"}, "/tool"),
        ({}, ""),
    ):
        answer = await ready.post("/v1/draws", json=body)
        assert answer.status_code == 422, (body, answer.text)
        assert pointer in [fault["pointer"] for fault in answer.json()["errors"]], (body, answer.text)
    await post_cases(ready, "fs_portland", cases(3, start=50), as_at="2026-10-01")
    old = await refused(ready, 409, "case-list-too-old", unit="fs_portland", tool="case_audit")
    assert "fs_portland is as at 2026-10-01" in old["errors"][0]["detail"]
    assert (await ready.get("/v1/audits")).json()["items"] == []


async def test_a_void_slot_and_one_that_is_done_take_no_draw(ready: httpx.AsyncClient) -> None:
    slot = await slot_of(ready)
    answer = await ready.post(
        f"/v1/slots/{slot}/voids", json={"reason": "No case was open."}, headers={"If-Match": '"1"'}
    )
    assert answer.status_code == 201, answer.text
    await refused(ready, 409, "slot-void", slot=slot)
    other = await slot_of(ready, "fs_portland")
    await send(ready, whole("fs_portland", slot=other, tool=None))
    await post_cases(ready, "fs_portland", cases(3, start=50))
    await refused(ready, 409, "slot-taken", slot=other)


async def test_nobody_free_is_told_with_what_stands_against_each(audit: Running) -> None:
    client = await audit.client("qa_manager")
    await post_cases(client, "fs_weymouth", cases(3))
    await keep_auditor(client, "own", unit="fs_weymouth")
    await keep_auditor(client, "gone", available_to="2026-11-22")
    await keep_auditor(client, "later", available_from="2026-11-24")
    await keep_auditor(client, "other-tool", tools=[], audit_types=["supervision"])
    await keep_auditor(client, "full", capacity_per_month=0)
    await keep_auditor(client, "elsewhere", unit=None, council="A Neighbouring Council")
    problem = await refused(client, 409, "no-auditor-free", unit="fs_weymouth", tool="case_audit")
    assert {one["auditor"]: one["reason"] for one in problem["excluded"]} == {
        "own": "not_independent", "gone": "not_available", "later": "not_available", "other-tool": "not_trained",
        "full": "at_capacity", "elsewhere": "external",
    }  # fmt: skip


async def test_a_programme_says_what_may_be_drawn_and_who_is_independent(audit: Running) -> None:
    client = await audit.client("qa_manager")
    rules = {
        "avoid_audited_within_months": 3, "open_at_least_days": 90, "case_list_at_most_days_old": 2,
        "independent_of": "service",
    }  # fmt: skip
    applied = await apply(await audit.client("admin"), "programmes", dorset_programme(selection=rules))
    assert applied.status_code == 200, applied.text
    slot = await slot_of(client)
    await post_cases(client, "fs_weymouth", cases(3))
    await refused(client, 409, "case-list-too-old", slot=slot)
    await send(client, whole(case_reference="SYN-00002", submitted_on="2026-08-01"))
    items = [case(1, opened_on="2026-08-26"), case(2, opened_on="2026-01-05"), case(3, opened_on="2026-08-25")]
    await post_cases(client, "fs_weymouth", items, as_at="2026-11-21")
    await keep_auditor(client, "auditor-1", unit="fs_portland")
    problem = await refused(client, 409, "no-auditor-free", slot=slot)
    assert problem["excluded"] == [{"auditor": "auditor-1", "reason": "not_independent"}]
    await keep_auditor(client, "auditor-2", unit="cwd_east")
    found = await draw_one(client, slot=slot)
    assert found["rules"] == rules
    assert reasons(found) == {"SYN-00001": "opened_recently"}
    assert found["drawn"][0]["auditor"] == "auditor-2"


async def test_the_load_is_balanced_and_the_capacity_of_the_month_held(audit: Running) -> None:
    client = await audit.client("qa_manager")
    await post_cases(client, "fs_weymouth", cases(12))
    await keep_auditor(client, "auditor-1", capacity_per_month=2)
    await keep_auditor(client, "auditor-2", capacity_per_month=3)
    await send(client, whole(case_reference="SYN-09999", auditor="auditor-2", auditor_unit="horizon", submit=False,
                             answers={}, views={}, findings=[]))  # fmt: skip
    found = await draw_one(client, unit="fs_weymouth", tool="case_audit", count=4)
    given = [one["auditor"] for one in found["drawn"]]
    assert given[0] == "auditor-1"
    assert (given.count("auditor-1"), given.count("auditor-2")) == (2, 2)
    because = found["drawn"][0]["assignments"][0]
    assert because["because"] == "fewest_audits"
    assert because["considered"] == [
        {"auditor": "auditor-1", "audits_in_hand": 0}, {"auditor": "auditor-2", "audits_in_hand": 1},
    ]  # fmt: skip
    await refused(client, 409, "no-auditor-free", unit="fs_weymouth", tool="case_audit")


async def test_another_teams_draws_are_not_there_and_drawing_needs_a_manager(
    audit: Running, ready: httpx.AsyncClient
) -> None:
    found = await draw_one(ready, unit="fs_weymouth", tool="case_audit")
    own = await audit.client("practitioner", "fs_weymouth")
    other = await audit.client("team_manager", "fs_portland")
    assert (await own.get(f"/v1/draws/{found['id']}")).json()["allowed_actions"] == []
    for path in ("", "/redraw"):
        assert (await own.get(f"/v1/draws/{found['id']}{path}")).status_code == 200
        assert (await other.get(f"/v1/draws/{found['id']}{path}")).status_code == 404
    assert (await own.get(f"/v1/draws/{found['id']}/pool")).status_code == 403
    assert (await other.get("/v1/draws")).json()["items"] == []
    assert (await own.post("/v1/draws", json={"unit": "fs_weymouth", "tool": "case_audit"})).status_code == 403
    elsewhere = await audit.client("qa_manager", "fs_portland")
    await refused(elsewhere, 422, "malformed", slot=await slot_of(ready))
    await refused(elsewhere, 422, "malformed", unit="fs_weymouth", tool="case_audit")


def ordered(pool: dict[str, Any]) -> list[str]:
    return [one["case_reference"] for one in pool["pool"]]


async def test_the_pool_is_there_whole_for_other_programs(ready: httpx.AsyncClient) -> None:
    found = await draw_one(ready, unit="fs_weymouth", tool="case_audit", count=2)
    pool = (await ready.get(f"/v1/draws/{found['id']}/pool")).json()
    assert ordered(pool) == [one["case_reference"] for one in cases(12)]
    assert (pool["seed"], pool["count"], pool["pool_hash"]) == (found["seed"], 2, found["pool_hash"])
    assert pool["drawn"] == [one["case_reference"] for one in found["drawn"]]
