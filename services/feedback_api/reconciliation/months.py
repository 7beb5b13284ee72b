"""The monthly reconciliation: a month compared, what was found and settled, and which months are late."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.models import (
    Complaint,
    Compliment,
    Reconciliation,
    ReconciliationDifference,
    Table,
    table_of,
)
from services.feedback_api.reconciliation.errors import DifferenceResolved, MonthNotBegun
from services.feedback_api.reconciliation.month_schemas import ManifestIn, ResolutionIn
from services.feedback_api.reconciliation.schemas import DifferenceOut
from services.feedback_api.reconciliation.service import compare
from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.canonical import canonical
from shared.clock import local_date
from shared.ids import new_id
from shared.problems import NotFound
from shared.schemas.periods import Period
from shared.working_days import add_working_days

MODELS: dict[str, type[Table]] = {"complaints": Complaint, "compliments": Compliment}
_RUN, _FOUND = table_of(Reconciliation), table_of(ReconciliationDifference)
_LOCK = 0x46425243
_WORKING_DAYS = 10
_KINDS = ("missing_here", "missing_in_source", "received_outside")


def due_on(month: Period, off: frozenset[date]) -> date:
    """The day by which a month is to be compared."""
    return add_working_days(month.end, _WORKING_DAYS, off)


async def reconcile(session: AsyncSession, caller: Caller, month: Period, body: ManifestIn, now: datetime) -> bool:
    """Compare a month with what its source holds; False where list and findings are those of the newest run."""
    if month.start > local_date(now):
        raise MonthNotBegun()
    await session.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
    listed = {"complaints": sorted(body.complaints), "compliments": sorted(body.compliments)}
    found = {
        kind: await compare(session, caller, model, listed[kind], month.start, month.end)
        for kind, model in MODELS.items()
    }
    newest = await newest_run(session, month.code)
    told = hashlib.sha256(canonical([listed, {kind: one.model_dump() for kind, one in found.items()}])).digest()
    over = newest is not None and local_date(newest.posted_at) > month.end
    if newest is not None and newest.found_hash == told and (over or local_date(now) <= month.end):
        return False
    run = newest.run + 1 if newest else 1
    rows = [row for kind, one in found.items() for row in _rows(month.code, kind, one, run)]
    session.add(
        Reconciliation(
            id=new_id(), month=month.code, run=run, differences=len(rows), found_hash=told,
            complaints_in_source=found["complaints"].in_source, complaints_here=found["complaints"].here,
            compliments_in_source=found["compliments"].in_source, compliments_here=found["compliments"].here,
            posted_by=caller.subject, posted_at=now,
        )
    )  # fmt: skip
    await session.flush()
    if rows:
        statement = insert(_FOUND).values(rows)
        key = [_FOUND.c[name] for name in ("month", "kind", "respond_ref", "difference")]
        await session.execute(statement.on_conflict_do_update(index_elements=key, set_={"last_run": run}))
    data = {"run": run, "differences": len(rows)}
    await record_activity(session, caller, "complaints.reconciled", "reconciliation", month.code, data=data)
    return True


def _rows(month: str, kind: str, found: DifferenceOut, run: int) -> Iterable[dict[str, object]]:
    for difference in _KINDS:
        for reference in getattr(found, difference):
            yield {
                "month": month, "kind": kind, "respond_ref": reference, "difference": difference, "first_run": run,
                "last_run": run,
            }  # fmt: skip


async def newest_run(session: AsyncSession, month: str) -> Reconciliation | None:
    runs = await runs_of(session, [month])
    return runs[0] if runs else None


async def runs_of(session: AsyncSession, months: Sequence[str]) -> Sequence[Reconciliation]:
    """The runs of these months, newest first."""
    statement = sa.select(Reconciliation).where(_RUN.c.month.in_(months)).order_by(_RUN.c.run.desc())
    return (await session.execute(statement)).scalars().all()


async def differences_of(session: AsyncSession, months: Sequence[str]) -> Sequence[ReconciliationDifference]:
    """What the runs of these months found, in order."""
    order = [_FOUND.c[name] for name in ("month", "kind", "respond_ref", "difference")]
    statement = sa.select(ReconciliationDifference).where(_FOUND.c.month.in_(months)).order_by(*order)
    return (await session.execute(statement)).scalars().all()


async def held_here(session: AsyncSession, found: Sequence[ReconciliationDifference]) -> set[tuple[str, str]]:
    """Which of these references are held here by now."""
    here: set[tuple[str, str]] = set()
    for kind, model in MODELS.items():
        table = table_of(model)
        wanted = [one.respond_ref for one in found if one.kind == kind]
        statement = sa.select(table.c.respond_ref).where(
            table.c.respond_ref == sa.any_(sa.literal(wanted, sa.ARRAY(sa.Text)))
        )
        here |= {(kind, reference) for reference in (await session.execute(statement)).scalars()}
    return here


async def first_used(session: AsyncSession) -> date | None:
    """The day the first complaint or compliment was recorded here; no month before it is anyone's to compare."""
    firsts = [sa.select(sa.func.min(table_of(model).c.recorded_at)).scalar_subquery() for model in MODELS.values()]
    moment: datetime | None = (await session.execute(sa.select(sa.func.least(*firsts)))).scalar_one()
    return None if moment is None else local_date(moment)


async def resolve(
    session: AsyncSession, caller: Caller, month: Period, body: ResolutionIn, now: datetime
) -> ReconciliationDifference:
    """Settle a difference with a reason; raises NotFound or DifferenceResolved."""
    key = (month.code, body.kind, body.respond_ref, body.difference)
    found = await session.get(ReconciliationDifference, key, with_for_update=True)
    if found is None:
        raise NotFound()
    if found.reason is not None:
        raise DifferenceResolved()
    found.reason, found.resolved_by, found.resolved_at = body.reason, caller.subject, now
    await session.flush()
    data = {"kind": body.kind, "difference": body.difference}
    await record_activity(
        session, caller, "reconciliation.difference_resolved", "reconciliation", month.code,
        content=body.model_dump(), data=data,
    )  # fmt: skip
    return found
