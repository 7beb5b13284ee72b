"""Values made of other indicators: the published rates of social workers come back from the published counts."""

from __future__ import annotations

from typing import Any

import pytest

from shared.schemas.figures import round_figure
from tests.conftest import Running
from tests.indicator_api.published import DORSET, item, load

ENGLAND = "E92000001"
PARTS = (
    "social_workers_in_post", "social_worker_leavers", "agency_social_workers", "social_worker_vacancies",
    "case_holders", "social_work_cases",
)  # fmt: skip
RATES = (
    "social_worker_turnover", "agency_social_workers_share", "social_worker_vacancies_share", "social_worker_caseload",
)  # fmt: skip
# England for 2025 only: its rates of 2023 and 2024 are not what its own published counts make (13.9 for 13.8).
# Area, year, the parts in order, and the rates as DfE published them (children's social work workforce).
PUBLISHED = (
    (DORSET, "CY2023", (199.6, 41, 38.1, 56, 134.7, 2061), (20.5, 16, 21.9, 15.3)),
    (DORSET, "CY2024", (205.1, 24.7, 48.4, 51, 135.7, 1784), (12, 19.1, 19.9, 13.1)),
    (DORSET, "CY2025", (215.7, 17.1, 29.8, 50, 140.3, 1885), (7.9, 12.1, 18.8, 13.4)),
    (ENGLAND, "CY2025", (36186.3, 4276.3, 5415.9, 5965.4, 21105.4, 321661), (11.8, 13, 14.2, 15.2)),
)


async def counts(indicator: Running, area: str, period: str, parts: tuple[float | None, ...], **more: Any) -> None:
    figures = [item(code, area, period, n, **more) for code, n in zip(PARTS, parts, strict=False)]
    await load(await indicator.client("analyst"), figures)


async def series(indicator: Running, code: str, area: str = DORSET, role: str = "analyst", **query: Any) -> Any:
    answer = await (await indicator.client(role)).get(f"/v1/indicators/{code}/series", params={"area": area} | query)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize("area", [DORSET, ENGLAND])
async def test_the_published_rates_come_back_from_the_published_counts(indicator: Running, area: str) -> None:
    for place, period, parts, _ in PUBLISHED:
        await counts(indicator, place, period, parts)
    for at, code in enumerate(RATES):
        points = (await series(indicator, code, area))["areas"][0]["points"]
        assert [float(round_figure(one["value"], 1)) for one in points] == [
            rates[at] for place, _, _, rates in PUBLISHED if place == area
        ]
        assert all(one["derived"] for one in points)
    vacancies = (await series(indicator, "social_worker_vacancies_share", area))["areas"][0]["points"][-1]
    parts = next(parts for place, period, parts, _ in PUBLISHED if (place, period) == (area, "CY2025"))
    assert (vacancies["numerator"], vacancies["denominator"]) == (parts[3], pytest.approx(parts[3] + parts[0]))


async def test_a_derived_figure_is_compared_with_derived_figures(indicator: Running) -> None:
    for place, period, parts, _ in PUBLISHED:
        await counts(indicator, place, period, parts)
    found = await series(indicator, "social_worker_turnover", comparators="england")
    assert [float(round_figure(one["value"], 1)) for one in found["comparators"][0]["points"]] == [11.8]
    answer = await (await indicator.client("analyst")).get("/v1/exceptions?period=2026-03&trigger=OUT_OF_STEP_NATIONAL")
    raised = {one["indicator"]: one["comparator"]["value"] for one in answer.json()["items"]}
    assert not raised or all(value is not None for value in raised.values())


async def test_a_value_that_was_sent_goes_before_one_that_can_be_made(indicator: Running) -> None:
    await counts(indicator, DORSET, "CY2025", PUBLISHED[2][2])
    await load(await indicator.client("analyst"), [item("social_worker_turnover", DORSET, "CY2025", 8.1)])
    point = (await series(indicator, "social_worker_turnover"))["areas"][0]["points"][-1]
    assert (point["value"], point["derived"]) == (8.1, False)


