"""The schedule's rules for people: what may be asked for, and what a span of days may be."""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting_api.definitions import boards_of, read_definitions
from services.reporting_api.occurrences import c, table
from services.reporting_api.owing import NoDates, dates_when_asked
from services.reporting_api.schedule.errors import (
    OnTheCalendar,
    PeriodWithoutDates,
    ReportNotInForce,
    SpanTooLong,
)
from services.reporting_api.schedule.materialise import Materialised, materialise
from services.reporting_api.schedule.progress import mark
from services.reporting_api.schedule.schemas import OccurrenceIn
from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.framework.store import check_codes
from shared.ids import new_id
from shared.organisation.units import visible_units
from shared.problems import Fault, Malformed
from shared.schemas.periods import Period

_FIRST, _LAST, _MOST_DAYS = date(2000, 1, 1), date(2099, 12, 31), 11 * 366


async def materialise_span(session: AsyncSession, caller: Caller, first: date, last: date, today: date) -> Materialised:
    """Make the span's occurrences and mark at once what time has already done to them."""
    if not (_FIRST <= first <= last <= _LAST and (last - first).days <= _MOST_DAYS):
        fault = Fault("/to", "span", "give a day after `from`, at most eleven years later, between 2000 and 2099")
        raise SpanTooLong("The span of days cannot be used.", errors=[fault])
    done = await materialise(session, caller, first, last, today)
    await mark(session, caller, today)
    return done


async def ask_for_report(session: AsyncSession, caller: Caller, body: OccurrenceIn, today: date) -> Any:
    """An occurrence of a report that comes only when asked; asked again for the same period it is another one."""
    await check_codes(session, "reports", {"/report": body.report})
    known = await read_definitions(session)
    report = known.reports[body.report]
    allowed = await visible_units(session, caller)
    if allowed is not None and report.owner_unit not in allowed:
        # As for a code that does not exist: the difference would tell.
        fault = Fault("/report", "unknown_code", "this is not the code of one of the reports of the framework")
        raise Malformed("A code is not in the applied framework; see errors.", errors=[fault])
    if report.period_kind is not None:
        raise OnTheCalendar()
    meetings = known.meeting_days(report.due.board)
    try:
        dates = dates_when_asked(
            report, Period.parse(body.period), today, known.terms(report), meetings, known.days_off()
        )
    except NoDates:
        raise PeriodWithoutDates() from None
    if not report.in_force(today):
        raise ReportNotInForce()
    occasion = await _next_occasion(session, report.code, dates.period)
    row = (
        await session.execute(
            sa.insert(table)
            .values(
                id=new_id(), report=report.code, period=dates.period, occasion=occasion, period_start=dates.start,
                period_end=dates.end, opens_on=dates.opens_on, due_on=dates.due_on, meeting_on=dates.meeting_on,
                stage="due", owner_role=report.owner_role, unit=report.owner_unit, audiences=list(report.audiences),
                boards=boards_of(report), catch_up=report.catch_up, requested_by=caller.subject,
                request_reason=body.reason, assemblies=0, version=1,
            )
            .returning(table)
        )
    ).one()  # fmt: skip
    await record_activity(
        session, caller, "occurrence.requested", "occurrence", row.id, unit=row.unit, content=body.reason,
        data={"report": row.report, "period": row.period, "occasion": occasion},
    )  # fmt: skip
    return row


async def _next_occasion(session: AsyncSession, report: str, period: str) -> int:
    """The next number for this report and period; two requests at once do not take the same."""
    await session.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(f"{report}:{period}"))))
    last = sa.select(sa.func.coalesce(sa.func.max(c.occasion), 0)).where(c.report == report, c.period == period)
    return int((await session.execute(last)).scalar_one()) + 1
