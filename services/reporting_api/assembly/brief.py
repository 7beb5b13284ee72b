"""What an assembly sets out with: the report, its period and boards, all read before any neighbour is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting_api.definitions import Definitions, boards_of, disclosure_of, read_definitions
from services.reporting_api.document import document
from services.reporting_api.matters import read_matters
from services.reporting_api.models import Report as Edition
from services.reporting_api.models import ReportRevision, SourceReading
from services.reporting_api.occurrences import c, table
from services.reporting_api.owed import Owed, read_for_report
from services.reporting_api.punctuality import Punctuality, Tally, periods_up_to, read_punctuality
from shared.framework.store import read_items
from shared.schemas.board_report import BoardReport
from shared.schemas.framework.reporting import Board, Report, SectionKind
from shared.schemas.periods import Period, PeriodKind, TermDatesUnknown

_edition: sa.Table = Edition.__table__  # type: ignore[attr-defined]
_revision: sa.Table = ReportRevision.__table__  # type: ignore[attr-defined]
_reading: sa.Table = SourceReading.__table__  # type: ignore[attr-defined]
# So many periods of timeliness, the report's own included.
_TREND = 8


@dataclass(frozen=True)
class Brief:
    """Everything about the report that is not evidence."""

    occurrence: Any
    report: Report
    known: Definitions
    area: str | None
    names: dict[str, str]
    heads: dict[str, str]
    now: datetime
    today: date
    threshold: int
    protected: bool
    shown_before: BoardReport | None
    shown_protected: BoardReport | None
    readings: dict[tuple[str, str], datetime | None]
    punctuality: Punctuality | None
    punctuality_trend: dict[str, Tally]
    next_due: dict[str, date]
    owed: Owed
    sent: dict[Any, dict[str, Any]]
    matters: Sequence[Any]

    @property
    def boards(self) -> list[Board]:
        return [self.known.boards[code] for code in self.report.audiences if code in self.known.boards]

    def board_name(self, code: str) -> str:
        board = self.known.boards.get(code)
        return board.name if board else self.names.get(code, code)

    @property
    def period(self) -> Period:
        return Period.parse(self.occurrence.period)

    @property
    def shared_period(self) -> str:
        """The period as the neighbours can read it: they hold no term dates, so a term stands as its last month."""
        if self.period.kind in (PeriodKind.term, PeriodKind.half_term):
            return self.last_month
        return self.period.code

    @property
    def last_month(self) -> str:
        return Period.containing(PeriodKind.month, self.occurrence.period_end).code

    @property
    def months(self) -> list[str]:
        """The months of the period, at most twelve."""
        if self.period.kind in (PeriodKind.term, PeriodKind.half_term):
            return [self.last_month]
        return [month.code for month in self.period.months][:12]


async def read_brief(
    session: AsyncSession, occurrence: Any, now: datetime, today: date, threshold: int
) -> Brief | None:
    """The brief of an occurrence; None where its report is no longer defined."""
    known = await read_definitions(session)
    report = known.reports.get(occurrence.report)
    if report is None:
        return None
    kinds = {section.kind for section in report.sections}
    units = await read_items(session, "units", retired=True)
    agencies = await read_items(session, "agencies", retired=True)
    council = next((unit for unit in units if unit["kind"] == "council"), None)
    owed, sent = await read_for_report(session, occurrence.id, today)
    readings = (await session.execute(sa.select(_reading))).all()
    shown, shown_protected = await _shown_before(session, occurrence, threshold)
    punctuality: Punctuality | None = None
    trend: dict[str, Tally] = {}
    if SectionKind.compliance in kinds:
        punctuality, trend = await _punctuality(session, occurrence, known.terms(report), today)
    matters = await read_matters(
        session, occurrence.id, report.audiences, boards_of(report), shown.as_of if shown else None
    )
    return Brief(
        occurrence=occurrence, report=report, known=known, now=now, today=today, threshold=threshold,
        area=council["ons_code"] if council else None,
        heads=_heads(units),
        names={item["code"]: item["name"] for item in (*units, *agencies)},
        protected=disclosure_of(report, known.boards) == "protected",
        shown_before=shown, shown_protected=shown_protected,
        readings={(row.service, row.endpoint): row.as_of for row in readings},
        punctuality=punctuality, punctuality_trend=trend,
        next_due=await _next_due(session, today) if SectionKind.schedule in kinds else {},
        owed=owed, sent=sent, matters=matters,
    )  # fmt: skip


def _heads(units: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The post that answers for each unit: its own head's, or that of the nearest unit above which names one."""
    known = {unit["code"]: unit for unit in units}
    found: dict[str, str] = {}
    for code in known:
        at: str | None = code
        while at in known and not known[at].get("head_role"):
            at = known[at].get("parent")
        if at in known:
            found[code] = known[at]["head_role"]
    return found


async def _shown_before(
    session: AsyncSession, occurrence: Any, threshold: int
) -> tuple[BoardReport | None, BoardReport | None]:
    """What the same report last told, its board and those who see no small numbers: the newest published one."""
    row = (
        await session.execute(
            sa.select(_revision.c.content, _revision.c.protected, _revision.c.edits)
            .join(_edition, sa.and_(_edition.c.id == _revision.c.report, _edition.c.revision == _revision.c.revision))
            .join(table, c.id == _edition.c.occurrence)
            .where(
                _edition.c.report == occurrence.report, _edition.c.status == "published",
                c.period_end < occurrence.period_end,
            )
            .order_by(c.period_end.desc(), _edition.c.edition.desc())
            .limit(1)
        )
    ).one_or_none()  # fmt: skip
    if row is None:
        return None, None
    told = document(row.content, row.edits, threshold)
    return told, document(row.protected, row.edits, threshold, copy=True) if row.protected else told


async def _punctuality(
    session: AsyncSession, occurrence: Any, terms: Mapping[str, tuple[date, date]], today: date
) -> tuple[Punctuality, dict[str, Tally]]:
    """Of the report's period, and the reports of it and of the periods before as a trend."""
    spans = {occurrence.period: (occurrence.period_start, occurrence.period_end)}
    for period in periods_up_to(Period.parse(occurrence.period), _TREND):
        with suppress(TermDatesUnknown):
            spans[period.code] = period.dates(terms)
    whole = await read_punctuality(
        session, min(start for start, _ in spans.values()), occurrence.period_end, today,
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
