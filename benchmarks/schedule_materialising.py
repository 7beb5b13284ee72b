"""Ten years of the reporting schedule made into occurrences: Dorset's own reports, and 600 of them.

The floor is the same rows written by one COPY into the same table; rounds alternate, the median counts. Beside it what
the clock does every half minute once they are there, and a year of the calendar as JSON and as iCalendar.
`python benchmarks/schedule_materialising.py [rounds]` prints one line of JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import sqlalchemy as sa  # noqa: E402

from services.postgres import LocalPostgres, throwaway_postgres  # noqa: E402
from services.reporting_api.app import SERVICE  # noqa: E402
from services.reporting_api.calendar.feed import feed_of  # noqa: E402
from services.reporting_api.calendar.pages import months_of  # noqa: E402
from services.reporting_api.calendar.queries import read_entries  # noqa: E402
from services.reporting_api.definitions import read_definitions  # noqa: E402
from services.reporting_api.occurrences import table  # noqa: E402
from services.reporting_api.schedule.clock import Ticker  # noqa: E402
from services.reporting_api.schedule.materialise import materialise  # noqa: E402
from shared.auth.caller import Caller, system_caller  # noqa: E402
from shared.clock import FixedClock  # noqa: E402
from shared.database import Database, driver_connection  # noqa: E402
from shared.framework.store import Item, apply_framework  # noqa: E402
from shared.migrations import migrate  # noqa: E402
from shared.schemas.framework.tree import read_tree  # noqa: E402
from shared.settings import Settings  # noqa: E402

FIRST, LAST, TODAY = date(2026, 4, 1), date(2036, 3, 31), date(2026, 11, 23)
READER = Caller("benchmark", frozenset({"analyst"}), frozenset({"reporting:read"}))
MAKER = system_caller("benchmark")


def framework(copies: int) -> list[Item]:
    """Dorset's framework, each report that comes by the calendar so many times."""
    entries = read_tree(ROOT / "framework" / "dorset").entries_for("reporting")
    items = [Item(one["kind"], one["code"], one["content"]) for one in entries]
    regular = [one for one in items if one.kind == "reports" and one.content.get("period_kind")]
    for number in range(1, copies):
        for one in regular:
            code = f"{one.code}_{number}"
            items.append(Item("reports", code, {**one.content, "code": code}))
    return items


async def empty(database: Database) -> None:
    async with database.transaction() as session:
        await session.execute(sa.text("DELETE FROM occurrence"))


async def made(database: Database) -> tuple[float, int]:
    await empty(database)
    begun = time.perf_counter()
    async with database.transaction() as session:
        done = await materialise(session, MAKER, FIRST, LAST, TODAY)
    return time.perf_counter() - begun, done.created


async def copied(database: Database, rows: list[tuple[Any, ...]]) -> float:
    await empty(database)
    begun = time.perf_counter()
    async with database.transaction() as session:
        driver = await driver_connection(session)
        await driver.copy_records_to_table("occurrence", records=rows, columns=[one.name for one in table.columns])
    return time.perf_counter() - begun


async def reading(database: Database) -> dict[str, float]:
    """Milliseconds of a quiet tick, and of a year of the calendar in both forms."""
    clock = FixedClock(datetime(2026, 11, 23, 9, tzinfo=UTC))
    ticker = Ticker(database, clock)
    await ticker.tick()
    begun = time.perf_counter()
    await ticker.tick()
    ticked = time.perf_counter()
    async with database.snapshot() as session:
        known = await read_definitions(session)
        found = await read_entries(session, READER, known, FIRST, date(2027, 3, 31), None)
    read = time.perf_counter()
    months = months_of(known, found, FIRST, date(2027, 3, 31))
    body = b"".join(month.model_dump_json().encode() for month in months)
    shown = time.perf_counter()
    feed = feed_of(known, found, None, TODAY)
    fed = time.perf_counter()
    assert body and feed
    parts = {"tick": ticked - begun, "calendar_json": shown - ticked, "calendar_ics": fed - shown + read - ticked}
    return {name: round(1000 * seconds, 1) for name, seconds in parts.items()}


async def measure(server: LocalPostgres, copies: int, rounds: int) -> dict[str, Any]:
    name = f"schedule_{copies}"
    server.execute(f"CREATE DATABASE {name}")
    url = server.admin_url().replace("/postgres?", f"/{name}?")
    await asyncio.to_thread(migrate, "reporting", url)
    database = Database(url, Settings(environment="local", reporting_database_url=url), "reporting")
    async with database.transaction() as session:
        await apply_framework(session, MAKER, dict(SERVICE.framework_kinds), framework(copies))
    _, created = await made(database)
    async with database.snapshot() as session:
        rows = [tuple(row) for row in (await session.execute(sa.select(table))).all()]
    ours, floor = [], []
    for _ in range(rounds):
        ours.append((await made(database))[0])
        floor.append(await copied(database, rows))
    found = {
        "occurrences": created,
        "seconds": round(median(ours), 3),
        "to_copy": round(median(one / other for one, other in zip(ours, floor, strict=True)), 1),
        "ms": await reading(database),
    }
    await database.close()
    return found


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    with throwaway_postgres(version=18) as server:
        sizes = {"dorset": 1, "600_reports": 17}
        found = {name: asyncio.run(measure(server, copies, rounds)) for name, copies in sizes.items()}
    print(json.dumps({"benchmark": "schedule_materialising", "ten_years": found}))


if __name__ == "__main__":
    main()
