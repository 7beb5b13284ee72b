"""The floor of reading: a bare ASGI application that answers the same figures with the driver alone.

It knows no caller and checks nothing. A page is one statement whose JSON PostgreSQL writes; a series is one statement
and the plainest code that gives its intervals, limits, signals and texts.
"""

from __future__ import annotations

import base64
import json
import math
import os
import re
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qs

import asyncpg
import msgspec

_COLUMNS = (
    "indicator", "area", "period", "breakdown", "numerator", "denominator", "value", "value_status", "provisional",
    "revised", "source_ref", "definition_version", "revision", "import_id", "recorded_at",
)  # fmt: skip
_KEY = ("indicator", "area", "period", "breakdown")
_FIGURES = """
SELECT area, period, value::float8, value_status, numerator::float8, denominator::float8, definition_version,
  provisional, revised, recorded_at
FROM observation WHERE indicator = $1 AND area = ANY($2::text[]) AND breakdown = ''
"""
_DEFINITION = "SELECT content FROM framework_item WHERE kind = 'indicators' AND code = $1"
_Z, _FACTOR, _SCREEN, _RUN, _NOISE = 1.959963984540054, 2.66, 3.267, 7, 1e-12
_held: dict[str, Any] = {}


async def pool() -> asyncpg.Pool:
    if "pool" not in _held:
        url = re.sub(r"^postgresql\+asyncpg", "postgresql", os.environ["QAPF_INDICATOR_DATABASE_URL"])
        _held["pool"] = await asyncpg.create_pool(url, min_size=2, max_size=10)
    return _held["pool"]


async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """A page for `/v1/observations`, else the series of the indicator in the path."""
    if scope["type"] != "http":
        return
    asked = parse_qs(scope["query_string"].decode(), keep_blank_values=True)
    if scope["path"] == "/v1/observations":
        answer = await page(asked)
    elif scope["path"] == "/livez":
        answer = b"{}"
    else:
        answer = msgspec.json.encode(await series(scope["path"].split("/")[3], asked["area"]))
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(answer)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": answer})


def page_statement(asked: dict[str, list[str]], columns: str) -> tuple[str, list[Any], int]:
    """The rows of a page, one more than it holds, in order of their key."""
    limit = int(asked.get("limit", ["50"])[0])
    given: list[Any] = [asked[name] for name in ("indicator", "area", "period") if name in asked]
    names = [name for name in ("indicator", "area", "period") if name in asked]
    conditions = [f"{name} = ANY(${place}::text[])" for place, name in enumerate(names, 1)]
    if "area" in asked and "indicator" not in asked:
        conditions.append("indicator = ANY(ARRAY(SELECT code FROM framework_item WHERE kind = 'indicators'))")
    if "after" in asked:
        text = asked["after"][0]
        given += json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        conditions.append(f"({', '.join(_KEY)}) > ({', '.join(f'${len(given) - 3 + place}' for place in range(4))})")
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    return f"SELECT {columns} FROM observation {where} ORDER BY {', '.join(_KEY)} LIMIT {limit + 1}", given, limit


def cursor(key: Sequence[str]) -> str:
    return base64.urlsafe_b64encode(json.dumps(list(key)).encode()).decode().rstrip("=")


async def page(asked: dict[str, list[str]]) -> bytes:
    text = ", ".join(f"'{name}', {'''nullif(breakdown, '')''' if name == 'breakdown' else name}" for name in _COLUMNS)
    statement, given, limit = page_statement(asked, f"{', '.join(_KEY)}, json_build_object({text})::text")
    rows = await (await pool()).fetch(statement, *given)
    following = f'"{cursor(rows[limit - 1][:4])}"' if len(rows) > limit else "null"
    return f'{{"items":[{",".join([row[4] for row in rows[:limit]])}],"next":{following}}}'.encode()


async def series(code: str, areas: list[str]) -> dict[str, Any]:
    """The whole answer; what the framework says is read once."""
    held = await pool()
    if code not in _held:
        content = await held.fetchval(_DEFINITION, code)
        _held[code] = json.loads(content)
        _held["names"] = dict(await held.fetch("SELECT code, name FROM org_unit"))
    definition, names = _held[code], _held["names"]
    found: dict[str, list[Any]] = defaultdict(list)
    for row in await held.fetch(_FIGURES, code, areas):
        found[row[0]].append(row)
    places = [_area(definition, area, names[area], sorted(found[area], key=lambda row: row[1])) for area in areas]
    same = ("title", "unit", "measure", "polarity", "decimal_places", "series_kind")
    return {
        "indicator": code, "version": definition["version"], **{name: definition[name] for name in same},
        "areas": places, "comparators": [], "caveats": [], "as_at": datetime.now(UTC),
        "latest_recorded_at": max(row[9] for rows in found.values() for row in rows),
    }  # fmt: skip


