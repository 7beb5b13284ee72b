"""A file set beside what is stored before any of it is: nothing it puts down outlives its transaction."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

import asyncpg
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.checking import load
from services.indicator_api.checking.figures import Stretch, read_closings
from services.indicator_api.checking.load import Around, Loaded, sizes
from services.indicator_api.checking.load_queries import KEY, incoming, loading, read_latest
from services.indicator_api.days import code_bounds
from services.indicator_api.definitions import read_definitions
from services.indicator_api.models import metadata
from services.indicator_api.observations.files.formats import Kind, read_rows
from services.indicator_api.observations.files.spool import Spool
from services.indicator_api.observations.rows.checks import Checked, Checker
from services.indicator_api.observations.rows.report import Report
from services.indicator_api.observations.rows.storing import FILE_SECONDS
from services.indicator_api.places import read_places
from shared.auth.caller import Caller
from shared.database import driver_connection
from shared.framework.store import read_items

_now = metadata.tables["observation"]
MOST_NAMED = 100
_SAID = ("numerator", "denominator", "value", "value_status")
_COLUMNS = ("row", *KEY, *_SAID, "definition_version")
_TABLE = """
CREATE TEMPORARY TABLE loading (
  row integer, indicator text COLLATE "C", area text COLLATE "C", period text COLLATE "C", breakdown text COLLATE "C",
  numerator numeric, denominator numeric, value numeric, value_status text, definition_version integer,
  provisional boolean DEFAULT false
) ON COMMIT DROP
"""
_DUPLICATES = """
SELECT indicator, area, period, breakdown, (array_agg(row ORDER BY row))[1:10] AS rows,
       count(DISTINCT (numerator, denominator, value, value_status)) > 1 AS contradictory, count(*) OVER () AS keys
  FROM loading GROUP BY indicator, area, period, breakdown HAVING count(*) > 1 ORDER BY min(row) LIMIT $1
"""
_ONCE = """
DELETE FROM loading AS later USING loading AS first
WHERE (later.indicator, later.area, later.period, later.breakdown) =
      (first.indicator, first.area, first.period, first.breakdown) AND later.row > first.row
"""


async def compare(session: AsyncSession, caller: Caller, checker: Checker, spool: Spool, kind: Kind) -> dict[str, Any]:
    """What the file would bring, beside the period before and beside what is stored under its own keys."""
    report = Report("partial")
    connection = await driver_connection(session)
    await _put_down(connection, _good(checker, spool, kind, report))
    duplicates = await connection.fetch(_DUPLICATES, MOST_NAMED, timeout=FILE_SECONDS)
    if duplicates:
        await connection.execute(_ONCE, timeout=FILE_SECONDS)
    areas = set((await read_places(session, caller)).values())
    around = Around(await read_definitions(session), areas, await read_closings(session))
    wanted: set[Stretch] = {(code, *code_bounds(one.period_kind)) for code, one in around.definitions.items()}
    latest = await read_latest(session, incoming(), wanted, around.areas)
    counts = await _counts(session)
    loaded = [one | counts[one["indicator"]] for one in await load.compare(session, incoming(), latest, around)]
    names = {item["code"]: item["name"] for item in await read_items(session, "source_systems", retired=True)}
    return {
        **_faults(report),
        "figures": sum(one["created"] + one["restated"] + one["same"] for one in loaded),
        "created": sum(one["created"] for one in loaded),
        "restated": sum(one["restated"] for one in loaded),
        "same": sum(one["same"] for one in loaded),
        "duplicate_keys": duplicates[0]["keys"] if duplicates else 0,
        "duplicates": [_duplicate(row) for row in duplicates],
        "sources": load.by_source(loaded, names),
        "indicators": [load.shortened(one) for one in loaded],
        "restatements": await _restatements(session),
    }


def _good(checker: Checker, spool: Spool, kind: Kind, report: Report) -> Iterator[list[Checked]]:
    for batch in read_rows(kind, spool):
        good = checker.check(batch, report.refuse, report.warn)
        report.stored += len(good)
        yield good


async def _put_down(connection: asyncpg.Connection, batches: Iterator[list[Checked]]) -> None:
    await connection.execute("SET LOCAL work_mem = '64MB'")
    await connection.execute(f"SET LOCAL statement_timeout = '{int(FILE_SECONDS)}s'")
    await connection.execute(_TABLE)
    await connection.copy_to_table(
        "loading", source=_text(batches), format="text", timeout=FILE_SECONDS, columns=_COLUMNS
    )
    await connection.execute("CREATE INDEX ON loading (indicator, area, period, breakdown)", timeout=FILE_SECONDS)
    await connection.execute("ANALYZE loading")


async def _text(batches: Iterator[list[Checked]]) -> AsyncIterator[bytes]:
    """COPY's text form: an empty cell is null, but for the breakdown, where it is the total."""
    for batch in batches:
        lines = [_line(*row) for row in batch]
        if lines:
            yield "\n".join([*lines, ""]).encode()
        # The other requests of this process want their turn.
        await asyncio.sleep(0)


