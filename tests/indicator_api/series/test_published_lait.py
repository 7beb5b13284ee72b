"""All 48 measures of the Local Authority Interactive Tool that are loaded come back as published, whoever asks."""

from __future__ import annotations

import csv
import statistics
from collections import defaultdict
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

import httpx
import pytest

from shared.schemas.framework.indicators import Indicator
from shared.schemas.framework.tree import read_tree
from tests.conftest import ROOT, Running
from tests.indicator_api.observations.files import send
from tests.indicator_api.published import COUNTY, DORSET, ENGLAND, NEIGHBOURS_2021, NEIGHBOURS_2025

SOUTH_WEST = "E12000009"
FIGURES = ROOT / "examples" / "figures"
FILES = [*sorted(FIGURES.glob("lait_*.csv")), FIGURES / "looked_after_rate_all_authorities.csv"]
NEIGHBOURS_COUNTY = (
    "E06000051", "E10000008", "E10000013", "E10000034", "E06000066",
    "E10000032", "E06000054", "E06000024", "E10000029", "E10000011",
)  # fmt: skip
MEMBERS = {
    "england": (ENGLAND,),
    "south_west": (SOUTH_WEST,),
    "dfe_neighbours_2025": NEIGHBOURS_2025,
    "dfe_neighbours_2021": NEIGHBOURS_2021,
    "dfe_neighbours_county_2021": NEIGHBOURS_COUNTY,
}
# Published by DfE, and the same in the underlying files of each collection.
KNOWN = [
    ("looked_after_rate", ENGLAND, "RY2016", 60), ("looked_after_rate", ENGLAND, "RY2024", 69),
    ("looked_after_rate", COUNTY, "RY2016", 62), ("looked_after_rate", COUNTY, "RY2018", 59),
    ("looked_after_rate", DORSET, "RY2020", 71), ("looked_after_rate", DORSET, "RY2025", 65),
    ("rereferrals", COUNTY, "RY2018", 27.7), ("rereferrals", DORSET, "RY2021", 20.4),
    ("rereferrals", DORSET, "RY2024", 14.1), ("rereferrals", DORSET, "RY2025", 14.7),
    ("rereferrals", ENGLAND, "RY2025", 22.6),
    ("protection_plans_repeated", DORSET, "RY2025", 27.5), ("protection_plans_repeated", ENGLAND, "RY2025", 24.5),
    ("conferences_in_15_days", COUNTY, "RY2019", 57.9), ("conferences_in_15_days", ENGLAND, "RY2019", 78.7),
    ("conferences_in_15_days", DORSET, "RY2021", 92.3),
    ("ehc_20_weeks_without_exceptions", COUNTY, "CY2016", 1.9),
    ("ehc_20_weeks_without_exceptions", COUNTY, "CY2018", 40.9),
    ("ehc_20_weeks_without_exceptions", DORSET, "CY2019", 91), ("ehc_20_weeks", DORSET, "CY2024", 49.1),
    ("ehc_20_weeks_without_exceptions", DORSET, "CY2023", 60.2),
    ("ehc_20_weeks_without_exceptions", ENGLAND, "CY2023", 50.3),
    ("social_worker_vacancies_share", DORSET, "CY2023", 21.9),
    ("social_worker_vacancies_share", ENGLAND, "CY2023", 18.9),
    ("social_worker_turnover", DORSET, "CY2023", 20.5), ("social_worker_turnover", ENGLAND, "CY2023", 15.9),
    ("social_worker_turnover", DORSET, "CY2025", 7.9), ("agency_social_workers_share", DORSET, "CY2025", 12.1),
    ("social_worker_caseload", DORSET, "CY2025", 13.4), ("social_worker_absence", DORSET, "CY2025", 4.7),
    ("social_worker_vacancies_share", DORSET, "CY2025", 18.8), ("social_worker_caseload", ENGLAND, "CY2025", 15.2),
]  # fmt: skip

Series = dict[str, dict[str, str]]


@pytest.fixture(scope="module")
def published() -> dict[str, Series]:
    """Each indicator's figures as text, by area and period; what has no value is left out."""
    found: dict[str, Series] = defaultdict(lambda: defaultdict(dict))
    for path in FILES:
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                if row["value"]:
                    found[row["indicator"]][row["area"]][row["period"]] = row["value"]
    return found


@pytest.fixture
async def loaded(indicator: Running) -> Running:
    client = await indicator.client("ingest_client")
    for path in FILES:
        assert (await send(client, path.read_bytes())).json()["rejected"] == 0
    return indicator