def _area(definition: dict[str, Any], area: str, name: str, rows: list[Any]) -> dict[str, Any]:
    values = [row[2] for row in rows]
    segment, lines = _limits(values, rows[0][1], rows[-1][1])
    rules = _signals(values, *lines) if segment["reason"] is None else [[] for _ in values]
    good = definition["polarity"] == "high_is_good"
    target = definition["targets"][0] if definition["targets"] else None
    aim = float(target["value"]) if target else None
    return {
        "area": area, "name": name, "breakdown": None,
        "points": [
            {
                "value": row[2], "value_status": row[3], "period": row[1], "numerator": row[4], "denominator": row[5],
                "display": f"{row[2]:,.{definition['decimal_places']}f}%", "provisional": row[7], "revised": row[8],
                "interval": _interval(row[4], row[5]), "label": _label(found, good), "rules": [r for r, _ in found],
                "target": aim if target and target["from_period"] <= row[1] else None, "units": None,
            }
            for row, found in zip(rows, rules, strict=True)
        ],
        "segments": [segment],
        "assurance": None if aim is None else _assurance(aim, segment, good),
        "breaks": [],
    }  # fmt: skip


def _interval(n: float, d: float) -> dict[str, float]:
    share = n / d
    middle, width = 2 * n + _Z * _Z, _Z * math.sqrt(_Z * _Z + 4 * n * (1 - share))
    whole = 2 * (d + _Z * _Z)
    return {"confidence": 0.95, "lower": 100 * (middle - width) / whole, "upper": 100 * (middle + width) / whole}


def _limits(values: list[float], first: str, last: str) -> tuple[dict[str, Any], tuple[float, float, float]]:
    mean, slack = math.fsum(values) / len(values), _NOISE * max(map(abs, values))
    ranges = [abs(b - a) for a, b in pairwise(values)]
    average = math.fsum(ranges) / len(ranges)
    kept = [width for width in ranges if width < _SCREEN * average]
    average = math.fsum(kept) / len(kept) if kept else average
    far = _FACTOR * average
    segment = {
        "from": first, "to": last, "n": len(values), "mean": mean, "lpl": mean - far, "upl": mean + far,
        "near_lpl": mean - far * 2 / 3, "near_upl": mean + far * 2 / 3, "trial_limits": len(values) < 13,
        "reason": "no_variation" if average <= slack else None,
    }  # fmt: skip
    return segment, (mean, far, slack)


def _signals(values: list[float], mean: float, far: float, slack: float) -> list[list[tuple[str, int]]]:
    """The rules each point shows, in the order in which they decide its label."""

    def sides(share: float) -> list[int]:
        high, low = mean + share * far + slack, mean - share * far - slack
        return [(value > high) - (value < low) for value in values]

    side, near, outside = sides(0), sides(2 / 3), sides(1)
    moves = [(b > a) - (b < a) for a, b in pairwise(values)]
    trend, shift, close = [0] * len(values), [0] * len(values), [0] * len(values)
    for signs, length, marked in ((moves, _RUN - 1, trend), (side, _RUN, shift)):
        run = 0
        for place, sign in enumerate(signs):
            run = run + 1 if sign and run and sign == signs[place - 1] else abs(sign)
            if run >= length:
                marked[place - length + 1 : place - length + 1 + _RUN] = [sign] * _RUN
    for place in range(2, len(values)):
        window = side[place - 2 : place + 1]
        if window[0] and window[0] == window[1] == window[2]:
            there = [one for one in range(place - 2, place + 1) if near[one]]
            for one in there if len(there) > 1 else ():
                close[one] = window[0]
    rules = (("outside_limits", outside), ("trend", trend), ("two_in_three", close), ("shift", shift))
    return [[(rule, marked[place]) for rule, marked in rules if marked[place]] for place in range(len(values))]


def _label(found: list[tuple[str, int]], good: bool) -> str:
    if not found:
        return "common_cause"
    return "special_cause_improvement" if (found[0][1] > 0) == good else "special_cause_concern"


def _assurance(aim: float, segment: dict[str, Any], good: bool) -> str:
    if aim > segment["upl"]:
        return "consistent_fail" if good else "consistent_pass"
    if aim < segment["lpl"]:
        return "consistent_pass" if good else "consistent_fail"
    return "inconsistent"