async def test_parts_are_added_up_over_units_and_no_rates_are_averaged(indicator: Running) -> None:
    await counts(indicator, "cwd_east", "CY2025", (10, 1))
    await counts(indicator, "cwd_west", "CY2025", (30, 9))
    point = (await series(indicator, "social_worker_turnover", "children_who_are_disabled"))["areas"][0]["points"][-1]
    assert (point["value"], point["numerator"], point["denominator"]) == (25, 10, 40)
    assert (point["units"], point["derived"]) == (2, True)
    both = await series(indicator, "social_worker_turnover", "cwd_east,cwd_west")
    assert [area["points"][-1]["value"] for area in both["areas"]] == [10, 30]


async def test_nothing_is_made_of_what_is_not_there(indicator: Running) -> None:
    await counts(indicator, DORSET, "CY2023", (200,))
    await counts(indicator, DORSET, "CY2024", (200, None))
    await counts(indicator, DORSET, "CY2025", (0, 4))
    points = (await series(indicator, "social_worker_turnover"))["areas"][0]["points"]
    assert [(one["period"], one["value"], one["value_status"]) for one in points] == [
        ("CY2024", None, "x"), ("CY2025", None, "x"),
    ]  # fmt: skip


async def test_a_figure_made_of_a_provisional_one_is_provisional(indicator: Running) -> None:
    client = await indicator.client("analyst")
    await counts(indicator, DORSET, "CY2025", (215.7,))
    body = {"items": [item("social_worker_leavers", DORSET, "CY2025", 17.1)]}
    assert (await client.post("/v1/observations/imports?provisional=true", json=body)).status_code == 200
    assert (await series(indicator, "social_worker_turnover"))["areas"][0]["points"][0]["provisional"]


@pytest.mark.parametrize(("status", "made"), [("c", "c"), ("z", "z"), ("x", "x")])
async def test_a_symbol_of_a_part_is_the_symbol_of_the_whole(indicator: Running, status: str, made: str) -> None:
    await counts(indicator, DORSET, "CY2025", (215.7,))
    gone = item("social_worker_leavers", DORSET, "CY2025", None) | {"value_status": status}
    await load(await indicator.client("analyst"), [gone])
    point = (await series(indicator, "social_worker_turnover"))["areas"][0]["points"][0]
    assert (point["value"], point["value_status"], point["derived"]) == (None, made, True)


async def test_what_is_made_of_a_hidden_part_is_hidden(indicator: Running) -> None:
    admin = await indicator.client("admin")
    entry = (await admin.get("/v1/framework/indicators/compliments_received")).json()["content"]
    entry |= {
        "measure": "percentage", "version": entry["version"] + 1, "numerator": "n", "denominator": "d",
        "derived_from": {"numerators": ["complaints_received"], "denominators": ["sen_requests_quarterly"]},
    }  # fmt: skip
    body = {"items": [{"kind": "indicators", "code": entry["code"], "content": entry}]}
    assert (await admin.post("/v1/framework/applications", json=body)).status_code == 200
    period = "FY2026-27-Q1"
    await load(
        admin,
        [item("complaints_received", "cwd_east", period, 3), item("sen_requests_quarterly", "cwd_east", period, 40)],
    )
    await load(
        admin,
        [item("complaints_received", "cwd_west", period, 37), item("sen_requests_quarterly", "cwd_west", period, 40)],
    )
    for unit, true in (("cwd_east", 7.5), ("cwd_west", 92.5)):
        assert (await series(indicator, entry["code"], unit))["areas"][0]["points"][0]["value"] == true
        # The second for its rest: 3 of 40 did not.
        point = (await series(indicator, entry["code"], unit, "practitioner"))["areas"][0]["points"][0]
        assert (point["value"], point["numerator"], point["denominator"]) == (None, None, None)
        assert point["value_status"] == "c"
