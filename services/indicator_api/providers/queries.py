"""Reading providers and what is known of them, within a caller's reach."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.models import metadata
from shared.auth.caller import Caller
from shared.framework.store import read_items
from shared.keyset import before
from shared.organisation.units import units_below, visible_units
from shared.paging import Cursor
from shared.problems import NotFound
from shared.schemas.framework.catalogue import parse_item
from shared.schemas.framework.providers import ProviderRegister

provider = metadata.tables["provider"]
judgement = metadata.tables["provider_judgement"]
figure = metadata.tables["provider_figure"]
note = metadata.tables["provider_note"]
concern = metadata.tables["provider_concern"]
review = metadata.tables["provider_review"]
_OPEN = concern.c.closed_on.is_(None)
Rows = list[dict[str, Any]]


async def read_registers(session: AsyncSession, *, retired: bool = False) -> dict[str, ProviderRegister]:
    """The registers as applied, by code."""
    contents = await read_items(session, "provider_registers", retired=retired)
    registers = [cast("ProviderRegister", parse_item("provider_registers", content)) for content in contents]
    return {register.code: register for register in registers}


async def within_reach(session: AsyncSession, caller: Caller) -> sa.ColumnElement[bool]:
    """The providers a caller may see: those of their unit and below, or all."""
    allowed = await visible_units(session, caller)
    return sa.true() if allowed is None else provider.c.unit.in_(sorted(allowed))


async def find_provider(session: AsyncSession, caller: Caller, code: str, *, lock: bool = False) -> dict[str, Any]:
    """One provider; raises NotFound where there is none this caller may see."""
    statement = sa.select(provider).where(provider.c.code == code, await within_reach(session, caller))
    row = (await session.execute(statement.with_for_update() if lock else statement)).mappings().one_or_none()
    if row is None:
        raise NotFound()
    return dict(row)


async def find_concern(
    session: AsyncSession, caller: Caller, concern_id: UUID, *, lock: bool = False
) -> dict[str, Any]:
    """One entry with the name and kind of its provider; raises NotFound."""
    statement = (
        sa.select(concern, provider.c.name, provider.c.kind, provider.c.unit)
        .join(provider, provider.c.code == concern.c.provider)
        .where(concern.c.id == concern_id, await within_reach(session, caller))
    )
    row = (await session.execute(statement.with_for_update(of=concern) if lock else statement)).mappings().one_or_none()
    if row is None:
        raise NotFound()
    return dict(row)


async def list_providers(
    session: AsyncSession, caller: Caller, at: Cursor, kind: str | None, unit: str | None, register: str | None,
    at_risk: bool | None,
) -> Rows:  # fmt: skip
    """A page of providers by code, each with the registers it stands in."""
    mine = sa.and_(concern.c.provider == provider.c.code, _OPEN)
    standing = sa.select(sa.func.coalesce(sa.func.array_agg(concern.c.provider_register), sa.text("'{}'"))).where(mine)
    risk = sa.select(sa.func.coalesce(sa.func.bool_or(concern.c.at_risk), False)).where(mine).scalar_subquery()
    statement = sa.select(provider, standing.scalar_subquery().label("open_concerns"), risk.label("at_risk")).where(
        await within_reach(session, caller)
    )
    if kind is not None:
        statement = statement.where(provider.c.kind == kind)
    if unit is not None:
        statement = statement.where(provider.c.unit.in_(sorted(await units_below(session, unit))))
    if register is not None:
        statement = statement.where(sa.exists().where(mine, concern.c.provider_register == register))
    if at_risk is not None:
        statement = statement.where(risk == at_risk)
    if at.after is not None:
        statement = statement.where(provider.c.code > at.after[0])
    return await _rows(session, statement.order_by(provider.c.code).limit(at.fetch))


async def providers_in_business(session: AsyncSession, caller: Caller, kinds: Collection[str]) -> Rows:
    """The providers of these kinds that have not closed."""
    statement = sa.select(provider).where(
        await within_reach(session, caller), provider.c.kind.in_(kinds), provider.c.closed_on.is_(None)
    )
    return await _rows(session, statement)


async def judgements_of(session: AsyncSession, codes: Collection[str]) -> Rows:
    """The judgements of these providers, the latest first."""
    statement = sa.select(judgement).where(judgement.c.provider.in_(codes))
    return await _rows(session, statement.order_by(judgement.c.judged_on.desc(), judgement.c.id.desc()))


async def figures_of(session: AsyncSession, code: str) -> Rows:
    """The figures that stand: of each indicator and period the one recorded last."""
    latest = (figure.c.indicator, figure.c.period)
    statement = (
        sa.select(figure)
        .ext(distinct_on(*latest))
        .where(figure.c.provider == code)
        .order_by(*latest, figure.c.recorded_at.desc(), figure.c.id.desc())
    )
    return await _rows(session, statement)


async def notes_of(session: AsyncSession, code: str, at: Cursor) -> Rows:
    """A page of notes, the latest first."""
    statement = sa.select(note).where(note.c.provider == code, before(at, note.c.noted_on, note.c.id))
    return await _rows(session, statement.order_by(note.c.noted_on.desc(), note.c.id.desc()).limit(at.fetch))


async def concerns_of(session: AsyncSession, code: str) -> Rows:
    """All entries of one provider: open ones first, then the latest."""
    statement = _entries().where(concern.c.provider == code).order_by(_OPEN.desc(), concern.c.opened_on.desc())
    return await _rows(session, statement)


async def list_concerns(
    session: AsyncSession, caller: Caller, at: Cursor, register: str | None, *, open_only: bool | None
) -> Rows:
    """A page of entries within the caller's reach, the latest opened first."""
    statement = _entries().where(await within_reach(session, caller), before(at, concern.c.opened_on, concern.c.id))
    if register is not None:
        statement = statement.where(concern.c.provider_register == register)
    if open_only is not None:
        statement = statement.where(_OPEN if open_only else ~_OPEN)
    return await _rows(session, statement.order_by(concern.c.opened_on.desc(), concern.c.id.desc()).limit(at.fetch))


async def entries_of(session: AsyncSession, caller: Caller, register: str) -> Rows:
    """Every entry a register ever had, within the caller's reach."""
    statement = _entries().where(await within_reach(session, caller), concern.c.provider_register == register)
    return await _rows(session, statement)


async def reviews_of(session: AsyncSession, concerns: Sequence[UUID]) -> dict[UUID, Rows]:
    """The reviews held of these entries, in the order of their periods."""
    statement = sa.select(review).where(review.c.concern_id.in_(concerns)).order_by(review.c.period)
    found: dict[UUID, Rows] = {one: [] for one in concerns}
    for row in await _rows(session, statement):
        found[row["concern_id"]].append(row)
    return found


def _entries() -> sa.Select[Any]:
    return sa.select(concern, provider.c.name.label("provider_name")).join(
        provider, provider.c.code == concern.c.provider
    )


async def _rows(session: AsyncSession, statement: sa.Select[Any]) -> Rows:
    return [dict(row) for row in (await session.execute(statement)).mappings()]
