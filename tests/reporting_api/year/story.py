"""The year itself, told in the order of its days."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date

from tests.reporting_api.year import events
from tests.reporting_api.year.counting import FIRST, Owed
from tests.reporting_api.year.people import Year
from tests.reporting_api.year.plan import (
    CORRECTED_ON,
    END,
    LATE,
    MEETING_MOVED_ON,
    OUTAGE,
    OWED,
    PARTS_WAIVED,
    REQUESTS,
    RETURNS,
    SCHEDULE_ENDS,
    part_sent_on,
    published_on,
)

Step = Callable[[Year], Awaitable[None]]
# In this order on a day.
SENT, ASKED, RETURNED, PUBLISHED, LAST = range(5)
# What is told of others' parts, of returns and of timeliness is assembled again before it goes out.
REFRESHED = {"contributions", "compliance", "returns"}
REPLICAS = 3


async def live(year: Year, until: date = END) -> None:
    """Everything that happens from April until a day, or until the last report of the year is out."""
    diary = _diary()
    for day in sorted(one for one in diary if one <= until):
        await year.go(day, replicas=REPLICAS if day.day == 1 else 1)
        for _, _, step in sorted(diary[day], key=lambda entry: entry[:2]):
            await step(year)


def _diary() -> dict[date, list[tuple[int, str, Step]]]:
    found: dict[date, list[tuple[int, str, Step]]] = {day: [] for day in (FIRST, END)}

    def note(day: date, order: int, name: str, step: Step) -> None:
        found.setdefault(day, []).append((order, name, step))

    for one in OWED:
        name = f"{one.report} {one.period}"
        if one.key in REQUESTS:
            note(one.opens_on, ASKED, name, lambda year, one=one: _request(year, one))  # type: ignore[misc]
        else:
            found.setdefault(one.opens_on, [])
        if (day := published_on(one)) is not None:
            note(day, PUBLISHED, name, lambda year, one=one: _publish(year, one))  # type: ignore[misc]
        for kind, code in one.contributors:
            if (sent := part_sent_on(code, one)) is not None:
                note(sent, SENT, name + code, lambda year, a=(one, kind, code): events.send_part(year, *a))  # type: ignore[misc]
            elif (code, one.key) in PARTS_WAIVED:
                note(one.contributions_due_on, SENT, name + code, lambda year, a=(one, code): events.waive(year, *a))  # type: ignore[misc]
    for (code, period), (_, day) in RETURNS.items():
        if day is not None:
            note(day, RETURNED, code + period, lambda year, a=(code, period): events.send_return(year, *a))  # type: ignore[misc]
    note(FIRST, SENT, "", events.look_ahead)
    note(date(2026, 7, 6), LAST, "", events.board_decides)
    note(date(2026, 9, 14), LAST, "", events.decision_done)
    note(CORRECTED_ON, LAST, "", events.correct)
    note(date(2026, 11, 9), LAST, "", events.audit_is_down)
    note(OUTAGE[1], ASKED, "", events.audit_is_back)
    note(MEETING_MOVED_ON, LAST, "", events.move_meeting)
    note(SCHEDULE_ENDS, LAST, "", events.end_schedule)
    return found


async def _request(year: Year, one: Owed) -> None:
    body = {"report": one.report, "period": one.period, "reason": "Asked for at the last meeting."}
    found = await year.do("ann", "POST", "occurrences", body)
    year.occurrences[one.key] = found["id"]


async def _publish(year: Year, one: Owed) -> None:
    await events.before_it_goes(year, one)
    if one.key in LATE:
        reason = {"cause": LATE[one.key][1], "reason": "As the group was told."}
        await year.do("ann", "POST", f"occurrences/{year.occurrences[one.key]}/lateness", reason)
    if REFRESHED & {section["kind"] for section in one.definition["sections"]}:
        await year.assemble(one)
    await year.to_its_board(one, await year.draft(one))
