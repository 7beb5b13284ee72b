"""A sum that follows figures of the whole is kept as it would be computed, whatever a team sends or takes back."""

from __future__ import annotations

import random
from typing import Any

from tests.conftest import Running
from tests.indicator_api.exceptions.test_keeping import ask, assert_kept_is_computed, keep_now, months_back, store
from tests.indicator_api.published import DORSET, item

WHOLE = [91, 93, 90, 94, 92, 91, 93] * 2
SUPERVISION = "supervision_in_time"


def sent(team: str, period: str, value: float | None, status: str | None = None) -> dict[str, Any]:
    parts = {} if value is None else {"numerator": value, "denominator": 100}
    return item(SUPERVISION, team, period, value, value_status=status, **parts)


async def take_back(indicator: Running, team: str, period: str) -> None:
    items = [{"indicator": SUPERVISION, "area": team, "period": period}]
    body = {"items": items, "reason": "Filed under the wrong team"}
    answer = await (await indicator.client("analyst")).post("/v1/observations/withdrawals", json=body)
    assert answer.status_code == 200, answer.text


async def test_R50_a_sum_after_figures_of_the_whole_is_kept_as_computed(indicator: Running) -> None:
    dice = random.Random(5)
    for place in (DORSET, "childrens_services", "children_who_are_disabled"):
        whole = zip(months_back("2026-09", 14), WHOLE, strict=True)
        await store(indicator, [item(SUPERVISION, place, period, value) for period, value in whole])
    await store(indicator, [sent("cwd_east", "2026-10", 60)])
    seen = set()
    for turn in range(8):
        await keep_now(indicator)
        # Of September all above have a figure: only what was kept tells that their October is added up.
        period = "2026-09" if turn < 6 else "2026-10"
        if turn % 3 == 1:
            await take_back(indicator, "cwd_west", period)
        else:
            value, status = dice.choice([(60, None), (95, None), (None, "z"), (None, "x")]) if turn else (60, None)
            await store(indicator, [sent("cwd_west", period, value, status)])
        await assert_kept_is_computed(indicator)
        seen.add(len((await ask(indicator))["items"]))
    assert seen == {0, 1}
