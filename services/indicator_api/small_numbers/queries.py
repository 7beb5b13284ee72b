"""Reading whole families of figures with their past, for callers whose small numbers are hidden."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.models import metadata
from services.indicator_api.small_numbers.sums import Tree
from shared.database import driver_connection
from shared.statements import Statement
from shared.tables import framework_item, org_unit

_now, _past = metadata.tables["observation"], metadata.tables["observation_history"]
# An indicator's code and a period's.
Family = tuple[str, str]


async def read_tree(session: AsyncSession) -> Tree:
    """The units, closed ones included, with the council below its own area."""
    ons_code = framework_item.c.content["ons_code"].astext
    statement = sa.select(org_unit.c.code, org_unit.c.parent, ons_code.label("ons_code")).join_from(
        org_unit,
        framework_item,
        sa.and_(framework_item.c.kind == "units", framework_item.c.code == org_unit.c.code),
        isouter=True,
    )
    below: dict[str, list[str]] = defaultdict(list)
    for row in (await session.execute(statement.order_by(org_unit.c.code))).all():
        for above in (row.parent, row.ons_code):
            if above is not None:
                below[above].append(row.code)
        below.setdefault(row.code, [])
    return Tree(tuple((code, tuple(found)) for code, found in sorted(below.items())))


async def read_versions(session: AsyncSession, families: Collection[Family], areas: Collection[str]) -> Sequence[Any]:
    """Every version of every figure of the families in these areas, in the order of the acts that stored them:
    family, key, status, numbers and act."""
    pairs, statement = sorted(families), _versions()
    given = {
        "of": [one for one, _ in pairs],
        "period": [two for _, two in pairs],
        # Named again, so that the key's index is entered by indicator and area.
        "indicators": sorted({one for one, _ in pairs}),
        "areas": sorted(areas),
    }
    connection = await driver_connection(session)
    return list(await connection.fetch(statement.text, *statement.values(given)))


@cache
def _versions() -> Statement:
    versions = sa.union_all(*map(_versions_in, (_now, _past))).subquery("versions")
    # All rows of one import were stored at once, even where one of them had to wait a microsecond.
    act = sa.func.min(versions.c.recorded_at).over(partition_by=versions.c.import_id)
    named = [column for column in versions.c if column.name != "recorded_at"]
    return Statement(sa.select(*named).order_by(act, versions.c.import_id))


def _versions_in(table: sa.Table) -> sa.Select[Any]:
    wanted = sa.func.unnest(_texts("of"), _texts("period"))
    named = wanted.table_valued("indicator", "period", name="wanted").render_derived()
    numbers: list[Any] = [
        sa.cast(table.c[name], sa.Double()).label(name) for name in ("value", "numerator", "denominator")
    ]
    columns = [table.c[name] for name in ("indicator", "period", "area", "breakdown", "value_status")]
    return (
        sa.select(*columns, *numbers, table.c.import_id, table.c.recorded_at)
        .join_from(table, named, sa.and_(table.c.indicator == named.c.indicator, table.c.period == named.c.period))
        .where(table.c.indicator == sa.any_(_texts("indicators")), table.c.area == sa.any_(_texts("areas")))
    )


def _texts(name: str) -> sa.BindParameter[Any]:
    return sa.bindparam(name, type_=ARRAY(sa.Text()))
