"""A statutory assessment is looked at twice, by a manager and by the panel, and never by the same person (R40)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.working_days import add_working_days, subtract_working_days
from tests.audit_api.papers import activity_of
from tests.conftest import Running

BEGUN: dict[str, Any] = {"reference": "SEN-2026-0417", "unit": "sen_team", "started_on": "2026-10-01"}
AGREED: dict[str, Any] = {"checkpoint": "manager_sign_off", "outcome": "agreed", "held_on": "2026-11-20"}
PANEL: dict[str, Any] = {"checkpoint": "panel", "outcome": "agreed", "held_on": "2026-11-23"}
RETURNED: dict[str, Any] = {
    "outcome": "returned",
    "reasons": ["provision_not_specified", "views_missing"],
    "note": "Section F gives no hours.",
}


def slug(answer: httpx.Response) -> str:
    return str(answer.json()["type"]).rsplit("/", 1)[-1]


async def begun(client: httpx.AsyncClient, **changed: Any) -> dict[str, Any]:
    answer = await client.post("/v1/sen-assessments", json=BEGUN | changed)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def look(client: httpx.AsyncClient, held: dict[str, Any], body: dict[str, Any], version: int) -> httpx.Response:
    headers = {"If-Match": f'"{version}"'}
    return await client.post(f"/v1/sen-assessments/{held['id']}/checkpoints", json=body, headers=headers)


async def listed(client: httpx.AsyncClient, **params: Any) -> list[str]:
    answer = await client.get("/v1/sen-assessments", params=params)
    assert answer.status_code == 200, answer.text
    return [one["reference"] for one in answer.json()["items"]]


async def test_R40_both_checkpoints_are_recorded_of_each_assessment(audit: Running) -> None:
    manager = await audit.client("team_manager", unit="sen_team")
    chair = await audit.client("head_of_service", unit="special_educational_needs")
    held = await begun(manager)
    assert held["missing"] == ["manager_sign_off", "panel"]
    first = await look(manager, held, AGREED | RETURNED, 1)
    assert (first.status_code, first.json()["manager_sign_off"]) == (201, "returned")
    signed = await look(manager, held, AGREED, 2)
    assert (signed.json()["manager_sign_off"], signed.json()["missing"]) == ("agreed", ["panel"])
    back = await look(chair, held, PANEL | RETURNED, 3)
    assert (back.json()["panel"], back.json()["missing"]) == ("returned", ["panel"])
    again = await look(manager, held, AGREED | {"held_on": "2026-11-23"}, 4)
    assert again.status_code == 201
    done = await look(chair, held, PANEL, 5)
    assert (done.json()["missing"], done.json()["version"]) == ([], 6)
    assert [(one["checkpoint"], one["outcome"], one["signed_by"]) for one in done.json()["looks"]] == [
        ("manager_sign_off", "returned", "test-team_manager"), ("manager_sign_off", "agreed", "test-team_manager"),
        ("panel", "returned", "test-head_of_service"), ("manager_sign_off", "agreed", "test-team_manager"),
        ("panel", "agreed", "test-head_of_service"),
    ]  # fmt: skip
    once_more = await look(chair, held, PANEL, 6)
    assert (once_more.status_code, slug(once_more)) == (409, "checkpoint-agreed")
    await audit.seal()
    deeds = [one["action"] for one in await activity_of(await audit.client("admin"), "sen_assessment")]
    assert deeds == [f"assessment.{deed}" for deed in ("begun", "returned", "agreed", "returned", "agreed", "agreed")]


async def test_R40_the_manager_who_signed_off_cannot_sign_for_the_panel(audit: Running) -> None:
    manager = await audit.client("qa_manager")
    held = await begun(manager)
    await look(manager, held, AGREED, 1)
    for signed_by in ("test-qa_manager", "somebody-else"):
        refused = await look(manager, held, PANEL | {"signed_by": signed_by}, 2)
        assert (refused.status_code, slug(refused)) == (409, "panel-not-independent")
    chair = await audit.client("head_of_service")
    named = await look(chair, held, PANEL | {"signed_by": "test-qa_manager"}, 2)
    assert (named.status_code, slug(named)) == (403, "forbidden")
    assert (await look(chair, held, PANEL, 2)).status_code == 201
    # Nor the other way round: whoever spoke for the panel signs nothing off.
    other = await begun(manager, reference="SEN-2026-0418")
    await look(chair, other, PANEL, 1)
    refused = await look(chair, other, AGREED | {"held_on": "2026-11-23"}, 2)
    assert (refused.status_code, slug(refused)) == (409, "panel-not-independent")


async def test_R40_assessments_that_lack_a_checkpoint_after_so_many_working_days_are_listed(audit: Running) -> None:
    client = await audit.client("qa_manager")
    chair = await audit.client("head_of_service")
    # Monday 23 November: ten working days ago is Monday 9 November.
    for number, started_on in enumerate(("2026-11-06", "2026-11-09", "2026-10-01", "2026-10-02"), 1):
        held = await begun(client, reference=f"SEN-{number}", started_on=started_on, unit="cwd_east")
        if number == 3:
            await look(client, held, AGREED, 1)
        if number == 4:
            await look(client, held, AGREED, 1)
            await look(chair, held, PANEL, 2)
    assert await listed(client, missing="either", after_working_days=10) == ["SEN-3", "SEN-1"]
    assert await listed(client, missing="both") == ["SEN-1", "SEN-2"]
    assert await listed(client, missing="manager_sign_off", after_working_days=10) == ["SEN-1"]
    assert await listed(client, missing="panel", unit="children_who_are_disabled") == ["SEN-3", "SEN-1", "SEN-2"]
    assert await listed(await audit.client("team_manager", unit="sen_team")) == []
    page = (await client.get("/v1/sen-assessments", params={"limit": 3})).json()
    assert await listed(client, after=page["next"]) == ["SEN-2"]
    async with audit.database.snapshot() as session:
        run = (await session.connection()).exec_driver_sql
        assert (await run("SELECT count(*) FROM read_log WHERE operation = 'list_assessments'")).scalar_one() == 7


async def test_R40_both_teams_stand_in_the_summary_with_why_assessments_were_returned(audit: Running) -> None:
    client = await audit.client("qa_manager")
    chair = await audit.client("head_of_service")
    one = await begun(client)
    await look(client, one, AGREED | RETURNED, 1)
    await look(client, one, AGREED, 2)
    await look(chair, one, PANEL, 3)
    two = await begun(client, reference="SEN-2026-0418")
    await look(client, two, AGREED, 1)
    await look(chair, two, PANEL, 2)
    three = await begun(client, reference="SEN-2026-0419")
    await look(client, three, AGREED | RETURNED | {"reasons": ["views_missing"]}, 1)
    gone = await begun(client, reference="SEN-2026-0420")
    await client.post(
        f"/v1/sen-assessments/{gone['id']}/end",
        json={"ended_on": "2026-11-18", "reason": "The request was withdrawn."}, headers={"If-Match": '"1"'},
    )  # fmt: skip
    await begun(client, reference="SEN-2026-0009", unit="cwd_west", started_on="2026-06-01")
    found = (await client.get("/v1/sen-assessments/summary", params={"period": "2026-10"})).json()
    assert (found["assessments"], found["ended"]) == (3, 1)
    assert found["signed_off"] == found["panel_agreed"] == found["both"] == {"count": 2, "percent": 66.7}
    assert found["both_at_first"] == {"count": 1, "percent": 33.3}
    assert found["returned"] == {"count": 2, "percent": 66.7}
    assert found["returns"] == {"manager_sign_off": 2, "panel": 0}
    assert found["reasons"] == {"provision_not_specified": 1, "views_missing": 2}
    assert [(one["unit"], one["assessments"], one["both"]["percent"]) for one in found["units"]] == [
        ("cwd_west", 0, None), ("sen_team", 3, 66.7),
    ]  # fmt: skip
    year = {"period": "FY2026-27", "unit": "children_who_are_disabled"}
    assert (await client.get("/v1/sen-assessments/summary", params=year)).json()["assessments"] == 1


async def test_an_assessment_that_ended_lacks_nothing_and_is_not_looked_at_again(audit: Running) -> None:
    client = await audit.client("team_manager", unit="sen_team")
    held = await begun(client)
    address = f"/v1/sen-assessments/{held['id']}"
    body = {"ended_on": "2026-11-18", "reason": "The family moved away."}
    ended = await client.post(f"{address}/end", json=body, headers={"If-Match": '"1"'})
    assert (ended.status_code, ended.json()["missing"], ended.json()["allowed_actions"]) == (201, [], [])
    assert await listed(client, missing="either") == []
    refused = await look(client, held, AGREED, 2)
    assert (refused.status_code, slug(refused)) == (409, "assessment-ended")
    assert (await client.get(address)).json()["ended_reason"] == "The family moved away."
    known = await client.post("/v1/sen-assessments", json=BEGUN)
    assert (known.status_code, slug(known)) == (409, "assessment-known")


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"outcome": "returned"}, ""),
        ({"reasons": ["views_missing"]}, ""),
        ({"outcome": "returned", "reasons": ["other"]}, ""),
        ({"outcome": "returned", "reasons": ["views_missing"] * 2}, ""),
        ({"outcome": "returned", "reasons": ["weather"]}, "/reasons/0"),
        ({"held_on": "2026-11-24"}, "/held_on"),
        ({"held_on": "2026-09-30"}, "/held_on"),
    ],
)
async def test_what_a_look_says_must_fit(audit: Running, changed: dict[str, Any], pointer: str) -> None:
    client = await audit.client("team_manager", unit="sen_team")
    answer = await look(client, await begun(client), AGREED | changed, 1)
    assert answer.status_code == 422, answer.text
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"reference": "Jo Example"}, "/reference"),
        ({"unit": "nowhere"}, "/unit"),
        ({"unit": "fs_weymouth"}, "/unit"),
        ({"started_on": "2026-11-24"}, "/started_on"),
    ],
)
async def test_what_an_assessment_names_must_exist(audit: Running, changed: dict[str, Any], pointer: str) -> None:
    client = await audit.client("team_manager", unit="sen_team")
    answer = await client.post("/v1/sen-assessments", json=BEGUN | changed)
    assert answer.status_code == 422, answer.text
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]


# The first look at a year works out its bank holidays, which takes its time.
@settings(deadline=None)
@given(st.dates(date(2026, 1, 1), date(2027, 12, 31)), st.integers(1, 60), st.integers(0, 120))
def test_an_assessment_is_missed_from_the_day_after_its_last_working_day(today: date, days: int, ago: int) -> None:
    started_on = today - timedelta(days=ago)
    late = add_working_days(started_on, days) < today
    assert (started_on < subtract_working_days(today, days)) == late