def _line(
    row: str, code: str, area: str, period: str, breakdown: str,
    numerator: str, denominator: str, value: str, status: str, source: str, version: str,
) -> str:  # fmt: skip
    figure = (one or "\\N" for one in (numerator, denominator, value, status))
    return "\t".join((row, code, area, period, breakdown.replace("\\", "\\\\"), *figure, version))


def _beside() -> tuple[sa.FromClause, sa.ColumnElement[bool]]:
    """The file's figures beside those stored under their keys, and whether they differ."""
    same = sa.and_(*(loading.c[name] == _now.c[name] for name in KEY))
    differs = sa.or_(*(loading.c[name].is_distinct_from(_now.c[name]) for name in _SAID))
    return loading.join(_now, same, isouter=True), differs


async def _counts(session: AsyncSession) -> dict[str, dict[str, int]]:
    """For each indicator what its figures would be, over all its periods."""
    both, differs = _beside()
    known = _now.c.indicator.is_not(None)
    statement = (
        sa.select(
            loading.c.indicator,
            sa.func.count(sa.distinct(loading.c.period)),
            sa.func.count().filter(~known),
            sa.func.count().filter(known, differs),
            sa.func.count().filter(known, ~differs),
        )
        .select_from(both)
        .group_by(loading.c.indicator)
    )
    names = ("periods", "created", "restated", "same")
    return {code: dict(zip(names, counts, strict=True)) for code, *counts in (await session.execute(statement)).all()}


async def _restatements(session: AsyncSession) -> list[Loaded]:
    """The stored figures the file would change, the greatest changes first."""
    both, differs = _beside()
    number: sa.Double[float] = sa.Double()
    before, after = sa.cast(_now.c.value, number), sa.cast(loading.c.value, number)
    change = sa.func.abs(after - before)
    share = change / sa.func.nullif(sa.func.abs(before), 0)
    keys = [loading.c[name] for name in KEY]
    parts = [
        sa.cast(table.c[name], number).label(f"{side}_{name}")
        for side, table in (("before", _now), ("after", loading))
        for name in ("numerator", "denominator")
    ]
    statement = (
        sa.select(*keys, before.label("before"), _now.c.value_status.label("before_status"), after.label("after"),
                  loading.c.value_status.label("after_status"), loading.c.row, *parts)
        .select_from(both)
        .where(_now.c.indicator.is_not(None), differs)
        .order_by(share.desc().nulls_first(), change.desc().nulls_first(), *keys)
        .limit(MOST_NAMED)
    )  # fmt: skip
    return [
        dict(row) | {"breakdown": row["breakdown"] or None} | sizes(row["before"], row["after"])
        for row in (await session.execute(statement)).mappings()
    ]


def _duplicate(row: Mapping[str, Any]) -> Loaded:
    found = dict(row)
    found.pop("keys")
    return found | {"breakdown": row["breakdown"] or None}


def _faults(report: Report) -> dict[str, Any]:
    outcome = report.outcome()
    names = ("rows", "rejected", "errors", "errors_truncated", "warnings", "warnings_truncated")
    return {name: outcome[name] for name in names}
