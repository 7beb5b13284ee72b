"""What people send without a login: never refused for its content, stored whole, answered with whom to call."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from services.feedback_api.forgiving import read_object
from services.feedback_api.tokens import without_token
from tests.conftest import Running, Start

BATCH = {"unit": "fs_weymouth", "channel": "questionnaires", "respondent_group": "young_person", "count": 10}


def test_a_key_sent_again_and_again_is_numbered_in_a_moment() -> None:
    began = time.process_time()
    found = read_object(b"{" + b",".join([b'"a":1'] * 16_000) + b"}")
    # It took a quarter of a minute, of a body that anyone may send.
    assert time.process_time() - began < 2
    assert (len(found), list(found)[:3], list(found)[-1]) == (16_000, ["a", "a (2)", "a (3)"], "a (16000)")
    assert list(read_object(b'{"a":1,"a (2)":1,"a":1,"a":1}')) == ["a", "a (2)", "a (3)", "a (4)"]


async def tokens(running: Running, **changes: Any) -> list[str]:
    answer = await (await running.client("practitioner")).post("/v1/token-batches", json=BATCH | changes)
    assert answer.status_code == 201, answer.text
    found: list[str] = answer.json()["tokens"]
    return found


async def submit(running: Running, body: Any) -> httpx.Response:
    anyone = await running.client(None)
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return await anyone.post("/v1/public/views", content=raw, headers={"Content-Type": "application/json"})


async def stored(running: Running) -> list[sa.RowMapping]:
    async with running.database.snapshot() as session:
        statement = sa.text("SELECT * FROM public_submission ORDER BY id")
        return list((await session.execute(statement)).mappings().all())


async def test_a_view_without_a_login_is_kept_and_answered_with_whom_to_call(feedback: Running) -> None:
    (token, *_) = await tokens(feedback)
    answer = await submit(feedback, {"token": token.lower(), "what_works": "They listen.", "rating": 4})
    assert answer.status_code == 202
    assert answer.headers["cache-control"] == "no-store"
    call = answer.json()["call_now"]
    assert [call[0]["phone"], call[0]["emergency"], call[1]["phone"]] == ["999", True, "0800 1111"]
    (row,) = await stored(feedback)
    assert (row["unit"], row["channel"], row["respondent_group"]) == ("fs_weymouth", "questionnaires", "young_person")
    assert (row["state"], row["what_works"], row["rating"]) == ("waiting", "They listen.", 4)


async def test_a_number_that_is_not_real_yet_is_told_to_nobody(feedback: Running) -> None:
    answer = await (await feedback.client(None)).get("/v1/public/contacts")
    told = [one["phone"] for one in answer.json()["call_now"]]
    assert "0800 1111" in told
    assert not any(phone.startswith("01632") for phone in told)


async def test_the_councils_own_line_is_told_to_those_of_its_units(feedback: Running) -> None:
    line = {
        "code": "weymouth_line", "order": 2, "name": "Weymouth line", "phone": "01632 960003", "hours": "Working days",
        "when_to_call": "If you live in Weymouth.", "units": ["fs_weymouth"],
    }  # fmt: skip
    items = (await (await feedback.client("admin")).get("/v1/framework/contacts")).json()["items"]
    every = [{"kind": "contacts", "code": one["code"], "content": one["content"]} for one in items]
    every.append({"kind": "contacts", "code": line["code"], "content": line})
    applied = await (await feedback.client("admin")).post("/v1/framework/applications", json={"items": every})
    assert applied.status_code == 200, applied.text
    anyone = await feedback.client(None)
    names = [one["name"] for one in (await anyone.get("/v1/public/contacts?unit=fs_weymouth")).json()["call_now"]]
    assert names.index("Weymouth line") <= 2
    for unit in ("fs_portland", "nowhere"):
        told = (await anyone.get(f"/v1/public/contacts?unit={unit}")).json()["call_now"]
        assert "Weymouth line" not in [one["name"] for one in told]


HARM = "My uncle hits me and I am scared to go home. Ring 07700 900123."
CONTENT: dict[str, tuple[Any, dict[str, Any]]] = {
    "a disclosure with a number": (
        {"what_should_change": HARM},
        {"what_should_change": HARM, "flag_reasons": ["hurt_by_someone", "afraid"], "identifiers": ["phone"]},
    ),
    "abuse": ({"what_works": "You are all &%$! <script>"}, {"what_works": "You are all &%$! <script>"}),
    "a rating of nine": ({"rating": 9}, {"rating": None, "left_over": [{"pointer": "/rating", "value": "9"}]}),
    "a word for a rating": ({"rating": "lots"}, {"left_over": [{"pointer": "/rating", "value": "lots"}]}),
    "another channel": (
        {"channel": "pigeon post!"},
        {"left_over": [{"pointer": "/channel", "value": "pigeon post!"}]},
    ),
    "harm where nobody asked": (
        {"extra": {"note": ["he touches me"]}},
        {
            "flag_reasons": ["sexual_harm"],
            "left_over": [{"pointer": "/extra", "value": '{"note": ["he touches me"]}'}],
        },
    ),
    "words that are no text": (
        {"what_works": ["a", 1]},
        {"left_over": [{"pointer": "/what_works", "value": '["a", 1]'}]},
    ),
    "nothing": ({}, {"what_works": None, "left_over": []}),
    "very long": ({"what_works": "a" * 90_000}, {"what_works": "a" * 90_000}),
}


@pytest.mark.parametrize("what", CONTENT)
async def test_nothing_is_refused_for_its_content_and_nothing_is_lost(start: Start, what: str) -> None:
    feedback = await start("feedback", free_text_identifiers="refuse")
    (token, *_) = await tokens(feedback)
    body, expected = CONTENT[what]
    answer = await submit(feedback, body | {"token": token})
    assert answer.status_code == 202, answer.text
    (row,) = await stored(feedback)
    assert {name: row[name] for name in expected} == expected


RAW: dict[str, tuple[bytes, dict[str, Any]]] = {
    "NUL and a lone surrogate": (rb'"what_works": "a\u0000b\ud800c"', {"what_works": "a\ufffdb\ufffdc"}),
    "NUL in a key": (rb'"a\u0000b": 1', {"left_over": [{"pointer": "/a\ufffdb", "value": "1"}]}),
    "a key twice": (
        rb'"what_works": "one", "what_works": "two"',
        {"what_works": "one", "left_over": [{"pointer": "/what_works (2)", "value": "two"}]},
    ),
    "emoji and marks": (
        '"what_works": "😀 e\u0301\u202e"'.encode(),
        {"what_works": "😀 e\u0301\u202e"},
    ),
    "a huge number": (b'"rating": ' + b"9" * 5_000, {"left_over": [{"pointer": "/rating", "value": "9" * 5_000}]}),
    "letters of another encoding": (b'"what_works": "caf\xe9"', {"what_works": "caf\ufffd"}),
    "lines as they were typed": (b'"what_works": "one\ntwo"', {"what_works": "one\ntwo"}),
    "no number": (b'"rating": NaN', {"rating": None, "left_over": [{"pointer": "/rating", "value": "NaN"}]}),
    "the token again": (
        b'"token (2)": "x", "token": "y", "what_works": "%s"',
        {"what_works": "[token]", "left_over": []},
    ),
    "the token inside something else": (
        b'"more": {"%s": ["%s"]}, "%s": 1',
        {
            "left_over": [
                {"pointer": "/more", "value": '{"[token]": ["[token]"]}'},
                {"pointer": "/[token]", "value": "1"},
            ]
        },
    ),
}


@pytest.mark.parametrize(
    "typed", ["7KQ0-M1XW", "7kqo-mixw", "7kq0mlxw", "7 K Q 0-M 1 X W", "7KQ0 - M1XW", "7KQ0--\nM1XW"]
)
def test_a_token_is_taken_out_of_words_however_it_was_typed(typed: str) -> None:
    assert without_token(f"Mine is {typed}.", "7KQ0-M1XW") == "Mine is [token]."
    assert without_token("I am 7.", "7") == "I am 7."


@pytest.mark.parametrize("blank", ["\N{NO-BREAK SPACE}", "\N{EM SPACE}", "\v", "A", "A -"])
def test_what_is_sent_as_a_token_is_looked_for_once_at_each_place(blank: str) -> None:
    """A token in which letters and what stands between them are alike would be looked for without end."""
    words = blank * 20_000
    assert without_token(words, f"{blank * 30}X") == words


@pytest.mark.parametrize("what", RAW)
async def test_every_text_is_taken_and_cleaned_only_of_what_no_store_can_hold(feedback: Running, what: str) -> None:
    (token, *_) = await tokens(feedback)
    body, expected = RAW[what]
    raw = b'{"token": "%s", %s}' % (token.encode(), body.replace(b"%s", token.encode()))
    answer = await submit(feedback, raw)
    assert answer.status_code == 202, answer.text
    (row,) = await stored(feedback)
    assert {name: row[name] for name in expected} == expected


async def test_only_what_is_no_json_too_large_or_without_a_token_is_refused(feedback: Running) -> None:
    (token, *_) = await tokens(feedback)
    no_json = [b"", b"{", b"[" * 5_000, b'\xff{"a":1}']
    for raw in [*no_json, b"[]", b'{"what_works": "x"}', b'{"token": 1}']:
        answer = await submit(feedback, raw)
        assert answer.status_code == 422, (raw, answer.text)
        assert answer.json()["call_now"][0]["phone"] == "999"
    refused = [await submit(feedback, {"token": token, "what_works": "a" * 100_000})]
    refused.append(await (await feedback.client(None)).post("/v1/public/views", data={"token": token}))
    assert [one.status_code for one in refused] == [413, 415]
    assert all(one.json()["call_now"][0]["phone"] == "999" for one in refused)
    assert "the token is still good: please shorten it" in refused[0].json()["detail"]
    assert (await submit(feedback, {"token": token})).status_code == 202
    assert len(await stored(feedback)) == 1


async def test_a_token_that_is_no_good_is_refused_with_whom_to_call_and_nothing_is_stored(feedback: Running) -> None:
    (token, *_) = await tokens(feedback)
    await submit(feedback, {"token": token})
    answers = [await submit(feedback, {"token": one, "what_works": "x"}) for one in (token, "00000-00000")]
    for answer in answers:
        assert answer.status_code == 409
        assert answer.json()["call_now"][0]["phone"] == "999"
    plain = [{k: v for k, v in one.json().items() if k not in ("instance", "request_id")} for one in answers]
    assert plain[0] == plain[1]
    assert len(await stored(feedback)) == 1


async def test_where_the_token_leaves_the_channel_open_the_sender_may_name_one_of_the_framework(
    feedback: Running,
) -> None:
    first, second, third, *_ = await tokens(feedback, channel=None, respondent_group=None)
    await submit(feedback, {"token": first, "channel": "young_inspectors", "respondent_group": "child"})
    await submit(feedback, {"token": second, "channel": "pigeons"})
    await submit(feedback, {"token": third})
    rows = {row["channel"]: row for row in await stored(feedback)}
    assert rows["young_inspectors"]["respondent_group"] == "child"
    assert sorted(len(row["left_over"]) for row in await stored(feedback)) == [0, 0, 1]


async def test_nothing_that_is_stored_or_told_joins_a_submission_to_its_token(feedback: Running) -> None:
    (token, *_) = await tokens(feedback)
    await submit(feedback, {"token": token, "what_works": "They listen."})
    async with feedback.database.snapshot() as session:
        held = (await session.execute(sa.text("SELECT * FROM submission_token WHERE digest IS NULL"))).mappings().one()
        deeds = (await session.execute(sa.text("SELECT * FROM activity ORDER BY id"))).mappings().all()
        keys = (await session.execute(sa.text("SELECT count(*) FROM idempotency_key"))).scalar_one()
    (row,) = await stored(feedback)
    assert set(held) == {"id", "batch_id", "digest", "used_on"}
    shared = {str(value) for value in held.values() if value} & {str(value) for value in row.values() if value}
    assert shared == {"2026-11-23"}
    (deed,) = [one for one in deeds if one["action"] == "public_submission.received"]
    assert deed["actor"] == "public"
    told = json.dumps({name: str(value) for name, value in deed.items()})
    assert str(held["batch_id"]) not in told and str(held["id"]) not in told and "test-practitioner" not in told
    assert keys == 0


async def test_too_much_from_one_address_is_told_to_wait_and_the_token_stays_good(start: Start) -> None:
    feedback = await start("feedback", public_per_address_per_minute=2)
    one, two, three, *_ = await tokens(feedback)
    answers = [await submit(feedback, {"token": token}) for token in (one, two, three)]
    assert [answer.status_code for answer in answers] == [202, 202, 429]
    assert 1 <= int(answers[2].headers["retry-after"]) <= 60
    feedback.app.state.public_limits._forget(0)
    assert (await submit(feedback, {"token": three})).status_code == 202


async def test_without_a_login_nothing_else_is_open_and_a_login_changes_nothing(feedback: Running) -> None:
    anyone = await feedback.client(None)
    for path in ("/v1/public-submissions", "/v1/token-batches", "/v1/views"):
        assert (await anyone.get(path)).status_code == 401
    (token, *_) = await tokens(feedback)
    reader = await feedback.client("board_reader")
    answer = await reader.post("/v1/public/views", json={"token": token})
    assert answer.status_code == 202
    (row,) = await stored(feedback)
    assert "board_reader" not in str(dict(row))


async def test_a_batch_tells_its_tokens_once_and_used_ones_only_in_steps_and_a_day_late(feedback: Running) -> None:
    manager = await feedback.client("practitioner", unit="fs_weymouth")
    few = await manager.post("/v1/token-batches", json=BATCH | {"count": 5})
    assert (few.status_code, few.json()["errors"][0]["pointer"]) == (422, "/count")
    made = await manager.post("/v1/token-batches", json=BATCH | {"count": 20}, headers={"Idempotency-Key": "b1"})
    again = await manager.post("/v1/token-batches", json=BATCH | {"count": 20}, headers={"Idempotency-Key": "b1"})
    assert made.headers["cache-control"] == "no-store"
    assert len(made.json()["tokens"]) == 20 == len(set(made.json()["tokens"]))
    assert (again.json()["id"], again.json()["tokens"]) == (made.json()["id"], [])
    seen = []
    for token in made.json()["tokens"]:
        assert (await submit(feedback, {"token": token})).status_code == 202
        seen.append((await manager.get("/v1/token-batches")).json()["items"][0]["used_at_least"])
    assert set(seen) == {0}
    feedback.clock.advance(timedelta(days=1))
    (batch,) = (await manager.get("/v1/token-batches")).json()["items"]
    assert (batch["issued"], batch["used_at_least"]) == (20, 10)


async def test_a_batch_is_revoked_once_and_only_by_its_unit(feedback: Running) -> None:
    (token, used, *_) = await tokens(feedback)
    await submit(feedback, {"token": used})
    client = await feedback.client("practitioner", unit="fs_weymouth")
    (batch,) = (await client.get("/v1/token-batches?limit=1")).json()["items"]
    path, body, match = f"/v1/token-batches/{batch['id']}/revocations", {"reason": "Lost."}, {"If-Match": '"1"'}
    stranger = await feedback.client("practitioner", unit="fs_portland")
    assert (await stranger.post(path, json=body, headers=match)).status_code == 404
    assert (await stranger.get("/v1/token-batches")).json()["items"] == []
    revoked = await client.post(path, json=body, headers=match)
    assert (revoked.status_code, revoked.json()["state"], revoked.json()["allowed_actions"]) == (200, "revoked", [])
    assert (await client.post(path, json=body, headers={"If-Match": '"2"'})).json()["type"].endswith("not-open")
    assert (await submit(feedback, {"token": token})).status_code == 409
