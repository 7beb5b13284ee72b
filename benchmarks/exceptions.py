"""Exceptions at the design size: the full pass, one changed series, a month read, and what pure noise raises; then
the same month for a reader whose small numbers are hidden.

300 indicators in 40 units over 60 months. What a full pass is set beside is reading those 720,000 rows once, and there
are two yardsticks: the bytes of a COPY, which nobody looks at, and the rows as values, as the driver gives them to
Python. Both are printed, by the clock and by processor time (ours and PostgreSQL's), which a busy machine leaves alone.
Rounds alternate, the median counts.
`python benchmarks/exceptions.py [rounds] [seeds]` prints one line of JSON.
"""

from __future__ import annotations

import gc
import io
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any
from uuid import UUID

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import asyncpg  # noqa: E402
import numpy as np  # noqa: E402
import uvloop  # noqa: E402

from benchmarks.running.servers import cpu_seconds  # noqa: E402
from services.indicator_api.app import SERVICE  # noqa: E402
from services.indicator_api.exceptions import answering, listing  # noqa: E402
from services.indicator_api.exceptions.finding import find_places  # noqa: E402
from services.indicator_api.exceptions.frame import scope_of  # noqa: E402
from services.indicator_api.exceptions.keeping import keep, keep_all, keep_up, kept_frame, read_state  # noqa: E402
from services.indicator_api.exceptions.protected import keep_next  # noqa: E402
from services.indicator_api.exceptions.showing import Filter, Showing  # noqa: E402
from services.indicator_api.series.known import Veil  # noqa: E402
from services.postgres import LocalPostgres, throwaway_postgres  # noqa: E402
from shared.auth.caller import Caller, system_caller  # noqa: E402
from shared.database import Database, driver_connection  # noqa: E402
from shared.framework.store import Item, apply_framework  # noqa: E402
from shared.migrations import migrate  # noqa: E402
from shared.paging import Cursor  # noqa: E402
from shared.schemas.framework.tree import read_tree  # noqa: E402
from shared.schemas.periods import Period  # noqa: E402
from shared.settings import Settings  # noqa: E402

INDICATORS, UNITS, MONTHS = 300, 39, 60
COUNCIL, ENGLAND = "E06000059", "E92000001"
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
MONTH = Period.parse("2026-10")
CALLER = Caller("benchmark", frozenset({"admin"}), frozenset({"indicator:read", "indicator:figures"}))
READER = Caller("benchmark", frozenset({"practitioner"}), frozenset({"indicator:read"}))
THRESHOLD = 5
NO_IMPORT = UUID(int=0)
COLUMNS = ("indicator", "area", "period", "breakdown", "numerator", "denominator", "value", "provisional", "revised")
FLOOR = (
    "SELECT indicator, area, period, value, value_status, numerator, denominator, definition_version FROM observation"
)


def framework(*, people: bool = False) -> list[Item]:
    """Dorset's framework with 300 monthly indicators of three kinds of chance instead of its own, and 39 units."""
    kept = ("units", "agencies", "themes", "areas", "comparator_sets", "focus_areas", "source_systems")
    entries = read_tree(ROOT / "framework" / "dorset").entries_for("indicator")
    items = [Item(one["kind"], one["code"], one["content"]) for one in entries if one["kind"] in kept]
    units = [one for one in items if one.kind == "units"]
    for number in range(UNITS - len(units) + 1):
        content = {
            "code": f"team_{number:02}", "name": f"Team {number}", "kind": "team", "parent": "childrens_services",
            "valid_from": "2019-04-01",
        }  # fmt: skip
        items.append(Item("units", content["code"], content))
    model = next(one["content"] for one in entries if one["code"] == "supervision_in_time")
    for number in range(INDICATORS):
        measure = ("count", "percentage", "rate")[number % 3]
        content = model | {
            "code": f"indicator_{number:03}", "title": f"Indicator {number}", "measure": measure, "unit": "number",
            "multiplier": 10_000 if measure == "rate" else None, "numerator": "events", "denominator": "people",
            "benchmarks": ["england"] if number % 3 else [], "targets": [], "due_lag_days": 15,
            "no_benchmark_reason": None if number % 3 else "A count.",
            "disclosure": {"people": people}, "expected_from": None,
        }  # fmt: skip
        items.append(Item("indicators", content["code"], content))
    return items


