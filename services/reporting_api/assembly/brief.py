"""What an assembly sets out with: the report, its period and boards, all read before any neighbour is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting_api.assembly.shown_figures import ShownFigures, read_shown_figures
from services.reporting_api.definitions import Definitions, as_owed, boards_of, disclosure_of, read_definitions
from shared.clock import local_midnight
from shared.framework.store import read_items
from shared.schemas.framework.reporting import Board, Report
from shared.schemas.periods import Period, PeriodKind


@dataclass(frozen=True)
class Brief:
    """What has to be known to ask, and what the report calls things."""

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
    units = await read_items(session, "units", retired=True)
    agencies = await read_items(session, "agencies", retired=True)
    council = next((unit for unit in units if unit["kind"] == "council"), None)
    return Brief(
        occurrence=occurrence, report=report, known=known, now=now, today=today, threshold=threshold,
        area=council["ons_code"] if council else None,
        heads=_heads(units),
        names={item["code"]: item["name"] for item in (*units, *agencies)},
        protected=disclosure_of(report, known.boards) == "protected",
        cut_off=min(now, cut_off or now), teams=_teams(units, occurrence.period_end),
        shown=await read_shown_figures(session, boards_of(report)),
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
