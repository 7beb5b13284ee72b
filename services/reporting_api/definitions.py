"""The applied boards with their meetings, calendars and report definitions, read together, found by code or alias."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy.engine import Engine
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
from shared.tables import framework_item, framework_state, org_unit

KINDS = ("boards", "calendars", "reports", "returns")
_STATE = sa.select(framework_state.c.state)
# An item is parsed once in a process for each content it has had, and all are found as long as nothing has changed.
_parsed: dict[tuple[str, bytes], Item] = {}
_MOST = 4000
_standing: WeakKeyDictionary[Engine, tuple[UUID, Plan]] = WeakKeyDictionary()


class UnknownBoard(NotFound):
    """Use a board's code, name or alias; `GET /v1/boards` lists them."""

    slug, title = "unknown-board", "There is no board of this name"


@dataclass(frozen=True)
class Plan:
    """What was applied; retired items are kept for their names."""

    boards: dict[str, Board]
    calendars: dict[str, Calendar]
    reports: dict[str, Report]
    returns: dict[str, Return]
    retired: frozenset[tuple[str, str]]


@dataclass(frozen=True)
class Definitions(Plan):
    """What the framework says of reporting, as it stands, and when the boards really meet."""

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


def as_owed(report: Report, occurrence: Any) -> Report:
    """The definition with the boards that an occurrence is owed to; once it is due these change no more."""
    via = next((code for code in occurrence.boards if code not in occurrence.audiences), None)
    return report.model_copy(update={"audiences": tuple(occurrence.audiences), "via": via})


def disclosure_of(report: Report, boards: dict[str, Board]) -> DisclosureLevel:
    """The strictest level of all who see it: one content is signed and published."""
    open_to_all = all(code in boards and boards[code].disclosure is DisclosureLevel.full for code in boards_of(report))
    return DisclosureLevel.full if open_to_all else DisclosureLevel.protected


async def read_definitions(session: AsyncSession) -> Definitions:
    plan = await _read_plan(session)
    return Definitions(**vars(plan), meetings=await read_meetings(session, plan.boards))


async def _read_plan(session: AsyncSession) -> Plan:
    """As it was read last, where nothing of the framework has changed since."""
    engine = session.get_bind().engine
    state = (await session.execute(_STATE)).scalar_one()
    held = _standing.get(engine)
    if held is not None and held[0] == state:
        return held[1]
    found, retired = await _read_items(session)
    plan = Plan(
        boards={code: one for (_, code), one in found.items() if isinstance(one, Board)},
        calendars={code: one for (_, code), one in found.items() if isinstance(one, Calendar)},
        reports={code: one for (_, code), one in found.items() if isinstance(one, Report)},
        returns={code: one for (_, code), one in found.items() if isinstance(one, Return)},
        retired=retired,
    )
    if (await session.execute(_STATE)).scalar_one() == state:
        _standing[engine] = state, plan
    return plan


async def _read_items(session: AsyncSession) -> tuple[dict[tuple[str, str], Item], frozenset[tuple[str, str]]]:
    """Every item by kind and code, and which are retired; only content not met before is fetched and parsed."""
    i = framework_item.c
    heads = (await session.execute(sa.select(i.kind, i.code, i.hash, i.retired).where(i.kind.in_(KINDS)))).all()
    found = {(row.kind, row.code): one for row in heads if (one := _parsed.get((row.kind, row.hash))) is not None}
    unmet = [(row.kind, row.code) for row in heads if (row.kind, row.code) not in found]
    if unmet:
        statement = sa.select(i.kind, i.code, i.hash, i.content).where(sa.tuple_(i.kind, i.code).in_(unmet))
        if len(_parsed) > _MOST:
            _parsed.clear()
        for row in (await session.execute(statement)).all():
            found[row.kind, row.code] = _parsed[row.kind, row.hash] = parse_item(row.kind, row.content)
    return found, frozenset((row.kind, row.code) for row in heads if row.retired)


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
