"""Reading an edition: which one, and for which units."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.approved_words import Wanted, read_learning
from services.feedback_api.complaint_reports.errors import ReportNotProduced
from services.feedback_api.complaint_reports.producing import find_edition
from services.feedback_api.complaint_reports.rendering import Reader, edition_of, render
from services.feedback_api.complaint_reports.schemas import ComplaintsReport, EditionOut
from services.feedback_api.complaint_reports.tally import COUNCIL, figures_of
from services.feedback_api.complaint_reports.words import read_words
from services.feedback_api.models import ComplaintReport, table_of
from services.feedback_api.references import units_in_view
from shared.auth.caller import Caller
from shared.keyset import before
from shared.paging import Cursor
from shared.schemas.periods import Period

_REPORT = table_of(ComplaintReport)


async def read_report(
    session: AsyncSession, caller: Caller, period: Period, unit: str | None, edition: int | None, threshold: int,
    today: date,
) -> ComplaintsReport:  # fmt: skip
    """The report as this caller may have it; raises ReportNotProduced, or NotFound for a unit not the caller's."""
    units = await units_in_view(session, caller, unit)
    report = await find_edition(session, period.code, edition)
    newest = await find_edition(session, period.code)
    if report is None or newest is None:
        raise ReportNotProduced()
    content, of = report.content, unit or caller.unit or COUNCIL
    case_words = caller.may("feedback:complaints")
    reader = Reader(
        unit=unit or caller.unit,
        units=None if units is None else frozenset(units),
        case_words=case_words,
        update_words=case_words or caller.may("feedback:learning"),
    )
    pointed = [one for name in ("upheld", "refused") for one in content[name] if reader.sees(one["unit"])]
    wanted = Wanted(report.first_day, report.last_day, units, None, today)
    approved = await read_learning(session, wanted, threshold)
    words = await read_words(session, period.code, pointed if case_words else [], content["updates"], approved)
    nothing = figures_of([], [], {}, frozenset(), report.first_day, report.last_day)
    return render(report, newest.edition, content["figures"].get(of, nothing), words, reader)


async def list_editions(
    session: AsyncSession, period: str | None, at: Cursor
) -> list[tuple[date, ComplaintReport, EditionOut]]:
    """One page and a row more of the editions, those of the latest periods and the newest first."""
    newest = sa.func.max(_REPORT.c.edition).over(partition_by=_REPORT.c.period).label("newest")
    numbered = sa.select(_REPORT.c.id.label("of"), newest).subquery()
    statement = (
        sa.select(ComplaintReport, numbered.c.newest)
        .join(numbered, numbered.c.of == _REPORT.c.id)
        .options(sa.orm.defer(ComplaintReport.content))  # type: ignore[arg-type]
        .where(before(at, _REPORT.c.last_day, _REPORT.c.id))
    )
    if period is not None:
        statement = statement.where(_REPORT.c.period == period)
    statement = statement.order_by(_REPORT.c.last_day.desc(), _REPORT.c.id.desc()).limit(at.fetch)
    rows = (await session.execute(statement)).all()
    return [(row[0].last_day, row[0], EditionOut(**edition_of(row[0], row[1]))) for row in rows]
