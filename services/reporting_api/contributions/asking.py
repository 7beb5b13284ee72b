"""What the calendar does to contributions: asked when the period ends, moved with the report, chased till they come."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting_api.contributions import trail
from services.reporting_api.definitions import Definitions, read_definitions
from services.reporting_api.occurrences import OPEN as OCCURRENCE_OPEN
from services.reporting_api.occurrences import c as occurrence
from services.reporting_api.occurrences import table as occurrence_table
from services.reporting_api.owed import OPEN, SELECT, c, event_table, table
from shared.auth.caller import Caller
from shared.schemas.framework.contributing import Asking
from shared.schemas.framework.reporting import Report
from shared.working_days import add_working_days, subtract_working_days

event = event_table.c
WITHDRAWN = "The report is no longer on the schedule."


async def ask_and_chase(session: AsyncSession, caller: Caller, today: date) -> int:
    """Do what the day asks for; returns how many steps were taken. Run again that day it finds nothing to do.

    After days without a clock each contributor is asked once and chased once, not once for every day that was lost.
    """
    known = await read_definitions(session)
    return (
        await _ask(session, caller, known, today)
        + await _ask_again(session, caller, known, today)
        + await _follow(session, caller, known, today)
        + await _chase(session, caller, known, today)
    )


def due_day(report_due_on: date, asking: Asking, today: date, days_off: AbstractSet[date]) -> date:
    """Counted back from the report's own day; never in the past: nobody is late for what was not asked yet."""
    return max(subtract_working_days(report_due_on, asking.due_days_before_report, days_off), today)


def parts_of(report: Report) -> list[dict[str, str]]:
    """What is asked for; a report that names no parts asks for one, the contribution."""
    asked = [{"code": part.code, "title": part.title} for part in report.asking.parts]
    return asked or [{"code": "contribution", "title": "Contribution"}]


def _named(report: Report) -> list[tuple[str, str]]:
    """The contributors of a report, by kind and code."""
    return [("agency" if one.agency else "unit", one.code) for one in report.contributors]


def chase_day(
    due_on: date, report_due_on: date, asking: Asking, since: date, today: date, days_off: AbstractSet[date]
) -> bool:
    """Whether a day for a reminder or a chase lies after `since` and not after today; none after the report's own."""
    reminders = (subtract_working_days(due_on, days, days_off) for days in asking.remind_days_before)
    if any(since < day <= today for day in reminders):
        return True
    day = add_working_days(due_on, 1, days_off)
    while day <= min(today, report_due_on):
        if day > since:
            return True
        day = add_working_days(day, asking.chase_every_days, days_off)
    return False


async def _ask(session: AsyncSession, caller: Caller, known: Definitions, today: date) -> int:
    """Ask every contributor of every report whose period is over and whose own day is still to come."""
    asking = {report.code: report for report in known.in_use() if report.contributors}
    statement = sa.select(occurrence_table).where(
        OCCURRENCE_OPEN, occurrence.report.in_(asking), occurrence.opens_on <= today, occurrence.due_on >= today
    )
    rows = (await session.execute(statement)).all()
    held = sa.select(c.occurrence, c.contributor_kind, c.contributor).where(c.occurrence.in_([row.id for row in rows]))
    asked = {tuple(row) for row in (await session.execute(held)).all()}
    count = 0
    for row in rows:
        report = asking[row.report]
        due_on = due_day(row.due_on, report.asking, today, known.days_off())
        for kind, code in _named(report):
            if (row.id, kind, code) not in asked:
                made = await trail.begin(session, caller, row, kind, code, parts_of(report), due_on, today)
                count += made is not None
    return count


async def _ask_again(session: AsyncSession, caller: Caller, known: Definitions, today: date) -> int:
    """Ask whoever was let off because the report left the schedule, now that it is in it again: whom it still names,
    and whom somebody asked by hand."""
    by_hand = sa.exists().where(event.contribution == c.id, event.kind == "asked", event.by != caller.subject)
    let_off = (
        SELECT.add_columns(by_hand.label("asked_by_hand"))
        .where(OCCURRENCE_OPEN, c.waived_reason == WITHDRAWN, occurrence.due_on >= today)
        .order_by(c.id)
    )
    count = 0
    for row in (await session.execute(let_off.with_for_update(of=[table], skip_locked=True))).all():
        report = known.reports.get(row.report)
        if report is None:
            continue
        if not row.asked_by_hand and (row.contributor_kind, row.contributor) not in _named(report):
            continue
        due_on = due_day(row.report_due_on, report.asking, today, known.days_off())
        if row.due_by_hand and today <= row.due_on <= row.report_due_on:
            due_on = row.due_on
        await trail.step(session, caller, row, "asked", today, waived_on=None, waived_reason=None, due_on=due_on)
        count += 1
    return count


async def _open_rows(session: AsyncSession, *conditions: sa.ColumnElement[bool]) -> Any:
    statement = SELECT.add_columns(occurrence.withdrawn_on).where(OPEN, *conditions).order_by(c.id)
    # Whoever is at one just now is not kept waiting: the next tick finds it as it is then.
    return (await session.execute(statement.with_for_update(of=[table], skip_locked=True))).all()


async def _follow(session: AsyncSession, caller: Caller, known: Definitions, today: date) -> int:
    """Bring open contributions into step with their report's day, until their own has passed."""
    count = 0
    for row in await _open_rows(session, c.due_on >= today):
        report = known.reports.get(row.report)
        if row.withdrawn_on is not None or report is None:
            await trail.step(
                session, caller, row, "waived", today, words=WITHDRAWN, waived_on=today, waived_reason=WITHDRAWN
            )
        elif row.due_by_hand:
            continue
        elif (day := due_day(row.report_due_on, report.asking, today, known.days_off())) != row.due_on:
            await trail.step(session, caller, row, "moved", today, due_on=day)
        else:
            continue
        count += 1
    return count


async def _chase(session: AsyncSession, caller: Caller, known: Definitions, today: date) -> int:
    """Remind who owes something soon, chase who is late, at most once a day."""
    count = 0
    for row in await _open_rows(session, OCCURRENCE_OPEN, occurrence.due_on >= today):
        report = known.reports.get(row.report)
        since = max(row.asked_on, row.last_chased_on or row.asked_on)
        if report is None or not chase_day(
            row.due_on, row.report_due_on, report.asking, since, today, known.days_off()
        ):
            continue
        kind = "reminded" if row.due_on >= today else "chased"
        await trail.step(session, caller, row, kind, today, how="system", chases=c.chases + 1, last_chased_on=today)
        count += 1
    return count
