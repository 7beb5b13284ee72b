"""Under more than can be served: each submission is stored once or not at all, and a refused one can be sent again."""

from __future__ import annotations

import asyncio
import random

import httpx
import sqlalchemy as sa

from tests.conftest import Running, Start
from tests.feedback_api.public.test_submitting import tokens


async def ledger(running: Running) -> tuple[list[str], int]:
    """What is stored, and how many tokens are spent."""
    async with running.database.snapshot() as session:
        words = (await session.execute(sa.text("SELECT what_works FROM public_submission"))).scalars().all()
        spent = sa.text("SELECT count(*) FROM submission_token WHERE digest IS NULL")
        return sorted(words), (await session.execute(spent)).scalar_one()


async def send(client: httpx.AsyncClient, token: str, words: str) -> httpx.Response:
    return await client.post("/v1/public/views", json={"token": token, "what_works": words})


async def test_what_is_acknowledged_is_stored_once_and_what_is_refused_can_be_sent_again(start: Start) -> None:
    feedback = await start(
        "feedback", pool_size=4, pool_overflow=0, public_per_second=25, public_waiting=6, public_wait_seconds=0.2,
        public_per_address_per_minute=1_000_000,
    )  # fmt: skip
    client, secrets = await feedback.client(None), await tokens(feedback, count=40)
    left = {token: f"words {number}" for number, token in enumerate(secrets)}
    acknowledged: list[str] = []
    for turn in range(40):
        answers = await asyncio.gather(*(send(client, token, words) for token, words in left.items()))
        for (token, words), answer in zip(list(left.items()), answers, strict=True):
            if answer.status_code == 202:
                acknowledged.append(words)
                del left[token]
            else:
                assert answer.status_code in (429, 503), answer.text
                assert int(answer.headers["retry-after"]) >= 1
        assert turn or left, "nothing was refused: too little was offered"
        assert await ledger(feedback) == (sorted(acknowledged), len(acknowledged))
        if not left:
            break
        await asyncio.sleep(0.1)
    assert len(acknowledged) == 40


async def test_who_hangs_up_leaves_all_or_nothing(feedback: Running) -> None:
    client, secrets = await feedback.client(None), await tokens(feedback, count=40)
    chance = random.Random(11)

    async def hang_up(number: int, token: str) -> None:
        try:
            async with asyncio.timeout(chance.random() * 0.25):
                await send(client, token, f"words {number}")
        except TimeoutError:
            pass

    await asyncio.gather(*(hang_up(number, token) for number, token in enumerate(secrets)))
    words, spent = await ledger(feedback)
    assert len(words) == len(set(words)) == spent
    for number, token in enumerate(secrets):
        answer = await send(client, token, f"words {number}")
        assert answer.status_code == (409 if f"words {number}" in words else 202), answer.text
    assert (await ledger(feedback))[1] == 40
