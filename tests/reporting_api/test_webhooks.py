"""Webhooks: signed, sent at least once under a stable id, and told of only as far as the receiver acknowledged."""

from __future__ import annotations

import asyncio
import base64
import os
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet
from standardwebhooks import Webhook

from services.reporting_api.deliveries.jobs import Courier
from services.reporting_api.deliveries.queue import WAITS, claim
from services.reporting_api.deliveries.sending import Sender
from services.reporting_api.deliveries.watching import DeliveryWatch
from services.reporting_api.public_addresses import is_public
from services.reporting_api.webhook_secrets import SecretSafe, SecretUnreadable, safe_of
from shared.clock import FixedClock
from shared.settings import Settings
from tests.conftest import TODAY, Running, Start
from tests.reporting_api.conftest import Desk, slug
from tests.reporting_api.fake_neighbours import FakeNeighbours
from tests.reporting_api.receiver import Receiver, answer, receiving
from tests.shared.little_server import http, listening, says

DAY = timedelta(days=1)
# For the proof of a release: EVENTS=1000.
EVENTS = int(os.environ.get("EVENTS", "250"))


class Post:
    """A reporting service, a receiver, and the courier between them."""

    def __init__(self, reporting: Running, receiver: Receiver, admin: httpx.AsyncClient, courier: Courier) -> None:
        self.reporting, self.receiver, self.admin, self.courier = reporting, receiver, admin, courier
        self.webhook, self.secret = "", ""

    async def desk(self) -> Desk:
        neighbours = FakeNeighbours()
        await neighbours.attach(self.reporting.app, self.reporting.stack)
        return Desk(self.reporting, neighbours)

    async def subscribe(self, **changes: Any) -> dict[str, Any]:
        body = {"name": "Committee system", "url": self.receiver.url, "events": ["report.published"], **changes}
        made = await self.admin.post("/v1/webhooks", json=body)
        assert made.status_code == 201, made.text
        found: dict[str, Any] = made.json()
        self.webhook, self.secret = found["webhook"]["id"], found["secret"]
        return found

    async def pings(self, count: int) -> None:
        for _ in range(count):
            assert (await self.admin.post(f"/v1/webhooks/{self.webhook}/pings")).status_code == 202

    async def carry(self, by: timedelta = timedelta()) -> None:
        """Let time pass, then one round of the courier."""
        self.reporting.clock.advance(by)
        await self.reporting.seal()
        await self.courier.serve_all()

    async def state(self) -> dict[str, Any]:
        found: dict[str, Any] = (await self.admin.get(f"/v1/webhooks/{self.webhook}")).json()
        return found

    async def log(self, **query: str) -> list[dict[str, Any]]:
        query = {"limit": "500", **query}
        listed = await self.admin.get(f"/v1/webhooks/{self.webhook}/deliveries", params=query)
        found: list[dict[str, Any]] = listed.json()["items"]
        return found


@asynccontextmanager
async def posting(start: Start, **settings: Any) -> AsyncIterator[Post]:
    settings = {"webhook_private_addresses": True, "clock": FixedClock(datetime.now(UTC)), **settings}
    reporting = await start("reporting", **settings)
    async with receiving() as receiver, Sender(private=settings["webhook_private_addresses"]) as sender:
        courier = Courier(reporting.database, reporting.clock, sender, reporting.app.state.webhook_secrets)
        yield Post(reporting, receiver, await reporting.client("admin"), courier)


@pytest.fixture
async def post(start: Start) -> AsyncIterator[Post]:
    async with posting(start) as found:
        yield found


