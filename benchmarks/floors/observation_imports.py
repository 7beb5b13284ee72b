"""The floor of an import: a bare ASGI application that does the same durable work with the driver alone.

It checks nothing and knows no caller: COPY into a temporary table and one upsert for CSV, one upsert over arrays for
JSON, with the history kept by the same trigger.
"""

from __future__ import annotations

import io
import os
import re
import uuid
from datetime import UTC, datetime
from typing import Any

import asyncpg
import jiter

_COLUMNS = (
    "indicator", "area", "period", "breakdown", "numerator", "denominator", "value", "value_status", "source_ref"
)  # fmt: skip
_TEMPORARY = """
CREATE TEMPORARY TABLE IF NOT EXISTS incoming (indicator text, area text, period text, breakdown text,
  numerator numeric, denominator numeric, value numeric, value_status text, source_ref text) ON COMMIT DELETE ROWS
"""
_UPSERT = """
WITH done AS (
  INSERT INTO observation AS o (indicator, area, period, breakdown, numerator, denominator, value, value_status,
    source_ref, provisional, revised, definition_version, import_id, recorded_at, revision)
  SELECT n.indicator, n.area, n.period, coalesce(n.breakdown, ''), n.numerator, n.denominator, n.value, n.value_status,
    n.source_ref, false, false, 1, $1, $2, 1
  FROM {source} ORDER BY 1, 2, 3, 4
  ON CONFLICT (indicator, area, period, breakdown) DO UPDATE SET numerator = excluded.numerator,
    denominator = excluded.denominator, value = excluded.value, value_status = excluded.value_status,
    source_ref = excluded.source_ref, import_id = excluded.import_id, recorded_at = excluded.recorded_at,
    revision = o.revision + 1, revised = true
  WHERE (o.numerator, o.denominator, o.value, o.value_status, o.source_ref) IS DISTINCT FROM
    (excluded.numerator, excluded.denominator, excluded.value, excluded.value_status, excluded.source_ref)
  RETURNING o.revision)
SELECT count(*) FILTER (WHERE revision = 1) AS created, count(*) FILTER (WHERE revision > 1) AS changed FROM done
"""
_ARRAYS = (
    "unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::float8[], $8::float8[], $9::float8[], $10::text[], "
    "$11::text[]) AS n(indicator, area, period, breakdown, numerator, denominator, value, value_status, source_ref)"
)
_held: dict[str, Any] = {}


async def _pool() -> asyncpg.Pool:
    if "pool" not in _held:
        url = re.sub(r"^postgresql\+asyncpg", "postgresql", os.environ["QAPF_INDICATOR_DATABASE_URL"])
        _held["pool"] = await asyncpg.create_pool(url, min_size=2, max_size=10)
    return _held["pool"]


async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Takes the body whole and answers the counts."""
    if scope["type"] != "http":
        return
    pieces, more = [], True
    while more:
        message = await receive()
        pieces.append(message.get("body", b""))
        more = message.get("more_body", False)
    counts: Any = {"created": 0, "changed": 0}
    if scope["method"] == "POST":
        csv = dict(scope["headers"]).get(b"content-type") == b"text/csv"
        async with (await _pool()).acquire() as connection, connection.transaction():
            counts = await (_from_csv if csv else _from_json)(connection, b"".join(pieces))
    answer = f'{{"created":{counts["created"]},"changed":{counts["changed"]}}}'.encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(answer)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": answer})


async def _from_csv(connection: asyncpg.Connection, body: bytes) -> asyncpg.Record:
    await connection.execute("SET LOCAL work_mem = '64MB'")
    await connection.execute(_TEMPORARY)
    await connection.copy_to_table("incoming", source=io.BytesIO(body), format="csv", header=True)
    return await connection.fetchrow(_UPSERT.format(source="incoming AS n"), uuid.uuid4(), datetime.now(UTC))


async def _from_json(connection: asyncpg.Connection, body: bytes) -> asyncpg.Record:
    items = jiter.from_json(body)["items"]
    columns = [[item[name] for item in items] for name in _COLUMNS]
    return await connection.fetchrow(_UPSERT.format(source=_ARRAYS), uuid.uuid4(), datetime.now(UTC), *columns)
