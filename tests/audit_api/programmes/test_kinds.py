"""Programmes of every kind: as decided, by managers, thematic, yearly, observations, samples, SEN and CwaD."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from services.audit_api.programmes_in_use import read_programmes
from tests.audit_api.framework import apply, programme_of_type, tool_of_type
from tests.audit_api.papers import send, whole
from tests.conftest import Running

LOOKS, OWN = "thematic_look", "team_look"


def slots(*units: str) -> list[dict[str, str]]:
    return [{"unit": unit, "effective_from": "2026-04-01"} for unit in units]


async def framework(audit: Running, *programmes: dict[str, Any]) -> None:
    admin = await audit.client("admin")
    tools = [
        tool_of_type("conference", "observation"), tool_of_type("minutes", "sample"),
        tool_of_type("sen_standards", "standards_self_audit"), tool_of_type("joint", "multi_agency"),
    ]  # fmt: skip
    assert (await apply(admin, "tools", *tools)).status_code == 200
    applied = await apply(admin, "programmes", *programmes)
    assert applied.status_code == 200, applied.text


async def decide(client: httpx.AsyncClient, code: str, period: str, **body: Any) -> httpx.Response:
    return await client.post(f"/v1/programmes/{code}/rounds", params={"period": period}, json=body)


def faults(answer: httpx.Response) -> set[str]:
    assert answer.status_code == 422, answer.text
    return {one["pointer"] for one in answer.json()["errors"]}


async def test_R07_a_thematic_round_says_what_set_it_off_and_its_audits_bear_it(audit: Running) -> None:
    await framework(audit, programme_of_type(LOOKS, "thematic", "case_audit"))
    manager = await audit.client("qa_manager")
    assert faults(await decide(manager, LOOKS, "2026-11", units=["fs_chesil"])) == {"/trigger"}
    review = {"units": ["fs_chesil", "cwd_east"], "trigger": "serious_case_review"}
    assert faults(await decide(manager, LOOKS, "2026-11", **review)) == {"/trigger_reference"}
    review |= {"trigger_reference": "SCR S19", "title": "Bruising in babies"}
    made = (await decide(manager, LOOKS, "2026-11", **review)).json()
    assert (made["title"], made["trigger_reference"], len(made["slots"])) == ("Bruising in babies", "SCR S19", 2)
    body = whole(slot=made["slots"][0]["id"])
    del body["unit"], body["tool"]
    found = await send(manager, body)
    assert (found["audit_type"], found["trigger"], found["trigger_reference"]) == (
        "thematic", "serious_case_review", "SCR S19",
    )  # fmt: skip
    told = (await manager.get(f"/v1/rounds/{made['id']}/coverage")).json()
    assert (told["expected"], told["done"], told["rag"]) == (2, 1, "amber")


async def test_R07_each_thematic_round_is_one_of_its_own(audit: Running) -> None:
    await framework(audit, programme_of_type(LOOKS, "thematic", "case_audit"))
    manager = await audit.client("qa_manager")
    body = {"units": ["fs_chesil"], "trigger": "local_issue"}
    ids = {(await decide(manager, LOOKS, "2026-11", **body)).json()["id"] for _ in range(3)}
    assert len(ids) == 3
    page = (await manager.get(f"/v1/programmes/{LOOKS}/rounds?limit=2")).json()
    rest = (await manager.get(f"/v1/programmes/{LOOKS}/rounds", params={"limit": 2, "after": page["next"]})).json()
    assert {one["id"] for one in page["items"] + rest["items"]} == ids
    which = await manager.get(f"/v1/coverage?programme={LOOKS}&period=2026-11")
    assert faults(which) == {"/query/programme"}


async def test_R34_a_manager_makes_a_round_in_the_own_team_and_in_no_other(audit: Running) -> None:
    own = programme_of_type(OWN, "single_case", "case_audit", instigators=["team_manager"])
    await framework(audit, own)
    team = await audit.client("team_manager", "fs_chesil")
    made = await decide(team, OWN, "2026-11", units=["fs_chesil"], title="Recording")
    assert (made.status_code, made.json()["title"]) == (201, "Recording")
    assert faults(await decide(team, OWN, "2026-11", units=["fs_portland"])) == {"/units/0"}
    listed = {one["code"]: one for one in (await team.get("/v1/programmes")).json()["items"]}
    assert (listed[OWN]["allowed_actions"], listed[OWN]["instigators"]) == (["make_round"], ["team_manager"])
    assert (await decide(await audit.client("team_manager"), OWN, "2026-11", units=["fs_chesil"])).status_code == 403
    assert (
        await decide(await audit.client("auditor", "fs_chesil"), OWN, "2026-11", units=["fs_chesil"])
    ).status_code == 403
    assert (await decide(await audit.client("qa_manager"), OWN, "2026-11", units=["fs_portland"])).status_code == 201
    head = await audit.client("head_of_service", "family_support")
    assert (await decide(head, OWN, "2026-11", units=["fs_chesil"])).status_code == 403
    slot = made.json()["slots"][0]["id"]
    other = await send(
        team, {"slot": slot, "case_reference": "CMS-1", "auditor": "colleague", "auditor_unit": "cwd_east"}
    )
    assert (other["unit"], other["audit_type"]) == ("fs_chesil", "single_case")


async def test_R34_a_manager_does_not_surprise_the_own_team(audit: Running) -> None:
    await framework(audit, programme_of_type(OWN, "single_case", "case_audit", instigators=["team_manager"]))
    team = await audit.client("team_manager", "fs_chesil")
    answer = await decide(team, OWN, "2026-11", units=["fs_chesil"], announced=False)
    assert (answer.status_code, answer.json()["type"].rsplit("/")[-1]) == (403, "not-above-the-team")


async def test_R39_a_service_audits_itself_against_its_standards_once_a_year(audit: Running) -> None:
    yearly = programme_of_type(
        "sen_self_audit", "standards_self_audit", "sen_standards", cadence="annual",
        slots=slots("special_educational_needs", "hearing_support"),
    )  # fmt: skip
    await framework(audit, yearly)
    manager = await audit.client("qa_manager")
    made = await manager.post("/v1/programmes/sen_self_audit/rounds?period=FY2026-27")
    assert [slot["unit"] for slot in made.json()["slots"]] == ["hearing_support", "special_educational_needs"]
    body = whole("special_educational_needs", programme="sen_self_audit", period="FY2026-27",
                 auditor_unit="special_educational_needs")  # fmt: skip
    del body["tool"]
    assert (await send(manager, body))["audit_type"] == "standards_self_audit"
    told = (await manager.get("/v1/coverage?programme=sen_self_audit&period=FY2026-27")).json()
    assert (told["expected"], told["done"], told["due_on"]) == (2, 1, "2027-04-14")


async def test_R38_an_observation_says_its_setting_and_a_sample_what_it_is_of(audit: Running) -> None:
    seen = programme_of_type("observed", "observation", "conference", cadence="quarterly",
                             observation_setting="cp_conference", slots=slots("fs_chesil"))  # fmt: skip
    await framework(audit, seen)
    manager = await audit.client("qa_manager")
    alone = whole(tool="conference")
    refused = await manager.post("/v1/audits", json=alone)
    assert faults(refused) == {"/observation_setting"}
    assert refused.json()["type"].endswith("/detail-of-type-needed")
    assert (await send(manager, alone | {"observation_setting": "lac_review"}))["observation_setting"] == "lac_review"
    assert faults(await manager.post("/v1/audits", json=alone | {"observation_setting": "party"})) == {
        "/observation_setting"
    }
    assert faults(await manager.post("/v1/audits", json=whole(tool="minutes"))) == {"/sample_kind"}
    assert (await send(manager, whole(tool="minutes", sample_kind="cp_minutes")))["sample_kind"] == "cp_minutes"
    assert faults(await manager.post("/v1/audits", json=whole(sample_kind="care_plan"))) == {"/sample_kind"}
    made = (await manager.post("/v1/programmes/observed/rounds?period=FY2026-27-Q3")).json()
    assert made["observation_setting"] == "cp_conference"
    body = whole(slot=made["slots"][0]["id"])
    del body["unit"], body["tool"]
    assert (await send(manager, body))["observation_setting"] == "cp_conference"


async def test_R40_the_sen_team_and_both_teams_for_disabled_children_are_covered(audit: Running) -> None:
    manager = await audit.client("qa_manager")
    told = (await manager.get("/v1/coverage?programme=sen_case_audit&period=FY2026-27-Q3")).json()
    assert {slot["unit"] for slot in told["slots"]} == {"sen_team", "cwd_east", "cwd_west"}
    assert {one["unit"]: one["expected"] for one in told["services"]} == {
        "special_educational_needs": 1, "children_who_are_disabled": 2,
    }  # fmt: skip


@pytest.mark.parametrize(
    "changed",
    [
        {"slots": slots("fs_chesil")},
        {"every_months": 3},
        {"cadence": "each_manager", "slots": slots("fs_chesil")},
        {"cadence": "monthly"},
        {"cadence": "monthly", "slots": slots("fs_chesil")},
        {"cadence": "monthly", "slots": slots("fs_chesil"), "trigger": "local_issue", "instigators": ["admin"]},
        {"due_working_days_after_period": None},
        {"announced": False, "instigators": ["team_manager"]},
        {"sample_kind": "care_plan"},
        {"trigger": "serious_case_review"},
    ],
)
async def test_a_programme_that_does_not_fit_its_kind_is_refused(audit: Running, changed: dict[str, Any]) -> None:
    admin = await audit.client("admin")
    assert (await apply(admin, "programmes", programme_of_type(LOOKS, "thematic", "case_audit"))).status_code == 200
    refused = await apply(admin, "programmes", programme_of_type(LOOKS, "thematic", "case_audit", **changed))
    assert refused.status_code == 422, refused.text


@pytest.mark.parametrize(
    "body", [{"units": ["fs_chesil"]}, {"title": "Other"}, {"trigger": "local_issue"}, {"announced": False}]
)
async def test_a_regular_programme_has_decided_its_rounds(audit: Running, body: dict[str, Any]) -> None:
    answer = await decide(await audit.client("qa_manager"), "monthly_case_audit", "2026-11", **body)
    assert faults(answer) == {f"/{name}" for name in body}


async def test_units_of_a_decided_round_are_named_once_and_known(audit: Running) -> None:
    await framework(audit, programme_of_type(LOOKS, "thematic", "case_audit", trigger="local_issue"))
    manager = await audit.client("qa_manager")
    assert faults(await decide(manager, LOOKS, "2026-11")) == {"/units"}
    assert faults(await decide(manager, LOOKS, "2026-11", units=["nowhere"])) == {"/units/0"}
    assert faults(await decide(manager, LOOKS, "2026-11", units=["fs_chesil", "fs_chesil"])) == {""}
    assert faults(await decide(manager, LOOKS, "AY2026-27-T1", units=["fs_chesil"])) == {"/query/period"}
    made = await decide(manager, LOOKS, "FY2026-27-Q3", units=["fs_chesil"])
    assert (made.status_code, made.json()["trigger"]) == (201, "local_issue")


async def test_a_programme_changed_while_the_programmes_are_read_is_read_as_it_is_now(audit: Running) -> None:
    change = "UPDATE framework_item SET hash = uuid_send(gen_random_uuid()) WHERE kind = 'programmes' AND code = 'rota'"
    await framework(audit, programme_of_type("rota", "single_case", "case_audit"))
    async with audit.database.transaction() as session:
        execute = session.execute

        async def changed_after(statement: Any) -> Any:
            answer = await execute(statement)
            session.execute = execute  # type: ignore[method-assign]
            async with audit.database.transaction() as other:
                await other.execute(sa.text(change))
            return answer

        session.execute = changed_after  # type: ignore[method-assign,assignment]
        found = await read_programmes(session, ["as_decided"])
    assert "rota" in [one.code for one in found]
