"""What owners say of their figures: by whom, version by version, and of which figure."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from services.indicator_api.commentary.schemas import CommentaryOut, CommentaryVersionOut, WrittenCommentaryOut
from tests.conftest import Running
from tests.indicator_api.published import DORSET, item, load

TEAM, OTHER = "fs_weymouth", "fs_portland"
NEW = {"If-None-Match": "*"}
WORDS = "Fewer families came back because family hubs took them up."


def path(code: str = "rereferrals", area: str = DORSET, period: str = "RY2025") -> str:
    return f"/v1/indicators/{code}/commentary/{area}/{period}"


async def put(
    client: httpx.AsyncClient, where: str, text: str = WORDS, headers: dict[str, str] = NEW
) -> httpx.Response:
    return await client.put(where, json={"text": text}, headers=headers)


async def store(indicator: Running, *figures: dict[str, Any]) -> None:
    indicator.clock.advance(timedelta(hours=1))
    await load(await indicator.client("analyst"), figures)


async def test_the_owner_comments_on_a_figure_and_says_which_one_it_was(indicator: Running) -> None:
    await store(indicator, item("rereferrals", DORSET, "RY2025", 14.7))
    owner = await indicator.client("head_of_service")
    answer = await put(owner, path())
    assert (answer.status_code, answer.headers["etag"]) == (201, '"1"')
    WrittenCommentaryOut.model_validate_json(answer.content)
    found = answer.json()
    assert (found["key"], found["text"], found["version"]) == ("rereferrals.E06000059.RY2025", WORDS, 1)
    assert found["figure"] == {"value": 14.7, "value_status": None, "display": "14.7%"}
    assert (found["figure_changed_since"], found["written_by"]) == (False, "test-head_of_service")
    read = await owner.get(path())
    CommentaryOut.model_validate_json(read.content)
    assert (read.json(), read.headers["etag"]) == ({k: v for k, v in found.items() if k != "warnings"}, '"1"')
    assert found["allowed_actions"] == ["comment"]


async def test_a_figure_restated_after_it_was_commented_on_says_so(indicator: Running) -> None:
    await store(indicator, item("rereferrals", DORSET, "RY2025", 14.7))
    owner = await indicator.client("head_of_service")
    await put(owner, path())
    await store(indicator, item("rereferrals", DORSET, "RY2025", 15.1))
    found = (await owner.get(path())).json()
    assert (found["figure"]["value"], found["figure_changed_since"]) == (14.7, True)
    again = await put(owner, path(), headers={"If-Match": '"1"'})
    assert (again.status_code, again.json()["version"], again.json()["figure"]["value"]) == (200, 2, 15.1)
    assert again.json()["figure_changed_since"] is False


async def test_what_was_said_before_is_kept(indicator: Running) -> None:
    owner = await indicator.client("head_of_service")
    await put(owner, path())
    await put(owner, path(), "Said better.", {"If-Match": '"1"'})
    same = await put(owner, path(), "Said better.", {"If-Match": '"2"'})
    assert (same.status_code, same.json()["version"]) == (200, 2)
    history = (await owner.get(path() + "/history?limit=1")).json()
    assert [(one["version"], one["text"]) for one in history["items"]] == [(2, "Said better.")]
    rest = (await owner.get(path() + "/history", params={"after": history["next"]})).json()
    CommentaryVersionOut.model_validate(rest["items"][0] | {"written_at": indicator.clock.now()})
    assert [(one["version"], one["text"]) for one in rest["items"]] == [(1, WORDS)]
    assert [one["figure"] for one in rest["items"]] == [None]


async def test_a_change_names_what_it_changes(indicator: Running) -> None:
    owner = await indicator.client("head_of_service")
    assert (await put(owner, path(), headers={"If-Match": '"1"'})).status_code == 412
    assert (await put(owner, path(), headers={"If-None-Match": '"1"'})).status_code == 422
    assert (await put(owner, path(), headers={})).status_code == 201
    assert (await put(owner, path(), headers={})).status_code == 428
    taken = await put(owner, path())
    assert (taken.status_code, taken.headers["etag"]) == (412, '"1"')
    assert (await put(owner, path(), headers={"If-Match": '"7"'})).status_code == 412


async def test_only_the_owner_of_the_indicator_comments_on_it(indicator: Running) -> None:
    refused = await put(await indicator.client("qa_manager"), path())
    assert (refused.status_code, refused.json()["owner_role"]) == (403, "head_of_service")
    assert refused.json()["type"].endswith("not-the-indicators-owner")
    lacking = await put(await indicator.client("practitioner"), path())
    assert (lacking.status_code, lacking.json()["needed_scope"]) == (403, "indicator:comment")
    assert (
        await put(await indicator.client("qa_manager"), path("supervision_in_time", TEAM, "2026-10"))
    ).status_code == 201
    assert (await put(await indicator.client("admin"), path())).status_code == 201
    reader = (await (await indicator.client("practitioner")).get(path())).json()
    assert reader["allowed_actions"] == []


async def test_an_owner_of_one_unit_speaks_of_that_unit(indicator: Running) -> None:
    owner = await indicator.client("head_of_service", TEAM)
    assert (await put(owner, path(area=TEAM))).status_code == 201
    for area in (OTHER, DORSET, "nowhere"):
        assert (await put(owner, path(area=area))).status_code == 404
    other = await indicator.client("head_of_service", OTHER)
    assert (await other.get(path(area=TEAM))).status_code == 404
    assert (await other.get(path(area=TEAM) + "/history")).status_code == 404
    assert (await other.get("/v1/commentary")).json()["items"] == []


@pytest.mark.parametrize(
    ("where", "status"),
    [(path("unheard_of"), 404), (path(period="2026-10"), 422), (path(period="RY2030"), 422), (path(period="May"), 422),
     (path(area="E99999999"), 404)],
)  # fmt: skip
async def test_what_is_no_figure_is_not_commented_on(indicator: Running, where: str, status: int) -> None:
    assert (await put(await indicator.client("head_of_service"), where)).status_code == status


async def test_words_that_could_identify_a_person_are_warned_of_or_refused(indicator: Running, start: Any) -> None:
    text = "Ring 07700 900123 about it."
    warned = await put(await indicator.client("head_of_service"), path(), text)
    assert (warned.status_code, [one["code"] for one in warned.json()["warnings"]]) == (201, ["identifier_phone"])
    strict = await start("indicator", free_text_identifiers="refuse")
    refused = await put(await strict.client("head_of_service"), path(), text)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/text")
    assert "07700" not in refused.text


async def test_of_a_hidden_figure_nothing_is_told_not_even_that_it_changed(indicator: Running) -> None:
    where = path("referrals_monthly", TEAM, "2026-10")
    await store(indicator, item("referrals_monthly", TEAM, "2026-10", 3))
    owner = await indicator.client("head_of_service")
    assert (await put(owner, where, "All three came from one school.")).status_code == 201
    reader = await indicator.client("practitioner")
    told = []
    for value in (3, 4):
        await store(indicator, item("referrals_monthly", TEAM, "2026-10", value))
        told.append(((await reader.get(where)).json(), (await reader.get(where + "/history")).json()))
    assert told[0] == told[1]
    found, history = told[0]
    assert (found["text"], found["withheld"], found["figure"], found["figure_changed_since"]) == (
        None,
        True,
        None,
        None,
    )
    assert [(one["text"], one["withheld"], one["figure"]) for one in history["items"]] == [(None, True, None)]
    assert (await owner.get(where)).json()["figure_changed_since"] is True
    # What it spoke of stays hidden when the figure no longer is.
    await store(indicator, item("referrals_monthly", TEAM, "2026-10", 30))
    assert (await reader.get(where)).json()["text"] is None


async def test_a_sum_over_units_is_the_figure_spoken_of(indicator: Running) -> None:
    await store(indicator, *(item("referrals_monthly", area, "2026-10", 20) for area in (TEAM, OTHER)))
    owner = await indicator.client("head_of_service")
    found = (await put(owner, path("referrals_monthly", DORSET, "2026-10"))).json()
    assert found["figure"]["value"] == 40
    await store(indicator, item("referrals_monthly", OTHER, "2026-10", 21))
    assert (await owner.get(path("referrals_monthly", DORSET, "2026-10"))).json()["figure_changed_since"] is True


async def test_commentary_is_listed_for_a_board_pack(indicator: Running) -> None:
    owner = await indicator.client("head_of_service")
    for where in (path(), path("looked_after_rate"), path("rereferrals", DORSET, "RY2024"), path("rereferrals", TEAM)):
        assert (await put(owner, where)).status_code == 201
    await put(owner, path(), "Said better.", {"If-Match": '"1"'})

    async def listed(**query: Any) -> list[tuple[str, str, str]]:
        answer = await owner.get("/v1/commentary", params=query)
        assert answer.status_code == 200, answer.text
        return [(one["indicator"], one["area"], one["period"]) for one in answer.json()["items"]]

    assert len(await listed()) == 4
    assert len(await listed(period="RY2025")) == len(await listed(period="2025-03")) == 3
    assert await listed(period="RY2025", area=DORSET, indicator="rereferrals") == [("rereferrals", DORSET, "RY2025")]
    first = (await owner.get("/v1/commentary?limit=3")).json()
    rest = (await owner.get("/v1/commentary", params={"after": first["next"]})).json()
    texts = {one["key"]: one["text"] for one in [*first["items"], *rest["items"]]}
    assert (len(texts), texts["rereferrals.E06000059.RY2025"]) == (4, "Said better.")


async def test_every_comment_is_in_the_activity_log_without_its_words(indicator: Running) -> None:
    await put(await indicator.client("head_of_service"), path())
    await indicator.seal()
    feed = (await (await indicator.client("analyst")).get("/v1/activity?after=0&limit=500")).json()["items"]
    (deed,) = [one for one in feed if one["action"] == "commentary.written"]
    assert (deed["subject_id"], deed["data"]["version"]) == ("rereferrals.E06000059.RY2025", 1)
    assert WORDS not in str(feed)


@pytest.mark.parametrize("later", [2, 3])
async def test_the_same_words_again_do_not_tell_the_owner_whether_a_hidden_figure_changed(
    indicator: Running, later: float
) -> None:
    await store(indicator, item("complaints_received", DORSET, "FY2026-27-Q1", 2))
    where = path("complaints_received", period="FY2026-27-Q1")
    owner = await indicator.client("complaints_manager")
    assert (await put(owner, where)).status_code == 201
    await store(indicator, item("complaints_received", DORSET, "FY2026-27-Q1", later))
    again = await put(owner, where, headers={"If-Match": '"1"'})
    assert (again.status_code, again.json()["version"], again.json()["withheld"]) == (200, 2, True)
