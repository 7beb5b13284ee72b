"""What a series shows to whom: gaps, targets, history, sums of units, small numbers, and what cannot be asked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from shared.clock import FixedClock
from shared.schemas.series import IndicatorSeries
from tests.conftest import Running
from tests.indicator_api.published import DORSET, item, load, months

TEAMS = ("cwd_east", "cwd_west")
SERVICE = "children_who_are_disabled"


async def series(indicator: Running, code: str, role: str = "analyst", unit: str | None = None, **query: Any) -> Any:
    client = await indicator.client(role, unit)
    answer = await client.get(f"/v1/indicators/{code}/series", params=query)
    assert answer.status_code == 200, answer.text
    IndicatorSeries.model_validate_json(answer.content)
    return answer.json()


def supervision(unit: str, period: str, held: float, due: float) -> dict[str, Any]:
    return item("supervision_in_time", unit, period, 100 * held / due, numerator=held, denominator=due)


async def store(indicator: Running, *figures: dict[str, Any]) -> None:
    await load(await indicator.client("analyst"), figures)


async def test_a_month_nobody_sent_is_a_gap_that_no_limit_runs_across(indicator: Running) -> None:
    values = [90, 92, 90, 92, None, 70, 72, 70, 72]
    await store(indicator, *months("supervision_in_time", DORSET, "2025-04", values))
    area = (await series(indicator, "supervision_in_time"))["areas"][0]
    assert [point["period"] for point in area["points"]][3:5] == ["2025-07", "2025-09"]
    # Six ranges of 2; the step of 22 across the gap is none.
    assert area["segments"][0]["upl"] - area["segments"][0]["mean"] == pytest.approx(2.66 * 2)


async def test_one_figure_years_after_the_last_makes_no_moving_range_and_no_run(indicator: Running) -> None:
    await store(indicator, *months("referrals_monthly", DORSET, "2021-04", [250, 251] * 6))
    before = (await series(indicator, "referrals_monthly"))["areas"][0]["segments"][0]
    await store(indicator, item("referrals_monthly", DORSET, "2026-10", before["mean"]))
    after = (await series(indicator, "referrals_monthly"))["areas"][0]["segments"][0]
    assert {**after, "n": 12, "to": "2022-03", "trial_limits": True} == before


async def test_each_point_has_the_target_of_its_period_and_the_series_its_assurance(indicator: Running) -> None:
    await store(indicator, *months("supervision_in_time", DORSET, "2025-02", [70, 72, 71, 73, 72, 74, 71, 72]))
    found = await series(indicator, "supervision_in_time")
    assert [point["target"] for point in found["areas"][0]["points"]] == [None, None, *([90] * 6)]
    assert found["areas"][0]["assurance"] == "consistent_fail"
    assert found["areas"][0]["points"][0]["display"] == "70.0%"


async def test_series_whose_points_overlap_have_no_limits(indicator: Running) -> None:
    await store(indicator, *months("budget_variance", DORSET, "2025-04", [1, 2, 3, 4, 5, 6, 7, 8]))
    found = await series(indicator, "budget_variance")
    assert found["series_kind"] == "cumulative"
    assert found["areas"][0]["segments"] == []
    assert {point["label"] for point in found["areas"][0]["points"]} == {None}
    assert any("overlap" in caveat for caveat in found["caveats"])


async def test_a_grade_is_shown_by_its_name_and_has_no_limits(indicator: Running) -> None:
    await store(
        indicator, *(item("inspection_overall", DORSET, f"RY{year}", 3 + (year > 2022)) for year in range(2019, 2026))
    )
    area = (await series(indicator, "inspection_overall"))["areas"][0]
    assert [point["display"] for point in area["points"]][-4:] == ["Good", "Outstanding", "Outstanding", "Outstanding"]
    assert area["segments"] == []


async def test_the_past_can_be_asked_as_it_stood(start: Any) -> None:
    clock = FixedClock((await start("audit")).clock.now() - timedelta(days=10))
    indicator = await start("indicator", clock=clock)
    await store(indicator, item("complaints_received", DORSET, "FY2026-27-Q1", 40))
    first = clock.now()
    clock.advance(timedelta(days=2))
    await store(indicator, item("complaints_received", DORSET, "FY2026-27-Q1", 44))
    now = await series(indicator, "complaints_received")
    assert [(one["value"], one["revised"]) for one in now["areas"][0]["points"]] == [(44, True)]
    for moment in (first.isoformat(), first.date().isoformat(), first.isoformat().replace("+00:00", "Z")):
        then = await series(indicator, "complaints_received", as_at=moment)
        assert [(one["value"], one["revised"]) for one in then["areas"][0]["points"]] == [(40, False)]
    before = await series(indicator, "complaints_received", as_at="2026-01-01")
    assert before["areas"][0]["points"] == []


async def test_a_unit_without_figures_is_the_sum_of_those_below_never_a_mean_of_percentages(indicator: Running) -> None:
    east, west = TEAMS
    await store(indicator, supervision(east, "2026-09", 9, 10), supervision(west, "2026-09", 20, 40))
    found = await series(indicator, "supervision_in_time", area=[SERVICE, east, west])
    service, *teams = (area["points"][-1] for area in found["areas"])
    assert (service["numerator"], service["denominator"], service["units"]) == (29, 50, 2)
    assert service["value"] == 58
    assert [team["value"] for team in teams] == [90, 50]
    assert service["interval"]["lower"] < 58 < service["interval"]["upper"]
    council = (await series(indicator, "supervision_in_time"))["areas"][0]["points"][-1]
    assert (council["value"], council["units"], council["units_missing"]) == (58, 2, 0)
    # One of twelve teams of another service: nobody is to take the sum for the council's whole.
    await store(indicator, supervision("fs_weymouth", "2026-09", 6, 8))
    council = (await series(indicator, "supervision_in_time"))["areas"][0]["points"][-1]
    assert (council["numerator"], council["units"], council["units_missing"]) == (35, 3, 11)
    await store(indicator, *(supervision(one, "2026-10", 6, 8) for one in (*TEAMS, "fs_weymouth", "fs_portland")))
    path, client = "/v1/indicators/supervision_in_time/chart", await indicator.client("analyst")
    table, page = (await client.get(f"{path}.csv?kind=trend")).text, (await client.get(f"{path}.html")).text
    assert '"from 3 units, 11 missing",2026-09' in table and '"from 4 units, 10 missing",2026-10' in table
    assert "summed from 4 units; 10 more teams have sent no figure yet" in page
    assert "some earlier figures lack more teams than the latest" in page


async def test_a_sum_that_lacks_a_unit_is_unavailable_rather_than_too_small(indicator: Running) -> None:
    east, west = TEAMS
    await store(
        indicator,
        supervision(east, "2026-08", 9, 10),
        supervision(west, "2026-08", 20, 40),
        supervision(east, "2026-09", 10, 10),
        supervision("fs_portland", "2026-09", 5, 10),
    )
    service = (await series(indicator, "supervision_in_time", area=SERVICE))["areas"][0]["points"]
    assert [(one["period"], one["value"], one["value_status"]) for one in service] == [
        ("2026-08", 58, None),
        ("2026-09", None, "x"),
    ]
    # A unit owes figures from its first one on: Portland's first month does not open the month before.
    council = (await series(indicator, "supervision_in_time"))["areas"][0]["points"]
    assert [one["value"] for one in council] == [58, None]


async def test_a_units_own_figure_goes_before_the_sum_of_those_below(indicator: Running) -> None:
    east, west = TEAMS
    await store(
        indicator,
        supervision(east, "2026-09", 9, 10),
        supervision(west, "2026-09", 20, 40),
        supervision(SERVICE, "2026-09", 30, 50),
    )
    point = (await series(indicator, "supervision_in_time", area=SERVICE))["areas"][0]["points"][-1]
    assert (point["value"], point["units"]) == (60, None)


async def test_counts_are_added_and_money_is_not(indicator: Running) -> None:
    for team, count in zip(TEAMS, (7, 8), strict=True):
        await store(indicator, item("complaints_received", team, "FY2026-27-Q1", count))
        await store(indicator, item("budget_variance", team, "2026-06", count))
    assert (await series(indicator, "complaints_received", area=SERVICE))["areas"][0]["points"][-1]["value"] == 15
    assert (await series(indicator, "budget_variance", area=SERVICE))["areas"][0]["points"] == []


async def test_small_numbers_of_people_are_hidden_before_anything_is_computed_of_them(indicator: Running) -> None:
    values = [21, 24, 22, 3, 23, 25, 22, 24]
    periods = [f"FY{2024 + place // 4}-{25 + place // 4}-Q{place % 4 + 1}" for place in range(8)]
    figures = [
        item("complaints_received", SERVICE, period, value) for period, value in zip(periods, values, strict=True)
    ]
    await store(indicator, *figures)
    true = (await series(indicator, "complaints_received", area=SERVICE))["areas"][0]
    seen = (await series(indicator, "complaints_received", role="practitioner", area=SERVICE))["areas"][0]
    assert [point["value"] for point in true["points"]] == values
    assert [point["value"] for point in seen["points"]] == [21, 24, 22, None, 23, 25, 22, 24]
    hidden = seen["points"][3]
    assert (hidden["value_status"], hidden["display"], hidden["label"]) == ("c", "c", None)
    # The mean of what is left: it gives nothing away.
    assert seen["segments"][0]["mean"] == pytest.approx(sum(values[:3] + values[4:]) / 7)
    assert true["segments"][0]["mean"] == pytest.approx(sum(values) / 8)


async def test_a_sum_over_a_hidden_unit_is_hidden_and_published_figures_never_are(indicator: Running) -> None:
    for team, count in zip(TEAMS, (2, 30), strict=True):
        await store(indicator, item("complaints_received", team, "FY2026-27-Q1", count))
    service = await series(indicator, "complaints_received", role="practitioner", area=SERVICE)
    assert service["areas"][0]["points"][-1]["value_status"] == "c"
    await store(indicator, item("adopted", DORSET, "RY2025", 3))
    published = await series(indicator, "adopted", role="practitioner")
    assert published["areas"][0]["points"][-1]["value"] == 3


async def test_a_caller_of_one_unit_sees_it_and_public_areas_but_no_others_sums(indicator: Running) -> None:
    east, west = TEAMS
    await store(indicator, supervision(east, "2026-09", 9, 10), supervision(west, "2026-09", 20, 40))
    own = await series(indicator, "supervision_in_time", "team_manager", east, area=east)
    assert own["areas"][0]["points"][-1]["value"] == 90
    assert (await series(indicator, "supervision_in_time", "team_manager", east))["areas"][0]["points"] == []
    client = await indicator.client("team_manager", east)
    for place in (west, SERVICE, "no_such_unit", f"{east},{west}"):
        answer = await client.get("/v1/indicators/supervision_in_time/series", params={"area": place})
        assert answer.status_code == 404


async def test_a_breakdown_has_a_series_of_its_own(indicator: Running) -> None:
    await store(
        indicator,
        item("training_uptake", DORSET, "FY2024-25", 100),
        item("training_uptake", DORSET, "FY2024-25", 40, breakdown="agency=dorset_police"),
    )
    whole = (await series(indicator, "training_uptake"))["areas"][0]
    part = (await series(indicator, "training_uptake", breakdown="agency=dorset_police"))["areas"][0]
    assert (whole["breakdown"], whole["points"][0]["value"]) == (None, 100)
    assert (part["breakdown"], part["points"][0]["value"]) == ("agency=dorset_police", 40)


@pytest.mark.parametrize(
    ("query", "status", "pointer"),
    [
        ("area=Dorset", 422, "/query/area"),
        ("area=E99999999", 404, None),
        ("area=" + ",".join(f"unit_{place}" for place in range(201)), 422, "/query/area"),
        ("from=2025", 422, "/query/from"),
        ("from=2025-05&to=2025-04", 422, "/query/to"),
        ("comparators=friends", 422, "/query/comparators"),
        ("comparators=England", 422, "/query/comparators"),
        ("as_at=yesterday", 422, "/query/as_at"),
        ("as_at=2026-10-01T10:00:00", 422, "/query/as_at"),
        ("as_at=1759312800", 422, "/query/as_at"),
        ("as_at=0001-01-01", 422, "/query/as_at"),
        ("as_at=9999-12-31T23:59:59Z", 422, "/query/as_at"),
        ("breakdown=" + "a" * 101, 422, "/query/breakdown"),
    ],
)
async def test_a_question_that_cannot_be_answered_says_where(
    indicator: Running, query: str, status: int, pointer: str | None
) -> None:
    client = await indicator.client("analyst")
    answer = await client.get(f"/v1/indicators/referrals_monthly/series?{query}")
    assert answer.status_code == status
    if pointer:
        assert answer.json()["errors"][0]["pointer"] == pointer


async def test_a_series_needs_the_scope_and_an_indicator(indicator: Running) -> None:
    path = "/v1/indicators/referrals_monthly/series"
    assert (await (await indicator.client("board_reader")).get(path)).status_code == 403
    analyst = await indicator.client("analyst")
    assert (await analyst.get("/v1/indicators/nothing/series")).status_code == 404
    assert (await analyst.get(path, params={"as_at": "2026-10-01T10:00:00+01:00"})).status_code == 200
    unescaped = await analyst.get(f"{path}?as_at=2026-10-01T10:00:00+01:00")
    assert unescaped.status_code == 200


async def test_without_a_council_there_is_no_area_to_fall_back_on(start: Any) -> None:
    indicator = await start("indicator", dorset=False)
    client = await indicator.client("analyst")
    assert (await client.get("/v1/exceptions")).json()["errors"][0]["pointer"] == "/query/area"
