"""Reading what waits, across kinds, within a caller's reach; each kind is cut to the page before they are joined."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api import moderating
from services.audit_api.escalation_reach import line_of, visible
from services.audit_api.learning_reach import seen_by
from services.audit_api.models import LearningAcknowledgement
from services.audit_api.reach import reached, slots_reached
from services.audit_api.registry import table_of
from services.audit_api.regular_rounds import FURTHEST, unmade_rounds
from services.audit_api.supervising import managers
from services.audit_api.worklists.things import (
    GIVEN,
    KINDS,
    THINGS,
    UNDATED,
    UNITS,
    Kind,
    actions,
    learning,
    supervision_audits,
    unmade_slots,
)
from shared.auth.caller import Caller
from shared.organisation.units import visible_units

_read = table_of(LearningAcknowledgement)
_FAR = date(9999, 12, 31)
_OWNED: tuple[Kind, ...] = ("action", "recommendation", "milestone")
After = tuple[date, str, str]


@dataclass(frozen=True)
class Wanted:
    """The filters of a list of what is overdue."""

    today: date
    kinds: Collection[Kind]
    units: frozenset[str] | None
    body: str | None


async def known_to(session: AsyncSession, caller: Caller, kind: Kind) -> sa.ColumnElement[bool]:
    """The condition that the caller may know of a thing of this kind."""
    if kind == "slot":
        return await slots_reached(session, caller)
    if kind == "learning":
        return await seen_by(session, caller)
    if kind == "escalation":
        return await visible(session, caller, await line_of(session, caller))
    if kind == "moderation":
        return await moderating.known_to(session, caller)
    return await reached(session, caller, UNITS[kind], *GIVEN[kind])


async def supervision_of(
    session: AsyncSession,
    caller: Caller,
    units: frozenset[str] | None,
    today: date,
    roles: frozenset[str] | None = None,
) -> sa.Select[Any] | None:
    """The audits of supervision that the managers of these units, of these roles, are to do; None where nobody is."""
    found = await managers(session, caller, units, today)
    mine = [one for one in found if roles is None or roles.intersection(one.roles)]
    return supervision_audits(mine) if mine else None


async def _within(session: AsyncSession, caller: Caller, kind: Kind, wanted: Wanted) -> sa.Select[Any] | None:
    """The things of this kind that the caller may know of; None where there can be none."""
    today = wanted.today
    if kind == "supervision_audit":
        return await supervision_of(session, caller, await visible_units(session, caller), today)
    if kind == "unmade_slot":
        unmade = await unmade_rounds(session, caller, today - FURTHEST, today, wanted.units)
        late = [one for one in unmade if one.due.due_on < today]
        return unmade_slots(late) if late else None
    return THINGS[kind].where(await known_to(session, caller, kind))


async def list_overdue(
    session: AsyncSession, caller: Caller, wanted: Wanted, after: After | None, limit: int
) -> Sequence[sa.Row[Any]]:
    """A page of everything overdue, the longest waiting first."""
    return await _page(session, await _overdue(session, caller, wanted), after, limit)


async def count_overdue(session: AsyncSession, caller: Caller, wanted: Wanted) -> Sequence[sa.Row[Any]]:
    """How much is overdue of each kind."""
    statements = await _overdue(session, caller, wanted)
    if not statements:
        return []
    rows = sa.union_all(*statements).subquery()
    statement = sa.select(rows.c.kind, sa.func.count().label("overdue"), sa.func.min(rows.c.due_on).label("oldest"))
    return (await session.execute(statement.group_by(rows.c.kind).order_by(rows.c.kind))).all()


async def _overdue(session: AsyncSession, caller: Caller, wanted: Wanted) -> list[sa.Select[Any]]:
    found = []
    for kind in KINDS:
        if kind not in wanted.kinds or kind in UNDATED:
            continue
        within = await _within(session, caller, kind, wanted)
        if within is None:
            continue
        statement = within.where(_column(within, "due_on") < wanted.today)
        if wanted.units is not None:
            statement = statement.where(_column(statement, "unit").in_(sorted(wanted.units)))
        if wanted.body is not None:
            statement = statement.where(_column(statement, "body") == wanted.body)
        found.append(statement)
    return found


async def _page(
    session: AsyncSession, statements: Sequence[sa.Select[Any]], after: After | None, limit: int
) -> Sequence[sa.Row[Any]]:
    if not statements:
        return []
    rows = sa.union_all(*(_cut(statement, after, limit) for statement in statements)).subquery()
    ordered = sa.select(rows).order_by(*_order(rows.c.due_on, rows.c.kind, rows.c.id)).limit(limit)
    return (await session.execute(ordered)).all()


def _cut(statement: sa.Select[Any], after: After | None, limit: int) -> sa.Select[Any]:
    due, kind, subject = (_column(statement, name) for name in ("due_on", "kind", "id"))
    if after is not None:
        last = [sa.literal(part) for part in after]
        statement = statement.where(sa.tuple_(*_order(due, kind, subject)) > sa.tuple_(*last))
    return statement.order_by(*_order(due, kind, subject)).limit(limit)


def _order(due: Any, kind: Any, subject: Any) -> tuple[Any, Any, Any]:
    # What has no date comes last; texts in the order in which Python has them.
    return sa.func.coalesce(due, _FAR), sa.collate(kind, "C"), sa.collate(subject, "C")


def _column(statement: sa.Select[Any], name: str) -> Any:
    return next(column.element for column in statement.selected_columns if column.name == name)


def key_of(row: Any) -> tuple[str, str, str]:
    """The place of a row, for a cursor."""
    return (row.due_on or _FAR).isoformat(), row.kind, row.id


async def list_work(
    session: AsyncSession, caller: Caller, today: date, after: After | None, limit: int
) -> Sequence[sa.Row[Any]]:
    """A page of what the caller is to do, the soonest due first."""
    return await _page(session, await _mine(session, caller, today), after, limit)


async def _mine(session: AsyncSession, caller: Caller, today: date) -> list[sa.Select[Any]]:
    audits = THINGS["audit"]
    found = [audits.where(_column(audits, "owner_subject") == caller.subject)]
    found += [
        THINGS[kind].where(_owned(THINGS[kind], caller), await known_to(session, caller, kind)) for kind in _OWNED
    ]
    unread = ~sa.exists().where(_read.c.learning_id == learning.c.id, _read.c.subject == caller.subject)
    # The levels learning is meant for have the names of the roles at those levels.
    meant = learning.c.audience.overlap(sorted(caller.roles))
    found.append(THINGS["learning"].where(meant, unread, await known_to(session, caller, "learning")))
    found.append(
        THINGS["moderation"].where(moderating.waits_for(caller), await known_to(session, caller, "moderation"))
    )
    if caller.may("audit:write"):
        own = None if caller.unit is None else frozenset({caller.unit})
        if own and (supervision := await supervision_of(session, caller, own, today, caller.roles)) is not None:
            found.append(supervision)
        others = sa.func.coalesce(actions.c.completed_by, "") != caller.subject
        found.append(THINGS["verification"].where(others, await known_to(session, caller, "verification")))
        raised = THINGS["escalation"]
        mine = _column(raised, "owner_role").in_(sorted(caller.roles))
        found.append(raised.where(mine, await known_to(session, caller, "escalation")))
    if caller.may("audit:manage"):
        reviews = THINGS["impact_review"]
        due = _column(reviews, "due_on") <= today
        found.append(reviews.where(due, await known_to(session, caller, "impact_review")))
    return found


def _owned(statement: sa.Select[Any], caller: Caller) -> sa.ColumnElement[bool]:
    role, account = _column(statement, "owner_role"), _column(statement, "owner_subject")
    return sa.or_(account == caller.subject, sa.and_(account.is_(None), role.in_(sorted(caller.roles))))
