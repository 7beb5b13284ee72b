"""Reading the register: what counts on a day, and everything recorded of one person."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.models import metadata
from services.indicator_api.registrations.standing import Held
from shared.framework.store import read_items
from shared.schemas.framework.catalogue import parse_item
from shared.schemas.framework.workforce import RegistrationKind, RoleFamily
from shared.tables import org_unit

registration, history = metadata.tables["registration"], metadata.tables["registration_history"]
KEY = ("staff_ref", "kind", "body")
PERSON = ("unit", "role_family", "joined_on", "left_on")
HELD = ("valid_from", "expires_on", "next_check_due")


async def read_held(
    session: AsyncSession, on: date, units: Collection[str] | None = None, *, staff_ref: str | None = None
) -> list[Held]:
    """What everybody in post on the day, in these units or of this reference, holds or held then.

    A correction holds for the past too. A renewal, valid only from a later day, leaves what was held before.
    """
    now, past = registration.c, history.c
    earlier = (
        sa.select(*(past[name] for name in HELD))
        .where(*(past[name] == now[name] for name in KEY), now.valid_from > on, past.valid_from <= on)
        .order_by(past.revision.desc())
        .limit(1)
        .lateral("earlier")
    )
    renewed = earlier.c.valid_from.is_not(None)
    dates = [sa.case((renewed, earlier.c[name]), else_=now[name]) for name in HELD]
    statement = (
        sa.select(now.staff_ref, now.kind, now.body, now.unit, now.role_family, *dates)
        .join_from(registration, earlier, sa.true(), isouter=True)
        .where(
            sa.or_(now.joined_on.is_(None), now.joined_on <= on),
            sa.or_(now.left_on.is_(None), now.left_on >= on),
        )
    )
    if units is not None:
        statement = statement.where(now.unit.in_(sorted(units)))
    if staff_ref is not None:
        statement = statement.where(now.staff_ref == staff_ref)
    rows = (await session.execute(statement)).all()
    return [Held(row[0], RegistrationKind(row[1]), *row[2:]) for row in rows]


async def read_person(session: AsyncSession, staff_ref: str, units: Collection[str] | None) -> list[dict[str, Any]]:
    """Every record of one person, those that stand first, then the latest superseded."""
    names = (*KEY, "revision", *PERSON, *HELD, "recorded_by", "recorded_at")
    standing = sa.select(
        *(registration.c[name] for name in names),
        sa.null().cast(sa.Text).label("superseded_by"),
        sa.null().cast(sa.DateTime(timezone=True)).label("superseded_at"),
    ).where(registration.c.staff_ref == staff_ref)
    if units is not None:
        standing = standing.where(registration.c.unit.in_(sorted(units)))
    found = [dict(row) for row in (await session.execute(standing.order_by(*KEY))).mappings()]
    if not found:
        return []
    before = (
        sa.select(*(history.c[name] for name in (*names, "superseded_by", "superseded_at")))
        .where(history.c.staff_ref == staff_ref)
        .order_by(history.c.superseded_at.desc(), *KEY)
    )
    return found + [dict(row) for row in (await session.execute(before)).mappings()]


async def read_families(session: AsyncSession) -> dict[str, RoleFamily]:
    """What posts of each family require."""
    families: dict[str, RoleFamily] = {}
    for content in await read_items(session, "role_families", retired=True):
        family = parse_item("role_families", content)
        assert isinstance(family, RoleFamily)
        families[family.code] = family
    return families


async def read_bodies(session: AsyncSession) -> dict[str, str]:
    """The names of the registration bodies."""
    return {one["code"]: one["name"] for one in await read_items(session, "registration_bodies", retired=True)}


async def read_tree(session: AsyncSession) -> list[Any]:
    """Code, name and parent of every unit."""
    columns = (org_unit.c.code, org_unit.c.name, org_unit.c.parent)
    return list((await session.execute(sa.select(*columns).order_by(org_unit.c.code))).all())
