"""Connections are lent in turn, and none is lost on the way from one to the next."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy.exc import TimeoutError as PoolTimeout

from shared.lender import Lender

pytestmark = pytest.mark.anyio


class Line:
    def __init__(self) -> None:
        self.dead = False

    def is_closed(self) -> bool:
        return self.dead

    def terminate(self) -> None:
        self.dead = True

    async def close(self) -> None:
        self.dead = True


async def opened() -> Line:
    return Line()


async def test_whoever_waits_longest_is_handed_what_is_given_back() -> None:
    lender = Lender(opened, 1, 5.0)
    lent, got = await lender.take(), []

    async def wait(name: str) -> None:
        line = await lender.take()
        got.append((name, line))
        lender.give(line)

    waiting = [asyncio.create_task(wait(name)) for name in "abc"]
    await asyncio.sleep(0)
    lender.give(lent)
    await asyncio.gather(*waiting)
    assert got == [("a", lent), ("b", lent), ("c", lent)]
    assert (lender.in_use, lender.at_rest) == (0, 1)


async def test_who_hangs_up_as_his_turn_comes_leaves_it_to_the_next() -> None:
    lender = Lender(opened, 1, 5.0)
    lent = await lender.take()
    early, next_ = asyncio.create_task(lender.take()), asyncio.create_task(lender.take())
    await asyncio.sleep(0)
    lender.give(lent)
    early.cancel()
    assert await next_ is lent
    assert early.cancelled()
    lender.give(lent)
    assert (lender.in_use, lender.at_rest) == (0, 1)


async def test_in_the_place_of_one_that_died_the_next_opens_another() -> None:
    lender = Lender(opened, 1, 5.0)
    lent = await lender.take()
    waiting = asyncio.create_task(lender.take())
    await asyncio.sleep(0)
    lent.terminate()
    lender.give(lent)
    other = await waiting
    assert other is not lent
    lender.give(other)
    assert (lender.in_use, lender.at_rest) == (0, 1)


async def test_a_turn_that_cannot_be_opened_and_one_that_comes_too_late_are_given_up() -> None:
    async def failing() -> Line:
        raise OSError

    with pytest.raises(OSError):
        await (lender := Lender(failing, 1, 0.01)).take()
    assert lender.in_use == 0
    full = Lender(opened, 1, 0.01)
    lent = await full.take()
    with pytest.raises(PoolTimeout):
        await full.take()
    assert not full._waiting
    full.give(lent)
    assert (full.in_use, full.at_rest) == (0, 1)
