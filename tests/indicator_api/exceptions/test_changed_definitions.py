"""R50 over a change of definition: a figure is judged under the one it was recorded under, and beside its like."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.conftest import Running
from tests.indicator_api.exceptions.test_keeping import LATER, ask, bare, keep_now, store
from tests.indicator_api.published import DORSET, ENGLAND, NEIGHBOURS_2025, REREFERRALS, item, ratios

CODE = "rereferrals"
_READINGS = (
    "indicators/{code}/series?area={area}", "series?indicator={code}", "indicators/{code}/chart.svg?area={area}",
    "indicators/{code}/chart.csv?area={area}", "indicators/{code}/position?area={area}", "positions?area={area}",
    "standing?limit=500", "indicators", "focus", "quality/completeness", "quality/expected", "quality/findings",
    "quality/loads", "quality/summary", "observations?indicator={code}", "exports/figures.csv", "commentary",
    "odata/Figures?$top=5",
)  # fmt: skip


async def redefine(indicator: Running, **changes: Any) -> None:
    admin = await indicator.client("admin")
    entry = (await admin.get(f"/v1/framework/indicators/{CODE}")).json()["content"]
    body = {"items": [{"kind": "indicators", "code": CODE, "content": entry | changes}]}
    answer = await admin.post("/v1/framework/applications", json=body)
    assert answer.status_code == 200, answer.text


async def triggers(indicator: Running, **query: Any) -> dict[str, Any]:
    """What stands in Dorset by its trigger, the same whether kept, looked over or computed anew."""
    found = bare(await ask(indicator, indicator=CODE, **query))
    assert found == bare(await ask(indicator, indicator=CODE, as_at=LATER, **query))
    await keep_now(indicator)
    assert found == bare(await ask(indicator, indicator=CODE, **query))
    return {row["trigger"]: row for row in found["items"]}


@pytest.fixture
async def published(indicator: Running) -> Running:
    await store(indicator, ratios(CODE, REREFERRALS))
    return indicator


async def test_R50_what_stands_goes_on_standing_when_only_the_definition_changed(published: Running) -> None:
    before = await triggers(published)
    assert set(before) == {"SIGNIFICANT_CHANGE", "OUT_OF_STEP_NATIONAL", "OUT_OF_STEP_NEIGHBOURS"}
    changes = {"title": "Children referred again", "polarity": "high_is_good", "owner_role": "qa_manager"}
    await redefine(published, version=2, **changes)
    after = await triggers(published)
    assert set(after) == set(before)
    for trigger, row in after.items():
        # The figure, its rule, its direction and what is good of it are of the definition it was counted by.
        assert row == before[trigger] | {"owner_role": "qa_manager"}
        assert row["definition_version"] == 1


async def test_R48_a_changed_definition_turns_no_strength_into_nothing(published: Running) -> None:
    client = await published.client("analyst")

    async def reasons() -> Any:
        items = (await client.get("/v1/standing?limit=500")).json()["items"]
        return next((one["standing"], one["reasons"]) for one in items if one["indicator"] == CODE)

    before = await reasons()
    assert before[0] == "strength"
    await redefine(published, version=2, polarity="high_is_good")
    assert await reasons() == before


async def test_R50_a_figure_of_the_new_definition_is_not_set_beside_those_of_the_old(published: Running) -> None:
    await redefine(published, version=2)
    await store(published, [item(CODE, DORSET, "RY2025", 29.8, numerator=700, denominator=2349)])
    assert await triggers(published) == {}
    await store(published, ratios(CODE, [row for row in REREFERRALS if row[0] == ENGLAND and row[1] == "RY2025"]))
    (row,) = (await triggers(published)).values()
    assert (row["trigger"], row["direction"], row["definition_version"]) == ("OUT_OF_STEP_NATIONAL", "high", 2)


async def test_R50_what_is_counted_anew_is_not_said_to_be_over(published: Running) -> None:
    stood = await triggers(published, period="2026-10")
    await redefine(published, version=2, expected_from=None, due_lag_days=200)
    await store(published, [item(CODE, DORSET, "RY2026", 20.0)])
    found = bare(await ask(published, indicator=CODE, period="FY2026-27"))
    assert {row["trigger"] for row in found["resolved"]} == set(stood)
    for row in found["resolved"]:
        assert row["sentence"].endswith("counted in another way since, so whether this still stands is not known.")
        assert row["definition_version"] == 1


async def test_R50_neighbours_that_count_otherwise_are_left_out_of_mean_and_median(published: Running) -> None:
    before = (await triggers(published))["OUT_OF_STEP_NEIGHBOURS"]["comparator"]
    assert before["n_available"] == 10
    await redefine(published, version=2)
    moved = [row for row in REREFERRALS if row[0] in NEIGHBOURS_2025[:3] and row[1] == "RY2025"]
    await store(published, ratios(CODE, moved))
    assert (await triggers(published))["OUT_OF_STEP_NEIGHBOURS"]["comparator"]["n_available"] == 7


async def test_R50_another_measure_takes_nothing_from_figures_of_the_old_one(published: Running) -> None:
    before = await triggers(published)
    await redefine(published, version=2, measure="count", unit="children", quality_rule=None)
    after = await triggers(published)
    assert set(after) == set(before)
    assert after["OUT_OF_STEP_NATIONAL"]["interval"] == before["OUT_OF_STEP_NATIONAL"]["interval"]


async def test_R50_figures_of_another_kind_of_period_than_the_targets_stop_nobody(published: Running) -> None:
    before = await triggers(published)
    target = {"from_period": "2026-04", "to_period": None, "value": 15.0}
    kind = {"period_kind": "month", "targets": [target], "expected_from": "2026-04", "expected_to": None}
    await redefine(published, version=2, **kind)
    assert set(await triggers(published)) == set(before)
    await _all_answer(published)
    await store(published, [item(CODE, DORSET, f"2026-{month:02}", 20 + month) for month in range(4, 10)])
    await triggers(published)
    await _all_answer(published)
    again = {"period_kind": "financial_quarter", "targets": [], "expected_from": "FY2026-27-Q1"}
    await redefine(published, version=3, **again)
    await triggers(published)
    # Sent again for a quarter whose months are there, and with months after it.
    await store(published, [item(CODE, DORSET, "FY2026-27-Q1", 20.0, numerator=20, denominator=100)])
    found = await triggers(published)
    assert "DATA_LATE" not in found or found["DATA_LATE"]["period"] == "FY2026-27-Q2"
    await _all_answer(published)
    chart = await (await published.client("analyst")).get(f"/v1/indicators/{CODE}/chart.svg?area={DORSET}")
    assert "not for a financial quarter" in " ".join(re.sub("<[^>]+>", " ", chart.text).split())


async def _all_answer(indicator: Running) -> None:
    client = await indicator.client("analyst")
    for path in _READINGS:
        answer = await client.get("/v1/" + path.format(code=CODE, area=DORSET))
        assert answer.status_code == 200, (path, answer.text)
