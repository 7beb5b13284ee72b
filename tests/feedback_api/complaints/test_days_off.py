"""Local days off, what they move, and the deadlines calculator."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from services.feedback_api.models import metadata
from shared.clock import FixedClock

Make = Callable[..., dict[str, Any]]
PATH = "/v1/complaints/CSC-2026-0118"
DAY = {"day": "2026-11-24", "name": "Proclaimed bank holiday"}


async def test_a_bank_holiday_proclaimed_while_cases_are_open_moves_every_due_date(
    feedback: Any, a_complaint: Make
) -> None:
    client = await feedback.client("admin")
    ended = {"stage": "stage_1", "started_on": "2026-11-12", "ended_on": "2026-11-13", "outcome": "not_upheld"}
    for body in (a_complaint(), a_complaint(respond_ref="done", stages=[ended])):
        await client.post("/v1/complaints", json=body)
    answer = await client.post("/v1/bank-holidays", json=DAY)
    assert (answer.status_code, answer.json()["origin"]) == (201, "local")
    moved = (await client.get(PATH)).json()
    assert (moved["current"]["statutory"]["due_on"], moved["version"]) == ("2026-11-27", 1)
    assert moved["current"]["statutory"]["working_days_left"] == 3
    closed = (await client.get("/v1/complaints/done")).json()
    assert closed["stages"][0]["statutory"]["due_on"] == "2026-11-26"
    new = (await client.post("/v1/complaints", json=a_complaint(respond_ref="new"))).json()
    assert new["current"]["statutory"]["due_on"] == "2026-11-27"
    await feedback.seal()
    deeds = (await client.get("/v1/activity?subject_type=bank_holiday")).json()["items"]
    assert [(deed["action"], deed["data"]) for deed in deeds] == [("bank_holiday.added", {"due_dates_moved": 1})]


async def test_the_same_day_added_again_stays_and_taken_back_moves_all_back(feedback: Any, a_complaint: Make) -> None:
    client = await feedback.client("admin")
    await client.post("/v1/complaints", json=a_complaint())
    await client.post("/v1/bank-holidays", json=DAY)
    again = await client.post("/v1/bank-holidays", json=DAY | {"name": "Other"})
    assert (again.status_code, again.json()["name"]) == (200, "Proclaimed bank holiday")
    path = "/v1/bank-holidays/2026-11-24"
    assert (await client.delete(path)).status_code == 428
    assert (await client.delete(path, headers={"If-Match": '"2"'})).status_code == 412
    assert (await client.delete(path, headers={"If-Match": '"1"'})).status_code == 204
    assert (await client.delete(path, headers={"If-Match": '"1"'})).status_code == 404
    assert (await client.get(PATH)).json()["current"]["statutory"]["due_on"] == "2026-11-26"


@pytest.mark.parametrize("day", ["2026-11-22", "2026-12-25", "2026-12-28"])
async def test_a_day_that_is_off_already_is_refused(feedback: Any, day: str) -> None:
    client = await feedback.client("admin")
    answer = await client.post("/v1/bank-holidays", json={"day": day, "name": "x"})
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/not-a-working-day")


async def test_the_days_off_of_a_year_are_listed_whole(feedback: Any) -> None:
    client = await feedback.client("admin")
    await client.post("/v1/bank-holidays", json=DAY)
    items = (await client.get("/v1/bank-holidays")).json()["items"]
    assert {"2026-04-03", "2026-11-24", "2026-12-28"} <= {item["day"] for item in items}
    assert [item["day"] for item in items if item["origin"] == "local"] == ["2026-11-24"]
    assert (await client.get("/v1/bank-holidays?year=1066")).status_code == 422
    practitioner = await feedback.client("practitioner")
    assert (await practitioner.post("/v1/bank-holidays", json=DAY)).status_code == 403


async def test_a_token_for_one_unit_cannot_change_the_days_off_of_all(feedback: Any, a_complaint: Make) -> None:
    council, unit = await feedback.client("admin"), await feedback.client("admin", unit="cwd_east")
    await council.post("/v1/complaints", json=a_complaint())
    answer = await unit.post("/v1/bank-holidays", json=DAY)
    assert (answer.status_code, "one unit" in answer.json()["detail"]) == (403, True)
    assert (await council.get(PATH)).json()["current"]["statutory"]["due_on"] == "2026-11-26"
    await council.post("/v1/bank-holidays", json=DAY)
    answer = await unit.delete("/v1/bank-holidays/2026-11-24", headers={"If-Match": '"1"'})
    assert (answer.status_code, "one unit" in answer.json()["detail"]) == (403, True)
    assert (await council.get(PATH)).json()["current"]["statutory"]["due_on"] == "2026-11-27"


async def test_open_clocks_are_moved_in_as_many_statements_however_many_complaints_there_are(
    feedback: Any, a_complaint: Make
) -> None:
    client = await feedback.client("admin")
    aside = [{"from": "2026-11-16", "to": "2026-11-17", "reason": "A court sits."}]
    statements: list[str] = []

    def count(_: Any, __: Any, statement: str, *___: Any) -> None:
        statements.append(statement)

    sa.event.listen(feedback.database.engine.sync_engine, "before_cursor_execute", count)
    taken = []
    for number in range(1, 7):
        await client.post("/v1/complaints", json=a_complaint(respond_ref=f"C-{number}", set_aside=aside))
        if day := {2: "2026-11-24", 6: "2026-11-25"}.get(number):
            statements.clear()
            assert (await client.post("/v1/bank-holidays", json={"day": day, "name": "x"})).status_code == 201
            taken.append(len(statements))
    assert taken[0] == taken[1]
    for number in range(1, 7):
        found = (await client.get(f"/v1/complaints/C-{number}")).json()
        assert found["current"]["statutory"]["due_on"] == "2026-12-02"


async def test_a_procedure_changed_in_the_framework_moves_its_open_clocks(feedback: Any, a_complaint: Make) -> None:
    client = await feedback.client("admin")
    await client.post("/v1/complaints", json=a_complaint())
    item = (await client.get("/v1/framework/complaint_procedures/statutory")).json()["content"]
    item["stages"][0]["local_target"] = {"working_days": 5}
    entry = {"kind": "complaint_procedures", "code": "statutory", "content": item}
    answer = await client.post("/v1/framework/applications", json={"items": [entry]})
    assert answer.status_code == 200, answer.text
    current = (await client.get(PATH)).json()["current"]
    assert (current["local"]["due_on"], current["statutory"]["due_on"]) == ("2026-11-19", "2026-11-26")
    (row,) = (await client.get("/v1/complaints")).json()["items"]
    assert (row["past_target"], row["overdue"]) == (True, False)


async def test_deadlines_are_calculated_with_the_local_days_off(feedback: Any) -> None:
    client = await feedback.client("practitioner")
    body = {"received_on": "2026-11-12", "working_days": 10}
    plain = (await client.post("/v1/calculations/deadlines", json=body)).json()
    assert (plain["clock_starts_on"], plain["due_on"], plain["final_due_on"]) == (
        "2026-11-13",
        "2026-11-26",
        "2026-11-26",
    )
    await (await feedback.client("admin")).post("/v1/bank-holidays", json=DAY)
    moved = (await client.post("/v1/calculations/deadlines", json=body | {"extensions": [10]})).json()
    assert (moved["due_on"], moved["due"]["bank_holidays"]) == ("2026-11-27", 1)
    assert moved["final_due_on"] == "2026-12-11"


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"working_days": 0}, "/working_days"), ({"working_days": 401}, "/working_days"),
        ({"extensions": [0]}, "/extensions/0"), ({"extensions": [1] * 21}, "/extensions"),
        ({"received_on": "1999-12-31"}, "/received_on"), ({"received_on": "2091-01-01"}, "/received_on"),
        ({"frozen": [{"from": "2026-11-13", "to": "2026-11-12"}]}, "/frozen/0"),
        ({"frozen": [{"from": "2026-11-13", "to": "2126-11-12"}]}, "/frozen"),
    ],
)  # fmt: skip
async def test_a_clock_that_cannot_be_counted_is_refused(feedback: Any, fields: dict[str, Any], pointer: str) -> None:
    client = await feedback.client("practitioner")
    body = {"received_on": "2026-11-12", "working_days": 10} | fields
    answer = await client.post("/v1/calculations/deadlines", json=body)
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]


async def test_a_bank_holiday_moved_by_proclamation_is_worked_on_its_old_day_and_off_on_the_new(
    feedback: Any, a_complaint: Make
) -> None:
    client = await feedback.client("admin")
    body = {"received_on": "2027-04-30", "working_days": 5}
    assert (await client.post("/v1/calculations/deadlines", json=body)).json()["due_on"] == "2027-05-10"
    old = {"day": "2027-05-03", "name": "May Day, moved", "worked": True}
    assert (await client.post("/v1/bank-holidays", json=old)).json()["worked"] is True
    assert (await client.post("/v1/calculations/deadlines", json=body)).json()["due_on"] == "2027-05-07"
    new = {"day": "2027-05-07", "name": "May Day, this year on a Friday"}
    assert (await client.post("/v1/bank-holidays", json=new)).status_code == 201
    moved = (await client.post("/v1/calculations/deadlines", json=body)).json()
    assert moved["due_on"] == "2027-05-10"
    assert [one for one in moved["passed_over"] if one["why"] == "bank_holiday"] == [
        {"first": "2027-05-07", "last": "2027-05-07", "why": "bank_holiday", "name": "May Day, this year on a Friday"}
    ]
    may = [one for one in (await client.get("/v1/bank-holidays?year=2027")).json()["items"] if one["day"][5:7] == "05"]
    assert [(one["day"], one["origin"], one["worked"]) for one in may] == [
        ("2027-05-03", "local", True), ("2027-05-07", "local", False), ("2027-05-31", "england", False),
    ]  # fmt: skip


async def test_a_worked_bank_holiday_moves_open_clocks_forward(start: Any, a_complaint: Make) -> None:
    feedback = await start("feedback", clock=FixedClock(datetime(2026, 12, 1, 9, tzinfo=UTC)))
    client = await feedback.client("admin")
    aside = [{"from": "2026-12-01", "to": "2026-12-23", "reason": "A court sits."}]
    await client.post("/v1/complaints", json=a_complaint(received_on="2026-12-01", set_aside=aside))
    # 24, 29, 30, 31 December; 4 to 8 and 11 January.
    assert (await client.get(PATH)).json()["current"]["statutory"]["due_on"] == "2027-01-11"
    await client.post("/v1/bank-holidays", json={"day": "2026-12-28", "name": "Moved", "worked": True})
    assert (await client.get(PATH)).json()["current"]["statutory"]["due_on"] == "2027-01-08"


@pytest.mark.parametrize("day", ["2026-11-24", "2026-12-26", "2026-11-22"])
async def test_only_a_bank_holiday_of_the_week_can_be_worked(feedback: Any, day: str) -> None:
    client = await feedback.client("admin")
    answer = await client.post("/v1/bank-holidays", json={"day": day, "name": "x", "worked": True})
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/not-a-bank-holiday")


async def test_R59_the_calculator_answers_the_documented_body_and_nothing_else(feedback: Any) -> None:
    client = await feedback.client("practitioner")
    body = {
        "received_on": "2026-12-18", "working_days": 10, "extensions": [],
        "frozen": [{"from": "2026-12-29", "to": "2026-12-31"}],
    }  # fmt: skip
    answer = await client.post("/v1/calculations/deadlines", json=body)
    found = answer.json()
    # 21 to 24 December, then 4 to 8 January, and the 11th.
    assert (answer.status_code, found["due_on"], found["final_due_on"], found["extended"]) == (
        200, "2027-01-11", "2027-01-11", [],
    )  # fmt: skip
    assert [(one["first"], one["last"], one["why"], one["name"]) for one in found["passed_over"]] == [
        ("2026-12-19", "2026-12-20", "weekend", None),
        ("2026-12-25", "2026-12-25", "bank_holiday", "Christmas Day"),
        ("2026-12-26", "2026-12-27", "weekend", None),
        ("2026-12-28", "2026-12-28", "bank_holiday", "Boxing Day (observed)"),
        ("2026-12-29", "2026-12-31", "set_aside", None),
        ("2027-01-01", "2027-01-01", "bank_holiday", "New Year's Day"),
        ("2027-01-02", "2027-01-03", "weekend", None),
        ("2027-01-09", "2027-01-10", "weekend", None),
    ]
    stopped = (await client.post("/v1/calculations/deadlines", json=body | {"frozen": [{"from": "2026-12-22"}]})).json()
    assert (stopped["clock_starts_on"], stopped["due_on"], stopped["final_due_on"]) == ("2026-12-21", None, None)
    for more in ({"unit": "x"}, {"received_on": "2026-02-29"}, {"received_on": "18/12/2026"}, {"working_days": "10"},
                 {"working_days": 1.5}, {"extensions": ["5"]}, {"extensions": None}, {"frozen": [{"to": "2026-12-31"}]},
                 {"frozen": [{"from": "2026-12-31", "to": "2026-12-30"}]}, {"frozen": {}}):  # fmt: skip
        refused = await client.post("/v1/calculations/deadlines", json=body | more)
        assert refused.status_code == 422, more
    async with feedback.database.snapshot() as session:
        log = metadata.tables["activity"]
        statement = sa.select(sa.func.count()).select_from(log).where(log.c.action != "framework.applied")
        assert (await session.execute(statement)).scalar_one() == 0
