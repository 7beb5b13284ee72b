"""Which audits, slots and actions a caller reaches, and where an unannounced audit is kept from the audited team (R30).

An audit that was not announced is there for its auditor and for those who manage audits above the audited unit, and
for nobody else until it starts, which is with its first answer. Everything that lists, counts or reads audits or slots
takes its condition from here, so that there is no second place in which to forget it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.models import Audit, AuditRound, AuditSlot
from services.audit_api.registry import table_of
from shared.auth.caller import Caller
from shared.organisation.units import units_below, visible_units
from shared.problems import Forbidden, NotFound
from shared.tables import activity

_STARTED = ("in_progress", "submitted", "in_moderation", "moderated", "closed")
_audits, _slots, _rounds = table_of(Audit), table_of(AuditSlot), table_of(AuditRound)
# Under names of their own: the statements these conditions go into read the same tables.
_in_slot, _of_slot = _audits.alias("audit_in_slot"), _rounds.alias("round_of_slot")


def _started(audit: Any) -> sa.ColumnElement[bool]:
    return sa.or_(audit.c.announced, audit.c.status.in_(_STARTED), audit.c.submitted_on.is_not(None))


def _overseen(caller: Caller, allowed: frozenset[str] | None, unit: Any) -> sa.ColumnElement[bool]:
    """Units below the caller's own, for who manages audits: the own unit is not above itself."""
    if not caller.may("audit:manage"):
        return sa.false()
    return sa.true() if allowed is None else unit.in_(sorted(allowed - {caller.unit}))


class NotAbove(Forbidden):
    """An unannounced audit is planned above the team it is of: ask someone who manages audits there (R30)."""

    slug, title = "not-above-the-team", "Only someone above the team plans an audit that is not announced to it"


def oversees(caller: Caller, allowed: frozenset[str] | None, unit: str) -> bool:
    """Whether the caller may plan audits of this unit that the unit is not told of."""
    return caller.may("audit:manage") and (allowed is None or unit in allowed - {caller.unit})


async def require_above(session: AsyncSession, caller: Caller, units: Iterable[str]) -> None:
    """Raises NotAbove unless the caller oversees every one of the units."""
    allowed = await visible_units(session, caller)
    if not all(oversees(caller, allowed, unit) for unit in units):
        raise NotAbove()


async def reached(
    session: AsyncSession, caller: Caller, unit: sa.Column[str], *given_to: sa.Column[str]
) -> sa.ColumnElement[bool]:
    """The condition that a record is within reach: an auditor is never of the audited team, yet must see the audit.

    Where the record is an audit (its table says whether it was announced), one that is to stay unknown is not.
    """
    allowed = await visible_units(session, caller)
    given = [column == caller.subject for column in given_to]
    within = sa.true() if allowed is None else sa.or_(unit.in_(sorted(allowed)), *given)
    if "announced" not in unit.table.c:
        return within
    return sa.and_(within, sa.or_(_started(unit.table), *given, _overseen(caller, allowed, unit)))


async def slots_reached(session: AsyncSession, caller: Caller) -> sa.ColumnElement[bool]:
    """The condition on the slot table that the caller may know of the slot."""
    allowed = await visible_units(session, caller)
    within = sa.true() if allowed is None else _slots.c.unit.in_(sorted(allowed))
    announced = _slots.c.round_id.in_(sa.select(_of_slot.c.id).where(_of_slot.c.announced))
    begun = sa.exists().where(
        _in_slot.c.slot_id == _slots.c.id,
        _in_slot.c.status != "withdrawn",
        sa.or_(_started(_in_slot), _in_slot.c.auditor == caller.subject),
    )
    return sa.and_(within, sa.or_(announced, begun, _overseen(caller, allowed, _slots.c.unit)))


async def deeds_told(session: AsyncSession, caller: Caller) -> sa.ColumnElement[bool]:
    """The condition on the activity that a deed is not about an audit, slot or round to be kept from the caller."""
    if caller.may("audit:manage") and caller.unit is None:
        return sa.true()
    audits_known = await reached(session, caller, _audits.c.unit, _audits.c.auditor)
    slots_known = await slots_reached(session, caller)
    some_slot = sa.exists().where(_slots.c.round_id == _rounds.c.id, slots_known)
    hidden = {
        "audit": sa.select(_audits.c.id).where(~_audits.c.announced, ~audits_known),
        "slot": sa.select(_slots.c.id).join(_rounds).where(~_rounds.c.announced, ~slots_known),
        "round": sa.select(_rounds.c.id).where(~_rounds.c.announced, ~some_slot),
    }
    about = []
    for name, statement in hidden.items():
        ids = sa.select(sa.cast(statement.subquery().c.id, sa.Text))
        about.append(sa.and_(activity.c.subject_type == name, activity.c.subject_id.in_(ids)))
        # Deeds beside it (a slot voided, a draw) name it in their data.
        about.append(sa.func.coalesce(activity.c.data[name].astext, "").in_(ids))
    return ~sa.or_(*about)


def items_shown(caller: Caller, item: sa.Table) -> sa.ColumnElement[bool]:
    """The condition on framework items: the slots of an unannounced programme are a plan of who is audited when."""
    if caller.may("audit:manage") and caller.unit is None:
        return sa.true()
    # A programme stored before programmes said so is an announced one.
    announced = item.c.content["announced"].astext.is_distinct_from("false")
    return sa.or_(item.c.kind != "programmes", announced)


async def units_asked_for(session: AsyncSession, caller: Caller, unit: str | None) -> frozenset[str] | None:
    """The units of a filter, those below included, cut to the caller's reach; None is all of them.

    Raises NotFound for a unit that does not exist or is out of reach.
    """
    allowed = await visible_units(session, caller)
    if unit is None:
        return allowed
    wanted = await units_below(session, unit)
    if not wanted or (allowed is not None and unit not in allowed):
        raise NotFound()
    return wanted
