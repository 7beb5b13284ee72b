"""A calendar program without a token reads the schedule at a secret address, until it is revoked or a year is over."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

from icalendar import Calendar

from tests.conftest import Running
from tests.reporting_api.conftest import slug
from tests.reporting_api.schedule_calls import materialise


async def made(reporting: Running, role: str = "board_reader", **body: str) -> tuple[dict[str, object], str, str]:
    client = await reporting.client(role)
    answer = await client.post("/v1/calendar-addresses", json={"name": "My Outlook", **body})
    assert answer.status_code == 201, answer.text
    found = answer.json()
    return found["address"], urlsplit(found["url"]).path, answer.headers["etag"]


async def test_a_program_without_a_token_reads_the_same_feed_and_the_address_is_told_once(reporting: Running) -> None:
    await materialise(await reporting.client("analyst"))
    address, path, _ = await made(reporting, board="CSOC")
    program = await reporting.client(None)
    feed = await program.get(path)
    assert (feed.status_code, feed.headers["content-type"]) == (200, "text/calendar; charset=utf-8")
    reader = await reporting.client("board_reader")
    assert feed.content == (await reader.get("/v1/calendar.ics?board=csoc")).content
    assert Calendar.from_ical(feed.content).walk("VEVENT")
    again = await program.get(path, headers={"If-None-Match": feed.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    listed = await reader.get("/v1/calendar-addresses")
    assert listed.json()["items"] == [address]
    assert path.rpartition("/")[2].removesuffix(".ics") not in listed.text


async def test_a_revoked_address_answers_nothing_and_who_publishes_revokes_anybody_s(reporting: Running) -> None:
    address, path, etag = await made(reporting)
    program = await reporting.client(None)
    assert (await program.get(path)).status_code == 200
    wanted, headers = f"/v1/calendar-addresses/{address['id']}/revocations", {"If-Match": etag}
    assert (await (await reporting.client("analyst")).post(wanted, headers=headers)).status_code == 404
    publisher = await reporting.client("qa_manager")
    gone = await publisher.post(wanted, headers=headers)
    assert (gone.status_code, gone.json()["status"], gone.json()["allowed_actions"]) == (200, "revoked", [])
    assert (await program.get(path)).status_code == 404
    twice = await publisher.post(wanted, headers={"If-Match": gone.headers["etag"]})
    assert (twice.status_code, slug(twice)) == (409, "address-not-in-use")


async def test_an_address_is_good_for_a_year_and_a_guessed_one_for_nothing(reporting: Running) -> None:
    _, path, _ = await made(reporting)
    program = await reporting.client(None)
    assert (await program.get(f"/v1/public/calendars/{'a' * 43}.ics")).status_code == 404
    reporting.clock.advance(timedelta(days=366))
    assert (await program.get(path)).status_code == 200
    reporting.clock.advance(timedelta(days=1))
    assert (await program.get(path)).status_code == 404


async def test_an_address_shows_no_more_than_its_maker_s_own_unit(reporting: Running) -> None:
    await materialise(await reporting.client("analyst"))
    owner = await reporting.client("head_of_service", unit="family_support")
    answer = await owner.post("/v1/calendar-addresses", json={"name": "Outlook"})
    feed = await (await reporting.client(None)).get(urlsplit(answer.json()["url"]).path)
    assert feed.content == (await owner.get("/v1/calendar.ics")).content
    assert feed.content != (await (await reporting.client("analyst")).get("/v1/calendar.ics")).content
