"""What is taken without a login: by the second, by the address, by the places at the database."""

from __future__ import annotations

import asyncio

import pytest

from services.feedback_api.limits import PublicLimits
from shared.problems import TooMany, Unavailable
from shared.settings import Settings
from tests.conftest import Start


class Watch:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


def limits(watch: Watch, **settings: float) -> PublicLimits:
    return PublicLimits(Settings(**settings), watch)  # type: ignore[arg-type]


def taken(found: PublicLimits, addresses: list[str | None]) -> list[str]:
    told = []
    for address in addresses:
        try:
            found.admit(address)
            told.append("taken")
        except (TooMany, Unavailable) as refusal:
            told.append(refusal.slug if int(refusal.headers["Retry-After"]) >= 1 else "at once")
    return told


def test_an_address_that_sends_too_fast_is_told_to_wait_and_others_are_not() -> None:
    watch = Watch()
    found = limits(watch, public_per_address_per_minute=3)
    assert taken(found, ["192.0.2.1"] * 4) == ["taken"] * 3 + ["too-many-requests"]
    assert taken(found, ["192.0.2.2", None]) == ["taken"] * 2
    watch.now += 20
    assert taken(found, ["192.0.2.1"] * 2) == ["taken", "too-many-requests"]


def test_the_wait_that_is_named_is_long_enough() -> None:
    watch = Watch()
    found = limits(watch, public_per_address_per_minute=3)
    taken(found, ["192.0.2.1"] * 3)
    with pytest.raises(TooMany) as refused:
        found.admit("192.0.2.1")
    watch.now += int(refused.value.headers["Retry-After"])
    found.admit("192.0.2.1")


def test_what_is_left_to_an_address_is_told_and_comes_back() -> None:
    watch = Watch()
    found = limits(watch, public_per_address_per_minute=3)
    assert found.policy == '"address";q=3;w=60'
    told = [found.standing("192.0.2.1")]
    for _ in range(3):
        found.admit("192.0.2.1")
        told.append(found.standing("192.0.2.1"))
    assert told == ['"address";r=3;t=0', '"address";r=2;t=20', '"address";r=1;t=40', '"address";r=0;t=60']
    watch.now += 40
    assert found.standing("192.0.2.1") == '"address";r=2;t=20'
    assert found.standing("192.0.2.2") == '"address";r=3;t=0'


async def test_every_answer_without_a_login_says_what_is_left(start: Start) -> None:
    feedback = await start("feedback", public_per_address_per_minute=2)
    anonymous, staff = await feedback.client(None), await feedback.client()
    answers = [await anonymous.get("/v1/public/contacts") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [answer.headers["ratelimit"].split(";t=")[0] for answer in answers] == [
        f'"address";r={left}' for left in (1, 0, 0)
    ]
    assert all(answer.headers["ratelimit-policy"] == '"address";q=2;w=60' for answer in answers)
    assert "ratelimit" not in (await staff.get("/v1/me")).headers


def test_the_addresses_of_one_household_are_one() -> None:
    found = limits(Watch(), public_per_address_per_minute=1)
    assert taken(found, ["2001:db8::1", "2001:db8::2"]) == ["taken", "too-many-requests"]
    assert taken(found, ["2001:db8:0:1::1", "::ffff:192.0.2.1", "::ffff:192.0.2.2"]) == ["taken"] * 3


def test_all_together_are_refused_beyond_the_rate_of_the_service() -> None:
    watch = Watch()
    found = limits(watch, public_per_second=10)
    assert taken(found, [f"192.0.2.{last}" for last in range(12)]) == ["taken"] * 10 + ["unavailable"] * 2
    watch.now += 0.5
    assert taken(found, [f"198.51.100.{last}" for last in range(7)]).count("taken") == 5


def test_what_is_known_of_an_address_is_no_address_and_is_forgotten() -> None:
    watch = Watch()
    found = limits(watch, public_per_address_per_minute=1)
    found.admit("192.0.2.1")
    before = set(found._used_up)
    assert "192.0.2.1" not in repr(vars(found))
    watch.now += 601
    found.admit("192.0.2.1")
    assert len(found._used_up) == 1 and not before & set(found._used_up)


async def test_those_who_wait_for_a_place_are_few_and_do_not_wait_long() -> None:
    found = limits(Watch(), pool_size=2, public_waiting=1, public_wait_seconds=0.05)
    async with found.place():
        waiting = asyncio.create_task(_enter(found))
        await asyncio.sleep(0)
        with pytest.raises(Unavailable):
            await _enter(found)
        with pytest.raises(Unavailable):
            await waiting
    await _enter(found)


async def _enter(found: PublicLimits) -> None:
    async with found.place():
        pass
