"""The applied boards with their meetings, calendars and report definitions, read together, found by code or alias."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting_api.meeting_days import Meeting, days_of, read_meetings
from services.reporting_api.meeting_days import table as meeting
from shared.framework.store import Planned
from shared.problems import Fault, Malformed, NotFound
from shared.schemas.framework.calendars import Calendar
from shared.schemas.framework.catalogue import parse_item
from shared.schemas.framework.fields import Item
from shared.schemas.framework.reporting import Board, DisclosureLevel, Report
from shared.schemas.framework.returns import Return
from shared.tables import framework_item, org_unit

KINDS = ("boards", "calendars", "reports", "returns")


class UnknownBoard(NotFound):
    """Use a board's code, name or alias; `GET /v1/boards` lists them."""

    slug, title = "unknown-board", "There is no board of this name"


@dataclass(frozen=True)
class Definitions:
    """What the framework says of reporting, as it stands; retired items are kept for their names."""

    boards: dict[str, Board]
    calendars: dict[str, Calendar]
    reports: dict[str, Report]
    returns: dict[str, Return]
    retired: frozenset[tuple[str, str]]
    meetings: dict[str, tuple[Meeting, ...]]

    def board(self, name: str) -> Board:
        """A board by code, name or alias, whichever the caller knows; raises UnknownBoard."""
        wanted = name.strip().casefold()
        for board in self.boards.values():
            if wanted in {known.casefold() for known in (board.code, board.name, *board.aliases)}:
                return board
        raise UnknownBoard()

    def in_use(self) -> list[Report]:
        """The reports that are not retired, in order of code."""
        return [one for code, one in sorted(self.reports.items()) if ("reports", code) not in self.retired]

    def title(self, report: str) -> str:
        found = self.reports.get(report)
        return found.title if found else report

    def days_off(self) -> frozenset[date]:
        """Days the calendars name on which the council does not work although England does."""
        return frozenset(day for one in self.calendars.values() for day in one.closed_days)

    def meeting_days(self, board: str | None) -> list[date]:
        """When a board meets, as it stands now; none for no board."""
        return days_of(self.meetings.get(board or "", ()))

    def terms(self, report: Report) -> dict[str, tuple[date, date]]:
        """The school terms the report's periods come from; none where it has no calendar."""
        calendar = self.calendars.get(report.calendar or "")
        return calendar.term_calendar() if calendar else {}


def boards_of(report: Report) -> list[str]:
    """Everyone who sees a report: its audiences, and the board it goes through."""
    return list(dict.fromkeys([*report.audiences, *([report.via] if report.via else [])]))


def disclosure_of(report: Report, boards: dict[str, Board]) -> DisclosureLevel:
    """The strictest level of all who see it: one content is signed and published."""
    open_to_all = all(code in boards and boards[code].disclosure is DisclosureLevel.full for code in boards_of(report))
    return DisclosureLevel.full if open_to_all else DisclosureLevel.protected


async def read_definitions(session: AsyncSession) -> Definitions:
    text = sa.cast(framework_item.c.content, sa.Text).label("text")
    columns = (framework_item.c.kind, framework_item.c.code, text, framework_item.c.retired)
    rows = (await session.execute(sa.select(*columns).where(framework_item.c.kind.in_(KINDS)))).all()
    found: dict[str, dict[str, Item]] = {kind: {} for kind in KINDS}
    for row in rows:
        found[row.kind][row.code] = _item(row.kind, row.text)
    boards = {code: one for code, one in found["boards"].items() if isinstance(one, Board)}
    return Definitions(
        boards=boards,
        calendars={code: one for code, one in found["calendars"].items() if isinstance(one, Calendar)},
        reports={code: one for code, one in found["reports"].items() if isinstance(one, Report)},
        returns={code: one for code, one in found["returns"].items() if isinstance(one, Return)},
        retired=frozenset((row.kind, row.code) for row in rows if row.retired),
        meetings=await read_meetings(session, boards),
    )


@lru_cache(maxsize=1024)
def _item(kind: str, text: str) -> Item:
    """An item as it is stored, read once: nothing changes one in memory, and nearly every request asks for all."""
    return parse_item(kind, json.loads(text))


async def framework_stamp(session: AsyncSession) -> tuple[object, ...]:
    """Changes whenever a board, a meeting, a calendar or a report changes; cheap enough to ask at every tick."""
    items = sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(framework_item.c.version), 0)).where(
        framework_item.c.kind.in_(KINDS)
    )
    meetings = sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(meeting.c.version), 0))
    return (*(await session.execute(items)).one(), *(await session.execute(meetings)).one())


async def check_references(session: AsyncSession, changed: Sequence[Planned]) -> None:
    """Refuse a framework whose reports name a board or calendar that is not applied, or a board without meetings.

    An agency that contributes has no unit's code: a token says by one code whose it is.
    """
    known = await read_definitions(session)
    units = frozenset((await session.execute(sa.select(org_unit.c.code))).scalars())
    faults = []
    for report in known.in_use():
        wanted = {*boards_of(report), *([report.due.board] if report.due.board else [])}
        missing = {code for code in wanted if code not in known.boards or ("boards", code) in known.retired}
        if report.calendar and (
            report.calendar not in known.calendars or ("calendars", report.calendar) in known.retired
        ):
            missing.add(report.calendar)
        if missing:
            faults.append(
                Fault("/items", "unknown_code", f"the report {report.code} names a board or calendar not applied")
            )
        elif report.due.board and not known.boards[report.due.board].meeting_dates:
            faults.append(
                Fault("/items", "no_meetings", f"the report {report.code} counts back from a board without meetings")
            )
        if any(one.agency in units for one in report.contributors):
            faults.append(
                Fault(
                    "/items", "agency_is_unit", f"a contributor of {report.code} is an agency with the code of a unit"
                )
            )
    if faults:
        raise Malformed("The reports do not fit the boards and calendars; nothing was applied.", errors=faults[:100])
