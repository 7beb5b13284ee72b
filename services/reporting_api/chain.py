"""Who may sign: the chain of an edition, those to whom a right was handed on, and those whom it bars."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting_api.models import Delegation
from services.reporting_api.registry import table_of
from shared.auth.caller import Caller
from shared.organisation.units import units_below
from shared.schemas.framework.reporting import Report, SignOff

delegations = table_of(Delegation)
c = delegations.c
Bar = Literal["wrote", "submitted", "signed"]


@dataclass(frozen=True)
class Power:
    """A delegation in force: whose right, handed to whom, for which part of the council and for what."""

    id: UUID
    role: str
    delegator: str
    delegate: str
    ends_on: date
    units: frozenset[str] | None
    covers: frozenset[str]

    def reaches(self, code: str, unit: str | None) -> bool:
        """Whether it is good for this report or return; one without a unit is the whole council's."""
        return (not self.covers or code in self.covers) and (self.units is None or unit in self.units)


@dataclass(frozen=True)
class Authority:
    """In what right somebody signs: the own, or on behalf of another by a delegation."""

    role: str
    on_behalf_of: str | None = None
    delegation: UUID | None = None


def in_force(day: date) -> sa.ColumnElement[bool]:
    return sa.and_(c.starts_on <= day, c.ends_on >= day, c.ended_at.is_(None))


async def read_powers(
    session: AsyncSession, today: date, *, delegate: str | None = None, roles: Collection[str] | None = None
) -> list[Power]:
    """The delegations in force, of one delegate or for some roles where asked, the first agreed first."""
    statement = sa.select(delegations).where(in_force(today)).order_by(c.id)
    if delegate is not None:
        statement = statement.where(c.delegate == delegate)
    if roles is not None:
        statement = statement.where(c.role.in_(sorted(roles)))
    rows = (await session.execute(statement)).all()
    units = {row.unit: await units_below(session, row.unit) for row in rows if row.unit is not None}
    return [
        Power(
            id=row.id, role=row.role, delegator=row.delegator, delegate=row.delegate, ends_on=row.ends_on,
            units=units.get(row.unit), covers=frozenset(row.covers),
        )
        for row in rows
    ]  # fmt: skip


def chain_of(frozen: Sequence[Any] | None, definition: Report | None) -> list[SignOff]:
    """The signatures of an edition in order: as they stood at submission, before that as the framework has them."""
    if frozen is not None:
        steps = [SignOff.model_validate(one) for one in frozen]
    else:
        steps = list(definition.sign_off) if definition else []
    return sorted(steps, key=lambda one: one.order)


def open_step(chain: Sequence[SignOff], signed: Sequence[Any]) -> SignOff | None:
    """The first step that nobody has signed."""
    done = {one.sign_order for one in signed}
    return next((one for one in chain if one.order not in done), None)


def authority(
    caller: Caller, role: str, powers: Sequence[Power], code: str, unit: str | None, barred: Collection[str]
) -> Authority | None:
    """In what right the caller may sign as this role; the own right first, and no right of somebody barred.

    Where nothing but rights of the barred are there, the first of them: the caller is told why it is not taken.
    """
    if role in caller.roles:
        return Authority(role)
    usable = [one for one in powers if one.delegate == caller.subject and one.role == role and one.reaches(code, unit)]
    usable.sort(key=lambda one: one.delegator in barred)
    return Authority(role, usable[0].delegator, usable[0].id) if usable else None


def barred_from_signing(submitted_by: str | None, writers: Sequence[str], signed: Sequence[Any]) -> dict[str, Bar]:
    """Everybody who may not sign what stands now, each with why: whoever wrote it, put it forward or signed it."""
    found: dict[str, Bar] = dict.fromkeys(writers, "wrote")
    if submitted_by is not None:
        found[submitted_by] = "submitted"
    for one in signed:
        found[one.subject] = "signed"
        if one.on_behalf_of is not None:
            found[one.on_behalf_of] = "signed"
    return found
