"""Imports that run beside each other, and clients that hang up in the middle."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest
import sqlalchemy as sa

from tests.conftest import Running
from tests.indicator_api.observations.files import IMPORTS, MEDIA, body, counts, many, send, stored


@pytest.mark.parametrize("size", [500, 4_000])
async def test_imports_of_the_same_rows_neither_lock_each_other_out_nor_lose_a_change(
    indicator: Running, size: int
) -> None:
    client = await indicator.client("ingest_client")
    await send(client, body("csv", many(size)))
    files = []
    for number in range(4):
        rows = [one | {"value": 1_000 * (number + 1) + place} for place, one in enumerate(many(size))]
        files.append(rows if number % 2 else rows[::-1])
    answers = await asyncio.gather(*(send(client, body("csv", rows)) for rows in files))
    assert [counts(answer) for answer in answers] == [(0, size, 0, 0)] * 4
    async with indicator.database.snapshot() as session:
        past = await session.execute(sa.text("SELECT count(*), count(DISTINCT import_id) FROM observation_history"))
        assert past.one() == (4 * size, 4)
        # Each value, from the first to the one that stands, stood once and directly before the next.
        chain = await session.execute(
            sa.text(
                """
                WITH every AS (
                  SELECT breakdown, revision, recorded_at, superseded_at FROM observation_history
                  UNION ALL SELECT breakdown, revision, recorded_at, NULL FROM observation)
                SELECT count(*) FROM (SELECT superseded_at, lead(recorded_at) OVER w AS next, lead(revision) OVER w
                  - revision AS step FROM every WINDOW w AS (PARTITION BY breakdown ORDER BY revision)) AS steps
                WHERE next IS NOT NULL AND (superseded_at <> next OR step <> 1)
                """
            )
        )
        assert chain.scalar_one() == 0
        standing = await session.execute(sa.text("SELECT DISTINCT import_id FROM observation"))
        assert len(standing.all()) == 1


async def test_the_same_new_file_sent_at_once_is_stored_once(indicator: Running) -> None:
    client = await indicator.client("ingest_client")
    answers = await asyncio.gather(*(send(client, body("csv", many(3_000))) for _ in range(4)))
    assert Counter(counts(answer) for answer in answers) == {(3_000, 0, 0, 0): 1, (0, 0, 3_000, 0): 3}
    async with indicator.database.snapshot() as session:
        assert (await session.execute(sa.text("SELECT count(*) FROM observation_history"))).scalar_one() == 0


@pytest.mark.parametrize("size", [500, 4_000])
async def test_a_replay_locks_no_row_and_waits_for_nobody(indicator: Running, size: int) -> None:
    client = await indicator.client("ingest_client")
    await send(client, body("csv", many(size)))
    async with indicator.database.transaction() as other:
        await other.execute(sa.text("SELECT 1 FROM observation FOR UPDATE"))
        assert counts(await send(client, body("csv", many(size)))) == (0, 0, size, 0)
        rows = many(size)
        rows[-1]["value"] = 7
        changed = asyncio.create_task(send(client, body("csv", rows)))
        assert not (await asyncio.wait([changed], timeout=0.5))[0], "a change waits for whoever holds the row"
        await other.rollback()
    assert counts(await changed) == (0, 1, size - 1, 0)


async def test_a_client_that_hangs_up_in_the_middle_leaves_nothing(indicator: Running) -> None:
    content = body("csv", many(5_000))
    heard: list[object] = []
    messages = [
        {"type": "http.request", "body": content[: len(content) // 2], "more_body": True},
        {"type": "http.disconnect"},
    ]

    async def receive() -> dict[str, object]:
        return messages.pop(0)

    async def send_out(message: object) -> None:
        heard.append(message)

    token = indicator.token("ingest_client").encode()
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "http",
        "path": IMPORTS, "raw_path": IMPORTS.encode(), "query_string": b"", "root_path": "",
        "headers": [(b"authorization", b"Bearer " + token), (b"content-type", b"text/csv"), (b"host", b"x")],
        "client": ("127.0.0.1", 1), "server": ("x", 80),
    }  # fmt: skip
    await indicator.app(scope, receive, send_out)  # type: ignore[arg-type]
    assert [message["status"] for message in heard if "status" in message] in ([], [400])  # type: ignore[operator,index]
    client = await indicator.client("ingest_client")
    assert await stored(client) == []
    assert counts(await send(client, content)) == (5_000, 0, 0, 0)


@pytest.mark.parametrize("after", [0.001, 0.01, 0.03, 0.06, 0.1])
async def test_a_request_given_up_in_the_middle_leaves_all_or_nothing(indicator: Running, after: float) -> None:
    client = await indicator.client("ingest_client")
    content = body("csv", many(6_000))
    task = asyncio.create_task(send(client, content))
    await asyncio.sleep(after)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert len(await stored(client)) in (0, 6_000)
    assert counts(await send(client, content))[3] == 0
    assert len(await stored(client)) == 6_000
    for _ in range(20):
        if indicator.database.pool_figures()["in_use"] == 0:
            break
        await asyncio.sleep(0.05)
    assert indicator.database.pool_figures()["in_use"] == 0


async def test_readers_are_answered_while_a_large_file_comes_in(indicator: Running) -> None:
    client = await indicator.client("analyst")
    content = body("csv", many(40_000))
    task = asyncio.create_task(send(client, content))
    waits = []
    while not task.done():
        begun = asyncio.get_running_loop().time()
        answer = await client.get("/v1/observations", params={"limit": 1})
        waits.append(asyncio.get_running_loop().time() - begun)
        assert answer.status_code == 200
        await asyncio.sleep(0.005)
    assert counts(await task)[0] == 40_000
    assert sorted(waits)[len(waits) // 2] < 0.5


async def test_a_slow_client_holds_no_transaction(indicator: Running) -> None:
    client = await indicator.client("ingest_client")
    content = body("csv", many(100))
    halfway, go_on = asyncio.Event(), asyncio.Event()

    async def slowly():  # type: ignore[no-untyped-def]
        yield content[:200]
        halfway.set()
        await go_on.wait()
        yield content[200:]

    task = asyncio.create_task(client.post(IMPORTS, content=slowly(), headers={"Content-Type": MEDIA["csv"]}))
    await asyncio.wait_for(halfway.wait(), 5)
    assert indicator.database.pool_figures()["in_use"] == 0
    go_on.set()
    assert counts(await task) == (100, 0, 0, 0)
