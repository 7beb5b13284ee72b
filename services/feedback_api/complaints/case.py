"""A complaint with its stages, extensions and days set aside: loaded, counted, settled and kept as one."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeVar

import sqlalchemy as sa
from pydantic_core import to_jsonable_python
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.calendar_days import local_days_off as local_days_off
from services.feedback_api.complaints.clock import SetAside, stage_due
from services.feedback_api.complaints.errors import ComplaintMerged
from services.feedback_api.complaints.handling import Handling, read_handling
from services.feedback_api.complaints.procedures import parse_procedure
from services.feedback_api.complaints.wording import look_through
from services.feedback_api.models import (
    CalendarState,
    Complaint,
    ComplaintExtension,
    ComplaintFreeze,
    ComplaintHistory,
    ComplaintStage,
    Table,
    table_of,
)
from shared.auth.caller import Caller
from shared.organisation.units import visible_units
from shared.problems import NotFound
from shared.schemas.framework.feedback import ClockStart, ComplaintProcedure, Stage
from shared.tables import framework_item

_AS_IT_IS = sa.select(table_of(CalendarState).c.version).with_for_update(read=True)
_TO_CHANGE = sa.text("LOCK TABLE calendar_state IN EXCLUSIVE MODE")
_Part = TypeVar("_Part", ComplaintStage, ComplaintExtension, ComplaintFreeze)
_BY_ITSELF = (ClockStart.stage_ended, ClockStart.report_sent)


@dataclass
class Case:
    complaint: Complaint
    stages: list[ComplaintStage] = field(default_factory=list)
    extensions: list[ComplaintExtension] = field(default_factory=list)
    freezes: list[ComplaintFreeze] = field(default_factory=list)
    handling: Handling = field(default_factory=Handling)
    # What the clocks were last counted by in this request, so that the answer need not read it again.
    counted_by: tuple[ComplaintProcedure, Set[date]] | None = None

    @property
    def current(self) -> ComplaintStage | None:
        """The stage that is open."""
        return next((stage for stage in self.stages if stage.ended_on is None), None)

    @property
    def intervals(self) -> list[SetAside]:
        return [SetAside(one.from_on, one.to_on) for one in self.freezes]

    @property
    def set_aside(self) -> ComplaintFreeze | None:
        """The interval that has not ended, if any."""
        return next((one for one in self.freezes if one.to_on is None), None)

    def extensions_of(self, stage: ComplaintStage) -> list[ComplaintExtension]:
        return [one for one in self.extensions if (one.stage, one.run) == (stage.stage, stage.run)]

    def facts(self) -> dict[str, Any]:
        """All of it that is kept of a version, and digested for the activity log."""
        found = self.complaint.as_row("source_hash", "recorded_by", "recorded_at")
        for name in ("stages", "extensions", "freezes"):
            found[name] = [one.as_row("complaint_id", "recorded_by", "recorded_at") for one in getattr(self, name)]
        return found | self.handling.content()

    def content(self) -> dict[str, Any]:
        """The same as plain JSON, for the history."""
        plain: dict[str, Any] = to_jsonable_python(self.facts())
        return plain


def stages_by_order(procedure: ComplaintProcedure) -> list[Stage]:
    return sorted(procedure.stages, key=lambda stage: stage.order)


def stage_of(procedure: ComplaintProcedure, code: str) -> Stage | None:
    return next((stage for stage in procedure.stages if stage.code == code), None)


def follower(procedure: ComplaintProcedure, code: str) -> Stage | None:
    """The stage that begins by itself when this one ends."""
    return next((one for one in procedure.stages if one.after == code and one.clock_starts in _BY_ITSELF), None)


async def read_procedure(session: AsyncSession, code: str) -> ComplaintProcedure:
    """A procedure as it stands, retired or not: complaints under it are still counted by it."""
    statement = sa.select(sa.cast(framework_item.c.content, sa.Text)).where(
        framework_item.c.kind == "complaint_procedures", framework_item.c.code == code
    )
    return parse_procedure((await session.execute(statement)).scalar_one())


async def hold_calendar(session: AsyncSession, *, to_change: bool = False) -> None:
    """Keep the days off as they are until this transaction ends, or wait for all who do so and change them.

    Taken before any complaint is locked and in a statement of its own: a due date counted without a day off that
    is just being proclaimed would never be moved. Whoever changes locks the table, in whose queue nobody overtakes;
    the row's own lock could be shared past them for ever.
    """
    await session.execute(_TO_CHANGE if to_change else _AS_IT_IS)


async def load_case(session: AsyncSession, respond_ref: str, *, lock: bool = False) -> Case | None:
    """The complaint of a reference with all that belongs to it."""
    statement = sa.select(Complaint).where(table_of(Complaint).c.respond_ref == respond_ref)
    complaint = (await session.execute(statement.with_for_update() if lock else statement)).scalar_one_or_none()
    return None if complaint is None else (await complete(session, [complaint]))[0]


async def complete(session: AsyncSession, complaints: Sequence[Complaint]) -> list[Case]:
    """The complaints with what belongs to each, in one statement a table however many they are."""
    cases = {complaint.id: Case(complaint) for complaint in complaints}
    wanted = sa.any_(sa.literal(list(cases), sa.ARRAY(sa.Uuid)))

    async def rows_of(model: type[_Part], order: str) -> Sequence[_Part]:
        table = table_of(model)
        statement = sa.select(model).where(table.c.complaint_id == wanted).order_by(table.c[order])
        return (await session.execute(statement)).scalars().all()

    for stage in await rows_of(ComplaintStage, "position"):
        cases[stage.complaint_id].stages.append(stage)
    for extension in await rows_of(ComplaintExtension, "id"):
        cases[extension.complaint_id].extensions.append(extension)
    for freeze in await rows_of(ComplaintFreeze, "from_on"):
        cases[freeze.complaint_id].freezes.append(freeze)
    return list(cases.values())


async def load_handling(session: AsyncSession, case: Case) -> None:
    """Add who handles the complaint, whether advocacy was offered, and what else it is known by."""
    case.handling = await read_handling(session, case.complaint.id)


async def require_case(session: AsyncSession, caller: Caller, respond_ref: str, *, lock: bool = False) -> Case:
    """Raises NotFound where there is no such complaint or it belongs to units the caller does not see."""
    if lock:
        await hold_calendar(session)
    case = await load_case(session, respond_ref, lock=lock)
    allowed = await visible_units(session, caller)
    if case is None or (allowed is not None and case.complaint.unit not in allowed):
        raise NotFound()
    if lock and case.complaint.merged_into is not None:
        raise ComplaintMerged()
    await load_handling(session, case)
    return case


def recount(case: Case, procedure: ComplaintProcedure, off: Set[date], *, only_open: bool = False) -> None:
    """Set every stage's clock, or only the open one's, from the events, extensions and days set aside."""
    ends = {stage.stage: stage.ended_on for stage in case.stages}
    for stage in case.stages:
        rules = stage_of(procedure, stage.stage)
        if rules is None or (only_open and stage.ended_on is not None):
            continue
        further = sum(one.working_days for one in case.extensions_of(stage))
        due = stage_due(rules, _event(case, stage, rules, ends), further, case.intervals, off)
        stage.clock_starts_on, stage.statutory_due_on, stage.local_due_on = (
            due.clock_starts_on,
            due.statutory,
            due.local,
        )


def _event(case: Case, stage: ComplaintStage, rules: Stage, ends: dict[str, date | None]) -> date | None:
    """The day after which the stage's clock runs; None where it has not happened."""
    if rules.clock_starts is ClockStart.complaint_finalised:
        return stage.complaint_finalised_on
    if stage.run > 1:
        return stage.started_on
    if rules.clock_starts is ClockStart.received:
        return case.complaint.received_on
    if rules.clock_starts is ClockStart.stage_requested:
        return stage.requested_on or stage.started_on
    return ends.get(rules.after or "") or stage.started_on


