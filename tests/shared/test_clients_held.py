"""An answer that is held is asked after, and used only where the neighbour says that it still stands."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.clients.answers import Answer, NeighbourUnavailable
from shared.clients.neighbour import Neighbour
from shared.clients.side_by_side import Neighbours
from shared.clock import FixedClock
from tests.shared.little_server import NOW, Figures, http, listening, says

pytestmark = pytest.mark.anyio
TOLD = datetime(2026, 11, 1, tzinfo=UTC)
SAID = b'{"rate": 1.5, "as_of": "2026-11-01T00:00:00+00:00"}'


async def get(neighbour: Neighbour, token: str = "a") -> Answer[Figures]:
    return await neighbour.get("/v1/figures", {"limit": "5"}, Figures, token=token, hold=True)


@pytest.mark.parametrize(("tag", "as_of"), [('"7"', TOLD), ('W/"7"', NOW + timedelta(hours=1))])
async def test_what_still_stands_is_not_read_again_and_a_weak_tag_says_that_it_stands_now(
    tag: str, as_of: datetime
) -> None:
    talk, heard = says(http(SAID, ETag=tag), http(b"", status="304 Not Modified", ETag=tag), http(ETag='"8"'))
    clock = FixedClock(NOW)
    async with listening(talk) as url, Neighbours(Neighbour("indicator", base_url=url, clock=clock)) as found:
        first = await get(found["indicator"])
        clock.advance(timedelta(hours=1))
        second = await get(found["indicator"], token="b")
        third = await get(found["indicator"])
    assert (first.data.rate, first.as_of, second.data, second.as_of) == (1.5, TOLD, first.data, as_of)
    assert third.data.rate == 65.0
    assert b"if-none-match" not in heard[0].lower()
    assert f"if-none-match: {tag}\r\n".encode().lower() in heard[1].lower()
    # Asked with the token of whoever asks now.
    assert b"Bearer b" in heard[1]


async def test_a_tag_that_could_not_be_sent_back_is_not_held() -> None:
    talk, heard = says(http(SAID, ETag='"caf\u00e9"'))
    async with listening(talk) as url, Neighbours(Neighbour("indicator", base_url=url)) as found:
        assert [(await get(found["indicator"])).data.rate for _ in range(2)] == [1.5, 1.5]
    assert b"if-none-match" not in heard[1].lower()


async def test_a_neighbour_that_refuses_or_is_away_is_not_answered_for() -> None:
    talk, _ = says(http(SAID, ETag='"7"'), http(b"", status="403 Forbidden"), http(b"", status="304 Not Modified"))
    async with listening(talk) as url, Neighbours(Neighbour("indicator", base_url=url, retries=0)) as found:
        await get(found["indicator"])
        with pytest.raises(NeighbourUnavailable, match="forbidden"):
            await get(found["indicator"])
        with pytest.raises(NeighbourUnavailable, match="redirected"):
            # Nobody asked whether it had changed.
            await found["indicator"].get("/v1/figures", {"limit": "5"}, Figures)
