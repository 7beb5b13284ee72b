"""The calendar of reports and meetings: as JSON for a page, as iCalendar for a calendar program."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, cast

import httpx
import pytest
from icalendar import Calendar, Event

from tests.conftest import Running
from tests.reporting_api.framework_changes import apply_change, framework_item
from tests.reporting_api.schedule_calls import materialise, occurrences

PLAN = ["2026-12-16", "2027-06-16"]


async def made(reporting: Running) -> httpx.AsyncClient:
    client = await reporting.client("admin")
    await apply_change(client, "boards", {**framework_item("boards", "csdg"), "meeting_dates": PLAN})
    rule = {"rule": "clear_working_days_before_meeting", "days": 5, "board": "csdg"}
    await apply_change(client, "reports", {**framework_item("reports", "csdg_monthly"), "due": rule})
    await materialise(client)
    return client


async def month(client: httpx.AsyncClient, period: str, **query: str) -> dict[str, Any]:
    answer = await client.get("/v1/calendar", params={"period": period, **query})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def events(client: httpx.AsyncClient, **query: str) -> dict[str, Event]:
    answer = await client.get("/v1/calendar.ics", params=query)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    feed = Calendar.from_ical(answer.content)
    return {str(one["uid"]): cast("Event", one) for one in feed.walk("VEVENT")}


async def test_a_month_shows_what_is_due_who_meets_and_which_days_are_off(reporting: Running) -> None:
    client = await made(reporting)
    found = await month(client, "2026-12", board="SDG")
    assert (found["board"], found["period"]["label"], found["meetings"]) == ("csdg", "December 2026", 1)
    days = {one["day"]: one for one in found["months"][0]["days"]}
    assert days["2026-12-25"]["holiday"] == "Christmas Day"
    assert (days["2026-12-28"]["working_day"], days["2026-12-28"]["due"]) == (False, [])
    assert days["2026-12-16"]["meetings"][0]["status"] == "planned"
    due = days["2026-12-08"]["due"]
    assert {(one["report"], one["period"]) for one in due} >= {("csdg_monthly", "2026-11")}
    assert next(one for one in due if one["report"] == "csdg_monthly")["meeting_on"] == "2026-12-16"
    assert found["due"] == sum(len(day["due"]) for day in days.values())


async def test_a_year_has_twelve_months_and_every_due_date_of_the_schedule_once(reporting: Running) -> None:
    client = await made(reporting)
    found = await month(client, "FY2026-27")
    assert [one["month"] for one in found["months"]][:2] == ["2026-04", "2026-05"]
    assert len(found["months"]) == 12
    shown = [one["occurrence"] for one in found["months"] for day in one["days"] for one in day["due"]]
    listed = await occurrences(client, **{"from": "2026-04-01", "to": "2027-03-31"})
    assert sorted(shown) == sorted(one["id"] for one in listed)


async def test_a_report_that_waits_for_a_meeting_is_named_as_undated(reporting: Running) -> None:
    client = await made(reporting)
    title = (await occurrences(client, report="csdg_monthly"))[0]["title"]
    waits = {"report": "csdg_monthly", "title": title, "period": "2027-06", "awaits": "meeting", "occurrence": None}
    assert (await month(client, "2027-06"))["undated"] == [waits]
    await materialise(client, {"from": "2027-06-01", "to": "2027-06-30"})
    (made_now,) = await occurrences(client, awaiting_meeting="true", period="2027-06")
    assert (await month(client, "2027-06"))["undated"] == [{**waits, "occurrence": made_now["id"]}]


@pytest.mark.parametrize(
    "query", [{}, {"period": "AY2026-27-T1"}, {"period": "2026-13"}, {"period": "2026-11", "x": "1"}]
)
async def test_a_span_that_is_none_is_refused(reporting: Running, query: dict[str, str]) -> None:
    client = await reporting.client("analyst")
    assert (await client.get("/v1/calendar", params=query)).status_code == 422


async def test_a_caller_for_one_unit_sees_what_is_due_from_it(reporting: Running) -> None:
    await made(reporting)
    other = await reporting.client("head_of_service", unit="family_support")
    assert (await month(other, "2026-12"))["due"] == 0
    assert not [uid for uid in await events(other) if uid.startswith("due-")]


async def test_the_feed_has_due_dates_and_meetings_that_keep_their_identity_when_they_move(reporting: Running) -> None:
    client = await made(reporting)
    before = await events(client, board="csdg")
    meeting = before["meeting-csdg-2026-12-16@reporting"]
    assert (meeting.decoded("dtstart"), meeting["sequence"], str(meeting["status"])) == (
        date(2026, 12, 16), 0, "CONFIRMED",
    )  # fmt: skip
    path = "/v1/boards/csdg/meetings/2026-12-16"
    await client.post(f"{path}/moves", json={"to": "2026-12-18", "reason": "Snow."}, headers={"If-Match": '"1"'})
    after = await events(client, board="csdg")
    assert after.keys() == before.keys()
    moved = {uid for uid in after if after[uid].decoded("dtstart") != before[uid].decoded("dtstart")}
    one = (await occurrences(client, report="csdg_monthly", period="2026-11"))[0]
    assert f"due-{one['id']}@reporting" in moved
    assert "meeting-csdg-2026-12-16@reporting" in moved
    assert all(after[uid]["sequence"] > before[uid]["sequence"] for uid in moved)
    assert after[f"due-{one['id']}@reporting"].decoded("dtstart") == date(2026, 12, 10)


async def test_a_meeting_has_its_hour_in_london_in_winter_and_in_summer(reporting: Running) -> None:
    client = await made(reporting)
    for day in PLAN:
        path = f"/v1/boards/csdg/meetings/{day}"
        body = {"starts_at": "14:00", "place": "County Hall", "reason": "Set."}
        await client.patch(path, json=body, headers={"If-Match": '"1"'})
    found = await events(client, board="csdg")
    starts = [found[f"meeting-csdg-{day}@reporting"].decoded("dtstart") for day in PLAN]
    assert [cast("datetime", one).isoformat() for one in starts] == [
        "2026-12-16T14:00:00+00:00", "2027-06-16T13:00:00+00:00",
    ]  # fmt: skip
    assert str(found[f"meeting-csdg-{PLAN[0]}@reporting"]["location"]) == "County Hall"


async def test_a_cancelled_meeting_is_cancelled_in_the_feed_and_not_counted(reporting: Running) -> None:
    client = await made(reporting)
    path = "/v1/boards/csdg/meetings/2027-06-16"
    await client.post(f"{path}/cancellations", json={"reason": "No quorum."}, headers={"If-Match": '"1"'})
    cancelled = (await events(client, board="csdg"))["meeting-csdg-2027-06-16@reporting"]
    assert (str(cancelled["status"]), str(cancelled["transp"])) == ("CANCELLED", "TRANSPARENT")
    assert str(cancelled["summary"]).startswith("Cancelled: ")
    found = await month(client, "2027-06", board="csdg")
    assert found["meetings"] == 0
    day = next(one for one in found["months"][0]["days"] if one["day"] == "2027-06-16")
    assert day["meetings"][0]["status"] == "cancelled"


async def test_no_name_begins_a_line_of_its_own_in_the_feed(reporting: Running) -> None:
    client = await reporting.client("admin")
    name = "Board, of; two\nATTACH:https://a.example\rX-ODD:1"
    await apply_change(client, "boards", {**framework_item("boards", "csdg"), "name": name, "meeting_dates": PLAN})
    answer = await client.get("/v1/calendar.ics", params={"board": "csdg"})
    assert answer.status_code == 200
    assert not {line[:6] for line in answer.text.splitlines()} & {"ATTACH", "X-ODD:"}
    assert "NAME:Reports to Board\\, of\\; two\\nATTACH" in answer.text.replace("\r\n ", "")


async def test_a_feed_that_has_not_changed_is_not_sent_again(reporting: Running) -> None:
    client = await made(reporting)
    first = await client.get("/v1/calendar.ics")
    again = await client.get("/v1/calendar.ics", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert (await client.get("/v1/calendar.ics")).content == first.content
