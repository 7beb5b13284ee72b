"""What the validation rules find in stored figures, and what they do not tell those who may not see them."""

from __future__ import annotations

from typing import Any

from services.indicator_api.checking.schemas import FindingOut
from tests.conftest import Running
from tests.indicator_api.published import COUNTY, DORSET, item, load, months

TEAM = "fs_weymouth"
SPLIT = "sen_requests_quarterly"
QUARTER = "FY2026-27-Q1"


async def findings(running: Running, role: str = "analyst", unit: str | None = None, **query: Any) -> list[Any]:
    answer = await (await running.client(role, unit)).get("/v1/quality/findings", params=query)
    assert answer.status_code == 200, answer.text
    found = answer.json()["items"]
    for one in found:
        FindingOut.model_validate_json(FindingOut(**one).model_dump_json())
    return list(found)


async def store(running: Running, *figures: dict[str, Any]) -> None:
    await load(await running.client("analyst"), figures)


def split(area: str, total: float, **parts: float) -> list[dict[str, Any]]:
    rows = [item(SPLIT, area, QUARTER, total)]
    return rows + [
        item(SPLIT, area, QUARTER, value, breakdown=f"request_source={name}") for name, value in parts.items()
    ]


async def test_a_finding_names_the_rule_the_figures_and_says_it_in_a_sentence(indicator: Running) -> None:
    await store(indicator, item("rereferrals", DORSET, "RY2025", 20, numerator=346, denominator=2349))
    (found,) = await findings(indicator)
    assert (found["rule"], found["area_name"], found["display"]) == ("not_its_parts", "Dorset", "20.0%")
    assert found["sentence"] == (
        "Referrals within 12 months of an earlier one: in Dorset the figure for the year to 31 March 2025 is 20.0%, "
        "but 346 of 2,349 makes 14.73%."
    )


async def test_a_figure_of_what_had_closed_is_found_and_stands(indicator: Running) -> None:
    await store(indicator, item("referrals_monthly", COUNTY, "2019-03", 265))
    assert await findings(indicator, area=COUNTY) == []
    await store(indicator, item("referrals_monthly", COUNTY, "2019-04", 184))
    (found,) = await findings(indicator, area=COUNTY)
    assert found["rule"] == "after_closing"
    assert found["sentence"] == (
        "Referrals to children's social care in the month: in Dorset (former county) the figure for April 2019 is 184, "
        "but it had closed on 31 March 2019."
    )
    unit = {"code": TEAM, "name": "Weymouth", "kind": "team", "parent": "family_support", "valid_from": "2019-04-01"}
    body = {"items": [{"kind": "units", "code": TEAM, "content": unit | {"valid_to": "2026-08-31"}}]}
    admin = await indicator.client("admin")
    assert (await admin.post("/v1/framework/applications", json=body)).status_code == 200
    await store(indicator, item("referrals_monthly", TEAM, "2026-09", 18))
    assert [one["rule"] for one in await findings(indicator, area=TEAM)] == ["after_closing"]
    assert [one["area"] for one in await findings(indicator, rule="after_closing")] == [TEAM]


async def test_the_latest_figure_of_each_series_is_looked_at_or_those_of_a_period(indicator: Running) -> None:
    wrong = item("rereferrals", DORSET, "RY2024", 20, numerator=346, denominator=2349)
    await store(indicator, wrong, item("rereferrals", DORSET, "RY2025", 14.7, numerator=346, denominator=2349))
    assert await findings(indicator) == []
    for period in ("RY2024", "2024-03", "FY2023-24", "CY2024"):
        assert [one["period"] for one in await findings(indicator, period=period)] == ["RY2024"]
    assert await findings(indicator, period="RY2025") == []


async def test_findings_are_filtered_and_paged(indicator: Running) -> None:
    await store(indicator, *split(TEAM, 90, school=50, health=20), *split("fs_portland", 80, school=50, health=20))
    await store(indicator, *months("supervision_in_time", TEAM, "2026-07", [90, 90, 90, 90]))
    assert len(await findings(indicator)) == 3
    assert len(await findings(indicator, rule="sum_of_parts")) == 2
    assert len(await findings(indicator, source_system="hr")) == 1
    assert len(await findings(indicator, indicator=SPLIT, area=TEAM)) == 1
    client = await indicator.client("analyst")
    first = (await client.get("/v1/quality/findings?limit=2")).json()
    second = (await client.get("/v1/quality/findings", params={"limit": 2, "after": first["next"]})).json()
    assert len(first["items"]) == 2
    assert (len(second["items"]), second["next"]) == (1, None)


async def test_what_is_hidden_is_not_looked_at(indicator: Running) -> None:
    # For whoever sees 3 the parts miss the total; to others the hidden part could be anything.
    await store(indicator, *split(TEAM, 90, school=50, health=3))
    assert [one["rule"] for one in await findings(indicator)] == ["sum_of_parts"]
    assert await findings(indicator, "ingest_client") == []
    await store(indicator, *split("fs_portland", 50, school=52, health=20))
    (found,) = await findings(indicator, "ingest_client")
    assert (found["area"], found["rule"], found["reference"]) == ("fs_portland", "sum_of_parts", 72)
    series = months("referrals_monthly", TEAM, "2026-05", [20, 24, 20, 24, 20, 24, 3])
    assert series[-1]["period"] == "2026-11"
    await store(indicator, *series[:-1], item("referrals_monthly", TEAM, "2026-11", 5))
    assert [one["rule"] for one in await findings(indicator, rule="sudden_change")] == ["sudden_change"]
    assert await findings(indicator, "ingest_client", rule="sudden_change") == []


async def test_a_unit_is_told_of_its_own_figures_only(indicator: Running) -> None:
    await store(indicator, *split(TEAM, 90, school=50, health=20), *split("fs_portland", 80, school=50, health=20))
    assert {one["area"] for one in await findings(indicator, "team_manager", TEAM)} == {TEAM}