def months(last: Period, count: int) -> list[str]:
    found = [last]
    while len(found) < count:
        found.append(found[-1].predecessor)
    return [one.code for one in reversed(found)]


def noise(seed: int, places: list[str]) -> Iterator[tuple[Any, ...]]:
    """Nothing but chance: normal numbers, binomial shares and Poisson rates about one level each, England's exact."""
    dice = np.random.default_rng(seed)
    periods = months(MONTH, MONTHS)
    for number in range(INDICATORS):
        code, kind = f"indicator_{number:03}", number % 3
        level = dice.uniform(0.1, 0.9) if kind == 1 else dice.uniform(20, 120)
        for place in places:
            size = int(dice.integers(80, 400)) if kind == 1 else int(dice.integers(8_000, 60_000))
            if kind == 0:
                values = np.round(dice.normal(level * 5, level / 2, MONTHS), 1)
                parts: list[tuple[int | None, int | None]] = [(None, None)] * MONTHS
            else:
                counts = dice.binomial(size, level, MONTHS) if kind == 1 else dice.poisson(level * size / 1e4, MONTHS)
                values = np.round(counts * (100 if kind == 1 else 10_000) / size, 10)
                parts = [(int(count), size) for count in counts]
            for period, value, (n, d) in zip(periods, values, parts, strict=True):
                yield (code, place, period, "", n, d, float(value), False, False)
        if kind:
            value = level * 100 if kind == 1 else level
            yield from ((code, ENGLAND, period, "", None, None, float(value), False, False) for period in periods)


async def load(connection: asyncpg.Connection, rows: Iterator[tuple[Any, ...]]) -> None:
    await connection.execute("TRUNCATE observation, observation_history, exception_stale")
    extra = ("definition_version", "revision", "import_id", "recorded_at")
    await connection.copy_records_to_table(
        "observation", records=[(*row, 1, 1, NO_IMPORT, NOW) for row in rows], columns=(*COLUMNS, *extra)
    )
    await connection.execute("VACUUM ANALYZE observation")


async def timed(work: Callable[[], Awaitable[Any]]) -> float:
    begun = time.perf_counter()
    await work()
    return time.perf_counter() - begun


class Spent:
    """Seconds by the clock and of the processor, our own process and those that answer it together."""

    def __init__(self, served_by: set[int]) -> None:
        self._served_by = served_by

    def _processor(self) -> float:
        return time.process_time() + sum(map(cpu_seconds, self._served_by))

    async def on(self, work: Callable[[], Awaitable[Any]]) -> tuple[float, float]:
        spent = self._processor()
        clock = await timed(work)
        return clock, self._processor() - spent


