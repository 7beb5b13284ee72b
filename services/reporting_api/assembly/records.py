"""What this service itself has on record for a report: no question rests on it, so it is read while they are asked."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting_api.assembly.brief import Brief
from services.reporting_api.assembly.last_report import LastReport, read_last
from services.reporting_api.definitions import boards_of
from services.reporting_api.matters import read_matters
from services.reporting_api.models import SourceReading
from services.reporting_api.occurrences import c
from services.reporting_api.owed import Owed, read_for_report
from services.reporting_api.punctuality import Punctuality, Tally, periods_up_to, read_punctuality
from services.reporting_api.returns_due import Due, read_held, returns_due
from shared.schemas.framework.reporting import SectionKind
from shared.schemas.periods import Period, TermDatesUnknown

_reading: sa.Table = SourceReading.__table__  # type: ignore[attr-defined]
# So many periods of timeliness, the report's own included.
_TREND = 8


@dataclass(frozen=True)
class Records:
    """Of what only some kinds of section show nothing is read where the report has none of them."""

    # When each source answered last.
    readings: dict[tuple[str, str], datetime | None]
    # The newest published report of this kind before this one, and its protected copy.
    last: LastReport
    owed: Owed
    sent: dict[Any, dict[str, Any]]
    matters: Sequence[Any]
    returns: Sequence[Due]
    next_due: dict[str, date]
    punctuality: Punctuality | None
    punctuality_trend: dict[str, Tally]


async def read_records(session: AsyncSession, brief: Brief) -> Records:
    """As they stand now, for the report of a brief."""
    occurrence, report = brief.occurrence, brief.report
    kinds = {section.kind for section in report.sections}
    readings = (await session.execute(sa.select(_reading))).all()
    owed, sent = await read_for_report(session, occurrence.id, brief.today)
    punctuality, trend = await _punctuality(session, brief) if SectionKind.compliance in kinds else (None, {})
    return Records(
        readings={(row.service, row.endpoint): row.as_of for row in readings},
        last=await read_last(session, occurrence, brief.threshold) if SectionKind.last_year in kinds else LastReport(),
        owed=owed, sent=sent,
        matters=await read_matters(session, occurrence, report.audiences, boards_of(report)),
        returns=await _returns(session, brief) if SectionKind.returns in kinds else (),
        next_due=await _next_due(session, brief.today) if SectionKind.schedule in kinds else {},
        punctuality=punctuality, punctuality_trend=trend,
    )  # fmt: skip


async def _returns(session: AsyncSession, brief: Brief) -> list[Due]:
    span = brief.occurrence.period_start, brief.occurrence.period_end
    return returns_due(brief.known, await read_held(session, *span), *span)


async def _punctuality(session: AsyncSession, brief: Brief) -> tuple[Punctuality, dict[str, Tally]]:
    """Of the report's period, and the reports of it and of the periods before as a trend."""
    occurrence, terms = brief.occurrence, brief.known.terms(brief.report)
    spans = {occurrence.period: (occurrence.period_start, occurrence.period_end)}
    for period in periods_up_to(Period.parse(occurrence.period), _TREND):
        with suppress(TermDatesUnknown):
            spans[period.code] = period.dates(terms)
    whole = await read_punctuality(
        session, min(start for start, _ in spans.values()), occurrence.period_end, brief.today,
        boards=occurrence.boards, leave_out=occurrence.id,
    )  # fmt: skip
    trend = {code: whole.between(*span).of_reports for code, span in sorted(spans.items(), key=lambda one: one[1])}
    return whole.between(occurrence.period_start, occurrence.period_end), {
        code: found for code, found in trend.items() if found.expected
    }


async def _next_due(session: AsyncSession, today: date) -> dict[str, date]:
    statement = (
        sa.select(c.report, sa.func.min(c.due_on).label("due_on"))
        .where(c.due_on >= today, c.published_on.is_(None), c.withdrawn_on.is_(None))
        .group_by(c.report)
    )
    return {row.report: row.due_on for row in (await session.execute(statement)).all()}
