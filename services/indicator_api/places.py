"""Where a figure can belong: an area by its ONS code, or a unit of the council by its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.models import metadata
from shared.auth.caller import Caller
from shared.organisation.units import codes_below, visible_units
from shared.schemas.framework.areas import AreaKind
from shared.tables import org_unit

area = metadata.tables["area"]
_AUTHORITIES = (AreaKind.local_authority, AreaKind.former_local_authority)
# Every ONS code begins with a capital; no unit's code does. In byte order the two never mix.
_FIRST_CAPITAL, _AFTER_CAPITALS = "A", "["


def is_ons_code(code: str) -> bool:
    return _FIRST_CAPITAL <= code[:1] < _AFTER_CAPITALS


def has_ons_code(column: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    """The same of an area column, as a condition."""
    return sa.and_(column >= _FIRST_CAPITAL, column < _AFTER_CAPITALS)


async def read_places(session: AsyncSession, caller: Caller | None = None) -> dict[str, str]:
    """Each code a figure may be filed under, and the code it is stored under (a former code's is the present one).

    For a caller who holds for one unit only that unit and those below it.
    """
    allowed = None if caller is None else await visible_units(session, caller)
    if allowed is not None:
        return {code: code for code in allowed}
    places = dict.fromkeys((await session.execute(sa.select(org_unit.c.code))).scalars(), "")
    places = {code: code for code in places}
    rows = (await session.execute(sa.select(area.c.code, area.c.former_codes).where(~area.c.retired))).all()
    for row in rows:
        places |= dict.fromkeys((*row.former_codes, row.code), row.code)
    return places


async def present_codes(session: AsyncSession, codes: list[str]) -> list[str]:
    """The codes figures are stored under: a former code of an area becomes its present one, others stay."""
    former = sa.select(area.c.code, area.c.former_codes).where(area.c.former_codes.overlap(codes))
    rows = (await session.execute(former)).all()
    present = {old: row.code for row in rows for old in row.former_codes}
    return [present.get(code, code) for code in codes]


async def readable(session: AsyncSession, caller: Caller, column: sa.ColumnElement[str]) -> Any:
    """The condition on an area column that leaves a caller public areas and the units they may see."""
    allowed = await visible_units(session, caller)
    if allowed is None:
        return sa.true()
    return sa.or_(has_ons_code(column), column.in_(sorted(allowed)))


def as_stored(asked: sa.BindParameter[Any]) -> sa.ColumnElement[Any]:
    """The same as `present_codes`, inside a statement: an array of the codes for the array asked for."""
    one = sa.func.unnest(asked).table_valued("code", name="asked").render_derived()
    present = sa.select(sa.func.coalesce(area.c.code, one.c.code)).select_from(
        one.outerjoin(area, one.c.code == sa.any_(area.c.former_codes))
    )
    return sa.func.array(present.scalar_subquery())


def seen_from(column: sa.ColumnElement[str], unit: sa.BindParameter[str]) -> sa.ColumnElement[bool]:
    """The same as `readable`, inside a statement, for a caller of one unit."""
    return sa.or_(has_ons_code(column), column.in_(codes_below(unit)))


async def read_names(session: AsyncSession, codes: list[str]) -> dict[str, str]:
    """The names of areas and units, by code."""
    names = sa.union_all(
        sa.select(area.c.code, area.c.name).where(area.c.code.in_(codes)),
        sa.select(org_unit.c.code, org_unit.c.name).where(org_unit.c.code.in_(codes)),
    )
    return {row.code: row.name for row in (await session.execute(names)).all()}


@dataclass(frozen=True, slots=True)
class Authority:
    """A local authority and the days it was one."""

    code: str
    valid_from: date | None
    valid_to: date | None

    def was_there(self, day: date) -> bool:
        return not (self.valid_from and day < self.valid_from) and not (self.valid_to and day > self.valid_to)


async def read_authorities(session: AsyncSession) -> list[Authority]:
    """Every local authority of the framework, former ones too."""
    statement = sa.select(area.c.code, area.c.valid_from, area.c.valid_to).where(
        area.c.kind.in_(_AUTHORITIES), ~area.c.retired
    )
    return [Authority(*row) for row in (await session.execute(statement.order_by(area.c.code))).all()]
