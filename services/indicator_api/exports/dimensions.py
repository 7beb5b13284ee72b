"""The rows of the tables that codes are looked up in; each is small enough to be made whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.days import first_day, in_words, last_day
from services.indicator_api.definitions import KIND
from services.indicator_api.exports.tables import DATES, INDICATORS, PERIODS, PLACES
from services.indicator_api.models import metadata
from shared.auth.caller import Caller
from shared.extracts.tables import Table
from shared.organisation.units import visible_units
from shared.schemas.periods import Period, PeriodKind
from shared.tables import framework_item, org_unit
from shared.working_days import is_working_day

FIRST_YEAR = 2000
Row = dict[str, Any]
_area = metadata.tables["area"]
_PARTS = {PeriodKind.month: 12, PeriodKind.financial_quarter: 4, PeriodKind.term: 3, PeriodKind.half_term: 6}
_OF_A_DAY = (
    PeriodKind.month,
    PeriodKind.calendar_year,
    PeriodKind.financial_quarter,
    PeriodKind.financial_year,
    PeriodKind.reporting_year,
    PeriodKind.academic_year,
)


async def dimension_rows(session: AsyncSession, caller: Caller, table: Table, today: date) -> list[Row]:
    """All rows of a table other than figures, in the order of its key."""
    if table in (PERIODS, DATES):
        made: Callable[[date], Iterator[Row]] = _periods if table is PERIODS else _dates
        rows = list(made(today))
    else:
        rows = await (_indicators(session) if table is INDICATORS else _places(session, caller))
    return sorted(rows, key=lambda row: tuple(row[name] for name in table.key))


async def _indicators(session: AsyncSession) -> list[Row]:
    statement = sa.select(framework_item.c.content, framework_item.c.retired).where(framework_item.c.kind == KIND)
    return [
        {
            **{name: row.content[name] for name in INDICATORS.names if name not in ("published_by", "retired")},
            "published_by": row.content["disclosure"]["published_by"],
            "retired": row.retired,
        }
        for row in (await session.execute(statement)).all()
    ]


async def _places(session: AsyncSession, caller: Caller) -> list[Row]:
    """Areas are public; of the units a caller sees those of their own scope."""
    none = sa.null().cast(sa.Text)
    areas = sa.select(
        _area.c.code, _area.c.name, _area.c.kind, _area.c.region.label("parent"), _area.c.la_number,
        _area.c.valid_from, _area.c.valid_to,
    )  # fmt: skip
    units = sa.select(
        org_unit.c.code, org_unit.c.name, org_unit.c.kind, org_unit.c.parent, none.label("la_number"),
        org_unit.c.valid_from, org_unit.c.valid_to,
    )  # fmt: skip
    allowed = await visible_units(session, caller)
    if allowed is not None:
        units = units.where(org_unit.c.code.in_(sorted(allowed)))
    rows = [dict(row) for row in (await session.execute(areas.union_all(units))).mappings()]
    assert not rows or tuple(rows[0]) == PLACES.names
    return rows


def _periods(today: date) -> Iterator[Row]:
    for kind in PeriodKind:
        for year in range(FIRST_YEAR, today.year + 2):
            parts = range(1, _PARTS[kind] + 1) if kind in _PARTS else (0,)
            for period in (Period(kind, year, part) for part in parts):
                yield {
                    "code": period.code,
                    "kind": str(kind),
                    "label": in_words(period),
                    "first_day": first_day(period),
                    "last_day": last_day(period),
                }


def _dates(today: date) -> Iterator[Row]:
    day = date(FIRST_YEAR, 1, 1)
    while day.year < today.year + 2:
        codes = {str(kind): Period.containing(kind, day).code for kind in _OF_A_DAY}
        yield {"day": day, "weekday": day.isoweekday(), "working_day": is_working_day(day), **codes}
        day += timedelta(days=1)


assert set(DATES.names) == {"day", "weekday", "working_day", *map(str, _OF_A_DAY)}
