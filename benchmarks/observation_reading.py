"""Reading figures beside the floor and a peer: a page of 50 and a series of 36 periods for 20 units.

Each is one uvicorn worker on the same database; ours checks a real token, limits, counts and logs as in production.
Rounds alternate over persistent connections, and medians count. The page is read at ten thousand rows and at many.
A series asked for again is computed once of the same figures. `series_anew` ends in another month each time, as if a
figure had come or gone: ours computes limits, signals and labels again, and has written each number's text before.
`python benchmarks/observation_reading.py [rows] [rounds]` prints one line of JSON; 10,000,000 rows take some minutes.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import time
from collections.abc import Awaitable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.running.servers import Connection, apply_framework, request_of, serving  # noqa: E402
from services.postgres import LocalPostgres, throwaway_postgres  # noqa: E402
from shared.auth.local_issuer import LocalIssuer  # noqa: E402
from shared.migrations import migrate  # noqa: E402
from shared.schemas.framework.tree import Framework, read_tree  # noqa: E402

SERVERS = {
    "ours": "services.indicator_api.app:create_app",
    "floor": "benchmarks.floors.observation_reading:app",
    "litestar": "benchmarks.peers.reading_litestar:app",
}
SMALL, SERIES = 10_000, "supervision_in_time"
REQUESTS, WARM_UP, MANY_AT_ONCE = {"page": 300, "series": 100, "series_anew": 60}, 60, 8
# Every area has every indicator in every month, so that a page of any filter is full however many rows there are.
_FILL = """
INSERT INTO observation (indicator, area, period, breakdown, numerator, denominator, value, provisional, revised,
  source_ref, definition_version, revision, import_id, recorded_at)
SELECT i, a, to_char(date '1996-01-01' + make_interval(months => m), 'YYYY-MM'),
  CASE g WHEN 0 THEN '' ELSE 'group=' || g END,
  20 + (m * 7 + length(a)) % 60, 80 + m % 20, round(100.0 * (20 + (m * 7 + length(a)) % 60) / (80 + m % 20), 1),
  false, false, 'Synthetic ' || m, 1, 1, '01890000-0000-7000-8000-000000000000',
  timestamptz '2026-01-05 09:00:00.123456+00'
FROM unnest($${indicators}$$::text[]) i, unnest($${areas}$$::text[]) a, generate_series(0, {months} - 1) m,
  generate_series(0, {groups} - 1) g
"""
_SERIES = """
INSERT INTO observation (indicator, area, period, breakdown, numerator, denominator, value, provisional, revised,
  source_ref, definition_version, revision, import_id, recorded_at)
SELECT '{code}', u, to_char(date '2023-04-01' + make_interval(months => m), 'YYYY-MM'), '', n, d,
  round(100.0 * n / d, 1), false, false, 'Synthetic', 1, 1, '01890000-0000-7000-8000-000000000000',
  timestamptz '2026-05-05 09:00:00.123456+00'
FROM (SELECT u, m, 40 + (m * 7 + length(u) * 13) % 31 + m % 3 AS n, 80 + (m + length(u)) % 9 AS d
  FROM unnest($${units}$$::text[]) u, generate_series(0, 35) m) made
