"""What an assembly sets out with: the report, its period and boards, all read before any neighbour is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting_api.assembly.last_report import LastReport, read_last
from services.reporting_api.assembly.shown_figures import ShownFigures, read_shown_figures
from services.reporting_api.definitions import Definitions, as_owed, boards_of, disclosure_of, read_definitions
from services.reporting_api.matters import read_matters
from services.reporting_api.models import SourceReading
from services.reporting_api.occurrences import c
from services.reporting_api.owed import Owed, read_for_report
from services.reporting_api.punctuality import Punctuality, Tally, periods_up_to, read_punctuality
from services.reporting_api.returns_due import Held, read_held
from shared.clock import local_midnight
from shared.framework.store import read_items
from shared.schemas.framework.reporting import Board, Report, SectionKind
from shared.schemas.periods import Period, PeriodKind, TermDatesUnknown

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
    # Nothing the indicator service recorded later is in the report.
    cut_off: datetime
    teams: tuple[str, ...]
    shown: ShownFigures
    # The newest published report of this kind before this one, and its protected copy.
    last: LastReport
    readings: dict[tuple[str, str], datetime | None]
    punctuality: Punctuality | None
    punctuality_trend: dict[str, Tally]
    next_due: dict[str, date]
    owed: Owed
    sent: dict[Any, dict[str, Any]]
    matters: Sequence[Any]
    returns: Held

    @property
    def boards(self) -> list[Board]:
        return [self.known.boards[code] for code in self.report.audiences if code in self.known.boards]

    def board_name(self, code: str) -> str:
        board = self.known.boards.get(code)
        return board.name if board else self.names.get(code, code)

    @property
    def as_at(self) -> str | None:
        """The cut-off as the indicator service takes it; None where it is now."""
        return None if self.cut_off >= self.now else self.cut_off.isoformat()

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
    session: AsyncSession,
    occurrence: Any,
    now: datetime,
    today: date,
    threshold: int,
    cut_off: datetime | None = None,
) -> Brief | None:
    """The brief of an occurrence, as at `cut_off` or now; None where its report is no longer defined."""
    known = await read_definitions(session)
    defined = known.reports.get(occurrence.report)
    if defined is None:
        return None
    report = as_owed(defined, occurrence)
    kinds = {section.kind for section in report.sections}
    units = await read_items(session, "units", retired=True)
    agencies = await read_items(session, "agencies", retired=True)
    council = next((unit for unit in units if unit["kind"] == "council"), None)
    owed, sent = await read_for_report(session, occurrence.id, today)
    readings = (await session.execute(sa.select(_reading))).all()
    punctuality: Punctuality | None = None
    trend: dict[str, Tally] = {}
    if SectionKind.compliance in kinds:
        punctuality, trend = await _punctuality(session, occurrence, known.terms(report), today)
    span = occurrence.period_start, occurrence.period_end
    return Brief(
        occurrence=occurrence, report=report, known=known, now=now, today=today, threshold=threshold,
        area=council["ons_code"] if council else None,
        heads=_heads(units),
        names={item["code"]: item["name"] for item in (*units, *agencies)},
        protected=disclosure_of(report, known.boards) == "protected",
        cut_off=min(now, cut_off or now), teams=_teams(units, occurrence.period_end),
        shown=await read_shown_figures(session, boards_of(report)),
        last=await read_last(session, occurrence, threshold) if SectionKind.last_year in kinds else LastReport(),
        readings={(row.service, row.endpoint): row.as_of for row in readings},
        punctuality=punctuality, punctuality_trend=trend,
        next_due=await _next_due(session, today) if SectionKind.schedule in kinds else {},
        owed=owed, sent=sent,
        matters=await read_matters(session, occurrence, report.audiences, boards_of(report)),
        returns=await read_held(session, *span) if SectionKind.returns in kinds else {},
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


def end_of(day: date) -> datetime:
    """The last moment of a London day."""
    return local_midnight(day + timedelta(days=1)) - timedelta(microseconds=1)


def _teams(units: list[dict[str, Any]], day: date) -> tuple[str, ...]:
    """The teams in force on the period's last day, by service and name."""
    on = day.isoformat()
    found = [
        unit
        for unit in units
        if unit["kind"] == "team" and unit["valid_from"] <= on and (unit.get("valid_to") or on) >= on
    ]
    return tuple(unit["code"] for unit in sorted(found, key=lambda unit: (unit["parent"], unit["name"])))


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
