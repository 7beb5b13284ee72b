"""Whoever may record figures but not see small ones cannot find a hidden one out by sending guesses."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.conftest import Running
from tests.indicator_api.observations.files import DORSET, IMPORTS, body, counts, row, send, stored

PATH = "/v1/observations"
SMALL = row(area="fs_weymouth", value=3)
KEY = {"indicator": "referrals_monthly", "area": "fs_weymouth", "period": "2026-04"}


def _without(answer: Any, *left_out: str) -> Any:
    return {name: value for name, value in answer.items() if name not in left_out}


async def _told(client: httpx.AsyncClient, guess: int, **query: Any) -> dict[str, Any]:
    answer = await send(client, body("csv", [SMALL | {"value": guess}]), **query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.parametrize("query", [{"dry_run": True}, {"dry_run": False}])
async def test_a_guess_that_is_right_is_answered_as_one_that_is_wrong(
    indicator: Running, query: dict[str, bool]
) -> None:
    analyst, client = await indicator.client("analyst"), await indicator.client("ingest_client")
    told = []
    for guess in (3, 4):
        assert (await send(analyst, body("csv", [SMALL]))).status_code == 200
        told.append(_without(await _told(client, guess, **query), "id"))
    assert told[0] == told[1]
    assert told[0] | {"created": 0, "accepted_existing": 1, "changed": None, "unchanged": None} == told[0]
    assert told[0]["replayed"] is None


async def test_those_who_see_small_figures_are_told_what_changed(indicator: Running) -> None:
    client = await indicator.client("analyst")
    assert counts(await send(client, body("csv", [SMALL]))) == (1, 0, 0, 0)
    assert counts(await send(client, body("csv", [SMALL]), dry_run=True)) == (0, 0, 1, 0)


async def test_what_everybody_may_see_is_told_apart_for_all(indicator: Running) -> None:
    client = await indicator.client("ingest_client")
    assert counts(await send(client, body("csv", [row(area=DORSET)]))) == (1, 0, 0, 0)
    again = await send(client, body("csv", [row(area=DORSET)]))
    assert (counts(again), again.json()["replayed"]) == ((0, 0, 1, 0), True)


async def test_the_imports_tell_a_stranger_no_more_than_their_answers_did(indicator: Running) -> None:
    analyst, client = await indicator.client("analyst"), await indicator.client("ingest_client")
    report = (await send(analyst, body("csv", [SMALL]))).json()
    for path in (IMPORTS, f"{IMPORTS}/{report['id']}"):
        told = (await client.get(path)).json()
        told = told.get("items", [told])[0]
        assert (told["created"], told["accepted_existing"]) == (1, 0)
        assert (told["changed"], told["unchanged"], told["body_hash"]) == (None, None, None)
        seen = (await analyst.get(path)).json()
        seen = seen.get("items", [seen])[0]
        assert (seen["changed"], seen["unchanged"], len(seen["body_hash"])) == (0, 0, 64)


async def test_one_figure_sent_alone_does_not_tell_what_was_there(indicator: Running) -> None:
    analyst, client = await indicator.client("analyst"), await indicator.client("ingest_client")
    told = []
    for guess in (3, 4):
        assert (await analyst.post(PATH, json=SMALL)).status_code in (200, 201)
        before = len((await client.get(IMPORTS)).json()["items"])
        indicator.clock.advance(timedelta(minutes=1))
        answer = await client.post(PATH, json=SMALL | {"value": guess})
        past = (await client.get(f"{PATH}/history", params=KEY)).json()["items"]
        series = (await client.get("/v1/indicators/referrals_monthly/series?area=fs_weymouth")).json()
        new = len((await client.get(IMPORTS)).json()["items"]) - before
        told.append((answer.status_code, answer.json(), await stored(client), new, past, _without(series, "as_at")))
    assert told[0] == told[1]
    status, figure, *_ = told[0]
    assert (status, figure["value_status"], figure["revision"]) == (200, "c", None)
