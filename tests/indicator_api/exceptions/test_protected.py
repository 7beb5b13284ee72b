"""What is kept for callers whose small numbers are hidden is what would be computed for them."""

from __future__ import annotations

import random
from typing import Any

import pytest
import sqlalchemy as sa

from services.indicator_api.exceptions.protected import keep_next
from tests.conftest import Running
from tests.indicator_api.exceptions.test_answers import WORDS
from tests.indicator_api.exceptions.test_keeping import (
    ASKED,
    LATER,
    OF_THE_STORE,
    ask,
    bare,
    keep_now,
    some_derived,
    some_figures,
    store,
)
from tests.indicator_api.published import DORSET, item

QUARTERS = [f"FY{2023 + at // 4}-{24 + at // 4}-Q{at % 4 + 1}" for at in range(14)]
CHANGED = [40, 43, 41, 44, 3, 40, 43, 41, 44, 42, 40, 43, 41, 90]
BREAKDOWN = """
INSERT INTO observation (indicator, area, period, breakdown, value, provisional, revised, definition_version, revision,
                         import_id, recorded_at)
SELECT indicator, area, period, 'stage=1', 12, provisional, revised, definition_version, 1, import_id, recorded_at
  FROM observation WHERE period = 'FY2023-24-Q1'
"""
ASKED_OF_UNITS = [*ASKED, ("practitioner", None, {"units": "true"})]


async def keep_protected(indicator: Running) -> int:
    await keep_now(indicator)
    kept = 0
    while True:
        async with indicator.database.transaction() as session:
            if not await keep_next(session, indicator.clock.now(), 5):
                return kept
        kept += 1


async def run(indicator: Running, statement: str) -> None:
    async with indicator.database.transaction() as session:
        await session.execute(sa.text(statement))


async def assert_kept_is_computed(indicator: Running) -> None:
    for role, unit, query in ASKED_OF_UNITS:
        kept = bare(await ask(indicator, role, unit, **query))
        assert kept == bare(await ask(indicator, role, unit, as_at=LATER, **query)), (role, query)


@pytest.mark.parametrize("seed", range(2))
async def test_R50_what_is_kept_protected_equals_what_is_computed_after_any_import(
    indicator: Running, seed: int
) -> None:
    dice = random.Random(seed)
    assert await keep_protected(indicator) > 30
    for turn in range(3):
        await store(indicator, some_figures(dice))
        for one in some_derived(dice):
            await store(indicator, [one])
        if turn != 1:
            await keep_protected(indicator)
        await assert_kept_is_computed(indicator)


async def exceptions_of_complaints(indicator: Running) -> list[Any]:
    found = await ask(indicator, "practitioner", indicator="complaints_received")
    return [row["title"] for row in found["items"]]


async def test_R50_a_changed_figure_a_breakdown_too_is_never_answered_from_what_was_kept(indicator: Running) -> None:
    figures = [item("complaints_received", DORSET, one, value) for one, value in zip(QUARTERS, CHANGED, strict=True)]
    await store(indicator, figures)
    await keep_protected(indicator)
    await run(indicator, """UPDATE exception_protected_row SET row = replace(row, '"title":"', '"title":"Kept: ')""")
    (title,) = await exceptions_of_complaints(indicator)
    assert title.startswith("Kept: ")
    await run(indicator, BREAKDOWN)
    (title,) = await exceptions_of_complaints(indicator)
    assert not title.startswith("Kept: ")
    assert await keep_protected(indicator) == 1
    await run(indicator, """UPDATE exception_protected_row SET row = replace(row, '"title":"', '"title":"Kept: ')""")
    await store(indicator, [item("complaints_received", DORSET, QUARTERS[-1], 43)])
    assert await exceptions_of_complaints(indicator) == []


async def test_R50_another_threshold_is_not_answered_from_what_was_kept_under_this_one(indicator: Running) -> None:
    await keep_protected(indicator)
    async with indicator.database.transaction() as session:
        assert await keep_next(session, indicator.clock.now(), 9)
    async with indicator.database.transaction() as session:
        assert await keep_next(session, indicator.clock.now(), 5)


async def test_R50_since_when_an_exception_stands_tells_nothing_of_a_hidden_figure(indicator: Running) -> None:
    """The figure of the quarter before is hidden. That it raised the exception already would tell how high it is."""
    figures = [item("complaints_received", DORSET, one, value) for one, value in zip(QUARTERS, CHANGED, strict=True)]
    await store(indicator, figures)
    await keep_now(indicator)
    for _ in range(2):
        (true,) = (await ask(indicator, "analyst", indicator="complaints_received"))["items"]
        assert (true["raised_at"], true["first_raised_period"]) == ("2026-11-23T09:00:00Z", QUARTERS[-1])
        (row,) = (await ask(indicator, "practitioner", indicator="complaints_received"))["items"]
        alone = (await (await indicator.client("practitioner")).get(f"/v1/exceptions/{row['key']}")).json()
        for one in (row, alone):
            assert [one[name] for name in OF_THE_STORE] == [None, None, None]
        await keep_protected(indicator)


async def test_an_answer_from_before_it_came_back_answers_nothing_where_it_is_not_told_since_when(
    indicator: Running,
) -> None:
    figures = [item("complaints_received", DORSET, one, value) for one, value in zip(QUARTERS, CHANGED, strict=True)]
    await store(indicator, figures)
    await keep_now(indicator)
    (row,) = (await ask(indicator, "practitioner", indicator="complaints_received"))["items"]
    path = f"/v1/exceptions/{row['key']}"
    sent = await (await indicator.client("admin")).post(f"{path}/answers", json=WORDS)
    assert sent.status_code == 201, sent.text
    client = await indicator.client("practitioner")
    query = {"indicator": "complaints_received", "answered": "false"}
    assert (await client.get(path)).json()["answered"] is not None
    assert (await ask(indicator, "practitioner", **query))["items"] == []
    await run(indicator, "UPDATE exception_row SET raised_at = raised_at + interval '1 day'")
    assert (await client.get(path)).json()["answered"] is None
    assert [one["answered"] for one in (await ask(indicator, "practitioner", **query))["items"]] == [None]
