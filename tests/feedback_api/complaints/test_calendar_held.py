"""A day off proclaimed while a complaint is being recorded: whichever is first, no clock is left counted without it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from services.feedback_api.complaints import days_off, recording
from services.feedback_api.complaints.schemas import BankHolidayIn, ComplaintIn
from services.feedback_api.models import BankHoliday
from shared.auth.caller import Caller
from shared.ids import new_id

Make = Callable[..., dict[str, Any]]
DAY = {"day": "2026-11-24", "name": "Proclaimed bank holiday"}
HARM = {"learning": "She was scared of going home and nobody asked why."}


class _NotThisTime(Exception):
    pass


def _someone() -> Caller:
    return Caller("somebody", scopes=frozenset({"feedback:write"}), request_id=str(new_id()))


@asynccontextmanager
async def _proclaiming(feedback: Any) -> AsyncIterator[None]:
    """A day off is proclaimed and not yet committed as long as the block lasts."""
    async with feedback.database.transaction() as session:
        body = BankHolidayIn.model_validate(DAY)
        await days_off.proclaim(session, _someone(), body, feedback.clock.now())
        yield


async def _waits(deed: asyncio.Task[Any]) -> None:
    done, _ = await asyncio.wait({deed}, timeout=0.5)
    assert not done


def _due(answer: Any) -> str:
    assert answer.status_code == 201, answer.text
    found: str = answer.json()["current"]["statutory"]["due_on"]
    return found


@pytest.mark.parametrize("more", [{}, HARM], ids=["plain", "to be looked at"])
@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "k-1"}], ids=["by itself", "with a key"])
async def test_R59_a_complaint_sent_while_a_day_off_is_being_proclaimed_is_counted_with_it(
    feedback: Any, a_complaint: Make, more: dict[str, Any], headers: dict[str, str]
) -> None:
    client = await feedback.client("admin")
    async with _proclaiming(feedback):
        sent = asyncio.create_task(client.post("/v1/complaints", json=a_complaint(**more), headers=headers))
        await _waits(sent)
    assert _due(await sent) == "2026-11-27"
    assert (await client.post("/v1/complaints", json=a_complaint(**more))).status_code == 200


async def test_R59_a_day_off_that_is_not_proclaimed_after_all_leaves_the_complaint_as_it_was_counted(
    feedback: Any, a_complaint: Make
) -> None:
    client = await feedback.client("admin")
    with pytest.raises(_NotThisTime):
        async with _proclaiming(feedback):
            sent = asyncio.create_task(client.post("/v1/complaints", json=a_complaint()))
            await _waits(sent)
            raise _NotThisTime
    assert _due(await sent) == "2026-11-26"


@pytest.mark.parametrize("more", [{}, HARM], ids=["plain", "to be looked at"])
async def test_R59_a_day_off_proclaimed_while_a_complaint_is_being_recorded_waits_and_moves_it(
    feedback: Any, a_complaint: Make, more: dict[str, Any]
) -> None:
    client = await feedback.client("admin")
    async with feedback.database.writing() as work:
        await work.begin()
        body = ComplaintIn.model_validate(a_complaint(**more))
        case, state = await recording.record_complaint(work, _someone(), body, feedback.clock.now())
        assert (state, case.stages[0].statutory_due_on.isoformat()) == ("created", "2026-11-26")
        proclaimed = asyncio.create_task(client.post("/v1/bank-holidays", json=DAY))
        await _waits(proclaimed)
    (moved,) = (await proclaimed).json()["moved"]
    assert (moved["respond_ref"], moved["statutory_due_on"]) == (body.respond_ref, "2026-11-27")


async def test_R59_many_complaints_are_recorded_at_once_and_a_day_off_among_them_reaches_every_one(
    feedback: Any, a_complaint: Make
) -> None:
    client = await feedback.client("admin")
    posts = [client.post("/v1/complaints", json=a_complaint(respond_ref=f"C-{number}")) for number in range(24)]
    answers = await asyncio.gather(*posts[:12], client.post("/v1/bank-holidays", json=DAY), *posts[12:])
    assert {answer.status_code for answer in answers} == {201}
    held = (await client.get("/v1/complaints?limit=50")).json()["items"]
    assert (len(held), {one["statutory_due_on"] for one in held}) == (24, {"2026-11-27"})


async def test_R59_a_calendar_restored_under_a_running_service_is_not_taken_for_another_with_the_same_count(
    feedback: Any, a_complaint: Make
) -> None:
    client = await feedback.client("admin")
    assert _due(await client.post("/v1/complaints", json=a_complaint())) == "2026-11-26"
    async with feedback.database.transaction() as session:
        holiday = BankHoliday(
            day=date(2026, 11, 24), name="Proclaimed", version=1, recorded_by="x", recorded_at=feedback.clock.now()
        )
        session.add(holiday)
        await session.execute(sa.text("UPDATE calendar_state SET version = version"))
    assert _due(await client.post("/v1/complaints", json=a_complaint(respond_ref="CSC-2"))) == "2026-11-27"
