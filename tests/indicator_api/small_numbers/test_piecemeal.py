"""Figures that come one by one and are corrected, read after each load in every form, all answers solved together."""

from __future__ import annotations

import csv
import io
import random
from datetime import timedelta

import httpx

from tests.conftest import Running
from tests.doses import dose, tell
from tests.indicator_api.published import item, load
from tests.indicator_api.small_numbers.attack import ranges
from tests.indicator_api.small_numbers.test_every_answer import CODE

SERVICE, TEAMS = "family_support", ("fs_weymouth", "fs_portland", "fs_chesil")
PLACES = (SERVICE, *TEAMS)
# A figure as it stood: the place, and in which of its versions.
Version = tuple[str, int]


async def read(client: httpx.AsyncClient, period: str) -> dict[str, float]:
    """What a reader is told of the places in a period, by every way that tells it."""
    about = {"indicator": CODE, "period": period}
    listed = (await client.get("/v1/observations", params=about)).json()["items"]
    told = [(one["area"], one["value"]) for one in listed]
    window = {"area": ",".join(PLACES), "from": period, "to": period}
    series = (await client.get(f"/v1/indicators/{CODE}/series", params=window)).json()["areas"]
    told += [(one["area"], point["value"]) for one in series for point in one["points"]]
    pack = (await client.get("/v1/series", params=window | {"indicator": CODE})).json()["items"][0]["areas"]
    told += [(one["area"], point["value"]) for one in pack for point in one["points"]]
    exported = await client.get("/v1/exports/figures.csv", params={"indicator": CODE, "from": period, "to": period})
    rows = csv.DictReader(io.StringIO(exported.text, newline=""))
    told += [(row["place"], float(row["value"])) for row in rows if row["value"] and row["period"] == period]
    wanted = {"$filter": f"indicator eq '{CODE}' and period eq '{period}'"}
    feed = (await client.get("/v1/odata/Figures", params=wanted)).json()["value"]
    told += [(one["place"], one["value"]) for one in feed]
    found: dict[str, float] = {}
    for area, value in told:
        if value is not None and area in PLACES:
            assert found.setdefault(area, value) == value, "one figure in two forms"
    return found


async def one_life(indicator: Running, period: str, chance: random.Random) -> int:
    """Loads a family of figures bit by bit; returns how many small numbers stayed unknown."""
    analyst, reader = await indicator.client("analyst"), await indicator.client("practitioner")
    counts = {team: chance.choice([0, 1, 2, 3, 5, 8, 12, 20, 40]) for team in TEAMS}
    order = [*PLACES]
    chance.shuffle(order)
    version = dict.fromkeys(PLACES, 0)
    true: dict[Version, float] = {(SERVICE, 0): sum(counts.values()), **{(team, 0): n for team, n in counts.items()}}
    known: dict[Version, float] = {}
    worlds, stored = [dict(version)], set[str]()
    # Until a figure of the whole is there, it is the sum of the teams that have sent theirs.
    sums: list[list[Version]] = []

    async def store(*places: str) -> None:
        figures = [item(CODE, place, period, true[place, version[place]]) for place in places]
        await load(analyst, figures)
        indicator.clock.advance(timedelta(minutes=1))
        stored.update(places)
        told = await read(reader, period)
        if SERVICE not in stored and SERVICE in told:
            sums.append([(team, 0) for team in sorted(stored)])
            assert told.pop(SERVICE) == sum(true[one] for one in sums[-1])
        known.update({(area, version[area]): value for area, value in told.items()})

    for place in order:
        await store(place)
    for _ in range(chance.randint(0, 2)):
        team = chance.choice(TEAMS)
        counts[team] = max(0, counts[team] + chance.choice([-4, -1, 2, 5, 30]))
        for place in (SERVICE, team):
            version[place] += 1
        true |= {(SERVICE, version[SERVICE]): sum(counts.values()), (team, version[team]): counts[team]}
        worlds.append(dict(version))
        await store(SERVICE, team)
    assert all(true[one] == value for one, value in known.items())
    return attacked(true, known, worlds, sums)


def attacked(
    true: dict[Version, float], known: dict[Version, float], worlds: list[dict[str, int]], sums: list[list[Version]]
) -> int:
    """Solves every sum there ever was; fails where a small number is told, or follows from all that was told."""
    assert all(value == 0 or value > 5 for value in known.values())
    rows = [{one: 1 for one in parts if one not in known} for parts in sums]
    for world in worlds:
        signs = {(SERVICE, world[SERVICE]): -1, **{(team, world[team]): 1 for team in TEAMS}}
        rows.append({one: sign for one, sign in signs.items() if one not in known})
    hidden = {one: int(true[one]) for row in rows for one in row}
    small = [one for one, value in hidden.items() if 0 < value <= 5]
    found = ranges([row for row in rows if row], hidden)
    for one in small:
        low, high = found[one]
        assert high is None or high > low, (one, true, known, worlds)
    return len(small)


async def test_no_small_number_follows_from_reading_after_every_load_and_correction(indicator: Running) -> None:
    lives, unknown = dose(8, 120), 0
    for life in range(lives):
        year, quarter = 2026 - life // 4, life % 4 + 1
        period = f"FY{year - 1}-{year % 100:02}-Q{quarter}"
        unknown += await one_life(indicator, period, random.Random(life))
    assert unknown > lives // 2
    tell(lives=lives, small_numbers=unknown)