async def test_a_board_s_receiver_is_told_of_a_published_report_and_of_nothing_that_is_in_it(start: Start) -> None:
    async with posting(start, clock=FixedClock(TODAY)) as post:
        desk, admin, receiver = await post.desk(), post.admin, post.receiver
        await post.subscribe(boards=["SDG"], events=["report.published", "report.superseded"])
        other = (await admin.post("/v1/webhooks", json={"name": "x", "url": receiver.url, "boards": ["csoc"]})).json()
        first = await desk.publish((await desk.draft())["id"])
        await post.carry()
        await post.carry()
        [heard] = receiver.heard
        assert heard.message["type"] == "report.published"
        assert heard.message["data"] == {
            "report": first["id"], "code": "csdg_monthly", "title": first["title"], "period": "2026-10", "edition": 1,
            "boards": ["csdg"], "document": f"/v1/reports/{first['id']}", "position": heard.message["data"]["position"],
        }  # fmt: skip
        newer = (await desk.step(first["id"], "supersessions", {"reason": "A view was counted twice."})).json()
        await desk.publish(newer["id"])
        await post.carry()
        told = [(one.message["type"], one.message["data"]["report"]) for one in receiver.heard[1:]]
        assert sorted(told) == [("report.published", newer["id"]), ("report.superseded", first["id"])]
        assert (await admin.get(f"/v1/webhooks/{other['webhook']['id']}/deliveries")).json()["items"] == []


async def test_what_is_new_for_a_board_is_pulled_from_the_last_position_without_a_gap(desk: Desk) -> None:
    report = await desk.publish((await desk.draft())["id"])
    await desk.reporting.seal()
    reader = await desk.client("board_reader")
    [found] = (await reader.get("/v1/publications", params={"board": "SDG"})).json()["items"]
    copy = await desk.document(report["id"], "board_reader")
    assert (found["type"], found["report"], found["content_hash"]) == (
        "report.published", report["id"], copy["content_hash"],
    )  # fmt: skip
    newer = (await desk.step(report["id"], "supersessions", {"reason": "A view was counted twice."})).json()
    await desk.publish(newer["id"])
    await desk.reporting.seal()
    after = {"board": "csdg", "after": found["position"], "limit": 1}
    page = (await reader.get("/v1/publications", params=after)).json()
    assert page["items"][0]["type"] == "report.superseded"
    rest = (await reader.get("/v1/publications", params={**after, "after": page["next"]})).json()
    assert (rest["items"][0]["report"], rest["next"]) == (newer["id"], None)
    assert (await reader.get("/v1/publications", params={"board": "csoc"})).json()["items"] == []
    elsewhere = await desk.reporting.client("analyst", unit="fs_weymouth")
    assert (await elsewhere.get("/v1/publications")).json()["items"] == []


async def test_a_message_is_signed_as_standard_webhooks_says_and_with_both_secrets_for_a_day(post: Post) -> None:
    made = await post.subscribe()
    await post.pings(1)
    await post.carry()
    heard = post.receiver.heard[0]
    assert Webhook(made["secret"]).verify(heard.body, heard.head)["type"] == "webhook.ping"
    rotated = await post.admin.post(f"/v1/webhooks/{post.webhook}/secrets", headers={"If-Match": '"1"'})
    newer = rotated.json()["secret"]
    assert newer != made["secret"]
    assert made["secret"] not in (await post.admin.get(f"/v1/webhooks/{post.webhook}")).text
    await post.pings(1)
    await post.carry()
    heard = post.receiver.heard[1]
    for secret in (made["secret"], newer):
        Webhook(secret).verify(heard.body, heard.head)
    await post.carry(DAY)
    await post.pings(1)
    await post.carry()
    assert len(post.receiver.heard[2].head["webhook-signature"].split()) == 1


async def test_a_secret_lies_nowhere_as_it_is_and_another_key_takes_over(post: Post, tmp_path: Path) -> None:
    key = {"Idempotency-Key": "once"}
    body = {"name": "Committee system", "url": post.receiver.url}
    made = (await post.admin.post("/v1/webhooks", json=body, headers=key)).json()
    again = (await post.admin.post("/v1/webhooks", json=body, headers=key)).json()
    assert again == {**made, "secret": None}
    plain = base64.b64decode(made["secret"].removeprefix("whsec_"))
    path = f"/v1/webhooks/{made['webhook']['id']}"
    await post.admin.post(f"{path}/secrets", headers={"If-Match": '"1"'})

    async def kept() -> Any:
        async with post.reporting.database.snapshot() as session:
            answers = "(SELECT string_agg(body, '') FROM idempotency_key)"
            return (await session.execute(sa.text(f"SELECT secret, earlier_secret, {answers} FROM webhook"))).one()

    before = await kept()
    assert before.earlier_secret != plain
    assert not any(each in b"".join(before) for each in (plain, made["secret"].encode()))
    keys = tmp_path / "keys"
    newer, older = Fernet.generate_key().decode(), urlsafe_b64encode(b"for first tries only, not secret").decode()
    keys.write_text(f"{newer}\n{older}\n")
    safe = safe_of(post.reporting.app.state.settings.model_copy(update={"webhook_keys_file": keys}))
    async with post.reporting.database.transaction() as session:
        await session.execute(sa.text("UPDATE webhook SET secret = :plain"), {"plain": plain})
        assert await safe.seal_anew(session) == 1
    async with post.reporting.database.transaction() as session:
        assert await safe.seal_anew(session) == 0, "every secret lies under the newest key"
    after, only_newer = await kept(), SecretSafe([newer])
    assert only_newer.open(after.secret) == only_newer.open(after.earlier_secret) == plain
    with pytest.raises(SecretUnreadable):
        SecretSafe([older]).open(after.secret)


