"""Why a report is late: said beforehand or after, kept for good, read with its occurrence."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.conftest import Running
from tests.reporting_api.conftest import Desk, slug
from tests.reporting_api.schedule_calls import materialise, occurrences

LATE = {"cause": "figures_late", "reason": "The census closed a week late.", "expected_on": "2026-12-04"}


async def test_R70_a_late_report_says_why_and_until_when_and_no_word_is_lost(reporting: Running) -> None:
    client = await reporting.client("analyst")
    await materialise(client)
    late = (await occurrences(client, report="csdg_monthly", status="late"))[0]
    assert late["allowed_actions"] == ["assemble", "explain_lateness"]
    path = f"/v1/occurrences/{late['id']}"
    first = await client.post(f"{path}/lateness", json=LATE)
    assert first.status_code == 201, first.text
    assert first.json()["given_by"] == "test-analyst"
    second = {"cause": "not_signed", "reason": "The Head of Service is ill."}
    await client.post(f"{path}/lateness", json=second)
    found = (await client.get(path)).json()
    assert [(one["cause"], one["expected_on"]) for one in found["lateness"]] == [
        ("not_signed", None), ("figures_late", "2026-12-04"),
    ]  # fmt: skip
    assert found["version"] == late["version"] + 2
    listed = (await occurrences(client, report="csdg_monthly", status="late"))[0]
    assert listed["lateness"] == found["lateness"]


async def test_lateness_is_announced_before_the_due_date(reporting: Running) -> None:
    client = await reporting.client("analyst")
    await materialise(client)
    planned = (await occurrences(client, report="csdg_monthly", period="2026-12"))[0]
    body = {**LATE, "expected_on": "2027-02-12"}
    assert (await client.post(f"/v1/occurrences/{planned['id']}/lateness", json=body)).status_code == 201


async def test_a_report_that_came_on_time_has_nothing_to_explain_and_one_that_came_late_has(desk: Desk) -> None:
    client = await desk.client("analyst")
    on_time = await desk.draft()
    await desk.publish(on_time["id"])
    refused = await client.post(f"/v1/occurrences/{on_time['occurrence']}/lateness", json=LATE)
    assert (refused.status_code, slug(refused)) == (409, "never-late")
    late = await desk.draft("csdg_monthly", "2026-09")
    await desk.publish(late["id"])
    expected = await client.post(f"/v1/occurrences/{late['occurrence']}/lateness", json=LATE)
    assert expected.status_code == 422  # it has come: nothing is to be expected any more
    body = {"cause": "staff_absent", "reason": "The post was vacant."}
    assert (await client.post(f"/v1/occurrences/{late['occurrence']}/lateness", json=body)).status_code == 201


@pytest.mark.parametrize(
    "change", [{"cause": "weather"}, {"reason": ""}, {"expected_on": "2026-11-01"}, {"expected_on": 5}, {"more": 1}]
)
async def test_a_reason_that_is_none_is_refused(reporting: Running, change: dict[str, Any]) -> None:
    client = await reporting.client("analyst")
    await materialise(client)
    one = (await occurrences(client, report="csdg_monthly", status="late"))[0]
    answer = await client.post(f"/v1/occurrences/{one['id']}/lateness", json={**LATE, **change})
    assert answer.status_code == 422
    assert (await client.get(f"/v1/occurrences/{one['id']}")).json()["lateness"] == []


async def test_only_the_report_s_own_unit_and_its_writers_explain(reporting: Running) -> None:
    await materialise(await reporting.client("analyst"))
    one = (await occurrences(await reporting.client("analyst"), report="csdg_monthly", status="late"))[0]
    path = f"/v1/occurrences/{one['id']}/lateness"
    assert (await (await reporting.client("board_reader")).post(path, json=LATE)).status_code == 403
    other = await reporting.client("head_of_service", unit="family_support")
    assert (await other.post(path, json=LATE)).status_code == 404
    owner = await reporting.client("head_of_service", unit="planning_and_performance")
    assert (await owner.post(path, json=LATE)).status_code == 201


async def test_a_report_is_late_since_the_day_after_it_was_due_however_long_nobody_looked(reporting: Running) -> None:
    client = await reporting.client("analyst")
    await materialise(client)
    reporting.clock.advance(timedelta(days=70))
    await materialise(client)
    october = (await occurrences(client, report="csdg_monthly", period="2026-10"))[0]
    november = (await occurrences(client, report="csdg_monthly", period="2026-11"))[0]
    assert (october["due_on"], october["late_on"]) == ("2026-11-27", "2026-11-28")
    assert october["missed_on"] == november["late_on"]
