"""A series is computed once of the same figures, and anew as soon as anything it is made of is another."""

from __future__ import annotations

from typing import Any

from services.indicator_api.memo import Memo
from tests.conftest import Running
from tests.indicator_api.published import DORSET, item, load, months

PATH = "/v1/indicators/supervision_in_time/series"


def test_only_what_is_made_of_something_else_is_made_again_and_the_oldest_gives_way() -> None:
    made: list[Any] = []
    memo: Memo[dict[str, Any]] = Memo(room=2)

    def ask(place: str, of: Any) -> dict[str, Any]:
        return memo.made(place, of, lambda: made.append((place, of)) or {"of": of})  # type: ignore[func-returns-value]

    assert [ask("a", [1])["of"], ask("a", [1])["of"], ask("a", [2])["of"], ask("a", [2])["of"]] == [[1], [1], [2], [2]]
    assert made == [("a", [1]), ("a", [2])]
    ask("b", [1]), ask("a", [2]), ask("c", [1])
    assert made[2:] == [("b", [1]), ("c", [1])]
    ask("a", [2]), ask("b", [1])
    assert made[4:] == [("b", [1])]


def test_what_is_kept_never_weighs_more_than_there_is_room_for() -> None:
    made: list[int] = []
    memo: Memo[str] = Memo(room=6, weigh=len)

    def ask(place: str, size: int) -> str:
        return memo.made(place, size, lambda: made.append(size) or "x" * size)  # type: ignore[func-returns-value]

    assert [ask("a", 2), ask("b", 4), ask("a", 2)] == ["xx", "xxxx", "xx"]
    ask("a", 3), ask("a", 3)
    assert made == [2, 4, 3], "seven are too many: the other gave way"
    ask("c", 3), ask("a", 3), ask("d", 7), ask("e", 1)
    assert made[3:] == [3, 7, 1]
    ask("d", 7), ask("e", 1), ask("a", 3)
    assert made[6:] == [7], "what is too heavy is not kept, and drives nothing out"


async def points(client: Any) -> list[dict[str, Any]]:
    answer = await client.get(PATH, params={"area": DORSET})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["areas"][0]["points"]
    return found


async def test_a_changed_figure_and_a_changed_definition_are_seen_by_the_next_request_of_every_instance(
    indicator: Running,
) -> None:
    client = await indicator.client("admin")
    await load(client, months("supervision_in_time", DORSET, "2025-04", [70, 72, 71, 73, 72, 74, 71, 72]))
    assert [one["target"] for one in await points(client)] == [90] * 8
    assert (await points(client))[-1]["value"] == 72
    await load(client, [item("supervision_in_time", DORSET, "2025-11", 75)])
    last = (await points(client))[-1]
    assert (last["value"], last["revised"], last["display"]) == (75, True, "75.0%")
    held = (await client.get("/v1/framework/indicators/supervision_in_time")).json()
    content = held["content"]
    content["targets"][0]["value"] = 80
    applied = await client.post(
        "/v1/framework/applications",
        json={"items": [{"kind": "indicators", "code": content["code"], "content": content}]},
    )
    assert applied.status_code == 200, applied.text
    assert [one["target"] for one in await points(client)] == [80] * 8


async def test_who_may_not_see_small_numbers_gets_them_from_no_earlier_answer(indicator: Running) -> None:
    seeing, reading = await indicator.client("analyst"), await indicator.client("practitioner")
    figures = [item("complaints_received", "fs_weymouth", f"FY2025-26-Q{quarter}", quarter) for quarter in (1, 2, 3)]
    await load(seeing, figures)
    path, query = "/v1/indicators/complaints_received/series", {"area": "fs_weymouth"}
    for client, expected in ((seeing, [1, 2, 3]), (reading, [None] * 3), (seeing, [1, 2, 3]), (reading, [None] * 3)):
        found = (await client.get(path, params=query)).json()["areas"][0]["points"]
        assert [one["value"] for one in found] == expected
