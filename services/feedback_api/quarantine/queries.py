"""Reading the quarantine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.models import PublicSubmission, table_of
from services.feedback_api.quarantine.schemas import SubmissionRow
from services.feedback_api.references import units_in_view
from shared.auth.caller import Caller
from shared.keyset import before
from shared.organisation.units import require_visible
from shared.paging import Cursor
from shared.problems import NotFound

submissions = table_of(PublicSubmission)
_s = submissions.c
# What may speak of harm is for today; the rest for the week.
_DAYS = {True: 1, False: 5}
_flagged = sa.func.cardinality(_s.flag_reasons) > 0
_AGES = (("0-1", 0, 1), ("2-5", 2, 5), ("6-20", 6, 20), ("over 20", 21, 100_000))


@dataclass(frozen=True)
class Filters:
    """What the list may be narrowed to."""

    state: str | None
    unit: str | None
    flagged: bool | None
    overdue: bool | None


def _late(today: date) -> sa.ColumnElement[bool]:
    days = {flagged: sa.literal(today - timedelta(days=days)) for flagged, days in _DAYS.items()}
    waits_too_long = _s.received_on < sa.case((_flagged, days[True]), else_=days[False])
    return sa.and_(_s.state == "waiting", waits_too_long)


def as_read(row: sa.RowMapping | dict[str, Any], today: date) -> dict[str, Any]:
    """A row with what follows from it."""
    flagged = bool(row["flag_reasons"])
    due_on = row["received_on"] + timedelta(days=_DAYS[flagged])
    return dict(row) | {
        "due_on": due_on,
        "overdue": row["state"] == "waiting" and due_on < today,
        "safeguarding_flag": flagged,
        "has_words": any((row["what_works"], row["what_should_change"])),
        "has_left_over": bool(row["left_over"]),
    }


async def list_rows(
    session: AsyncSession, caller: Caller, filters: Filters, today: date, at: Cursor
) -> Sequence[sa.RowMapping]:
    """One page and a row more of the submissions for the caller's units, newest first."""
    statement = sa.select(submissions).where(before(at, _s.received_on, _s.id))
    units = await units_in_view(session, caller, filters.unit)
    if units is not None:
        statement = statement.where(_in(units))
    if filters.state is not None:
        statement = statement.where(_s.state == filters.state)
    if filters.flagged is not None:
        statement = statement.where(_flagged if filters.flagged else sa.not_(_flagged))
    if filters.overdue is not None:
        statement = statement.where(_late(today) if filters.overdue else sa.not_(_late(today)))
    statement = statement.order_by(_s.received_on.desc(), _s.id.desc()).limit(at.fetch)
    return (await session.execute(statement)).mappings().all()


def row_out(row: sa.RowMapping, today: date) -> SubmissionRow:
    found = as_read(row, today)
    return SubmissionRow(**{name: found[name] for name in SubmissionRow.model_fields})


async def find(session: AsyncSession, caller: Caller, key: UUID, *, lock: bool = False) -> dict[str, Any]:
    """One submission; raises NotFound where it does not exist or belongs to another's units."""
    statement = sa.select(submissions).where(_s.id == key)
    row = (await session.execute(statement.with_for_update() if lock else statement)).mappings().one_or_none()
    if row is None:
        raise NotFound()
    await require_visible(session, caller, row["unit"])
    return dict(row)


async def count_backlog(session: AsyncSession, caller: Caller, unit: str | None, today: date) -> dict[str, Any]:
    """What waits, by how long it has."""
    units = await units_in_view(session, caller, unit)
    days = sa.literal(today) - _s.received_on
    counts = [
        part
        for name, first, last in _AGES
        for part in (
            sa.func.count().filter(days.between(first, last)).label(f"waiting {name}"),
            sa.func.count().filter(days.between(first, last), _flagged).label(f"flagged {name}"),
        )
    ]
    statement = sa.select(
        sa.func.count().label("waiting"),
        sa.func.count().filter(_flagged).label("flagged"),
        sa.func.count().filter(_late(today)).label("overdue"),
        sa.func.min(_s.received_on).label("oldest"),
        *counts,
    ).where(_s.state == "waiting")
    if units is not None:
        statement = statement.where(_in(units))
    row = (await session.execute(statement)).mappings().one()
    ages = [{"days": name} | {of: row[f"{of} {name}"] for of in ("waiting", "flagged")} for name, _, _ in _AGES]
    return {name: row[name] for name in ("waiting", "flagged", "overdue", "oldest")} | {"by_age": ages}


def _in(units: list[str]) -> sa.ColumnElement[bool]:
    return _s.unit == sa.any_(sa.literal(units, sa.ARRAY(sa.Text)))