async def test_without_a_key_production_makes_no_webhook(post: Post) -> None:
    post.reporting.app.state.webhook_secrets = SecretSafe(Settings(environment="production").webhook_keys())
    refused = await post.admin.post("/v1/webhooks", json={"name": "x", "url": post.receiver.url})
    assert (refused.status_code, slug(refused)) == (409, "no-webhook-key")


async def test_hundreds_of_events_for_a_receiver_that_is_down_a_day_each_arrive_under_one_id(post: Post) -> None:
    await post.subscribe()
    await post.pings(1)
    # The rest as rows: what is tried here is the sending.
    async with post.reporting.database.transaction() as session:
        await session.execute(
            sa.text(
                "INSERT INTO webhook_delivery (id, webhook, event, event_type, body, status, attempts, tries,"
                " next_attempt_at, created_at) SELECT gen_random_uuid(), webhook, gen_random_uuid(), event_type, body,"
                " status, attempts, tries, next_attempt_at, created_at"
                " FROM webhook_delivery, generate_series(2, :events)"
            ),
            {"events": EVENTS},
        )
    post.receiver.say = lambda _: None
    for _ in range(48):
        await post.carry(DAY / 48)
    assert (await post.state())["status"] == "active"
    assert await post.log(status="acknowledged") == []
    down = len(post.receiver.heard)
    assert down < 60, "a receiver that is down is not tried for each event"
    post.receiver.say = lambda _: answer(200)
    await post.carry(DAY)
    await post.carry(DAY)
    arrived = [one.event for one in post.receiver.heard[down:]]
    assert len(arrived) == len(set(arrived)) == EVENTS
    assert {one.event for one in post.receiver.heard[:down]} <= set(arrived)
    assert await post.log(status="waiting") == []
    state = await post.state()
    assert (state["failing_since"], state["next_attempt_at"], state["waiting"]) == (None, None, 0)


async def test_one_event_that_is_refused_is_tried_for_more_than_a_day_then_given_up_and_holds_up_no_other(
    post: Post,
) -> None:
    await post.subscribe()
    await post.pings(1)
    await post.carry()
    post.receiver.say = lambda _: answer(500)
    await post.pings(1)
    await post.carry()
    bad = post.receiver.heard[-1].event
    post.receiver.say = lambda _: answer(500) if post.receiver.heard[-1].event == bad else answer(200)
    await post.pings(1)
    await post.carry()
    assert [one["status"] for one in await post.log()] == ["acknowledged", "waiting", "acknowledged"]
    assert sum(WAITS) > 24 * 3600
    for seconds in WAITS:
        await post.carry(timedelta(seconds=seconds))
    [given_up] = await post.log(status="given_up")
    assert (given_up["event"], given_up["attempts"], given_up["last_status"]) == (bad, len(WAITS) + 1, 500)
    assert given_up["acknowledged_at"] is None
    post.receiver.say = lambda _: answer(200)
    again = await post.admin.post(f"/v1/webhooks/{post.webhook}/redeliveries")
    assert (again.status_code, again.json()) == (202, {"waiting": 1})
    await post.carry()
    assert post.receiver.heard[-1].event == bad
    one = (await post.admin.get(f"/v1/webhooks/{post.webhook}/deliveries/{given_up['id']}")).json()
    assert [tried["outcome"] for tried in one["attempts"]] == ["failed"] * (len(WAITS) + 1) + ["acknowledged"]


