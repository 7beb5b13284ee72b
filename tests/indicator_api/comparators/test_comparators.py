"""Comparator sets: which edition holds for which area and period, with members by name and rank."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.indicator_api.comparators.schemas import ComparatorOut
from services.indicator_api.comparators.sets import ComparatorSet, resolve
from shared.schemas.framework.areas import ComparatorKind
from tests.conftest import Running
from tests.indicator_api.published import COUNTY, DORSET, NEIGHBOURS_2021, NEIGHBOURS_2025


async def ask(indicator: Running, **query: str) -> list[Any]:
    client = await indicator.client("practitioner")
    answer = await client.get("/v1/comparators", params=query)
    assert answer.status_code == 200, answer.text
    return [ComparatorOut.model_validate(item) and item for item in answer.json()["items"]]


@pytest.mark.parametrize(
    ("subject", "period", "expected"),
    [
        (DORSET, "RY2025", ["dfe_neighbours_2025", "england", "south_west"]),
        (DORSET, "RY2024", ["dfe_neighbours_2021", "england", "south_west"]),
        (DORSET, "2025-03", ["dfe_neighbours_2025", "england", "south_west"]),
        (DORSET, "2025-02", ["dfe_neighbours_2021", "england", "south_west"]),
        (COUNTY, "RY2019", ["dfe_neighbours_county_2021", "england", "south_west"]),
        (COUNTY, "RY2020", ["england", "south_west"]),
        (DORSET, "RY2019", ["england", "south_west"]),
    ],
)
async def test_the_edition_follows_the_last_day_of_the_period(
    indicator: Running, subject: str, period: str, expected: list[str]
) -> None:
    assert [one["code"] for one in await ask(indicator, subject=subject, period=period)] == expected


async def test_the_two_editions_share_five_of_ten_members(indicator: Running) -> None:
    client = await indicator.client("practitioner")
    older = (await client.get("/v1/comparators/dfe_neighbours_2021")).json()
    newer = (await client.get("/v1/comparators/dfe_neighbours_2025")).json()
    assert tuple(member["area"] for member in older["members"]) == NEIGHBOURS_2021
    assert tuple(member["area"] for member in newer["members"]) == NEIGHBOURS_2025
    assert len(set(NEIGHBOURS_2021) & set(NEIGHBOURS_2025)) == 5
    assert newer["members"][0] == {"area": "E06000066", "name": "Somerset", "rank": 1}
    assert (newer["subject_name"], newer["version"], newer["applies_from"]) == ("Dorset", "May 2025", "2025-03-31")
    assert newer["allowed_actions"] == []


async def test_sets_are_paged_and_filtered_by_kind(indicator: Running) -> None:
    client = await indicator.client("practitioner")
    first = await client.get("/v1/comparators", params={"limit": 2})
    assert len(first.json()["items"]) == 2
    assert 'rel="next"' in first.headers["link"]
    rest = await client.get("/v1/comparators", params={"after": first.json()["next"]})
    assert rest.json()["next"] is None
    every = [one["code"] for one in (*first.json()["items"], *rest.json()["items"])]
    assert every == sorted(every) == [one["code"] for one in await ask(indicator)]
    assert [one["code"] for one in await ask(indicator, kind="nation")] == ["england"]


async def test_a_set_is_not_sent_again_to_who_has_it(indicator: Running) -> None:
    client = await indicator.client("practitioner")
    answer = await client.get("/v1/comparators/england")
    again = await client.get("/v1/comparators/england", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/comparators/nowhere", 404),
        ("/v1/comparators/England", 422),
        ("/v1/comparators?subject=Dorset", 422),
        ("/v1/comparators?period=2025", 422),
        ("/v1/comparators?kind=friends", 422),
        ("/v1/comparators?after=zzz", 422),
    ],
)
async def test_what_is_not_there_or_not_a_code_is_said_plainly(indicator: Running, path: str, status: int) -> None:
    client = await indicator.client("practitioner")
    assert (await client.get(path)).status_code == status


async def test_comparators_need_the_scope_to_read_indicators(indicator: Running) -> None:
    for path in ("/v1/comparators", "/v1/comparators/england"):
        assert (await (await indicator.client("board_reader")).get(path)).status_code == 403


def test_an_area_is_never_set_beside_itself_or_somebody_elses_neighbours() -> None:
    def made(code: str, members: tuple[str, ...], subject: str | None = None) -> ComparatorSet:
        return ComparatorSet(code, code, ComparatorKind.nation, "1", subject, members, None, None)

    sets = [made("only_itself", ("A",)), made("with_itself", ("A", "B")), made("theirs", ("C",), "B")]
    assert [one.code for one in resolve(sets, "A", date(2025, 3, 31))] == ["with_itself"]
    assert [one.code for one in resolve(sets, "B", date(2025, 3, 31))] == ["only_itself", "with_itself", "theirs"]
