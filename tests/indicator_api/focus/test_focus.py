"""What Heads of Service ask a board to look at, period by period."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.conftest import Running

AT = "/v1/focus/children_who_are_disabled/2026-10"
LIST: dict[str, Any] = {
    "items": [
        {"indicator": "rereferrals", "why": "Above England two years running."},
        {"focus_area": "permanence", "why": "Fewer children adopted than planned."},
    ]
}


async def named(indicator: Running, path: str = AT, **more: Any) -> httpx.Response:
    head = await indicator.client("head_of_service")
    answer = await head.put(path, json=LIST | more)
    assert answer.status_code == 201, answer.text
    return answer


async def asked(indicator: Running, period: str, unit: str | None = None) -> Any:
    client = await indicator.client("practitioner", unit)
    return (await client.get("/v1/focus", params={"period": period})).json()


async def test_a_head_of_service_names_what_the_board_looks_at_and_it_drives_the_pack_R49(indicator: Running) -> None:
    await named(indicator)
    found = await asked(indicator, "2026-10")
    (mine,) = found["lists"]
    assert [one["title"] for one in mine["items"]] == [
        "Referrals within 12 months of an earlier one",
        "Permanence and adoption",
    ]
    assert found["indicators"][0] == "rereferrals"
    within = mine["items"][1]["indicators"]
    assert len(within) > 1 and set(within) < set(found["indicators"])


async def test_a_list_stands_until_a_later_period_has_its_own(indicator: Running) -> None:
    await named(indicator)
    carried = (await asked(indicator, "2026-12"))["lists"][0]
    assert (carried["period"], carried["carried_from"]) == ("2026-10", "2026-10")
    await named(indicator, AT.replace("2026-10", "2026-11"), items=LIST["items"][:1])
    renewed = (await asked(indicator, "2026-12"))["lists"][0]
    assert (renewed["carried_from"], len(renewed["items"])) == ("2026-11", 1)
    assert (await asked(indicator, "2026-10"))["lists"][0]["carried_from"] is None
    assert (await asked(indicator, "2026-09"))["lists"] == []
    assert (await asked(indicator, "FY2026-27-Q3"))["lists"] == []


async def test_without_a_period_it_is_the_last_complete_month(indicator: Running) -> None:
    await named(indicator)
    found = (await (await indicator.client("practitioner")).get("/v1/focus")).json()
    assert found == await asked(indicator, "2026-10")
    assert found["lists"][0]["period"] == "2026-10"


async def test_a_later_version_needs_the_one_that_was_read(indicator: Running) -> None:
    etag = (await named(indicator)).headers["etag"]
    head = await indicator.client("head_of_service")
    same = await head.put(AT, json=LIST)
    assert (same.status_code, same.headers["etag"]) == (200, etag)
    fewer = {"items": LIST["items"][:1]}
    assert (await head.put(AT, json=fewer)).status_code == 428
    answer = await head.put(AT, json=fewer, headers={"If-Match": etag})
    assert (answer.status_code, answer.json()["version"]) == (200, 2)
    assert (await head.put(AT, json=LIST, headers={"If-Match": etag})).status_code == 412


async def test_only_the_owner_of_what_is_named_may_name_it(indicator: Running) -> None:
    manager = await indicator.client("team_manager")
    answer = await manager.put(AT, json=LIST)
    assert (answer.status_code, answer.json()["type"].rsplit("/", 1)[-1]) == (403, "not-theirs-to-name")
    admin = await indicator.client("admin")
    assert (await admin.put(AT, json=LIST)).status_code == 201


@pytest.mark.parametrize(
    ("item", "pointer"),
    [
        ({"indicator": "nothing", "why": "It matters."}, "/items/0/indicator"),
        ({"focus_area": "nothing", "why": "It matters."}, "/items/0/focus_area"),
        ({"why": "It matters."}, "/items/0"),
        ({"indicator": "rereferrals", "focus_area": "permanence", "why": "It matters."}, "/items/0"),
        ({"indicator": "rereferrals"}, "/items/0/why"),
    ],
)
async def test_an_item_names_one_thing_in_force_and_says_why(
    indicator: Running, item: dict[str, str], pointer: str
) -> None:
    head = await indicator.client("head_of_service")
    answer = await head.put(AT, json={"items": [item]})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)


async def test_a_list_of_another_unit_is_not_told(indicator: Running) -> None:
    await named(indicator)
    assert (await asked(indicator, "2026-10", "fs_weymouth"))["lists"] == []
    assert (await asked(indicator, "2026-10", "no_such_unit"))["lists"] == []
    assert len((await asked(indicator, "2026-10", "children_who_are_disabled"))["lists"]) == 1
    stranger = await indicator.client("head_of_service", "fs_weymouth")
    assert (await stranger.put(AT, json=LIST)).status_code == 422