async def test_what_is_due_and_sent_by_nobody_is_counted_and_so_is_a_receiver_that_was_given_up(post: Post) -> None:
    seen, database = DeliveryWatch(), post.reporting.database

    async def counted() -> tuple[float, float]:
        await seen.count(database, post.reporting.clock.now())
        return seen.overdue, seen.disabled

    await post.subscribe()
    await post.pings(2)
    assert await counted() == (0, 0)
    post.reporting.clock.advance(timedelta(minutes=11))
    assert await counted() == (2, 0)
    post.receiver.say = lambda _: answer(410)
    await post.carry()
    assert await counted() == (0, 1)


async def test_410_disables_and_taken_up_again_nothing_was_lost(post: Post) -> None:
    await post.subscribe()
    post.receiver.say = lambda _: answer(410)
    await post.pings(2)
    await post.carry()
    assert len(post.receiver.heard) == 1
    state = await post.state()
    assert (state["status"], state["disabled_reason"], state["waiting"]) == ("disabled", "gone", 2)
    await post.carry(3 * DAY)
    assert len(post.receiver.heard) == 1
    await post.reporting.seal()
    deeds = (await post.admin.get("/v1/activity", params={"subject_type": "webhook"})).json()["items"]
    assert [one["action"] for one in deeds][-1] == "webhook.disabled"
    post.receiver.say = lambda _: answer(204)
    headers = {"If-Match": '"1"'}
    change = {"status": "active"}
    assert (await post.admin.patch(f"/v1/webhooks/{post.webhook}", json=change, headers=headers)).is_success
    await post.carry()
    assert len({one.event for one in post.receiver.heard}) == 2
    assert (await post.state())["waiting"] == 0


@pytest.mark.parametrize("asked", ["600", "date"])
async def test_429_is_left_alone_as_long_as_it_asks(post: Post, asked: str) -> None:
    await post.subscribe()
    when = post.reporting.clock.now() + timedelta(minutes=10)
    header = when.strftime("%a, %d %b %Y %H:%M:%S GMT") if asked == "date" else asked
    post.receiver.say = lambda count: answer(429, Retry_After=header) if count == 1 else answer(200)
    await post.pings(3)
    await post.carry()
    await post.carry(timedelta(minutes=9))
    assert len(post.receiver.heard) == 1
    await post.carry(timedelta(minutes=2))
    assert len({one.event for one in post.receiver.heard}) == 3


async def test_a_redirect_is_not_followed_and_says_so(post: Post) -> None:
    await post.subscribe()
    async with receiving() as other:
        post.receiver.say = lambda _: answer(307, Location=other.url)
        await post.pings(1)
        await post.carry()
        assert other.heard == []
    [one] = await post.log()
    assert (one["status"], one["last_outcome"], one["last_status"]) == ("waiting", "redirected", 307)


async def test_no_cookie_of_one_receiver_goes_to_another_behind_the_same_address() -> None:
    talk, heard = says(http(Set_Cookie="session=one; Path=/"))
    async with listening(talk) as url, Sender(private=True) as sender:
        for _ in range(2):
            assert (await sender.send(url, b"{}", {}, TODAY)).kind == "acknowledged"
    assert b"cookie:" not in heard[1].lower()


async def test_a_receiver_that_answers_nothing_for_three_days_is_left_alone_until_somebody_looks(post: Post) -> None:
    await post.subscribe()
    post.receiver.say = lambda _: None
    await post.pings(3)
    for _ in range(20):
        await post.carry(timedelta(hours=4))
    state = await post.state()
    assert (state["status"], state["disabled_reason"]) == ("disabled", "unreachable")


