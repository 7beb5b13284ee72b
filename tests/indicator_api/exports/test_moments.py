"""A file and a feed show an import whole or not at all, even one that had begun before and ended between two blocks."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest

from services.indicator_api.exports import facts, odata_routes
from services.indicator_api.exports.moments import Moment
from services.indicator_api.observations import service
from shared.extracts.errors import UnreadableQuery
from tests.conftest import Running
from tests.indicator_api.exports.test_exports import MONTHS, read_values, stored, table
from tests.indicator_api.published import DORSET, item

# The first and the last figure of the file, and one that is new to it.
_SENT = [
    item("referrals_monthly", DORSET, MONTHS[0], 901),
    item("referrals_monthly", DORSET, MONTHS[-1], 902),
    item("referrals_monthly", DORSET, "2025-12", 903),
]


class Held:
    """An import that has stored its figures and waits before it commits."""

    def __init__(self, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
        self._client, self._monkeypatch = client, monkeypatch
        self._go = asyncio.Event()

    async def begin(self) -> None:
        there, keeping = asyncio.Event(), service.keep_up

        async def and_wait(*given: Any, **named: Any) -> None:
            there.set()
            await self._go.wait()
            await keeping(*given, **named)

        self._monkeypatch.setattr(service, "keep_up", and_wait)
        self._post = asyncio.create_task(self._client.post("/v1/observations/imports", json={"items": _SENT}))
        await there.wait()
        self._monkeypatch.setattr(service, "keep_up", keeping)

    async def end(self) -> None:
        self._go.set()
        answer = await self._post
        assert (answer.status_code, answer.json()["created"]) == (200, 1), answer.text


def ends_after_the_first_block(held: Held, monkeypatch: pytest.MonkeyPatch, place: Any) -> None:
    reading, ended = facts.read_block, False

    async def and_then_the_end(*given: Any, **named: Any) -> Any:
        nonlocal ended
        block = await reading(*given, **named)
        if not ended:
            ended = True
            await held.end()
        return block

    monkeypatch.setattr(place, "read_block", and_then_the_end)


@pytest.mark.parametrize("overwritten", [False, True])
async def test_a_file_shows_nothing_of_an_import_that_ended_between_two_blocks(
    indicator: Running, monkeypatch: pytest.MonkeyPatch, overwritten: bool
) -> None:
    analyst = await stored(indicator)
    before = table(await analyst.get("/v1/exports/figures.csv"))
    monkeypatch.setattr(facts, "BLOCK", 3)
    held = Held(analyst, monkeypatch)
    indicator.clock.advance(timedelta(seconds=1))
    await held.begin()
    indicator.clock.advance(timedelta(seconds=1))
    if overwritten:
        ending = held.end

        async def and_overwrite() -> None:
            await ending()
            await indicator.seal()
            indicator.clock.advance(timedelta(seconds=1))
            again = [{**one, "value": 7_000} for one in _SENT]
            answer = await analyst.post("/v1/observations/imports", json={"items": again})
            assert answer.json()["changed"] == 3

        held.end = and_overwrite  # type: ignore[method-assign]
    ends_after_the_first_block(held, monkeypatch, facts)
    assert table(await analyst.get("/v1/exports/figures.csv")) == before
    after = table(await analyst.get("/v1/exports/figures.csv"))
    values = {row["period"]: row["value"] for row in after if row["place"] == DORSET}
    new = {"7000"} if overwritten else {"901", "902", "903"}
    assert {values[month] for month in (MONTHS[0], MONTHS[-1], "2025-12")} == new


@pytest.mark.parametrize("order", [None, "period,place"])
async def test_the_pages_of_a_feed_show_nothing_of_an_import_that_ended_between_two(
    indicator: Running, monkeypatch: pytest.MonkeyPatch, order: str | None
) -> None:
    analyst = await stored(indicator)
    asked = {} if order is None else {"$orderby": order}
    before = await read_values(analyst, **asked)
    monkeypatch.setattr(odata_routes, "PAGE", 3)
    indicator.clock.advance(timedelta(seconds=1))
    held = Held(analyst, monkeypatch)
    await held.begin()
    indicator.clock.advance(timedelta(seconds=1))
    ends_after_the_first_block(held, monkeypatch, odata_routes)
    assert await read_values(analyst, **asked) == before
    assert sorted(await read_values(analyst, **asked))[-3:] == [901, 902, 903]


async def test_what_was_stored_before_the_first_block_is_in_all_of_them_sealed_or_not(
    indicator: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    analyst = await stored(indicator)
    monkeypatch.setattr(facts, "BLOCK", 1)
    assert len(table(await analyst.get("/v1/exports/figures.csv"))) == 11
    await indicator.seal()
    assert len(table(await analyst.get("/v1/exports/figures.csv"))) == 11


def test_a_moment_knows_the_transactions_it_saw_also_where_their_numbers_begin_anew() -> None:
    when = "2026-11-01T00:00:00+00:00"
    moment = Moment.read(f"{when} 7 {2**32 + 3} 5,1")
    assert Moment.read(moment.written()) == moment
    seen = {number: moment.saw(number) for number in (2**32 - 3, 2**32 - 2, 2**32 - 1, 1, 2, 3, 4)}
    assert seen == {2**32 - 3: True, 2**32 - 2: False, 2**32 - 1: True, 1: True, 2: False, 3: False, 4: False}
    for text in (when, f"{when} 7", f"{when} 7 8 9 10", f"{when} x 8 ", f"{when} 7 {2**63} ", f"{when} 7 8 z", ""):
        with pytest.raises(UnreadableQuery):
            Moment.read(text)
