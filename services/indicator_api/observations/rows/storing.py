"""Stores checked rows: one upsert over arrays for a batch, COPY and one upsert for a file."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple
from uuid import UUID

import asyncpg

from services.indicator_api.mappings.service import MappingInUse
from services.indicator_api.observations.rows.checks import FIELDS, Checked

# Up to here arrays are as fast as COPY and cost the catalogue no temporary table.
BATCH = 2_000
# A file of a million rows may take its time; a statement of any other request may not.
FILE_SECONDS = 600.0

_FIGURE = "numerator, denominator, value, value_status, source_ref"
_STORED = "numerator, denominator, value, value_status, provisional, source_ref, definition_version"
_KEY = "indicator, area, period, breakdown"

# A plan is made for the size of each file, not for that of the files before.
_ROOM_FOR_A_FILE = f"""
SET LOCAL work_mem = '64MB';
SET LOCAL statement_timeout = '{int(FILE_SECONDS)}s';
SET LOCAL plan_cache_mode = force_custom_plan;
CREATE TEMPORARY TABLE IF NOT EXISTS incoming (
  row integer, indicator text COLLATE "C", area text COLLATE "C", period text COLLATE "C", breakdown text COLLATE "C",
  numerator numeric, denominator numeric, value numeric, value_status text, source_ref text,
  definition_version integer
) ON COMMIT DELETE ROWS
"""
# Each column is one text, its cells parted by a control character no cell can hold: the driver takes longer over a
# list of a thousand texts than PostgreSQL over splitting one.
_PART = "\x1f"
_CELLS = ", ".join(
    rf"unnest(string_to_array(${place}::text, E'\x1f', '')) AS {name}" for place, name in enumerate(FIELDS[1:], 4)
)
_ARRAYS = f"""
given AS MATERIALIZED (
 SELECT 0 AS row, indicator COLLATE "C" AS indicator, area COLLATE "C" AS area, period COLLATE "C" AS period,
        breakdown COLLATE "C" AS breakdown, numerator::numeric AS numerator, denominator::numeric AS denominator,
        value::numeric AS value, value_status, source_ref, definition_version::integer AS definition_version
   FROM (SELECT {_CELLS}) AS cells),
"""  # noqa: S608 - names of columns are put in, no value
# The key in one text, which sorts in half the time of its four parts and in the same order: no cell holds a control
# character.
_WHOLE_KEY = r"n.indicator || E'\x1f' || n.area || E'\x1f' || n.period || E'\x1f' || coalesce(n.breakdown, '')"
_DIFFERENT = """
  FROM {rows} AS m LEFT JOIN observation s
    ON (s.indicator, s.area, s.period, s.breakdown) = (m.indicator, m.area, m.period, coalesce(m.breakdown, ''))
 WHERE s.indicator IS NULL OR
       (s.numerator, s.denominator, s.value, s.value_status, s.provisional, s.source_ref, s.definition_version)
       IS DISTINCT FROM
       (m.numerator, m.denominator, m.value, m.value_status, $2::boolean, m.source_ref, m.definition_version)
"""
_ANY_DIFFERS = f"EXISTS (SELECT {_DIFFERENT.format(rows='given')})"
# Most files that differ do so from the start. Where they do not, all is counted, because PostgreSQL plans to look for
# one difference key by key, and to count them by reading all there is, which takes half as long.
_ANY_COPIED_DIFFERS = f"""
EXISTS (SELECT {_DIFFERENT.format(rows="(SELECT * FROM incoming LIMIT 1000)")})
OR (SELECT count(*) {_DIFFERENT.format(rows="incoming")}) > 0
"""  # noqa: S608 - no value is in it
# In order of the key, so that two imports of the same rows wait for each other and never deadlock. What an import
# stored before this one is overwritten later than it was recorded, whatever the clocks of two machines say. Where all
# of it is stored already, which one look at each key finds out, no row is locked or sorted and none written.
_UPSERT = """
WITH {given} done AS (
  INSERT INTO observation AS o (indicator, area, period, breakdown, {stored}, import_id, recorded_at, revision, revised)
  SELECT DISTINCT ON ({key})
         n.indicator, n.area, n.period, coalesce(n.breakdown, ''), n.numerator, n.denominator, n.value, n.value_status,
         $2::boolean, n.source_ref, n.definition_version, $1::uuid, $3::timestamptz, 1, false
    FROM {source} AS n
   WHERE {differs}
   ORDER BY {key}, n.row
  ON CONFLICT (indicator, area, period, breakdown) DO UPDATE SET
    numerator = excluded.numerator, denominator = excluded.denominator, value = excluded.value,
    value_status = excluded.value_status, provisional = excluded.provisional, source_ref = excluded.source_ref,
    definition_version = excluded.definition_version, import_id = excluded.import_id,
    recorded_at = greatest(excluded.recorded_at, o.recorded_at + interval '1 microsecond'),
    revision = o.revision + 1,
    revised = o.revised OR (o.value, o.value_status) IS DISTINCT FROM (excluded.value, excluded.value_status)
  WHERE (o.numerator, o.denominator, o.value, o.value_status, o.provisional, o.source_ref, o.definition_version)
        IS DISTINCT FROM
        (excluded.numerator, excluded.denominator, excluded.value, excluded.value_status, excluded.provisional,
         excluded.source_ref, excluded.definition_version)
  RETURNING o.revision = 1 AS created)