async def test_private_addresses_are_refused_when_written_and_when_a_name_leads_there(start: Start) -> None:
    async with posting(start, webhook_private_addresses=False) as post:
        wrong = [
            "http://example.org/x", "https://127.0.0.1/x", "https://10.1.2.3/x", "https://[::1]/x",
            "https://[::ffff:10.0.0.1]/x", "https://u:p@example.org/x", "https://example.org/x#y", "https://:1/x",
            "https://example.org:99999/x", "https://168.63.129.16/x",
        ]  # fmt: skip
        for url in wrong:
            refused = await post.admin.post("/v1/webhooks", json={"name": "x", "url": url})
            assert (refused.status_code, slug(refused)) == (422, "receiver-not-allowed"), url
            assert "10.1.2.3" not in refused.text
        await post.subscribe(url=f"https://localhost:{post.receiver.url.split(':')[2]}")
        await post.pings(1)
        await post.carry()
        assert post.receiver.heard == []
        assert [one["last_outcome"] for one in await post.log()] == ["private_address"]


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True), ("2606:2800:220:1:248:1893:25c8:1946", True), ("192.168.0.1", False),
        ("169.254.169.254", False), ("100.64.0.1", False), ("0.0.0.0", False), ("224.0.0.1", False), ("fe80::1", False),
        ("fd00::1", False), ("::ffff:127.0.0.1", False), ("64:ff9b::a00:1", False), ("2002:7f00:1::", False),
        ("::127.0.0.1", False), ("::ffff:0:169.254.169.254", False), ("64:ff9b:1::a00:1", False), ("fec0::1", False),
        ("64:ff9b::5db8:d822", True), ("::93.184.216.34", True),
        # What clouds answer their own machines at.
        ("168.63.129.16", False), ("::ffff:168.63.129.16", False), ("64:ff9b::a83f:8110", False),
        ("100.100.100.200", False), ("192.0.0.192", False), ("fd00:ec2::254", False), ("fd20:ce::254", False),
        ("168.63.129.17", True),
    ],
)  # fmt: skip
def test_an_address_inside_a_network_is_known_however_it_is_written(address: str, public: bool) -> None:
    assert is_public(ip_address(address)) is public


async def test_what_a_dead_worker_had_is_sent_by_another_when_its_lease_ends(post: Post) -> None:
    await post.subscribe()
    await post.pings(1)
    held = await claim(post.reporting.database, (await post.courier.round())[0], post.reporting.clock.now())
    assert held is not None
    await post.carry()
    assert post.receiver.heard == []
    async with post.reporting.database.transaction() as session:
        await session.execute(sa.text("UPDATE webhook_delivery SET lease_until = clock_timestamp() - interval '1 s'"))
    await post.carry()
    assert [one.event for one in post.receiver.heard] == [str(held.event)]


async def test_three_replicas_send_each_event_once(post: Post) -> None:
    await post.subscribe()
    await post.pings(20)
    await post.reporting.seal()
    await asyncio.gather(*(post.courier.serve_all() for _ in range(3)))
    assert len(post.receiver.heard) == len({one.event for one in post.receiver.heard}) == 20


async def test_a_webhook_is_another_unit_s_secret_and_removed_it_is_told_nothing(post: Post) -> None:
    await post.subscribe()
    elsewhere = await post.reporting.client("qa_manager", unit="fs_weymouth")
    assert (await elsewhere.get(f"/v1/webhooks/{post.webhook}")).status_code == 404
    assert (await elsewhere.get("/v1/webhooks")).json()["items"] == []
    assert (await post.admin.delete(f"/v1/webhooks/{post.webhook}")).status_code == 428
    await post.pings(1)
    gone = await post.admin.delete(f"/v1/webhooks/{post.webhook}", headers={"If-Match": '"1"'})
    assert gone.status_code == 204
    await post.carry()
    assert post.receiver.heard == []
    assert (await post.admin.get(f"/v1/webhooks/{post.webhook}")).status_code == 404


async def test_a_new_receiver_may_begin_with_all_there_ever_was(start: Start) -> None:
    async with posting(start, clock=FixedClock(TODAY)) as post:
        desk = await post.desk()
        await desk.publish((await desk.draft())["id"])
        await desk.reporting.seal()
        await post.subscribe()
        await post.carry()
        assert post.receiver.heard == []
        await post.subscribe(after=0)
        await post.carry()
        assert [one.message["type"] for one in post.receiver.heard] == ["report.published"]


async def test_a_board_that_does_not_exist_is_pointed_at(post: Post) -> None:
    body = {"name": "x", "url": post.receiver.url, "boards": ["csdg", "nobody"]}
    refused = await post.admin.post("/v1/webhooks", json=body)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/boards/1")
