"""Clocks of real complaints over Christmas and Easter, when a bank holiday is proclaimed, and set aside over stages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from shared.clock import FixedClock

Make = Callable[..., dict[str, Any]]
NOT_UPHELD = {"outcome": "not_upheld"}


@pytest.fixture
async def later(start: Any) -> Any:
    """The service in the summer of 2027, with all of the winter and spring before it."""
    return await start("feedback", clock=FixedClock(datetime(2027, 7, 1, 9, tzinfo=UTC)))


async def stages_of(feedback: Any, body: dict[str, Any]) -> list[dict[str, Any]]:
    answer = await (await feedback.client("admin")).post("/v1/complaints", json=body)
    assert answer.status_code == 201, answer.text
    stages: list[dict[str, Any]] = answer.json()["stages"]
    return stages


def due(stage: dict[str, Any]) -> tuple[str, str | None, str | None]:
    statutory, local = stage["statutory"], stage["local"]
    return stage["clock_starts_on"], statutory and statutory["due_on"], local and local["due_on"]


@pytest.mark.parametrize(
    ("received", "starts", "expected"),
    [
        # 21 to 24 and 29 to 31 December, 4 to 6 January.
        ("2026-12-18", "2026-12-21", "2027-01-06"),
        # Received on Christmas Day: 29 to 31 December, 4 to 8 January, 11 and 12.
        ("2026-12-25", "2026-12-29", "2027-01-12"),
        # Received on the Sunday: the same.
        ("2026-12-27", "2026-12-29", "2027-01-12"),
        # Over Easter: 22 to 25, 30 and 31 March, 1, 2, 5 and 6 April.
        ("2027-03-19", "2027-03-22", "2027-04-06"),
        # Received on Good Friday: 30 March to 12 April.
        ("2027-03-26", "2027-03-30", "2027-04-12"),
        # Over May Day on 3 May.
        ("2027-04-23", "2027-04-26", "2027-05-10"),
    ],
)
async def test_R59_stage_1_is_counted_over_christmas_easter_and_may_day(
    later: Any, a_complaint: Make, received: str, starts: str, expected: str
) -> None:
    (stage,) = await stages_of(later, a_complaint(received_on=received))
    assert due(stage) == (starts, expected, expected)


async def test_R59_every_stage_of_a_statutory_complaint_over_two_holidays(later: Any, a_complaint: Make) -> None:
    stages = [
        {"stage": "stage_1", "started_on": "2026-12-11", "ended_on": "2026-12-29"} | NOT_UPHELD,
        {"stage": "stage_2", "started_on": "2026-12-30", "complaint_finalised_on": "2027-02-26",
         "ended_on": "2027-04-06"} | NOT_UPHELD,
        {"stage": "stage_3", "started_on": "2027-04-09", "requested_on": "2027-04-09", "ended_on": "2027-05-26"},
        {"stage": "panel_report", "started_on": "2027-05-26", "ended_on": "2027-06-03"},
        {"stage": "authority_response", "started_on": "2027-06-03", "ended_on": "2027-06-24"} | NOT_UPHELD,
    ]  # fmt: skip
    found = await stages_of(later, a_complaint(received_on="2026-12-11", stages=stages))
    assert [due(stage)[:2] for stage in found] == [
        # 14 to 18, 21 to 24 and 29 December: Christmas Day and the substitute are passed over.
        ("2026-12-14", "2026-12-29"),
        # 1 to 25 March are 19, 30 March to 6 April are 6 more.
        ("2027-03-01", "2027-04-06"),
        # 12 to 30 April are 15, 4 to 7 May 4, and 11 more to the 24th; May Day is passed over.
        ("2027-04-12", "2027-05-24"),
        # 27 and 28 May, 1 to 3 June; the spring bank holiday is passed over.
        ("2027-05-27", "2027-06-03"),
        ("2027-06-04", "2027-06-24"),
    ]
    assert [stage["statutory"]["state"] for stage in found] == ["met", "met", "missed", "met", "met"]


async def test_R59_a_bank_holiday_proclaimed_moves_every_open_clock_and_tells_which_and_no_closed_one(
    feedback: Any, a_complaint: Make
) -> None:
    client = await feedback.client("admin")
    ended = {"stage": "stage_1", "started_on": "2026-11-16", "ended_on": "2026-11-20"} | NOT_UPHELD
    second = {"stage": "stage_2", "started_on": "2026-11-20", "complaint_finalised_on": "2026-11-20"}
    aside = [{"from": "2026-11-18", "reason": "Proceedings."}]
    for body in (
        a_complaint(respond_ref="first", received_on="2026-11-16"),
        a_complaint(respond_ref="second", received_on="2026-11-16", unit="cwd_east", stages=[ended, second]),
        a_complaint(respond_ref="town", received_on="2026-11-20", procedure="corporate"),
        a_complaint(respond_ref="aside", received_on="2026-11-16", set_aside=aside),
        a_complaint(respond_ref="done", received_on="2026-11-16", stages=[ended]),
        a_complaint(respond_ref="over", received_on="2026-11-02"),
    ):
        assert (await client.post("/v1/complaints", json=body)).status_code == 201
    proclaimed = await client.post("/v1/bank-holidays", json={"day": "2026-11-26", "name": "Proclaimed"})
    told = proclaimed.json()
    assert (proclaimed.status_code, told["due_dates_moved"]) == (201, 3)
    moved = {
        one["respond_ref"]: (one["stage"], one["statutory_due_before"], one["statutory_due_on"])
        for one in told["moved"]
    }
    assert moved == {
        "first": ("stage_1", "2026-11-30", "2026-12-01"),
        # 23 November to 24 December is day 24; the 25th is after Christmas, and now a day later.
        "second": ("stage_2", "2026-12-29", "2026-12-30"),
        "town": ("acknowledgement", "2026-11-27", "2026-11-30"),
    }
    by_hand = {"first": "2026-12-01", "town": "2026-11-30", "over": "2026-11-16"}
    for ref, day in by_hand.items():
        assert (await client.get(f"/v1/complaints/{ref}")).json()["current"]["statutory"]["due_on"] == day
    assert (await client.get("/v1/complaints/aside")).json()["current"]["statutory"]["due_on"] is None
    closed = (await client.get("/v1/complaints/done")).json()
    assert closed["stages"][0]["statutory"]["due_on"] == "2026-11-30"
    again = await client.post("/v1/bank-holidays", json={"day": "2026-11-26", "name": "Proclaimed"})
    assert (again.status_code, again.json()["due_dates_moved"], again.json()["moved"]) == (200, 0, [])


async def test_R59_days_set_aside_over_two_stages_count_in_neither(later: Any, a_complaint: Make) -> None:
    stages = [
        {"stage": "stage_1", "started_on": "2027-02-01", "ended_on": "2027-02-22"} | NOT_UPHELD,
        {"stage": "stage_2", "started_on": "2027-02-23", "complaint_finalised_on": "2027-02-24"},
    ]
    aside = [{"from": "2027-02-15", "to": "2027-03-05", "reason": "Proceedings."}]
    first, second = await stages_of(later, a_complaint(received_on="2027-02-01", stages=stages, set_aside=aside))
    # 2 to 12 February are nine days; the tenth is the first Monday after.
    assert due(first)[:2] == ("2027-02-02", "2027-03-08")
    # 8 to 25 March are 14 days, 30 March to 9 April 9, then 12 and 13 April.
    assert due(second)[:2] == ("2027-03-08", "2027-04-13")
    assert (first["statutory"]["state"], second["statutory"]["state"]) == ("met", "past")