SELECT count(*) FILTER (WHERE created) AS created, count(*) FILTER (WHERE NOT created) AS changed FROM done
"""
_COMPARE = """
WITH {given} n AS (SELECT DISTINCT ON (indicator, area, period, coalesce(breakdown, ''))
                  indicator, area, period, coalesce(breakdown, '') AS breakdown, {figure}, definition_version
             FROM {source} AS every
            WHERE $1::uuid IS NOT NULL AND $3::timestamptz IS NOT NULL
            ORDER BY indicator, area, period, coalesce(breakdown, ''), row)
SELECT count(*) FILTER (WHERE o.indicator IS NULL) AS created,
       count(*) FILTER (WHERE o.indicator IS NOT NULL AND
         (o.numerator, o.denominator, o.value, o.value_status, o.provisional, o.source_ref, o.definition_version)
         IS DISTINCT FROM
         (n.numerator, n.denominator, n.value, n.value_status, $2::boolean, n.source_ref, n.definition_version)
       ) AS changed
  FROM n LEFT JOIN observation o USING (indicator, area, period, breakdown)
"""
_CONTRADICTIONS = """
DELETE FROM incoming n USING (
  SELECT indicator, area, period, coalesce(breakdown, '') AS breakdown, array_agg(row ORDER BY row) AS rows
    FROM incoming GROUP BY 1, 2, 3, 4
  HAVING count(*) > 1 AND count(DISTINCT (numerator, denominator, value, value_status, source_ref)) > 1) twice
WHERE (n.indicator, n.area, n.period, coalesce(n.breakdown, '')) =
      (twice.indicator, twice.area, twice.period, twice.breakdown)
RETURNING n.row, twice.rows[1] AS first, twice.rows[2] AS second
"""


@dataclass(frozen=True)
class Act:
    """The import that figures are recorded under."""

    import_id: UUID
    kind: Literal["single", "json", "ndjson", "csv", "xlsx", "withdrawal"]
    mode: Literal["atomic", "partial"]
    digest: bytes
    provisional: bool
    recorded_at: datetime
    reason: str | None = None
    mapping: MappingInUse | None = None


class Counts(NamedTuple):
    created: int
    changed: int


# Told of each row that contradicts another: its own number and the other's.
Contradiction = Callable[[int, int], None]


async def store_batch(connection: asyncpg.Connection, act: Act, rows: Sequence[Checked], *, dry_run: bool) -> Counts:
    """Store up to a few thousand rows whose keys do not contradict each other (of equal rows one is stored)."""
    if not rows:
        return Counts(0, 0)
    _, *columns = map(_PART.join, zip(*rows, strict=True))
    return await _run(connection, act, dry_run, columns)


async def copy_file(connection: asyncpg.Connection, batches: Iterable[Sequence[Checked]]) -> None:
    """Copy any number of rows, read as they go."""
    await connection.execute(_ROOM_FOR_A_FILE)
    await connection.copy_to_table(
        "incoming", source=_text(batches), format="text", null="", timeout=FILE_SECONDS, columns=FIELDS
    )


async def drop_contradictions(connection: asyncpg.Connection, contradicts: Contradiction) -> None:
    """Take out the copied rows that contradict each other."""
    for gone in await connection.fetch(_CONTRADICTIONS, timeout=FILE_SECONDS):
        contradicts(gone["row"], gone["second"] if gone["row"] == gone["first"] else gone["first"])


async def store_copied(connection: asyncpg.Connection, act: Act, *, dry_run: bool) -> Counts:
    """Store what was copied."""
    if dry_run:
        # Nothing is known of a temporary table; a plan made for a handful of rows would not end.
        await connection.execute("ANALYZE incoming")
    return await _run(connection, act, dry_run)


async def _text(batches: Iterable[Sequence[Checked]]) -> AsyncIterator[bytes]:
    """COPY's text form. No cell holds a tab or a line end; only backslashes need care."""
    for batch in batches:
        chunk = "\n".join(map("\t".join, batch))
        if "\\" in chunk:
            chunk = chunk.replace("\\", "\\\\")
        if chunk:
            yield f"{chunk}\n".encode()
        # The socket may take all of it without a pause; the other requests of this process want their turn.
        await asyncio.sleep(0)


async def _run(connection: asyncpg.Connection, act: Act, dry_run: bool, columns: Sequence[str] | None = None) -> Counts:
    """Store, or only compare, the rows given in columns, else those that were copied."""
    copied = columns is None
    given, source, differs = ("", "incoming", _ANY_COPIED_DIFFERS) if copied else (_ARRAYS, "given", _ANY_DIFFERS)
    statement = (_COMPARE if dry_run else _UPSERT).format(
        given=given, source=source, differs=differs, key=_WHOLE_KEY, stored=_STORED, figure=_FIGURE
    )
    row = await connection.fetchrow(
        statement, act.import_id, act.provisional, act.recorded_at, *(columns or ()), timeout=FILE_SECONDS
    )
    return Counts(row["created"], row["changed"])
