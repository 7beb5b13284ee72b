"""Two councils that differ in nothing but small numbers look the same to whoever may not see those: in every answer."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from zlib import crc32

import httpx

from shared.routing import api_routes
from tests.conftest import Running, Start
from tests.doses import FULL, dose
from tests.indicator_api.exceptions.test_keeping import keep_now
from tests.indicator_api.published import DORSET, item, load, months
from tests.indicator_api.small_numbers.test_every_answer import CODE, EAST, QUARTER, SERVICE, WEST

NEXT, SHARE, MONTHLY = "FY2026-27-Q2", "complaints_answered_in_time", "referrals_monthly"
PAST = [f"FY{year}-{year % 100 + 1}-Q{quarter}" for year in range(2022, 2026) for quarter in range(1, 5)]
STEADY, MONTHS = [20, 22, 21, 23] * 4, [30, 31, 30, 32] * 3
FIGURES = [(CODE, EAST, QUARTER), (CODE, DORSET, NEXT), (SHARE, DORSET, QUARTER), (MONTHLY, EAST, "2026-10")]
# What differs by chance: ids, and cursors made of them.
_CHANCE = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|WyIw[A-Za-z0-9_-]{30,}")
_ELSEWHERE = ("/framework", "/problems", "/activity", "/me", "/organisation")
FILTERS: dict[str, list[str]] = {
    "period": ["RY2027"], "units": ["true"], "as_at": ["2026-11-23T09:00:30+00:00", "2026-11-24"], "limit": ["1"],
    "kind": ["comparison", "trend", "funnel", "spc", "parts"], "comparators": ["all_authorities"], "$count": ["true"],
    "since": ["2020-01-01"], "status": ["new", "open", "late"], "answered": ["true"], "standing": ["neutral"],
    "breakdown": ["unit=cwd_east"],
}  # fmt: skip


async def council(start: Start, small: float, later: float) -> Running:
    """A council with small numbers among its figures, and all that can be said and made of them."""
    made = await start("indicator")
    analyst, admin = await made.client("analyst"), await made.client("admin")
    await load(analyst, [item(CODE, EAST, *pair) for pair in zip(PAST, STEADY, strict=True)])
    await load(analyst, [item(CODE, DORSET, period, n + 30) for period, n in zip(PAST, STEADY, strict=True)])
    made.clock.advance(timedelta(minutes=1))
    counts = {EAST: small, WEST: 40, SERVICE: 40 + small, DORSET: 40 + small}
    await load(analyst, [item(CODE, area, QUARTER, n) for area, n in counts.items()])
    made.clock.advance(timedelta(minutes=1))
    share = {"value": round(100 * (40 - small) / 40, 6), "numerator": 40 - small, "denominator": 40}
    await load(analyst, [item(SHARE, area, QUARTER, **share) for area in (EAST, DORSET)])
    await load(analyst, [item(CODE, area, NEXT, later) for area in (EAST, DORSET)])
    await load(analyst, months(MONTHLY, EAST, "2025-10", [*MONTHS, small]))
    await load(analyst, [item(CODE, DORSET, QUARTER, small, breakdown="unit=cwd_east")])
    await keep_now(made)
    for area in (EAST, DORSET):
        for row in (await admin.get("/v1/exceptions", params={"area": area})).json()["items"]:
            await sent(admin, "POST", f"/v1/exceptions/{row['key']}/answers", {"explanation": "x"})
        owner = await made.client("complaints_manager")
        await sent(owner, "PUT", f"/v1/indicators/{CODE}/commentary/{area}/{QUARTER}", {"text": "x"})
    await sent(admin, "PUT", "/v1/providers/hill", {"name": "Hill", "kind": "school", "unit": EAST})
    figure = {"indicator": MONTHLY, "period": "2026-10", "value": small}
    await sent(admin, "POST", "/v1/providers/hill/figures", figure)
    return made


async def sent(client: httpx.AsyncClient, method: str, path: str, body: Any) -> None:
    answer = await client.request(method, path, json=body)
    assert answer.status_code == 201, answer.text


def questions(running: Running) -> list[tuple[str, dict[str, str]]]:
    """Every reading operation about each of the figures, alone and with each of its filters."""
    found = []
    for route in api_routes(running.app):
        if "GET" not in (route.methods or ()) or any(part in route.path_format for part in _ELSEWHERE):
            continue
        names = _names(route.dependant)
        required = {one.alias for one in route.dependant.query_params if one.field_info.is_required()}
        for code, area, period in FIGURES:
            given = {
                "code": "hill" if "/providers/" in route.path_format else code, "area": area, "period": period,
                "key": f"{code}.{area}.{period}.SIGNIFICANT_CHANGE", "entity_set": "Figures", "file": "places.csv",
            }  # fmt: skip
            path = re.sub(r"{(\w+)}", lambda part, given=given: given.get(part[1], "x"), route.path_format)
            about = {"indicator": code, "area": area, "period": period, "year": "AY2026-27"}
            least = {name: about.get(name, "schools_causing_concern") for name in required}
            whole = {name: value for name, value in about.items() if name in names}
            found += [(path, least), (path, whole)]
            if code == CODE:
                extra = sorted((name, value) for name in names & FILTERS.keys() for value in FILTERS[name])
                found += [(path, least | whole | {name: value}) for name, value in extra]
    return list({str(one): one for one in found}.values())


def _names(dependant: Any) -> set[str]:
    return {one.alias for one in dependant.query_params}.union(*map(_names, dependant.dependencies))


async def test_no_answer_depends_on_a_number_that_is_hidden_from_the_caller(start: Start) -> None:
    here, there = await council(start, 2, 3), await council(start, 3, 2)
    asked = questions(here)
    for turn, (role, unit) in enumerate((("practitioner", None), ("complaints_manager", EAST))):
        # In the small dose each question is asked by one of the two, whichever chance gave it to once.
        told, mine = [], [one for one in asked if FULL or crc32(str(one).encode()) % 2 == turn]
        for running in (here, there):
            client = running.door(role, unit)
            answers = [await client.get(f"{path}?{urlencode(query)}") for path, query in mine]
            told.append([(one.status_code, one.headers.get("etag"), _CHANCE.sub("", one.text)) for one in answers])
        assert sum(status == 200 for status, _, _ in told[0]) > dose(60, 150), role
        for question, one, other in zip(mine, *told, strict=True):
            assert one == other, question
