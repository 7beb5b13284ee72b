"""The schedule made into occurrences: each once, on the right day, moved only while it is open."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from services.reporting_api.occurrences import table
from services.reporting_api.schedule.due import NoDates, dates_of, periods_ending_between
from shared.clock import FixedClock
from shared.schemas.framework.catalogue import parse_item
from shared.schemas.framework.reporting import Report
from shared.schemas.periods import Period, PeriodKind
from tests.conftest import Running, Start
from tests.reporting_api.framework_changes import apply_change, dorset_framework, framework_item

YEAR = {"from": "2026-04-01", "to": "2027-03-31"}
# What the framework asks for at least once a year, row by row; the others come when asked for.
ROWS = [f"R{number}" for number in range(64, 88)]


async def materialise(client: httpx.AsyncClient, span: Mapping[str, str] = YEAR) -> dict[str, Any]:
    answer = await client.post("/v1/schedule/materialisations", json=dict(span))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def occurrences(client: httpx.AsyncClient, **query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after: str | None = ""
    while after is not None:
        answer = await client.get("/v1/occurrences", params={**query, **({"after": after} if after else {})})
        assert answer.status_code == 200, answer.text
        found += answer.json()["items"]
        after = answer.json()["next"]
    return found


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
    assert october["allowed_actions"] == ["assemble"]
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


async def test_a_changed_term_date_moves_open_occurrences_only_and_keeps_the_history(reporting: Running) -> None:
    client = await reporting.client("admin")
    await materialise(client, {"from": "2026-07-01", "to": "2027-08-31"})
    before = {one["period"]["code"]: one for one in await occurrences(client, report="pupil_census_termly")}
    calendar = framework_item("calendars", "dorset_community_schools")
    year = next(one for one in calendar["years"] if one["year"] == "AY2026-27")
    year["half_terms"][1]["end"] = "2026-12-16"
    last = next(one for one in calendar["years"] if one["year"] == "AY2025-26")
    last["half_terms"][5]["end"] = "2026-07-17"
    await apply_change(client, "calendars", calendar)
    done = await materialise(client, {"from": "2026-07-01", "to": "2027-08-31"})
    assert done["moved"] == 3  # the autumn term's census, and two reports of the half term that ends with it
    after = {one["period"]["code"]: one for one in await occurrences(client, report="pupil_census_termly")}
    moved = after["AY2026-27-T1"]
    assert moved["period"]["end"] == "2026-12-16"
    assert moved["due_on"] < before["AY2026-27-T1"]["due_on"]
    # The summer term's report was due in August: it is late, and no new date makes it otherwise.
    assert before["AY2025-26-T3"]["status"] == "late"
    assert after["AY2025-26-T3"] == before["AY2025-26-T3"]
    one = (await client.get(f"/v1/occurrences/{moved['id']}")).json()
    change = one["due_changes"][0]
    assert (change["was"], change["becomes"]) == (before["AY2026-27-T1"]["due_on"], moved["due_on"])
    assert change["reason"] == "dates_of_period"
    await reporting.seal()
    deeds = (await client.get("/v1/activity", params={"subject_type": "occurrence", "limit": 500})).json()["items"]
    assert "occurrence.moved" in {deed["action"] for deed in deeds}


async def test_a_day_on_which_the_council_is_closed_moves_what_is_counted_in_working_days(
    reporting: Running,
) -> None:
    client = await reporting.client("admin")
    await materialise(client)
    calendar = framework_item("calendars", "dorset_community_schools")
    calendar["closed_days"] = ["2026-11-26"]
    await apply_change(client, "calendars", calendar)
    await materialise(client)
    october = await occurrences(client, report="csdg_monthly", period="2026-10")
    assert october[0]["due_on"] == "2026-11-30"


async def test_a_retired_report_withdraws_what_is_not_due_and_comes_back(reporting: Running) -> None:
    client = await reporting.client("admin")
    await materialise(client)
    report = framework_item("reports", "csdg_monthly")
    await apply_change(client, "reports", {**report, "valid_to": "2026-11-30"})
    done = await materialise(client)
    assert done["withdrawn"] == 4  # December to March
    found = await occurrences(client, report="csdg_monthly", status="withdrawn")
    assert {one["withdrawn_reason"] for one in found} == {"schedule_changed"}
    await apply_change(client, "reports", report)
    assert (await materialise(client))["restored"] == 4
    assert await occurrences(client, report="csdg_monthly", status="withdrawn") == []


async def test_a_report_for_another_board_is_seen_by_that_board(reporting: Running) -> None:
    client = await reporting.client("admin")
    await materialise(client)
    report = framework_item("reports", "ics_monthly")
    await apply_change(client, "reports", {**report, "audiences": ["csoc"]})
    await materialise(client)
    assert [one["report"] for one in await occurrences(client, board="CSOC", period="2026-12")] == ["ics_monthly"]


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
        {"report": "NOT A CODE"}, {"board": ""},
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


async def test_a_report_that_names_an_unknown_board_is_not_applied(reporting: Running) -> None:
    client = await reporting.client("admin")
    report = {**framework_item("reports", "csdg_monthly"), "audiences": ["not_there"]}
    body = {"items": [{"kind": "reports", "code": "csdg_monthly", "content": report}]}
    assert (await client.post("/v1/framework/applications", json=body)).status_code == 422


def test_periods_are_found_by_the_day_they_end() -> None:
    found = periods_ending_between(PeriodKind.financial_quarter, date(2026, 4, 1), date(2027, 3, 31), {})
    assert [period.code for period in found] == [f"FY2026-27-Q{part}" for part in (1, 2, 3, 4)]
    months = periods_ending_between(PeriodKind.month, date(2028, 2, 29), date(2028, 2, 29), {})
    assert [period.code for period in months] == ["2028-02"]


def a_report(**changes: Any) -> Report:
    found = parse_item("reports", {**framework_item("reports", "csdg_monthly"), **changes})
    assert isinstance(found, Report)
    return found


def test_a_due_date_counts_over_new_year_and_the_change_of_clocks() -> None:
    report = a_report(due={"rule": "working_days_after_period_end", "days": 10})
    assert dates_of(report, Period.parse("2026-12"), {}, (), frozenset()).due_on == date(2027, 1, 15)
    assert dates_of(report, Period.parse("2027-03"), {}, (), frozenset()).due_on == date(2027, 4, 14)


def test_papers_are_due_before_the_first_meeting_that_leaves_the_time() -> None:
    report = a_report(due={"rule": "working_days_before_meeting", "days": 5, "board": "csdg"})
    meetings = (date(2026, 11, 4), date(2026, 11, 25))
    found = dates_of(report, Period.parse("2026-10"), {}, meetings, frozenset())
    assert found.due_on == date(2026, 11, 18)
    with pytest.raises(NoDates):
        dates_of(report, Period.parse("2026-11"), {}, meetings, frozenset())


async def test_a_meeting_that_moves_takes_its_papers_with_it(reporting: Running) -> None:
    client = await reporting.client("admin")
    board = framework_item("boards", "csdg")
    await apply_change(client, "boards", {**board, "meeting_dates": ["2026-12-16"]})
    rule = {"rule": "working_days_before_meeting", "days": 5, "board": "csdg"}
    await apply_change(client, "reports", {**framework_item("reports", "csdg_monthly"), "due": rule})
    await materialise(client, {"from": "2026-11-01", "to": "2026-11-30"})
    assert (await occurrences(client, report="csdg_monthly"))[0]["due_on"] == "2026-12-09"
    await apply_change(client, "boards", {**board, "meeting_dates": ["2026-12-18"]})
    await materialise(client, {"from": "2026-11-01", "to": "2026-11-30"})
    assert (await occurrences(client, report="csdg_monthly"))[0]["due_on"] == "2026-12-11"


async def test_days_are_london_s(start: Start) -> None:
    # 23:30 in UTC on 31 July is already August in London: July's report has opened.
    clock = FixedClock(datetime(2026, 7, 31, 23, 30, tzinfo=UTC))
    reporting = await start("reporting", clock=clock)
    client = await reporting.client("analyst")
    await materialise(client, {"from": "2026-07-01", "to": "2026-08-31"})
    found = await occurrences(client, report="csdg_monthly", period="2026-07")
    assert found[0]["status"] == "due"


def test_the_framework_s_schedule_has_every_cadence() -> None:
    reports = dorset_framework().items["reports"].values()
    assert {report.cadence.value for report in reports if isinstance(report, Report)} == {
        "monthly", "quarterly", "half_termly", "termly", "annual", "periodic", "on_request",
    }  # fmt: skip
