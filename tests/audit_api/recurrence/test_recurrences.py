"""Themes that recur across audits, and what is answered."""

from __future__ import annotations

from typing import Any

import httpx

from tests.audit_api.actions.steps import raise_action, slug
from tests.audit_api.framework import close_unit
from tests.audit_api.papers import IMPROVEMENT, STRENGTH, send, whole
from tests.conftest import Running

RESPONSE = "/v1/recurrences/2026-11/team_theme/fs_weymouth/drift_and_delay/response"


async def _audits(client: httpx.AsyncClient, unit: str, number: int, **changed: Any) -> list[dict[str, Any]]:
    return [await send(client, whole(unit, case_reference=f"CMS-{unit}-{at}", **changed)) for at in range(number)]


async def _found(client: httpx.AsyncClient, **params: Any) -> dict[str, Any]:
    answer = await client.get("/v1/recurrences", params={"period": "2026-11", **params})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def _keys(found: dict[str, Any]) -> set[tuple[str, str, str, int]]:
    return {(one["rule"], one["unit"], one["theme"], one["audits"]) for one in found["items"]}


async def test_R43_a_theme_in_three_audits_of_a_team_recurs_and_in_two_does_not(audit: Running) -> None:
    client = await audit.client("qa_manager")
    first = await _audits(client, "fs_weymouth", 2)
    assert (await _found(client))["items"] == []
    newest = await send(client, whole(case_reference="CMS-204499"))
    found = await _found(client)
    assert _keys(found) == {
        ("team_theme", "fs_weymouth", "drift_and_delay", 3),
        ("team_theme", "fs_weymouth", "planning", 3),
    }
    assert (found["concerns"], found["unanswered"]) == (2, 2)
    alert = found["items"][0]
    assert alert["newest_audits"] == [newest["id"], first[1]["id"], first[0]["id"]]
    assert [(one["finding"], one["repeat_of"]) for one in alert["repeats_proposed"]] == [
        (newest["findings"][1]["id"], first[1]["findings"][1]["id"]),
        (first[1]["findings"][1]["id"], first[0]["findings"][1]["id"]),
    ]
    assert alert["sentence"].startswith("Drift and delay was an area for improvement or a concern in 3 audits of ")
    assert (alert["first_day"], alert["last_day"]) == ("2026-10-01", "2026-11-30")
    assert await _found(client) == found


async def test_R43_audits_of_the_period_before_count_and_older_ones_do_not(audit: Running) -> None:
    client = await audit.client("qa_manager")
    for at, day in enumerate(("2026-11-02", "2026-10-01", "2026-09-30")):
        await send(client, whole(case_reference=f"CMS-20441{at}", submitted_on=day))
    assert (await _found(client))["items"] == []
    assert len((await _found(client, period="2026-10"))["items"]) == 0
    await send(client, whole(case_reference="CMS-204415", submitted_on="2026-10-31"))
    assert len((await _found(client))["items"]) == 2


async def test_R43_what_recurs_does_not_start_anew_where_teams_are_merged(audit: Running) -> None:
    client = await audit.client("qa_manager")
    await _audits(client, "fs_weymouth", 2, submitted_on="2026-10-20")
    await close_unit(await audit.client("admin"), "fs_weymouth", "2026-11-10", "fs_portland")
    await _audits(client, "fs_portland", 1)
    found = await _found(client)
    assert ("team_theme", "fs_portland", "drift_and_delay", 3) in _keys(found)
    alert = found["items"][0]
    assert alert["units"] == [{"unit": "fs_weymouth", "audits": 2}, {"unit": "fs_portland", "audits": 1}]
    path = "/v1/recurrences/2026-11/team_theme/fs_portland/drift_and_delay/response"
    answer = await client.put(path, json={"response": "The team books ahead."}, headers={"If-None-Match": "*"})
    assert answer.status_code == 201, answer.text
    # In the month before, the teams were two.
    assert _keys(await _found(client, period="2026-10")) == set()


async def test_R43_themes_recur_across_a_service_and_the_council_national_ones_sooner(audit: Running) -> None:
    client = await audit.client("qa_manager")
    for unit in ("fs_weymouth", "fs_portland", "fs_wareham"):
        await _audits(client, unit, 2)
    found = await _found(client)
    concerns = {(rule, unit, theme) for rule, unit, theme, _ in _keys(found) if rule != "service_good_practice"}
    assert concerns == {
        ("service_theme", "family_support", "drift_and_delay"),
        ("service_theme", "family_support", "planning"),
        ("council_national_theme", "dorset_council", "drift_and_delay"),
    }
    good = [one for one in found["items"] if one["kind"] == "good_practice"]
    assert [(one["theme"], one["audits"], one["repeats_proposed"]) for one in good] == [("voice_of_the_child", 6, [])]
    assert found["items"][-1]["kind"] == "good_practice"
    narrowed = await _found(client, unit="family_support")
    assert {one["unit"] for one in narrowed["items"]} == {"family_support"}


async def test_R43_each_sees_what_recurs_within_reach(audit: Running) -> None:
    client = await audit.client("qa_manager")
    await _audits(client, "fs_weymouth", 6)
    own = await _found(await audit.client("team_manager", unit="fs_weymouth"))
    assert {one["unit"] for one in own["items"]} == {"fs_weymouth"}
    elsewhere = await audit.client("team_manager", unit="fs_portland")
    assert (await _found(elsewhere))["items"] == []
    assert (await elsewhere.put(RESPONSE, json={"response": "None of ours."})).status_code == 404


async def test_R43_strengths_and_drafts_raise_no_concern(audit: Running) -> None:
    client = await audit.client("qa_manager")
    await _audits(client, "fs_weymouth", 3, findings=[STRENGTH])
    await _audits(client, "fs_portland", 3, findings=[STRENGTH, IMPROVEMENT], submit=False)
    assert (await _found(client))["items"] == []


async def test_R43_an_alert_is_answered_with_the_action_it_led_to(audit: Running) -> None:
    client = await audit.client("qa_manager")
    early = await client.put(RESPONSE, json={"response": "A workshop in January."})
    assert (early.status_code, slug(early)) == (409, "theme-does-not-recur")
    await _audits(client, "fs_weymouth", 3)
    action = (await raise_action(client))["id"]
    unknown = {"response": "A workshop.", "action": "0192f0c1-0000-7000-8000-000000000001"}
    assert (await client.put(RESPONSE, json=unknown)).json()["errors"][0]["pointer"] == "/action"
    made = await client.put(RESPONSE, json={"response": "A workshop in January.", "action": action})
    assert (made.status_code, made.json()["answered"]["action"]) == (201, action)
    found = await _found(client)
    assert (found["concerns"], found["unanswered"]) == (2, 1)
    assert (await client.put(RESPONSE, json={"response": "Two workshops."})).status_code == 428
    again = await client.put(RESPONSE, json={"response": "Two workshops."}, headers={"If-Match": '"1"'})
    assert (again.status_code, again.json()["answered"]["version"]) == (200, 2)
    await send(client, whole(case_reference="CMS-204450"))
    grown = next(one for one in (await _found(client))["items"] if one["theme"] == "drift_and_delay")
    assert (grown["audits"], grown["answered"]["audits"], grown["grown_since_answered"]) == (4, 3, True)
