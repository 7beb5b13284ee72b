"""R50 over HTTP: exceptions of real figures, reproducible, by trigger, period, place and caller."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.conftest import Running
from tests.indicator_api.exceptions.asking import ask, rows, store
from tests.indicator_api.published import (
    DORSET,
    ENGLAND,
    LOOKED_AFTER_RATE,
    NEIGHBOURS_2025,
    REREFERRALS,
    item,
    ratios,
    referrals,
)

EXAMPLES = Path(__file__).resolve().parents[3] / "examples" / "figures"


@pytest.fixture
async def published(indicator: Running) -> Running:
    await store(indicator, ratios("looked_after_rate", LOOKED_AFTER_RATE) + ratios("rereferrals", REREFERRALS))
    return indicator


async def test_R50_rereferrals_stand_out_of_step_with_england_and_the_neighbours_of_the_day(
    published: Running,
) -> None:
    found = await ask(published, period="RY2025")
    assert (found["period"], found["area"], found["indicators_examined"]) == ("RY2025", DORSET, 2)
    (national,) = rows(found, "OUT_OF_STEP_NATIONAL")
    assert national["key"] == "rereferrals.E06000059.RY2025.OUT_OF_STEP_NATIONAL"
    assert (national["direction"], national["favourable"], national["rule"]) == ("low", True, "interval_99_8")
    assert (national["figure"]["value"], national["display"], national["previous"]["value"]) == (14.7, "14.7%", 14.1)
    assert national["interval"]["confidence"] == 0.998
    assert national["interval"]["upper"] < national["comparator"]["value"] == 22.6
    assert national["sentence"] == (
        "Referrals within 12 months of an earlier one: in Dorset the figure for the year to 31 March 2025 was 14.7%, "
        "lower than England's 22.6% by more than chance would explain. That is good news."
    )
    (neighbours,) = rows(found, "OUT_OF_STEP_NEIGHBOURS")
    comparator = neighbours["comparator"]
    assert (comparator["comparator_set"], comparator["version"]) == ("dfe_neighbours_2025", "May 2025")
    assert (comparator["mean"], comparator["median"]) == (pytest.approx(20.27), pytest.approx(19.95))
    assert "both the average (20.3%) and the middle value (20.0%) of 10 similar councils" in neighbours["sentence"]
    assert "similar councils (Statistical neighbours, DfE May 2025) by more" in neighbours["sentence"]


async def test_R50_children_looked_after_are_in_step_and_raise_nothing(published: Running) -> None:
    found = await ask(published, period="2026-10")
    assert [row for row in found["items"] if row["indicator"] == "looked_after_rate"] == []


async def test_R50_last_years_figure_is_set_against_last_years_neighbours(published: Running) -> None:
    found = await ask(published, period="RY2024")
    (row,) = rows(found, "OUT_OF_STEP_NEIGHBOURS")
    assert (row["period"], row["comparator"]["comparator_set"]) == ("RY2024", "dfe_neighbours_2021")
    assert row["comparator"]["mean"] == pytest.approx(19.76)
    # Nothing of the year before is known of England and the neighbours here: it did not stand then.
    assert row["new"] is True
    assert [one["new"] for one in rows(await ask(published, period="RY2025"), "OUT_OF_STEP_NEIGHBOURS")] == [False]


async def test_R50_a_month_or_quarter_tells_of_the_latest_figures_that_had_ended(published: Running) -> None:
    yearly = await ask(published, period="RY2025")
    for period in ("2025-03", "2025-08", "FY2024-25-Q4", "FY2024-25", "CY2025"):
        assert (await ask(published, period=period))["items"] == yearly["items"]
    after = (await ask(published, period="2026-01"))["items"]
    # It fell due in December: from the month after it is the same, and new no more.
    assert after == [row | {"new": False, "status": "standing"} for row in yearly["items"]]
    assert any(row["new"] for row in yearly["items"])
    assert {row["period"] for row in (await ask(published, period="2025-02"))["items"]} == {"RY2024"}
    assert (await ask(published))["period"] == "2026-10"


async def test_R50_same_figures_give_same_rows_and_a_changed_figure_another_hash(published: Running) -> None:
    first = await ask(published, period="RY2025")
    assert (await ask(published, period="RY2025"))["items"] == first["items"]
    changed = [item("rereferrals", ENGLAND, "RY2025", 22.7, numerator=143500, denominator=632830)]
    await store(published, changed)
    second = await ask(published, period="RY2025")
    before, after = ({row["trigger"]: row["inputs_hash"] for row in found["items"]} for found in (first, second))
    assert before["OUT_OF_STEP_NATIONAL"] != after["OUT_OF_STEP_NATIONAL"]
    assert before["OUT_OF_STEP_NEIGHBOURS"] == after["OUT_OF_STEP_NEIGHBOURS"]
    assert before["SIGNIFICANT_CHANGE"] == after["SIGNIFICANT_CHANGE"]


async def test_R50_one_member_of_the_set_changes_the_hash(published: Running) -> None:
    first = rows(await ask(published, period="RY2025"), "OUT_OF_STEP_NEIGHBOURS")[0]
    await store(published, [item("rereferrals", NEIGHBOURS_2025[0], "RY2025", 22.2)])
    second = rows(await ask(published, period="RY2025"), "OUT_OF_STEP_NEIGHBOURS")[0]
    assert first["inputs_hash"] != second["inputs_hash"]
    assert second["comparator"]["mean"] == pytest.approx(20.28)


async def test_a_percentage_published_without_its_counts_has_no_interval_and_is_never_out_of_step(
    indicator: Running,
) -> None:
    # Half of what LAIT publishes is a percentage alone: nothing says what chance would explain.
    bare = [
        item("care_leavers_in_work_or_learning", area, "RY2025", value)
        for area, value in ((DORSET, 30), (ENGLAND, 55), *((code, 56) for code in NEIGHBOURS_2025))
    ]
    await store(indicator, bare)
    assert (await ask(indicator, period="RY2025"))["items"] == []


async def test_R50_a_trigger_is_asked_for_by_name(published: Running) -> None:
    found = await ask(published, period="RY2025", trigger=["OUT_OF_STEP_NATIONAL", "DATA_LATE"])
    assert {row["trigger"] for row in found["items"]} == {"OUT_OF_STEP_NATIONAL"}
    assert found["indicators_examined"] == 2


async def test_R50_an_exception_is_found_again_by_its_key(published: Running) -> None:
    client = await published.client("analyst")
    for row in (await ask(published, period="2026-10"))["items"]:
        again = await client.get(f"/v1/exceptions/{row['key']}")
        assert again.json() == row
    for key in (
        "looked_after_rate.E06000059.RY2025.OUT_OF_STEP_NATIONAL",
        "rereferrals.E06000059.RY2025.SOMETHING",
        "rereferrals.E06000059.2025.DATA_LATE",
        "rereferrals.E99999999.RY2025.OUT_OF_STEP_NATIONAL",
        "nothing.E06000059.RY2025.OUT_OF_STEP_NATIONAL",
        "nothing",
    ):
        assert (await client.get(f"/v1/exceptions/{key}")).status_code == 404


async def test_R50_the_referrals_of_the_former_county_are_no_past_of_the_council(indicator: Running) -> None:
    await store(indicator, referrals())
    before = await ask(indicator, period="2022-03")
    # Doubled in every month, the county's past would put every limit of the council's out of reach.
    doubled = [one | {"value": 2 * one["value"]} for one in referrals() if one["area"] != DORSET]
    await store(indicator, doubled)
    assert (await ask(indicator, period="2022-03"))["items"] == before["items"]


async def test_R50_a_planted_change_in_real_referrals_is_found(indicator: Running) -> None:
    await store(indicator, referrals())
    assert rows(await ask(indicator, period="2022-03"), "SIGNIFICANT_CHANGE") == []
    await store(indicator, [item("referrals_monthly", DORSET, "2022-03", 488)])
    (row,) = rows(await ask(indicator, period="2022-03"), "SIGNIFICANT_CHANGE")
    assert (row["rule"], row["direction"], row["new"], row["n"]) == ("outside_limits", "high", True, 36)
    assert row["limits"]["upl"] < 488
    assert (row["trial_limits"], row["profile"], row["rules"]) == (False, "mdc_2023", ["outside_limits"])


async def test_R50_exceptions_can_be_computed_from_what_was_known_then(published: Running) -> None:
    now = await ask(published, period="RY2025", as_at="2026-11-23T09:00:00Z")
    assert now["items"] == (await ask(published, period="RY2025"))["items"]
    assert (await ask(published, period="RY2025", as_at="2026-11-01"))["items"] == []


async def test_R50_every_exception_of_the_examples_is_told_in_plain_words(indicator: Running) -> None:
    client = await indicator.client("ingest_client")
    for file in sorted(EXAMPLES.glob("*.csv")):
        answer = await client.post(
            "/v1/observations/imports", content=file.read_bytes(), headers={"content-type": "text/csv"}
        )
        assert answer.status_code == 200, answer.text
    found = await ask(indicator, period="2026-10")
    assert found["indicators_examined"] >= 60
    triggers = {row["trigger"] for row in found["items"]}
    assert {"SIGNIFICANT_CHANGE", "OUT_OF_STEP_NATIONAL", "OUT_OF_STEP_NEIGHBOURS", "DATA_LATE"} <= triggers
    keys = [row["key"] for row in found["items"]]
    assert len(set(keys)) == len(keys)
    for row in found["items"]:
        sentence = row["sentence"]
        assert sentence.startswith(row["title"] + ": ")
        assert sentence.endswith(".")
        assert not re.search(r"interval|sigma|limit|median|null|None|_|  |\.\.|RY20|FY20|AY20|E0|nan", sentence), (
            sentence
        )
