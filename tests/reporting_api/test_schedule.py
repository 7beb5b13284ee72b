"""The schedule made into occurrences: each once, on the right day, and what time does to them."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from services.reporting_api.occurrences import table
from shared.clock import FixedClock
from shared.paging import encode_cursor
from tests.conftest import Running
from tests.reporting_api.schedule_calls import YEAR, materialise, occurrences

# What the framework asks for at least once a year, row by row; the others come when asked for.
ROWS = [f"R{number}" for number in range(64, 88)]


async def test_R65_R66_the_board_s_monthly_report_has_twelve_occurrences_a_year(reporting: Running) -> None:
    client = await reporting.client("analyst")
    await materialise(client)
    found = await occurrences(client, report="csdg_monthly")
    assert [one["period"]["code"] for one in found][:2] == ["2026-04", "2026-05"]
    assert len(found) == 12
    october = next(one for one in found if one["period"]["code"] == "2026-10")
    assert october["due_on"] == "2026-11-27"
    assert october["opens_on"] == "2026-11-01"
    assert october["status"] == "due"
    assert october["allowed_actions"] == ["assemble", "explain_lateness"]
    assert next(one for one in found if one["period"]["code"] == "2026-12")["status"] == "planned"


async def test_R64_to_R87_each_row_of_the_schedule_comes_by_the_calendar_or_on_request(reporting: Running) -> None:
    client = await reporting.client("analyst")
    await materialise(client, {"from": "2026-04-01", "to": "2027-09-30"})
    reports = (await client.get("/v1/schedule", params={"limit": 500})).json()["items"]
    assert {row for one in reports for row in one["rows"]} >= set(ROWS)
    for report in reports:
        if report["period_kind"] is None:
            body = {"report": report["code"], "period": "2026-10", "reason": "Asked for at the last meeting."}
            answer = await client.post("/v1/occurrences", json=body)
            assert answer.status_code == 201, answer.text
        assert await occurrences(client, report=report["code"]), report["code"]


async def test_R01_every_report_names_at_least_one_board_of_the_closed_list(reporting: Running) -> None:
    client = await reporting.client("board_reader")
    boards = {one["code"] for one in (await client.get("/v1/boards", params={"limit": 500})).json()["items"]}
    reports = (await client.get("/v1/schedule", params={"limit": 500})).json()["items"]
    assert all(set(one["audiences"]) <= boards and one["audiences"] for one in reports)


async def test_a_board_is_found_by_any_of_its_names(reporting: Running) -> None:
    client = await reporting.client("board_reader")
    for name in ("csdg", "SDG", "sdg", "Children's Services Development Group"):
        assert (await client.get(f"/v1/boards/{name}")).json()["code"] == "csdg"
    unknown = await client.get("/v1/boards/nobody")
    assert unknown.status_code == 404
    assert unknown.json()["type"].endswith("/problems/unknown-board")


async def test_materialising_again_changes_nothing(reporting: Running) -> None:
    client = await reporting.client("analyst")
    first = await materialise(client)
    again = await materialise(client)
    assert first["created"] > 100
    assert (again["created"], again["moved"], again["withdrawn"]) == (0, 0, 0)
    assert again["unchanged"] == first["created"]


async def test_ten_years_are_materialised_in_under_a_second(reporting: Running) -> None:
    client = await reporting.client("analyst")
    started = time.perf_counter()
    done = await materialise(client, {"from": "2026-04-01", "to": "2036-03-31"})
    assert done["created"] > 900
    assert time.perf_counter() - started < 1
    assert {"report": "pupil_census_termly", "period": "AY2030-31-T1"} in done["without_dates"]


async def test_half_terms_and_terms_come_from_the_named_calendar(reporting: Running) -> None:
    client = await reporting.client("analyst")
    await materialise(client, {"from": "2026-09-01", "to": "2027-08-31"})
    halves = await occurrences(client, report="schools_causing_concern_half_termly")
    assert [one["period"]["code"][-3:] for one in halves] == ["HT1", "HT2", "HT3", "HT4", "HT5", "HT6"]
    assert halves[0]["period"]["end"] == "2026-10-23"
    terms = await occurrences(client, report="pupil_census_termly")
    assert [one["period"]["label"] for one in terms] == [
        "autumn term 2026", "spring term 2027", "summer term 2027",
    ]  # fmt: skip


async def test_reports_are_late_the_day_after_they_were_due_and_missed_when_the_next_is(reporting: Running) -> None:
    client = await reporting.client("analyst")
    await materialise(client)
    statuses = {one["period"]["code"]: one["status"] for one in await occurrences(client, report="csdg_monthly")}
    assert statuses["2026-09"] == "late"  # due on 28 October, and October's is due on 27 November
    assert statuses["2026-08"] == "missed"
    reporting.clock.advance(timedelta(days=5))
    await materialise(client)
    statuses = {one["period"]["code"]: one["status"] for one in await occurrences(client, report="csdg_monthly")}
    assert (statuses["2026-09"], statuses["2026-10"], statuses["2026-11"]) == ("missed", "late", "planned")


async def test_compliance_counts_each_report_once_from_the_day_after_it_was_due(reporting: Running) -> None:
    client = await reporting.client("analyst")
    await materialise(client)
    found = (await client.get("/v1/compliance", params={"board": "SDG", "period": "FY2026-27-Q3"})).json()
    assert found["expected"] == found["on_time"] + found["late"] + found["open_late"] + found["missed"]
    assert found["expected"] == len(found["items"]) > 0
    assert all(item["due_on"] < "2026-11-23" for item in found["items"])
    assert "2026-10" not in {item["period"]["code"] for item in found["items"] if item["report"] == "csdg_monthly"}
    later = FixedClock(datetime(2026, 11, 28, 9, tzinfo=UTC))
    reporting.clock.advance(later.now() - reporting.clock.now())
    await materialise(client)
    next_week = (await client.get("/v1/compliance", params={"board": "csdg", "period": "FY2026-27-Q3"})).json()
    assert next_week["expected"] > found["expected"]


async def test_R74_a_report_on_request_is_due_in_working_days_from_the_request(reporting: Running) -> None:
    client = await reporting.client("analyst")
    body = {"report": "specialist_teaching_on_request", "period": "FY2026-27-Q2", "reason": "Asked by the Forum."}
    first = await client.post("/v1/occurrences", json=body)
    assert first.status_code == 201
    assert first.json()["due_on"] == "2026-12-21"
    assert first.headers["location"] == f"/v1/occurrences/{first.json()['id']}"
    again = await client.post("/v1/occurrences", json=body)
    assert (first.json()["occasion"], again.json()["occasion"]) == (1, 2)
    refused = await client.post("/v1/occurrences", json={**body, "report": "csdg_monthly"})
    assert refused.status_code == 409
    assert refused.json()["type"].endswith("/problems/report-on-the-calendar")
    unknown = await client.post("/v1/occurrences", json={**body, "report": "not_there"})
    assert unknown.status_code == 422


async def test_a_repeated_request_with_its_key_asks_once(reporting: Running) -> None:
    client = await reporting.client("analyst")
    body = {"report": "icrm_thematic_audits", "period": "2026-10", "reason": "As agreed."}
    answers = [await client.post("/v1/occurrences", json=body, headers={"Idempotency-Key": "one"}) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert len(await occurrences(client, report="icrm_thematic_audits")) == 1


@pytest.mark.parametrize(
    "span",
    [
        {"from": "2027-04-01", "to": "2026-04-01"},
        {"from": "1999-04-01", "to": "2001-04-01"},
        {"from": "2026-04-01", "to": "2050-04-01"},
        {"from": "0001-01-01", "to": "9999-12-31"},
        {"from": 0, "to": 1},
        {"from": "2026-04-01"},
        {"from": "2026-04-01", "to": "2027-04-01", "extra": 1},
    ],
)
async def test_an_unusable_span_is_refused_and_nothing_is_stored(reporting: Running, span: dict[str, Any]) -> None:
    client = await reporting.client("analyst")
    assert (await client.post("/v1/schedule/materialisations", json=span)).status_code == 422
    async with reporting.database.snapshot() as session:
        assert (await session.execute(sa.select(sa.func.count()).select_from(table))).scalar_one() == 0


@pytest.mark.parametrize(
    "query",
    [
        {"from": "1764547200"}, {"period": "2026-13"}, {"status": "lost"}, {"after": "x"}, {"limit": "0"},
        {"report": "NOT A CODE"}, {"board": ""}, {"after": encode_cursor(["x", "y"])},
        {"after": encode_cursor(["2026-11-23", "y"])},
    ],
)  # fmt: skip
async def test_a_bad_filter_is_refused(reporting: Running, query: dict[str, str]) -> None:
    client = await reporting.client("analyst")
    assert (await client.get("/v1/occurrences", params=query)).status_code == 422


async def test_the_schedule_may_be_read_by_board_members_and_changed_by_few(reporting: Running) -> None:
    reader = await reporting.client("board_reader")
    assert (await reader.get("/v1/occurrences")).status_code == 200
    assert (await reader.post("/v1/schedule/materialisations", json=YEAR)).status_code == 403
    body = {"report": "icrm_thematic_audits", "period": "2026-10", "reason": "As agreed."}
    assert (await reader.post("/v1/occurrences", json=body)).status_code == 403


async def test_an_occurrence_of_another_unit_is_not_there(reporting: Running) -> None:
    client = await reporting.client("analyst")
    await materialise(client)
    other = await reporting.client("team_manager", unit="family_support")
    one = (await occurrences(client, report="csdg_monthly"))[0]
    assert (await other.get(f"/v1/occurrences/{one['id']}")).status_code == 404
    assert await occurrences(other) == []
    owner = await reporting.client("head_of_service", unit="planning_and_performance")
    assert (await owner.get(f"/v1/occurrences/{one['id']}")).status_code == 200
