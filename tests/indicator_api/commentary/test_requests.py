"""Commentary asked for and chased: by people, and by definitions that ask by themselves."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.indicator_api.commentary.schemas import RequestOut
from tests.conftest import Running
from tests.indicator_api.commentary.test_commentary import TEAM, path, put
from tests.indicator_api.published import DORSET, item, load

REQUESTS = "/v1/commentary/requests"
ASKED = {"indicator": "referrals", "area": DORSET, "period": "RY2025", "due_on": "2026-12-01"}
KEY = "referrals.E06000059.RY2025"


async def ask(running: Running, role: str = "analyst", **changes: Any) -> Any:
    return await (await running.client(role)).post(REQUESTS, json=ASKED | changes)


async def listed(running: Running, role: str = "analyst", unit: str | None = None, **query: Any) -> list[Any]:
    answer = await (await running.client(role, unit)).get(REQUESTS, params=query)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


async def test_a_comment_is_asked_for_chased_and_answered(indicator: Running) -> None:
    answer = await ask(indicator, message="For the January meeting.")
    assert answer.status_code == 201, answer.text
    RequestOut.model_validate_json(answer.content)
    assert (answer.json()["owner_role"], answer.json()["status"]) == ("head_of_service", "open")
    indicator.clock.advance(timedelta(days=20))
    (overdue,) = await listed(indicator, status="overdue")
    assert (overdue["key"], overdue["days_overdue"], overdue["chased"]) == (KEY, 12, 0)
    assert overdue["allowed_actions"] == ["chase"]
    analyst = await indicator.client("analyst")
    for times in (1, 2):
        indicator.clock.advance(timedelta(days=1))
        chased = (await analyst.post(f"{REQUESTS}/{KEY}/chase")).json()
        assert (chased["chased"], chased["last_chased_by"]) == (times, "test-analyst")
    (found,) = await listed(indicator, "head_of_service", owner_role="head_of_service", status="open")
    assert (found["chased"], found["last_chased_at"], found["allowed_actions"]) == (
        2,
        chased["last_chased_at"],
        ["comment"],
    )
    assert (await put(await indicator.client("head_of_service"), path("referrals"))).status_code == 201
    assert await listed(indicator, status="open") == []
    (answered,) = await listed(indicator, status="answered")
    assert (answered["status"], answered["days_overdue"], answered["chased"]) == ("answered", 0, 2)
    again = await analyst.post(f"{REQUESTS}/{KEY}/chase")
    assert (again.status_code, again.json()["type"].rsplit("/")[-1]) == (409, "nothing-to-chase")


async def test_asked_again_in_the_same_words_nothing_changes_and_by_another_day_it_is_refused(
    indicator: Running,
) -> None:
    assert (await ask(indicator)).status_code == 201
    assert (await ask(indicator)).status_code == 200
    other = await ask(indicator, due_on="2026-12-02")
    assert (other.status_code, other.json()["due_on"]) == (409, "2026-12-01")
    assert len(await listed(indicator)) == 1
    await put(await indicator.client("head_of_service"), path("referrals"))
    assert (await ask(indicator, due_on="2026-12-02")).status_code == 201
    (found,) = await listed(indicator)
    assert (found["status"], found["due_on"], found["chased"]) == ("open", "2026-12-02", 0)


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [({"indicator": "unheard_of"}, ""), ({"area": "nowhere"}, ""), ({"period": "2026-10"}, "/period"),
     ({"period": "RY2030"}, "/period"), ({"due_on": "2026-11-22"}, "/due_on"),
     ({"message": "Ring 07700 900123."}, "/message")],
)  # fmt: skip
async def test_a_request_nobody_could_meet_is_refused(
    indicator: Running, changes: dict[str, str], pointer: str
) -> None:
    answer = await ask(indicator, **changes)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)


async def test_analysts_ask_and_others_do_not(indicator: Running) -> None:
    assert (await ask(indicator, "head_of_service")).status_code == 403
    assert (await (await indicator.client("head_of_service")).post(f"{REQUESTS}/{KEY}/chase")).status_code == 403
    assert (await (await indicator.client("analyst")).post(f"{REQUESTS}/{KEY}/chase")).status_code == 404


async def test_a_definition_asks_for_a_comment_on_each_new_figure_by_itself(indicator: Running) -> None:
    await load(await indicator.client("analyst"), [item("supervision_in_time", DORSET, "2026-10", 88)])
    (found,) = await listed(indicator)
    # It came on 23 November, eight days after it was due; the definition gives ten days.
    assert (found["automatic"], found["asked_by"], found["due_on"]) == (True, None, "2026-12-03")
    assert (found["owner_role"], found["status"]) == ("qa_manager", "open")
    assert await listed(indicator, owner_role="head_of_service") == []
    indicator.clock.advance(timedelta(days=11))
    assert [one["days_overdue"] for one in await listed(indicator, status="overdue")] == [1]
    chased = await (await indicator.client("analyst")).post(f"{REQUESTS}/{found['key']}/chase")
    assert (chased.status_code, chased.json()["chased"], chased.json()["automatic"]) == (200, 1, True)
    assert [one["chased"] for one in await listed(indicator)] == [1]
    where = path("supervision_in_time", DORSET, "2026-10")
    assert (await put(await indicator.client("qa_manager"), where)).status_code == 201
    assert [one["status"] for one in await listed(indicator)] == ["answered"]


async def test_what_was_said_without_being_chased_answers_the_definition(indicator: Running) -> None:
    await load(await indicator.client("analyst"), [item("supervision_in_time", DORSET, "2026-10", 88)])
    await put(await indicator.client("qa_manager"), path("supervision_in_time", DORSET, "2026-10"))
    assert await listed(indicator, status="open") == []
    assert [one["automatic"] for one in await listed(indicator, status="answered")] == [True]


async def test_nobody_is_asked_by_itself_about_the_past_or_about_single_units(indicator: Running) -> None:
    figures = [item("supervision_in_time", DORSET, "2025-10", 88), item("rereferrals", DORSET, "RY2025", 14.7)]
    await load(await indicator.client("analyst"), [*figures, item("referrals_monthly", TEAM, "2026-10", 20)])
    assert await listed(indicator) == []


async def test_requests_are_filtered_paged_and_kept_to_the_units_of_the_caller(indicator: Running) -> None:
    await ask(indicator)
    await ask(indicator, area=TEAM, due_on="2026-11-30")
    await ask(indicator, indicator="referrals_monthly", period="2026-10", due_on="2026-12-24")
    assert [one["due_on"] for one in await listed(indicator)] == ["2026-11-30", "2026-12-01", "2026-12-24"]
    assert [one["area"] for one in await listed(indicator, area=TEAM)] == [TEAM]
    assert len(await listed(indicator, period="2025-03")) == 2
    assert len(await listed(indicator, indicator="referrals_monthly")) == 1
    assert {one["area"] for one in await listed(indicator, "head_of_service", "fs_portland")} == {DORSET}
    client = await indicator.client("analyst")
    first = (await client.get(f"{REQUESTS}?limit=2")).json()
    rest = (await client.get(REQUESTS, params={"after": first["next"]})).json()
    assert (len(first["items"]), [one["due_on"] for one in rest["items"]]) == (2, ["2026-12-24"])
