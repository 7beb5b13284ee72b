"""Listing complaints with the clock of the stage that is open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.complaints.answers import ComplaintRow
from services.feedback_api.complaints.missing import missing_of
from services.feedback_api.complaints.waiting import WAITING, WaitingFor
from services.feedback_api.models import Complaint, ComplaintFreeze, ComplaintStage, table_of
from services.feedback_api.references import units_in_view
from shared.auth.caller import Caller
from shared.keyset import before
from shared.paging import Cursor

_COMPLAINT, _STAGE, _FREEZE = table_of(Complaint), table_of(ComplaintStage), table_of(ComplaintFreeze)
_UPHELD = ("upheld", "partially_upheld")


@dataclass(frozen=True)
class Filters:
    """What a list of complaints may be narrowed to."""

    status: str | None
    unit: str | None
    procedure: str | None
    agency: str | None
    theme: str | None
    overdue: bool | None
    incomplete: bool | None
    first: date | None
    last: date | None
    past_limit: bool | None
    past_target: bool | None
    due_from: date | None
    due_by: date | None
    waiting_for: WaitingFor | None
    learning_owner: str | None


def _overdue(today: date) -> sa.ColumnElement[bool]:
    due = sa.func.coalesce(_STAGE.c.statutory_due_on, _STAGE.c.local_due_on)
    return sa.func.coalesce(due < today, False)


def _incomplete() -> sa.ColumnElement[bool]:
    complaint = _COMPLAINT.c
    untaught = sa.or_(complaint.learning.is_(None), complaint.improvement.is_(None))
    return sa.and_(
        complaint.status == "closed",
        sa.or_(complaint.outcome.is_(None), sa.and_(complaint.outcome.in_(_UPHELD), untaught)),
    )


async def list_rows(
    session: AsyncSession, caller: Caller, filters: Filters, at: Cursor, today: date
) -> Sequence[sa.Row[Any]]:
    """One page and a row more of the complaints the caller may see, newest first."""
    complaint = _COMPLAINT.c
    open_stage = sa.and_(_STAGE.c.complaint_id == complaint.id, _STAGE.c.ended_on.is_(None), complaint.status == "open")
    aside = sa.exists().where(_FREEZE.c.complaint_id == complaint.id, _FREEZE.c.to_on.is_(None))
    statement = (
        sa.select(
            _COMPLAINT,
            _STAGE.c.stage.label("current_stage"),
            _STAGE.c.statutory_due_on,
            _STAGE.c.local_due_on,
            _overdue(today).label("overdue"),
            sa.func.coalesce(_STAGE.c.local_due_on < today, False).label("past_target"),
            aside.label("set_aside"),
        )
        .select_from(_COMPLAINT.outerjoin(_STAGE, open_stage))
        .where(before(at, complaint.received_on, complaint.id))
    )
    statement = _narrow(statement, filters, today)
    units = await units_in_view(session, caller, filters.unit)
    if units is not None:
        statement = statement.where(complaint.unit == sa.any_(sa.literal(units, sa.ARRAY(sa.Text))))
    statement = statement.order_by(complaint.received_on.desc(), complaint.id.desc()).limit(at.fetch)
    return (await session.execute(statement)).all()


def _narrow(statement: sa.Select[Any], filters: Filters, today: date) -> sa.Select[Any]:
    complaint = _COMPLAINT.c
    if filters.status is None:
        statement = statement.where(complaint.status != "merged")
    for name in ("status", "procedure", "agency", "learning_owner"):
        if (wanted := getattr(filters, name)) is not None:
            statement = statement.where(complaint[name] == wanted)
    if filters.theme is not None:
        statement = statement.where(complaint.themes.contains([filters.theme]))
    if filters.overdue is not None:
        statement = statement.where(_overdue(today).is_(filters.overdue))
    if filters.incomplete is not None:
        statement = statement.where(_incomplete().is_(filters.incomplete))
    if filters.first is not None:
        statement = statement.where(complaint.received_on >= filters.first)
    if filters.last is not None:
        statement = statement.where(complaint.received_on <= filters.last)
    if filters.waiting_for is not None:
        statement = statement.where(complaint.status == "open", sa.text(WAITING[filters.waiting_for]))
    return _narrow_by_clock(statement, filters, today)


def _narrow_by_clock(statement: sa.Select[Any], filters: Filters, today: date) -> sa.Select[Any]:
    stage = _STAGE.c
    for wanted, due in ((filters.past_limit, stage.statutory_due_on), (filters.past_target, stage.local_due_on)):
        if wanted is not None:
            statement = statement.where(sa.func.coalesce(due < today, False).is_(wanted))
    soonest = sa.func.least(stage.statutory_due_on, stage.local_due_on)
    if filters.due_from is not None:
        statement = statement.where(soonest >= filters.due_from)
    if filters.due_by is not None:
        statement = statement.where(soonest <= filters.due_by)
    return statement


def as_row(row: sa.Row[Any]) -> ComplaintRow:
    """A row of the list as it goes out."""
    missing = missing_of(row.outcome, row.status, row.learning, row.improvement)
    plain = {name: getattr(row, name) for name in ComplaintRow.model_fields if name not in ("missing", "incomplete")}
    return ComplaintRow(**plain, missing=missing, incomplete=bool(missing))