async def ask(client: httpx.AsyncClient, code: str, **query: str) -> Any:
    answer = await client.get(f"/v1/indicators/{code}/series", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def values(points: list[Any], name: str = "value") -> dict[str, float]:
    return {point["period"]: point[name] for point in points if point[name] is not None}


def numbers(figures: dict[str, str]) -> dict[str, float]:
    return {period: float(value) for period, value in figures.items()}


@pytest.mark.parametrize("role", ["analyst", "practitioner"])
async def test_every_value_of_every_measure_comes_back_to_the_digit(
    loaded: Running, published: dict[str, Series], role: str
) -> None:
    client = await loaded.client(role)
    assert len(published) == 48
    for code, series in published.items():
        found = await ask(client, code, area=",".join(series))
        assert {area["area"]: values(area["points"]) for area in found["areas"]} == {
            area: numbers(figures) for area, figures in series.items()
        }, code


async def test_the_figures_dfe_is_known_for_are_there(loaded: Running) -> None:
    client = await loaded.client("practitioner")
    for code, area, period, value in KNOWN:
        found = await ask(client, code, area=area, **{"from": period, "to": period})
        assert [point["value"] for point in found["areas"][0]["points"]] == [value], (code, area, period)


def members_of(series: Series, codes: tuple[str, ...]) -> Iterator[tuple[str, list[Fraction]]]:
    """The members' figures of each period, as exact numbers."""
    for period in sorted({period for code in codes for period in series.get(code, {})}):
        yield period, [Fraction(series[code][period]) for code in codes if period in series.get(code, {})]


async def test_mean_median_least_and_most_of_every_neighbour_list_are_those_of_its_members(
    loaded: Running, published: dict[str, Series]
) -> None:
    client = await loaded.client("practitioner")
    lists = [code for code, members in MEMBERS.items() if len(members) > 1]
    differ = set()
    for code, series in published.items():
        found = await ask(client, code, comparators=",".join(lists))
        for one in found["comparators"]:
            points = {point["period"]: point for point in one["points"] if point["n_available"]}
            expected = dict(members_of(series, MEMBERS[one["comparator_set"]]))
            assert set(points) == set(expected), code
            for period, figures in expected.items():
                point = points[period]
                assert point["mean"] == pytest.approx(float(statistics.mean(figures)), rel=1e-11), (code, period)
                assert point["median"] == pytest.approx(float(statistics.median(figures)), rel=1e-11), (code, period)
                assert (point["minimum"], point["maximum"]) == (float(min(figures)), float(max(figures)))
                assert (point["n_available"], point["n_members"]) == (len(figures), 10)
        by_set = {one["comparator_set"]: values(one["points"], "median") for one in found["comparators"]}
        if by_set["dfe_neighbours_2021"] != by_set["dfe_neighbours_2025"]:
            differ.add(code)
    # The editions share five of ten members: hardly a measure gives the same answer for both.
    assert len(differ) >= 45


async def test_england_and_the_region_stand_beside_every_measure_but_where_withheld(
    loaded: Running, published: dict[str, Series]
) -> None:
    client = await loaded.client("practitioner")
    for code, series in published.items():
        found = await ask(client, code, comparators="england,south_west")
        england, region = (values(one["points"]) for one in found["comparators"])
        assert region == numbers(series[SOUTH_WEST]), code
        assert england == ({} if code == "first_time_entrants" else numbers(series[ENGLAND])), code


async def test_no_measure_runs_on_from_the_county_into_dorset_without_a_word(
    loaded: Running, published: dict[str, Series]
) -> None:
    client = await loaded.client("practitioner")
    for code, series in published.items():
        found = await ask(client, code, area=f"{DORSET},{COUNTY}")
        dorset, county = found["areas"]
        assert set(values(dorset["points"])) == set(series[DORSET]), code
        assert set(values(county["points"])) == set(series[COUNTY]), code
        assert [one["predecessor"] for one in dorset["breaks"]] == [COUNTY], code
        assert len(county["breaks"]) == 1, code


async def test_figures_are_shown_with_the_publishers_decimal_places(
    loaded: Running, published: dict[str, Series]
) -> None:
    client = await loaded.client("practitioner")
    definitions = read_tree(ROOT / "framework" / "dorset").of(Indicator)
    for code, series in published.items():
        found = await ask(client, code, area=DORSET)
        places = definitions[code].decimal_places
        for point in found["areas"][0]["points"]:
            if point["value"] is not None:
                exact = Decimal(series[DORSET][point["period"]])
                rounded = exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
                assert point["display"].strip("%£").replace(",", "") == str(rounded), (code, point)