def settle(case: Case, procedure: ComplaintProcedure, off: Set[date]) -> None:
    """Open what begins by itself, count the clocks, and say whether the complaint is open, closed or refused."""
    complaint = case.complaint
    refused = complaint.eligible is False or complaint.consent_given is False
    if not refused and complaint.merged_into is None:
        _open_what_follows(case, procedure)
    recount(case, procedure, off)
    case.counted_by = (procedure, off)
    complaint.status, complaint.outcome, complaint.closed_on = "open", None, None
    if complaint.merged_into is not None:
        complaint.status = "merged"
    elif refused:
        complaint.status = "refused"
    elif case.current is None:
        last = case.stages[-1]
        complaint.status, complaint.outcome, complaint.closed_on = "closed", last.outcome, last.ended_on


def _open_what_follows(case: Case, procedure: ComplaintProcedure) -> None:
    if not case.stages:
        begins, code = case.complaint.received_on, stages_by_order(procedure)[0].code
    else:
        last = case.stages[-1]
        following = follower(procedure, last.stage)
        if last.ended_on is None or last.outcome is not None or following is None:
            return
        begins, code = last.ended_on, following.code
    run = 1 + sum(stage.stage == code for stage in case.stages)
    position = 1 + max((stage.position for stage in case.stages), default=0)
    case.stages.append(
        ComplaintStage(complaint_id=case.complaint.id, stage=code, run=run, position=position, started_on=begins)
    )


async def keep(
    session: AsyncSession, caller: Caller, case: Case, before: dict[str, Any], now: datetime, reason: str | None
) -> None:
    """Make the changed case the next version and put what it said before into its history."""
    complaint = case.complaint
    session.add(
        ComplaintHistory(
            complaint_id=complaint.id, version=complaint.version, content=before, reason=reason,
            valid_from=complaint.changed_at, superseded_at=now, superseded_by=caller.subject,
        )
    )  # fmt: skip
    complaint.version += 1
    complaint.changed_at = now
    # Stages go before what hangs on them: the models declare no relationship that would tell the session.
    session.add_all([complaint, *case.stages])
    await session.flush()
    session.add_all([*case.extensions, *case.freezes])
    await session.flush()
    await look_through(session, caller, before, case.content(), now, reason)


async def remove(session: AsyncSession, case: Case, rows: Sequence[Table]) -> None:
    """Delete replaced rows at once, since those that take their place may have the same keys."""
    for row in rows:
        session.expunge(row)
    for model in {type(row) for row in rows} - {ComplaintExtension}:
        table = table_of(model)
        await session.execute(sa.delete(table).where(table.c.complaint_id == case.complaint.id))