"""


def fill(server: LocalPostgres, database: str, framework: Framework, rows: int) -> None:
    """`rows` figures, give or take a few, in ten thousand of the same shape as in millions."""
    wide = rows > SMALL
    indicators = [code for code in framework.items["indicators"] if code != SERIES][: 90 if wide else 2]
    areas = list(framework.items["areas"])[: 160 if wide else 60]
    months = min(348, rows // (len(indicators) * len(areas)))
    groups = max(1, rows // (len(indicators) * len(areas) * months))
    server.execute(
        "TRUNCATE observation",
        _FILL.format(indicators=_array(indicators), areas=_array(areas), months=months, groups=groups),
        _SERIES.format(code=SERIES, units=_array(units(framework))),
        "VACUUM (ANALYZE) observation",
        "CHECKPOINT",
        database=database,
    )


def _array(codes: list[str]) -> str:
    return "{" + ",".join(codes) + "}"


def units(framework: Framework) -> list[str]:
    return [one.code for one in framework.items["units"].values() if one.kind == "team"][:20]  # type: ignore[attr-defined]


class Load:
    """Asks servers the same question over and over, in turns."""

    def __init__(self, ports: dict[str, int], token: str) -> None:
        self._ports, self._token = ports, token

    def request(self, path: str) -> bytes:
        return request_of("GET", path, self._token)

    async def one(self, name: str, path: str) -> Any:
        connection = await Connection.to(self._ports[name])
        return json.loads(await connection.ask(self.request(path)))

    async def timed(self, name: str, path: str, requests: int, at_once: int) -> float:
        """Seconds a request: the median alone, the whole time shared out among those sent at once."""
        port = self._ports[name]
        # Two questions in turn where the path leaves a month open: no answer is that to the question before.
        asked = [self.request(path.replace("{month}", month)) for month in ("02", "03")]
        open_ = [await Connection.to(port) for _ in range(at_once)]

        # Neighbouring connections begin with different ones: in step they would ask the same question together.
        async def ask(place: int, connection: Connection, times: int) -> list[float]:
            return [await _seconds(connection.ask(asked[(place + turn) % 2])) for turn in range(times)]

        begun = time.perf_counter()
        took = await asyncio.gather(
            *(ask(place, connection, requests // at_once) for place, connection in enumerate(open_))
        )
        whole = (time.perf_counter() - begun) / (requests // at_once * at_once)
        return median(took[0]) if at_once == 1 else whole

    async def compare(self, paths: dict[str, str], rounds: int, requests: int, at_once: int) -> dict[str, float]:
        """The median over alternating rounds of each path of each server, in seconds."""
        pairs = [(name, key) for name in self._ports for key in paths]
        found: dict[tuple[str, str], list[float]] = {pair: [] for pair in pairs}
        for pair in pairs:
            await self.timed(pair[0], paths[pair[1]], WARM_UP, at_once)
        for turn in range(rounds):
            for pair in pairs if turn % 2 else reversed(pairs):
                found[pair].append(await self.timed(pair[0], paths[pair[1]], requests, at_once))
        return {f"{name}.{key}": median(times) for (name, key), times in found.items()}


async def _seconds(answer: Awaitable[bytes]) -> float:
    begun = time.perf_counter()
    await answer
    return time.perf_counter() - begun


def ratios(found: dict[str, float], key: str) -> dict[str, float]:
    ours = found[f"ours.{key}"]
    return {
        "milliseconds": round(ours * 1000, 3),
        "of_floor": round(found[f"floor.{key}"] / ours, 2),
        "times_litestar": round(found[f"litestar.{key}"] / ours, 2),
    }


async def same_content(load: Load, paths: dict[str, str]) -> None:
    """The three say the same, else they are not to be compared."""
    for key, path in paths.items():
        answers = {name: await load.one(name, path) for name in SERVERS}
        if key == "series":
            numbers = {name: [_numbers(area) for area in one["areas"]] for name, one in answers.items()}
        else:
            assert all(len(one["items"]) == 50 for one in answers.values()), key
            numbers = {name: [[*map(str, item.values())][:4] for item in one["items"]] for name, one in answers.items()}
        assert numbers["ours"] == numbers["floor"] == numbers["litestar"], key


def _numbers(area: dict[str, Any]) -> list[Any]:
    points = [
        (one["period"], one["display"], one["label"], one["rules"], one["target"], round(one["interval"]["lower"], 9))
        for one in area["points"]
    ]
    return [area["area"], area["assurance"], round(area["segments"][0]["upl"], 9), points]


async def pages(load: Load, framework: Framework, deep: dict[str, str]) -> dict[str, str]:
    """A page of fifty by each filter, and one far into the list."""
    area, indicator = list(framework.items["areas"])[30], next(iter(framework.items["indicators"]))
    asked = {
        "first": {}, "deep": deep, "indicator": {"indicator": indicator}, "area": {"area": area},
        "period": {"period": "1998-05"}, "indicator_period": {"indicator": indicator, "period": "1998-05"},
    }  # fmt: skip
    return {name: f"/v1/observations?{urlencode(query)}" for name, query in asked.items()}


async def deep_cursor(load: Load, framework: Framework) -> dict[str, str]:
    codes = sorted(code for code in framework.items["indicators"] if code != SERIES)
    found = await load.one("ours", f"/v1/observations?{urlencode({'indicator': codes[len(codes) // 2]})}")
    if found["next"] is None:
        found = await load.one("ours", "/v1/observations?limit=500")
    return {"after": found["next"]}


def measure(server: LocalPostgres, keys: Path, rows: int, rounds: int) -> dict[str, Any]:
    framework = read_tree(ROOT / "framework" / "dorset")
    urls, names = {}, {"small": SMALL, "large": rows} if rows else {"small": SMALL}
    for name in names:
        server.execute(f"CREATE DATABASE {name}")
        urls[name] = server.admin_url().replace("/postgres?", f"/{name}?")
        migrate("indicator", urls[name])
    issuer = LocalIssuer(keys / "issuer.pem")
    token, items = issuer.token("benchmark", ["analyst"]), framework.entries_for("indicator")
    found: dict[str, Any] = {"benchmark": "observation_reading", "rounds": rounds}
    with contextlib.ExitStack() as stack:
        ports = {
            name: stack.enter_context(serving(app, "indicator", urls["small"], keys)) for name, app in SERVERS.items()
        }
        apply_framework(ports["ours"], issuer, items)
        fill(server, "small", framework, SMALL)
        load = Load(ports, token)
        paths = {
            "page": "/v1/observations",
            "series": f"/v1/indicators/{SERIES}/series?{urlencode({'area': units(framework)}, doseq=True)}",
        }
        asyncio.run(same_content(load, paths))
        paths["series_anew"] = paths["series"] + "&to=2026-{month}"
        for at_once in (1, MANY_AT_ONCE):
            for key, path in paths.items():
                times = asyncio.run(load.compare({key: path}, rounds, REQUESTS[key], at_once))
                found[f"{key}_{at_once}_at_once"] = ratios(times, key)
        if rows:
            large = stack.enter_context(serving(SERVERS["ours"], "indicator", urls["large"], keys))
            apply_framework(large, issuer, items)
            fill(server, "large", framework, rows)
            found[f"page_of_{rows}_to_{SMALL}"] = asyncio.run(
                grown(Load({"ours": ports["ours"]}, token), Load({"ours": large}, token), framework, rounds)
            )
    return found


async def grown(small: Load, large: Load, framework: Framework, rounds: int) -> dict[str, float]:
    """How many times as long each page takes among many rows, and the largest of that over all filters."""
    paths = {
        name: await pages(load, framework, await deep_cursor(load, framework))
        for name, load in (("small", small), ("large", large))
    }
    took: dict[tuple[str, str], list[float]] = {}
    for turn in range(rounds + 1):
        for key in paths["small"]:
            for name, load in (("small", small), ("large", large)):
                once = await load.timed("ours", paths[name][key], 200, 1)
                if turn:  # the first round warms up
                    took.setdefault((name, key), []).append(once)
    found = {key: round(median(took["large", key]) / median(took["small", key]), 2) for key in paths["small"]}
    return found | {"largest": max(found.values())}


def main() -> None:
    rows, rounds = (int(sys.argv[at]) if len(sys.argv) > at else default for at, default in ((1, 10_000_000), (2, 5)))
    with TemporaryDirectory() as folder, throwaway_postgres(version=18) as server:
        keys = Path(folder)
        LocalIssuer.create(keys)
        print(json.dumps(measure(server, keys, rows, rounds)))


if __name__ == "__main__":
    main()