class Bench:
    """The design size in one database, and each thing that is timed."""

    def __init__(self, database: Database, connection: asyncpg.Connection, places: list[str]) -> None:
        self.database, self.connection, self.places = database, connection, places
        self.dice = random.Random(1)

    async def copied(self) -> None:
        await self.connection.copy_from_query(FLOOR, output=io.BytesIO(), format="binary")

    async def fetched(self) -> None:
        await self.connection.fetch(FLOOR)

    async def full_pass(self) -> None:
        async with self.database.transaction() as session:
            frame = await kept_frame(session, await self._edition(session))
            await keep_all(session, frame, MONTH, await self._edition(session), NOW)

    async def served_by(self) -> set[int]:
        """The processes of PostgreSQL that answer us: the one that reads, and the one pooled connection."""
        async with self.database.transaction() as session:
            pooled = await driver_connection(session)
            return {self.connection.get_server_pid(), pooled.get_server_pid()}

    async def _edition(self, session: Any) -> int:
        return (await read_state(await driver_connection(session), 0)).edition_now

    async def one_series(self) -> float:
        """A changed figure stored, and its series judged in the same transaction."""
        code, place = f"indicator_{self.dice.randrange(INDICATORS):03}", self.dice.choice(self.places[1:])
        async with self.database.transaction() as session:
            raw = await driver_connection(session)
            await raw.execute(
                "UPDATE observation SET value = value + 1, revision = revision + 1,"
                " recorded_at = recorded_at + interval '1 second'"
                " WHERE indicator = $1 AND area = $2 AND period = '2026-10'", code, place,
            )  # fmt: skip
            begun = time.perf_counter()
            await keep_up(session, NOW)
            took = time.perf_counter() - begun
            assert not await raw.fetchval("SELECT count(*) FROM exception_stale")
        return took

    async def keep_protected(self) -> float:
        """Every indicator kept for readers whose small numbers are hidden, by the seconds one takes."""
        kept, begun = 0, time.perf_counter()
        while True:
            async with self.database.transaction() as session:
                if not await keep_next(session, NOW, THRESHOLD):
                    return (time.perf_counter() - begun) / kept
            kept += 1

    async def month_read(self, *, units: bool, caller: Caller = CALLER) -> bytes:
        scope = scope_of(MONTH, NOW.date(), Veil.for_caller(caller, THRESHOLD))
        async with self.database.snapshot() as session:
            known = await find_places(session, caller, [], units=units)
            found = await listing.list_all(session, known, scope, listing.Moment(MONTH, NOW.date(), None))
            answers = await answering.latest_answers(session, list(known.places))
        shown = Showing(caller, found, answers, NOW.date(), Filter())
        return b",".join([*shown.page(Cursor(None, 2_000))[0], *shown.resolved()])


async def speed(bench: Bench, rounds: int) -> dict[str, Any]:
    await bench.full_pass()
    # As the service does once it has started.
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)
    spent = Spent(await bench.served_by())
    took: dict[str, list[tuple[float, float]]] = {}
    for turn in range(rounds):
        steps = {"copied": bench.copied, "full": bench.full_pass, "fetched": bench.fetched}
        for name in list(steps)[:: 1 if turn % 2 else -1]:
            took.setdefault(name, []).append(await spent.on(steps[name]))
    single = [await bench.one_series() for _ in range(40 * rounds)]
    place = [await timed(lambda: bench.month_read(units=False)) for _ in range(10 * rounds)]
    every = [await timed(lambda: bench.month_read(units=True)) for _ in range(10 * rounds)]
    clock, processor = (
        {name: median(each[place] for each in times) for name, times in took.items()} for place in (0, 1)
    )
    return {
        "full_pass_seconds": round(clock["full"], 3),
        "of_reading_rows_as_bytes": round(clock["full"] / clock["copied"], 2),
        "of_reading_rows_as_values": round(clock["full"] / clock["fetched"], 2),
        "full_pass_processor_seconds": round(processor["full"], 2),
        "processor_of_reading_rows_as_bytes": round(processor["full"] / processor["copied"], 2),
        "processor_of_reading_rows_as_values": round(processor["full"] / processor["fetched"], 2),
        "one_series_ms": round(1000 * median(single), 2),
        "month_of_one_place_ms": round(1000 * median(place), 1),
        "month_of_all_units_ms": round(1000 * median(every), 1),
    }


async def protected(bench: Bench, rounds: int) -> dict[str, Any]:
    """The same figures as numbers of people: a month read before any of it is kept, and after."""
    async with bench.database.transaction() as session:
        items = framework(people=True)
        await apply_framework(session, system_caller("benchmark"), SERVICE.framework_kinds, items)
    await bench.full_pass()
    computed = await timed(lambda: bench.month_read(units=False, caller=READER))
    indicator = await bench.keep_protected()
    place = [await timed(lambda: bench.month_read(units=False, caller=READER)) for _ in range(10 * rounds)]
    every = [await timed(lambda: bench.month_read(units=True, caller=READER)) for _ in range(10 * rounds)]
    return {
        "computed_when_asked_seconds": round(computed, 1),
        "one_indicator_kept_ms": round(1000 * indicator, 1),
        "month_of_one_place_ms": round(1000 * median(place), 1),
        "month_of_all_units_ms": round(1000 * median(every), 1),
    }


