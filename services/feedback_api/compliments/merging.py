"""References that are one compliment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.compliments.errors import (
    ComplimentMerged,
    ComplimentMergeRefused,
    ComplimentNotMergedHere,
)
from services.feedback_api.compliments.schemas import ComplimentMergeIn, ComplimentOut
from services.feedback_api.compliments.service import change, find, note
from services.feedback_api.models import Compliment, Recategorisation, table_of
from services.feedback_api.quoting import MERGED, take_back
from shared.auth.caller import Caller
from shared.organisation.units import require_visible, visible_units
from shared.problems import NotFound

_TABLE = table_of(Compliment)
_MERGING = 0x4642434D


async def hold_merging(session: AsyncSession) -> None:
    """One merge at a time, before any compliment is locked: two would wait for one another."""
    await session.execute(sa.select(sa.func.pg_advisory_xact_lock(_MERGING)))


async def references_of(session: AsyncSession, compliment: UUID) -> Sequence[str]:
    """The references merged into a compliment."""
    statement = sa.select(_TABLE.c.respond_ref).where(_TABLE.c.merged_into == compliment)
    return (await session.execute(statement.order_by(_TABLE.c.respond_ref))).scalars().all()


async def answer_of(
    session: AsyncSession, caller: Caller, row: dict[str, Any], names: Sequence[str] = ()
) -> ComplimentOut:
    """The compliment with what else it is known by and whether it became a complaint; `names` as just sent with it."""
    done = table_of(Recategorisation).c
    became = sa.select(
        sa.exists().where(done.kind == "compliment", done.ref == row["respond_ref"], done.undone_at.is_(None))
    )
    recategorised = (await session.execute(became)).scalar_one()
    return ComplimentOut.of(row, caller, await references_of(session, row["id"]), recategorised, names)


async def require_compliment(session: AsyncSession, caller: Caller, respond_ref: str) -> dict[str, Any]:
    """The locked compliment; raises NotFound where the caller sees none, ComplimentMerged for a merged reference."""
    row = await find(session, respond_ref, lock=True)
    if row is None:
        raise NotFound()
    await require_visible(session, caller, row["unit"])
    if row["merged_into"] is not None:
        raise ComplimentMerged()
    return row


async def survivor_of(session: AsyncSession, caller: Caller, row: dict[str, Any]) -> dict[str, Any] | None:
    """The compliment a merged reference leads to, where the caller sees it."""
    statement = sa.select(_TABLE).where(_TABLE.c.id == row["merged_into"])
    survivor = dict((await session.execute(statement)).mappings().one())
    allowed = await visible_units(session, caller)
    return survivor if allowed is None or survivor["unit"] in allowed else None


async def merge(
    session: AsyncSession, caller: Caller, row: dict[str, Any], body: ComplimentMergeIn, now: datetime
) -> dict[str, Any]:
    """Make another reference one with this compliment; it leads here from then on."""
    if body.respond_ref == row["respond_ref"]:
        raise ComplimentMergeRefused("A compliment is not merged into itself.")
    other = await require_compliment(session, caller, body.respond_ref)
    if await references_of(session, other["id"]):
        raise ComplimentMergeRefused("Other references were merged into that one: separate them first.")
    await change(session, caller, other, {"merged_into": row["id"]}, now, body.reason)
    await take_back(session, caller, "compliment", body.respond_ref, None, MERGED, now)
    after = await change(session, caller, row, {}, now, body.reason)
    await note(session, caller, "compliment.merged", after)
    return after


async def separate(
    session: AsyncSession, caller: Caller, row: dict[str, Any], body: ComplimentMergeIn, now: datetime
) -> dict[str, Any]:
    """Undo a merge: the other reference is a compliment of its own again."""
    other = await find(session, body.respond_ref, lock=True)
    if other is None or other["merged_into"] != row["id"]:
        raise ComplimentNotMergedHere()
    await require_visible(session, caller, other["unit"])
    await change(session, caller, other, {"merged_into": None}, now, body.reason)
    after = await change(session, caller, row, {}, now, body.reason)
    await note(session, caller, "compliment.separated", after)
    return after
