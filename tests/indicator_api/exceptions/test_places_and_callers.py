"""R50 for whom and where: teams, small numbers, lateness, and questions that cannot be answered."""

from __future__ import annotations

import pytest

from tests.conftest import Running
from tests.indicator_api.exceptions.asking import ask, rows, store
from tests.indicator_api.published import DORSET, item, months


async def test_R50_a_figure_that_is_owed_is_late_until_it_comes(indicator: Running) -> None:
    await store(indicator, months("supervision_in_time", DORSET, "2026-07", [91, 93]))
    (late,) = (await ask(indicator, period="2026-10"))["items"]
    assert (late["trigger"], late["period"], late["figure"]) == (
        "DATA_LATE", "2026-09", {"value": None, "value_status": "x"},
    )  # fmt: skip
    client = await indicator.client("analyst")
    assert (await client.get(f"/v1/exceptions/{late['key']}")).json() == late
    await store(indicator, [item("supervision_in_time", DORSET, "2026-09", 92)])
    assert (await ask(indicator, period="2026-10"))["items"] == []
    assert (await client.get(f"/v1/exceptions/{late['key']}")).status_code == 404


async def test_R50_nothing_is_late_before_its_day_while_the_year_asked_about_runs(indicator: Running) -> None:
    await store(indicator, months("supervision_in_time", DORSET, "2026-09", [91, 93]))
    # Today is 23 November 2026: October's figure came, November's is not due before mid-December.
    assert (await ask(indicator, period="FY2026-27"))["items"] == []


async def test_R50_a_team_has_exceptions_of_its_own_and_the_council_those_of_the_sum(indicator: Running) -> None:
    chances = [(18, 20), (19, 20)] * 6
    figures = []
    for team in ("cwd_east", "cwd_west"):
        for month, (held, due) in enumerate([*chances, (5, 20)], 9):
            period = f"{2025 + (month - 1) // 12}-{(month - 1) % 12 + 1:02d}"
            value = 100 * held / due
            figures.append(item("supervision_in_time", team, period, value, numerator=held, denominator=due))
    await store(indicator, figures)
    for place in ("cwd_east", "children_who_are_disabled", DORSET):
        (row,) = rows(await ask(indicator, period="2026-09", area=place), "SIGNIFICANT_CHANGE")
        assert (row["area"], row["display"], row["favourable"]) == (place, "25.0%", False)
    assert (
        "in Children who are Disabled, East, the figure"
        in (await ask(indicator, period="2026-09", area="cwd_east"))["items"][0]["sentence"]
    )
    client = await indicator.client("team_manager", "cwd_east")
    for place in ("cwd_west", "children_who_are_disabled"):
        assert (await client.get("/v1/exceptions", params={"area": place})).status_code == 404
    assert (await ask(indicator, "team_manager", "cwd_east", period="2026-09"))["items"] == []


async def test_R50_small_numbers_of_people_are_hidden_before_an_exception_is_computed(indicator: Running) -> None:
    periods = [f"FY{2023 + place // 4}-{24 + place // 4}-Q{place % 4 + 1}" for place in range(13)]
    values = [40, 43, 41, 44, 3, 40, 43, 41, 44, 42, 40, 43, 90]
    await store(
        indicator, [item("complaints_received", DORSET, one, value) for one, value in zip(periods, values, strict=True)]
    )
    (true,) = rows(await ask(indicator, period=periods[-1]), "SIGNIFICANT_CHANGE")
    (seen,) = rows(await ask(indicator, "practitioner", period=periods[-1]), "SIGNIFICANT_CHANGE")
    assert (true["suppressed"], seen["suppressed"]) == (False, True)
    assert (true["n"], seen["n"]) == (13, 12)
    # Neither the limits nor the hash tell what the hidden figure was.
    assert true["limits"] != seen["limits"]
    assert true["inputs_hash"] != seen["inputs_hash"]
    await store(indicator, [item("complaints_received", DORSET, periods[4], 4)])
    (again,) = rows(await ask(indicator, "practitioner", period=periods[-1]), "SIGNIFICANT_CHANGE")
    assert again == seen


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("period=2025", 422),
        ("area=Dorset", 422),
        ("area=E99999999", 404),
        ("area=no_such_unit", 404),
        ("trigger=LATE", 422),
        ("as_at=soon", 422),
        ("period=AY2026-27-T1", 200),
        ("period=CY2100", 422),
        ("period=CY1990", 200),
    ],
)
async def test_a_question_out_of_form_is_refused(indicator: Running, query: str, status: int) -> None:
    assert (await (await indicator.client("analyst")).get(f"/v1/exceptions?{query}")).status_code == status


async def test_exceptions_need_the_scope_to_read_indicators(indicator: Running) -> None:
    for path in ("/v1/exceptions", "/v1/exceptions/a.b.c.D"):
        assert (await (await indicator.client("board_reader")).get(path)).status_code == 403
        assert (await (await indicator.client(None)).get(path)).status_code == 401
