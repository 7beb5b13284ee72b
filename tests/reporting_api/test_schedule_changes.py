"""A framework that changes: open occurrences follow with their history, the others stay."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from services.reporting_api.definitions import read_definitions
from services.reporting_api.occurrences import table
from services.reporting_api.redating import follow_changes, hold_schedule
from shared.auth.caller import system_caller
from tests.conftest import Running
from tests.reporting_api.conftest import CLOSING, Desk, slug
from tests.reporting_api.framework_changes import apply_change, framework_item
from tests.reporting_api.schedule_calls import materialise, occurrences
from tests.reporting_api.test_clock import tick


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


async def test_an_occurrence_that_is_drafted_while_a_change_is_followed_follows_it_too(desk: Desk) -> None:
    client, database = await desk.client("admin"), desk.reporting.database
    await desk.occurrence()
    wanted = sa.select(table).where(table.c.report == "csdg_monthly", table.c.period == "2026-10")
    async with database.snapshot() as session:
        as_read = (await session.execute(wanted)).all()
    await desk.draft()
    calendar = framework_item("calendars", "dorset_community_schools")
    calendar["closed_days"] = ["2026-11-26"]
    await apply_change(client, "calendars", calendar)
    async with database.transaction() as session:
        await hold_schedule(session)
        known = await read_definitions(session)
        today = desk.reporting.clock.today()
        done = await follow_changes(session, system_caller("test"), known, as_read, today)
    assert [one.becomes.isoformat() for one in done.moved] == ["2026-11-30"]
    after = await desk.occurrence()
    assert (after["due_on"], after["stage"]) == ("2026-11-30", "draft")


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


async def test_a_draft_whose_report_leaves_is_not_owed_any_more_and_goes_on_when_it_is_back(desk: Desk) -> None:
    client, report = await desk.client("admin"), framework_item("reports", "csdg_monthly")
    draft = await desk.draft()
    assert (await desk.step(draft["id"], "edit", CLOSING)).status_code == 200
    await apply_change(client, "reports", {**report, "valid_to": "2026-10-30"})
    await materialise(client)
    (gone,) = await occurrences(client, report="csdg_monthly", period="2026-10")
    assert (gone["status"], gone["withdrawn_reason"]) == ("withdrawn", "schedule_changed")
    assert (await desk.state(draft["id"]))["allowed_actions"] == ["edit"]
    assert slug(await desk.step(draft["id"], "submissions")) == "report-left-the-schedule"
    await apply_change(client, "reports", report)
    await materialise(client)
    (back,) = await occurrences(client, report="csdg_monthly", period="2026-10")
    assert back["stage"] == "draft"
    again = await client.post(f"/v1/occurrences/{gone['id']}/assemblies")
    assert (again.status_code, again.json()["id"]) == (201, draft["id"])
    assert (await desk.step(draft["id"], "submissions")).status_code == 200


async def test_a_draft_whose_report_is_back_only_after_its_day_is_late_and_can_be_submitted(desk: Desk) -> None:
    client, report = await desk.client("admin"), framework_item("reports", "csdg_monthly")
    draft = await desk.draft()
    assert (await desk.step(draft["id"], "edit", CLOSING)).status_code == 200
    before = await desk.occurrence()
    await apply_change(client, "reports", {**report, "valid_to": "2026-10-30"})
    await tick(desk.reporting)
    assert (await desk.occurrence())["status"] == "withdrawn"
    desk.reporting.clock.advance(timedelta(days=8))  # past 27 November, when October's report was due
    await apply_change(client, "reports", report)
    await tick(desk.reporting)
    back = await desk.occurrence()
    assert (back["status"], back["stage"], back["due_on"]) == ("late", "draft", before["due_on"])
    assert (await desk.step(draft["id"], "submissions")).status_code == 200


async def test_what_was_off_the_schedule_on_its_day_is_told_in_compliance_as_that_and_counted_nowhere(
    desk: Desk,
) -> None:
    client, report = await desk.client("admin"), framework_item("reports", "csdg_monthly")
    before = await desk.occurrence()

    async def told(**query: str) -> tuple[int, list[tuple[str, str, str]]]:
        found = (await client.get("/v1/compliance", params={"period": "FY2026-27-Q3", **query})).json()
        gone = [(one["report"], one["due_on"], one["reason"]) for one in found["withdrawn"]]
        return found["expected"], [one for one in gone if one[1] == before["due_on"]]

    await apply_change(client, "reports", {**report, "valid_to": "2026-10-30"})
    await tick(desk.reporting)
    assert (await told())[1] == []
    desk.reporting.clock.advance(timedelta(days=8))  # past 27 November, when October's report was due
    desk.clients.clear()
    client = await desk.client("admin")
    expected, gone = await told()
    assert gone == [("csdg_monthly", before["due_on"], "schedule_changed")]
    await apply_change(client, "reports", report)
    await tick(desk.reporting)
    assert (await desk.occurrence())["status"] == "withdrawn"
    assert await told() == (expected, gone)
    assert (await told(board="csdg"))[1] == gone and (await told(board="csoc"))[1] == []
    assert (await told(owner_role="admin"))[1] == []


async def test_what_was_ever_submitted_goes_its_way_though_its_report_leaves_and_it_is_reopened(desk: Desk) -> None:
    client, report = await desk.client("admin"), framework_item("reports", "csdg_monthly")
    draft = await desk.draft()
    assert (await desk.step(draft["id"], "edit", CLOSING)).status_code == 200
    assert (await desk.step(draft["id"], "submissions")).status_code == 200
    await apply_change(client, "reports", {**report, "valid_to": "2026-10-30"})
    await materialise(client)
    assert (await desk.occurrence())["status"] == "submitted"
    assert (await desk.step(draft["id"], "reopenings", {"reason": "A name is misspelt."})).status_code == 200
    await materialise(client)
    assert (await desk.occurrence())["status"] == "draft"
    assert (await desk.step(draft["id"], "submissions")).status_code == 200


async def test_a_report_for_another_board_is_seen_by_that_board(reporting: Running) -> None:
    client = await reporting.client("admin")
    await materialise(client)
    report = framework_item("reports", "ics_monthly")
    await apply_change(client, "reports", {**report, "audiences": ["csoc"]})
    await materialise(client)
    assert [one["report"] for one in await occurrences(client, board="CSOC", period="2026-12")] == ["ics_monthly"]


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


async def test_a_report_that_names_an_unknown_board_is_not_applied(reporting: Running) -> None:
    client = await reporting.client("admin")
    report = {**framework_item("reports", "csdg_monthly"), "audiences": ["not_there"]}
    body = {"items": [{"kind": "reports", "code": "csdg_monthly", "content": report}]}
    assert (await client.post("/v1/framework/applications", json=body)).status_code == 422
