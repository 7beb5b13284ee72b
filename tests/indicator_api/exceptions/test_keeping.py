"""What is kept is what would be computed, after whatever figures came and for whoever asks."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from services.indicator_api.exceptions.keeping import METHOD, keep
from shared.schemas.exceptions import ExceptionsOut
from tests.conftest import Running
from tests.indicator_api.published import DORSET, ENGLAND, NEIGHBOURS_2025, RESTORED, item, load, months

# Figures recorded later than this are not here: asking for it computes all anew.
LATER = "2026-12-31"
OF_THE_STORE = ("raised_at", "first_raised_period", "unanswered_days")
CHANGES = [91, 93, 90, 94, 92, 91, 93, 90, 94, 92, 91, 93, 60]


async def keep_now(indicator: Running) -> None:
    async with indicator.database.transaction() as session:
        assert await keep(session, indicator.clock.now())


async def marks(indicator: Running) -> int:
    async with indicator.database.snapshot() as session:
        return int((await session.execute(sa.text("SELECT count(*) FROM exception_stale"))).scalar_one())


async def marked(indicator: Running) -> set[str]:
    async with indicator.database.snapshot() as session:
        return set((await session.execute(sa.text("SELECT area FROM exception_stale"))).scalars())


async def ask(indicator: Running, /, role: str = "analyst", unit: str | None = None, **query: Any) -> Any:
    answer = await (await indicator.client(role, unit)).get("/v1/exceptions", params=query)
    assert answer.status_code == 200, answer.text
    ExceptionsOut.model_validate_json(answer.content)
    found = answer.json()
    found.pop("as_at")
    return found


def bare(found: Any) -> Any:
    """The answer without what only the store knows."""
    for row in (*found["items"], *found["resolved"]):
        for name in OF_THE_STORE:
            row.pop(name)
    return found


async def store(indicator: Running, figures: list[dict[str, Any]]) -> None:
    await load(await indicator.client("analyst"), figures)


ASKED: list[tuple[str, str | None, dict[str, str]]] = [
    ("analyst", None, {"area": f"{DORSET},children_who_are_disabled,cwd_east,cwd_west"}),
    ("practitioner", None, {"area": f"{DORSET},cwd_east"}),
    ("team_manager", "children_who_are_disabled", {"area": f"{DORSET},cwd_east"}),
]


async def assert_kept_is_computed(indicator: Running) -> None:
    for role, unit, query in ASKED:
        kept = bare(await ask(indicator, role, unit, **query))
        assert kept == bare(await ask(indicator, role, unit, as_at=LATER, **query)), (role, query)


def some_figures(dice: random.Random) -> list[dict[str, Any]]:
    """A handful of months of a share of teams, the council and England, of a number of people, of a rate."""
    found = []
    last = dice.choice(["2026-09", "2026-10", "2026-10", "2026-11"])
    place = dice.choice(["cwd_east", "cwd_west", "children_who_are_disabled", DORSET, ENGLAND])
    level, length = dice.choice([70, 90, 95]), dice.choice([1, 1, 7, 20])
    for period in reversed(months_back(last, length)):
        due = dice.choice([4, 20, 400])
        held = min(due, max(0, round(due * dice.gauss(level, 3) / 100)))
        parts = {"numerator": held, "denominator": due}
        found.append(item("supervision_in_time", place, period, round(100 * held / due, 1), **parts))
    place = dice.choice(["cwd_east", DORSET])
    quarters = [f"FY{2023 + at // 4}-{24 + at // 4}-Q{at % 4 + 1}" for at in range(14)]
    found += [
        item("complaints_received", place, one, dice.choice([3, 40, 41, 43, 90]))
        for one in quarters[: dice.choice([5, 13, 14])]
    ]
    for area in dice.sample([DORSET, ENGLAND, *NEIGHBOURS_2025], 4):
        year = dice.choice(["RY2025", "RY2026"])
        found.append(item("rereferrals", area, year, dice.choice([14.7, 22.0, 30.0]), **_parts(dice)))
    return found


def some_derived(dice: random.Random) -> list[dict[str, Any]]:
    """Some of the counts that the turnover of social workers is made of."""
    return [
        item(code, dice.choice([DORSET, "cwd_east", ENGLAND]), f"CY{dice.choice([2024, 2025])}", value)
        for code in ("social_worker_leavers", "social_workers_in_post")
        for value in dice.sample([12, 80, 200, 230], 2)
    ]


def _parts(dice: random.Random) -> dict[str, Any]:
    return dice.choice([{}, {"numerator": 346, "denominator": 2349}, {"numerator": 600, "denominator": 2349}])


def months_back(last: str, length: int) -> list[str]:
    year, month = (int(part) for part in last.split("-"))
    return [f"{(year * 12 + month - 1 - at) // 12}-{(year * 12 + month - 1 - at) % 12 + 1:02d}" for at in range(length)]


@pytest.mark.parametrize("seed", range(3))
async def test_R50_what_is_kept_equals_what_is_computed_after_any_import(indicator: Running, seed: int) -> None:
    dice = random.Random(seed)
    await keep_now(indicator)
    for turn in range(4):
        await store(indicator, some_figures(dice))
        for one in some_derived(dice):
            await store(indicator, [one])
        await assert_kept_is_computed(indicator)
        if turn % 2:
            await keep_now(indicator)
            assert await marks(indicator) == 0
            await assert_kept_is_computed(indicator)


async def test_R50_the_kept_the_looked_over_and_the_judged_are_the_same(indicator: Running) -> None:
    dice = random.Random(9)
    for _ in range(8):
        await store(indicator, some_figures(dice))
        for one in some_derived(dice):
            await store(indicator, [one])
    looked_over = bare(await ask(indicator, units="true"))
    await keep_now(indicator)
    assert bare(await ask(indicator, units="true")) == looked_over
    assert bare(await ask(indicator, units="true", as_at=LATER)) == looked_over
    assert len(looked_over["items"]) > 3
    assert {one["area"] for one in looked_over["areas"]} >= {DORSET, "cwd_east", "fs_weymouth"}


async def test_R50_one_changed_series_is_judged_inside_the_import_that_changed_it(indicator: Running) -> None:
    await keep_now(indicator)
    await store(indicator, months("supervision_in_time", DORSET, "2025-10", CHANGES))
    assert await marks(indicator) == 0
    (row,) = (await ask(indicator))["items"]
    assert (row["trigger"], row["status"], row["raised_at"]) == ("SIGNIFICANT_CHANGE", "new", "2026-11-23T09:00:00Z")
    assert (row["first_raised_period"], row["unanswered_days"]) == ("2026-10", 0)
    client = await indicator.client("analyst")
    answer = await client.post("/v1/observations", json=item("supervision_in_time", DORSET, "2026-10", 92))
    assert answer.status_code == 200, answer.text
    assert await marks(indicator) == 0
    assert (await ask(indicator))["items"] == []


async def test_R50_a_sum_is_never_shown_as_it_was_before_its_part_changed(indicator: Running) -> None:
    await keep_now(indicator)
    parts = [{"numerator": round(value * 2), "denominator": 200} for value in CHANGES]
    figures = months("supervision_in_time", "cwd_east", "2025-10", CHANGES)
    await store(indicator, [one | more for one, more in zip(figures, parts, strict=True)])
    assert await marks(indicator) > 0
    (row,) = (await ask(indicator))["items"]
    assert (row["area"], row["display"], row["raised_at"]) == (DORSET, "60.0%", None)
    await keep_now(indicator)
    assert [one["raised_at"] for one in (await ask(indicator))["items"]] == ["2026-11-23T09:00:00Z"]


async def test_R50_a_place_is_marked_for_its_units_only_where_their_figures_are_added_up(indicator: Running) -> None:
    await keep_now(indicator)
    await store(indicator, months("supervision_in_time", DORSET, "2025-10", CHANGES))
    await store(indicator, months("supervision_in_time", "cwd_east", "2025-10", CHANGES))
    assert DORSET not in await marked(indicator)
    # A period of which the council has no figure: from here on there is a sum, and any unit may be part of it.
    await store(indicator, months("supervision_in_time", "cwd_west", "2025-09", [90]))
    assert DORSET in await marked(indicator)
    await keep_now(indicator)
    await store(indicator, months("supervision_in_time", "cwd_east", "2026-10", [61]))
    assert DORSET in await marked(indicator)
    await keep_now(indicator)
    await store(indicator, months("supervision_in_time", DORSET, "2025-09", [90]))
    assert await marked(indicator) == set()
    await store(indicator, months("supervision_in_time", "cwd_east", "2026-10", [62]))
    assert DORSET not in await marked(indicator)
    await assert_kept_is_computed(indicator)


async def test_R50_a_figure_of_england_is_news_to_all_that_are_set_beside_it(indicator: Running) -> None:
    await store(indicator, [item("rereferrals", DORSET, "RY2025", 14.7, numerator=346, denominator=2349)])
    await keep_now(indicator)
    assert not [one for one in (await ask(indicator))["items"] if one["trigger"] == "OUT_OF_STEP_NATIONAL"]
    await store(indicator, [item("rereferrals", ENGLAND, "RY2025", 22.7)])
    assert await marks(indicator) == 0
    assert [one["trigger"] for one in (await ask(indicator))["items"]] == ["OUT_OF_STEP_NATIONAL"]


async def test_R50_since_when_an_exception_stands_outlives_a_new_month_and_a_new_figure(indicator: Running) -> None:
    await store(indicator, months("supervision_in_time", DORSET, "2025-10", CHANGES))
    await keep_now(indicator)
    indicator.clock._at = datetime(2026, 12, 20, 9, tzinfo=UTC)
    await keep_now(indicator)
    await store(indicator, [item("supervision_in_time", DORSET, "2026-11", 59)])
    (row,) = (await ask(indicator))["items"]
    assert (row["period"], row["status"]) == ("2026-11", "standing")
    assert (row["raised_at"], row["first_raised_period"], row["unanswered_days"]) == (
        "2026-11-23T09:00:00Z", "2026-10", 27,
    )  # fmt: skip
    await store(indicator, [item("supervision_in_time", DORSET, "2026-11", 92)])
    found = await ask(indicator)
    assert found["items"] == []
    (gone,) = found["resolved"]
    assert (gone["status"], gone["period"], gone["raised_at"]) == ("resolved", "2026-10", "2026-11-23T09:00:00Z")
    assert gone["unanswered_days"] is None
    assert gone["sentence"].endswith("This no longer stands.")


async def test_R50_a_changed_framework_and_a_new_month_are_not_answered_from_what_was_kept(indicator: Running) -> None:
    await store(indicator, months("supervision_in_time", DORSET, "2025-10", CHANGES))
    await keep_now(indicator)
    assert (await ask(indicator))["items"][0]["favourable"] is False
    admin = await indicator.client("admin")
    entry = (await admin.get("/v1/framework/indicators/supervision_in_time")).json()["content"]
    changed = {"kind": "indicators", "code": entry["code"], "content": entry | {"title": "Another title"}}
    answer = await admin.post("/v1/framework/applications", json={"items": [changed]})
    assert answer.status_code == 200, answer.text
    assert (await ask(indicator))["items"][0]["title"] == "Another title"
    await keep_now(indicator)
    assert (await ask(indicator))["items"][0]["title"] == "Another title"
    indicator.clock._at = datetime(2026, 12, 20, 9, tzinfo=UTC)
    assert (await ask(indicator))["period"] == "2026-11"
    assert bare(await ask(indicator)) == bare(await ask(indicator, as_at=LATER))


OLDER = """
UPDATE exception_row SET row = regexp_replace(row, '"sentence":"[^"]*"', '"sentence":"As said before."')
"""


async def test_R50_what_is_kept_falls_with_a_framework_restored_under_the_same_versions(indicator: Running) -> None:
    await store(indicator, months("supervision_in_time", DORSET, "2025-10", CHANGES))
    await keep_now(indicator)
    async with indicator.database.transaction() as session:
        await session.execute(sa.text(RESTORED))
    assert (await ask(indicator))["items"][0]["title"] == "As restored"
    await keep_now(indicator)
    assert (await ask(indicator))["items"][0]["title"] == "As restored"


async def test_R50_what_an_older_method_kept_is_judged_anew_once(
    indicator: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store(indicator, months("supervision_in_time", DORSET, "2025-10", CHANGES))
    await keep_now(indicator)
    told = (await ask(indicator))["items"][0]["sentence"]
    async with indicator.database.transaction() as session:
        await session.execute(sa.text(OLDER))
    assert (await ask(indicator))["items"][0]["sentence"] == "As said before."
    monkeypatch.setattr("services.indicator_api.exceptions.keeping.METHOD", METHOD + 1)
    assert (await ask(indicator))["items"][0]["sentence"] == told
    await keep_now(indicator)
    async with indicator.database.snapshot() as session:
        assert told in (await session.execute(sa.text("SELECT row FROM exception_row"))).scalar_one()


async def test_R50_two_imports_of_one_series_at_once_leave_nothing_out_of_date(indicator: Running) -> None:
    await keep_now(indicator)
    figures = months("supervision_in_time", DORSET, "2025-10", CHANGES)
    await asyncio.gather(*(store(indicator, [one]) for one in figures))
    assert bare(await ask(indicator)) == bare(await ask(indicator, as_at=LATER))
    await keep_now(indicator)
    assert bare(await ask(indicator)) == bare(await ask(indicator, as_at=LATER))
    assert len((await ask(indicator))["items"]) == 1


async def test_R50_while_another_keeper_is_at_work_an_import_leaves_its_marks(indicator: Running) -> None:
    await keep_now(indicator)
    async with indicator.database.transaction() as session:
        assert await keep(session, indicator.clock.now())
        await store(indicator, months("supervision_in_time", DORSET, "2025-10", CHANGES))
        assert await marks(indicator) == 1
        assert len((await ask(indicator))["items"]) == 1
    await keep_now(indicator)
    assert await marks(indicator) == 0


async def test_R50_no_import_is_lost_for_a_fault_of_what_is_made_of_it(indicator: Running) -> None:
    await keep_now(indicator)

    async def rename(old: str, new: str) -> None:
        async with indicator.database.transaction() as session:
            await session.execute(sa.text(f"ALTER TABLE {old} RENAME TO {new}"))

    await rename("exception_place", "elsewhere")
    await store(indicator, months("supervision_in_time", DORSET, "2025-10", CHANGES))
    assert await marks(indicator) == 1
    await rename("elsewhere", "exception_place")
    assert len((await ask(indicator))["items"]) == 1
    await keep_now(indicator)
    assert (await marks(indicator), len((await ask(indicator))["items"])) == (0, 1)