async def alarms(bench: Bench, places: list[str], seeds: int) -> dict[str, Any]:
    """Of series that are nothing but chance: how many raise something new in a month, and a planted change found."""
    raised: Counter[str] = Counter()
    found = planted = 0
    for seed in range(seeds):
        rows = list(noise(100 + seed, places))
        await load(bench.connection, iter(rows))
        await bench.full_pass()
        counted = await bench.connection.fetch(
            "SELECT trigger, status, count(*) FROM exception_row WHERE status <> 'resolved' GROUP BY 1, 2"
        )
        for trigger, status, number in counted:
            raised[f"{trigger}.{status}"] += number
        chosen = [(f"indicator_{number:03}", places[number % len(places)]) for number in range(0, INDICATORS, 3)]
        planted += len(chosen)
        await bench.connection.execute(
            "UPDATE observation o SET value = s.mean + 5 * s.spread, revision = revision + 1,"
            " recorded_at = recorded_at + interval '1 second'"
            " FROM (SELECT indicator, area, avg(value) AS mean, stddev(value) AS spread"
            "         FROM observation GROUP BY 1, 2) s"
            " WHERE (o.indicator, o.area) = (s.indicator, s.area) AND o.period = '2026-10'"
            "   AND (o.indicator, o.area) IN (SELECT * FROM unnest($1::text[], $2::text[]))",
            [one for one, _ in chosen], [place for _, place in chosen],
        )  # fmt: skip
        async with bench.database.transaction() as session:
            await keep(session, NOW)
        found += await bench.connection.fetchval(
            "SELECT count(*) FROM exception_row WHERE trigger = 'SIGNIFICANT_CHANGE' AND direction IN ('high', 'up')"
            " AND status <> 'resolved' AND (indicator, area) IN (SELECT * FROM unnest($1::text[], $2::text[]))",
            [one for one, _ in chosen], [place for _, place in chosen],
        )  # fmt: skip
    series = seeds * INDICATORS * len(places)
    new = sum(number for name, number in raised.items() if name.endswith(".new"))
    return {
        "series": series,
        "new_per_hundred_series": round(100 * new / series, 2),
        "per_hundred_series": {name: round(100 * number / series, 2) for name, number in sorted(raised.items())},
        "planted_found": f"{found}/{planted}",
    }


async def measure(url: str, rounds: int, seeds: int) -> dict[str, Any]:
    database = Database(url, Settings(environment="local", indicator_database_url=url), "indicator")
    connection = await asyncpg.connect(url.replace("postgresql+asyncpg", "postgresql"))
    try:
        async with database.transaction() as session:
            await apply_framework(session, system_caller("benchmark"), SERVICE.framework_kinds, framework())
        # `dorset_council` comes to the same as the council's area, which stands for both.
        units = await connection.fetch("SELECT code FROM org_unit WHERE code <> 'dorset_council' ORDER BY 1")
        places = [COUNCIL, *(row["code"] for row in units)]
        bench = Bench(database, connection, places)
        false = await alarms(bench, places, seeds)
        await load(connection, noise(1, places))
        found = await speed(bench, rounds)
        hidden = await protected(bench, rounds)
        return {"places": len(places), "rounds": rounds, **found, "protected": hidden, "noise": false}
    finally:
        await connection.close()
        await database.close()


def run(server: LocalPostgres, rounds: int, seeds: int) -> dict[str, Any]:
    server.execute("CREATE DATABASE ours")
    url = server.admin_url().replace("/postgres?", "/ours?")
    migrate("indicator", url)
    # The loop the services run on.
    return {"benchmark": "exceptions", **uvloop.run(measure(url, rounds, seeds))}


def main() -> None:
    rounds, seeds = (int(sys.argv[at]) if len(sys.argv) > at else default for at, default in ((1, 5), (2, 3)))
    with throwaway_postgres(version=18) as server:
        print(json.dumps(run(server, rounds, seeds)))


if __name__ == "__main__":
    main()
