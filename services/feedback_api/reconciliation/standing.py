"""How each month stands: what was compared, what is open, and whether it is late."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.calendar_days import local_days_off
from services.feedback_api.models import Reconciliation, ReconciliationDifference
from services.feedback_api.reconciliation.month_schemas import DifferenceRow, MonthReconciled, MonthStanding, RunOut
from services.feedback_api.reconciliation.months import (
    differences_of,
    due_on,
    first_used,
    held_here,
    runs_of,
)
from services.feedback_api.reconciliation.service import count_months
from shared.auth.caller import Caller
from shared.clock import local_date
from shared.schemas.periods import Period, PeriodKind

Found = Sequence[ReconciliationDifference]


async def list_months(
    session: AsyncSession, caller: Caller, first: Period, last: Period, today: date
) -> list[MonthStanding]:
    """How the months of a span stand, the latest first."""
    counts = await count_months(session, caller, first.start, last.end)
    codes = [one.month for one in counts.months]
    runs, found = await runs_of(session, codes), await differences_of(session, codes)
    off, begun = await local_days_off(session), await first_used(session)
    return [
        _standing(
            Period.parse(one.month), one.complaints, one.compliments,
            [run for run in runs if run.month == one.month], [each for each in found if each.month == one.month],
            off, begun, today,
        )
        for one in reversed(counts.months)
    ]  # fmt: skip


async def read_month(session: AsyncSession, caller: Caller, month: Period, today: date) -> MonthReconciled:
    """One month with its runs and everything they found."""
    (standing,) = await list_months(session, caller, month, month, today)
    runs, found = await runs_of(session, [month.code]), await differences_of(session, [month.code])
    here, newest = await held_here(session, found), runs[0].run if runs else 0
    return MonthReconciled(
        **standing.model_dump(),
        runs=[RunOut.model_validate(run) for run in runs],
        differences=[difference_row(one, newest, (one.kind, one.respond_ref) in here) for one in found],
    )


def difference_row(found: ReconciliationDifference, newest: int, here_now: bool) -> DifferenceRow:
    state = "resolved" if found.reason is not None else "open" if found.last_run == newest else "gone"
    plain = {
        name: getattr(found, name)
        for name in DifferenceRow.model_fields
        if name not in ("state", "here_now", "allowed_actions")
    }
    actions = ["resolve"] if found.reason is None else []
    return DifferenceRow.model_validate(plain | {"state": state, "here_now": here_now, "allowed_actions": actions})


def _standing(
    month: Period, complaints: int, compliments: int, runs: Sequence[Reconciliation], found: Found,
    off: frozenset[date], begun: date | None, today: date,
) -> MonthStanding:  # fmt: skip
    newest = runs[0] if runs else None
    after = newest is not None and local_date(newest.posted_at) > month.end
    still_open = sum(one.reason is None and newest is not None and one.last_run == newest.run for one in found)
    due = due_on(month, off)
    expected = begun is not None and month >= Period.containing(PeriodKind.month, begun)
    return MonthStanding(
        month=month.code,
        complaints=complaints,
        compliments=compliments,
        due_on=due,
        reconciled=after and not still_open,
        overdue=expected and not after and today > due,
        open_differences=still_open,
        newest=None if newest is None else RunOut.model_validate(newest),
    )
