"""Reading what follows complaints: one record, or those of a complaint, an owner, a status."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.models import Complaint, table_of
from services.feedback_api.references import units_in_view
from services.feedback_api.remedies.kinds import Kind
from services.feedback_api.remedies.schemas import EnquiryOut, RecommendationOut, RemedyOut
from shared.auth.caller import Caller
from shared.keyset import before
from shared.paging import Cursor
from shared.problems import NotFound

_LED_TO = table_of(Complaint)
_OWN = _LED_TO.alias("own")


@dataclass(frozen=True)
class Filters:
    """What a list may be narrowed to."""

    status: str | None
    overdue: bool | None
    unit: str | None
    owner: str | None
    respond_ref: str | None


def _statement(kind: Kind, today: date) -> sa.Select[Any]:
    # What follows a merged reference stands under the complaint it leads to.
    led = _LED_TO.c.id == sa.func.coalesce(_OWN.c.merged_into, _OWN.c.id)
    joined = kind.table.join(_OWN, _OWN.c.id == kind.table.c.complaint_id).join(_LED_TO, led)
    return sa.select(
        kind.table, _LED_TO.c.respond_ref, _LED_TO.c.unit, kind.status.label("status"),
        kind.overdue(today).label("overdue"),
    ).select_from(joined)  # fmt: skip


async def list_rows(
    session: AsyncSession, caller: Caller, kind: Kind, filters: Filters, at: Cursor, today: date
) -> Sequence[sa.Row[Any]]:
    """One page and a row more, the latest day first."""
    day, key = kind.table.c[kind.day], kind.table.c.id
    statement = _statement(kind, today).where(before(at, day, key))
    units = await units_in_view(session, caller, filters.unit)
    if units is not None:
        statement = statement.where(_LED_TO.c.unit == sa.any_(sa.literal(units, sa.ARRAY(sa.Text))))
    if filters.status is not None:
        statement = statement.where(kind.status == filters.status)
    if filters.overdue is not None:
        statement = statement.where(kind.overdue(today).is_(filters.overdue))
    if filters.owner is not None:
        statement = statement.where(kind.table.c.owner == filters.owner)
    if filters.respond_ref is not None:
        statement = statement.where(_LED_TO.c.respond_ref == filters.respond_ref)
    rows: Sequence[sa.Row[Any]] = (
        await session.execute(statement.order_by(day.desc(), key.desc()).limit(at.fetch))
    ).all()
    return rows


async def read_one(session: AsyncSession, caller: Caller, kind: Kind, key: UUID, today: date) -> sa.Row[Any]:
    """Raises NotFound where there is none or its complaint belongs to units the caller does not see."""
    statement = _statement(kind, today).where(kind.table.c.id == key)
    row: sa.Row[Any] | None = (await session.execute(statement)).one_or_none()
    units = await units_in_view(session, caller, None)
    if row is None or (units is not None and row.unit not in units):
        raise NotFound()
    return row


def as_out(kind: Kind, row: sa.Row[Any]) -> EnquiryOut | RemedyOut | RecommendationOut:
    """A row as it goes out."""
    plain = {name: getattr(row, name) for name in kind.out.model_fields if name != "allowed_actions"}
    return kind.out(**plain, allowed_actions=_actions(row.status))


def _actions(status: str) -> list[str]:
    following = {
        "to_answer": ["answer"], "answered": ["decide"], "promised": ["finish", "withdraw"], "accepted": ["finish"],
    }  # fmt: skip
    return ["correct", *following.get(status, [])]
