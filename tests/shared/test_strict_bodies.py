"""What no body may hold, and that the refusal points at it without repeating it."""

from __future__ import annotations

import gzip
import unicodedata

import pytest
from pydantic import TypeAdapter, ValidationError

from shared.problems import Malformed
from shared.schemas.base import Label
from shared.strict import parse_json
from tests.conftest import Running

PATH = "/v1/framework/applications"
JSON = {"Content-Type": "application/json"}
SECRET = "Zebedee-Canary"

POISON: dict[str, bytes] = {
    "empty": b"",
    "not json": b"{",
    "bare word": b"hello",
    "NaN": b'{"items": NaN}',
    "infinity": b'{"items": [Infinity]}',
    "float too large": b'{"items": [1e400]}',
    "integer too long": b'{"items": [' + b"9" * 5000 + b"]}",
    "duplicate key": b'{"items": [], "items": []}',
    "lone surrogate": rb'{"items": ["\ud800"]}',
    "not UTF-8": b'{"items": ["\xff"]}',
    "UTF-16": '{"items": []}'.encode("utf-16"),
    "byte order mark": b'\xef\xbb\xbf{"items": []}',
    "a thousand deep": b"[" * 1000 + b"]" * 1000,
    "array for object": b"[]",
    "text for boolean": b'{"items": [], "dry_run": "true"}',
    "number for boolean": b'{"items": [], "dry_run": 1}',
    "unknown key": b'{"items": [], "' + SECRET.encode() + b'": 1}',
    "a hundred thousand keys": b'{"items": [], ' + b",".join(b'"k%d": 1' % n for n in range(100_000)) + b"}",
}


@pytest.fixture
async def audit(start) -> Running:  # type: ignore[no-untyped-def]
    return await start("audit", dorset=False)


@pytest.mark.parametrize("name", POISON)
async def test_a_poisonous_body_is_a_problem_that_points_and_stays_silent(audit: Running, name: str) -> None:
    client = await audit.client()
    answer = await client.post(PATH, content=POISON[name], headers=JSON)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["errors"], "a fault is named"
    assert problem["instance"] == f"urn:uuid:{problem['request_id']}"
    assert SECRET not in answer.text
    assert (await client.get("/v1/framework/units")).status_code == 200


async def test_a_nul_in_a_text_points_to_that_text(audit: Running) -> None:
    body = b'{"items": [{"kind": "units", "code": "a", "content": {"name": "x\\u0000y"}}]}'
    answer = await (await audit.client()).post(PATH, content=body, headers=JSON)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/items/0/content/name"


async def test_an_unknown_key_points_to_its_parent_and_is_not_named(audit: Running) -> None:
    body = {"items": [{"kind": "units", "code": "a", "content": {}, SECRET: 1}]}
    answer = await (await audit.client()).post(PATH, json=body)
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/items/0"]
    assert SECRET not in answer.text


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "multipart/form-data; boundary=x", ""])
async def test_another_kind_of_body_is_415(audit: Running, kind: str) -> None:
    answer = await (await audit.client()).post(PATH, content=b'{"items": []}', headers={"Content-Type": kind})
    assert answer.status_code == 415


async def test_a_compressed_body_is_not_unpacked(audit: Running) -> None:
    bomb = gzip.compress(b"0" * 1_000_000)
    headers = {**JSON, "Content-Encoding": "gzip"}
    assert (await (await audit.client()).post(PATH, content=bomb, headers=headers)).status_code == 415


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("Content-Type", ("application/json", "text/plain")),
        ("Content-Encoding", ("identity", "gzip")),
        ("Content-Length", ("13", "13")),
        ("Host", ("audit", "other")),
    ],
)
async def test_of_two_headers_that_say_how_to_read_it_neither_is_taken(
    audit: Running, name: str, values: tuple[str, str]
) -> None:
    other = {"Content-Type": "application/json", "Content-Length": "13", "Host": "audit"}
    other.pop(name, None)
    headers = [*other.items(), *((name, value) for value in values)]
    answer = await (await audit.client()).post(PATH, content=b'{"items": []}', headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [f"/header/{name}"]
    headers[-1:] = [("If-Match", '"1"'), ("If-Match", '"2"')]
    assert (await (await audit.client()).post(PATH, content=b'{"items": []}', headers=headers)).status_code == 200


@pytest.mark.parametrize("length", [{"Content-Length": "13"}, {"Transfer-Encoding": "chunked"}])
async def test_whoever_asks_for_another_protocol_sends_no_body_and_is_parted_from(
    audit: Running, length: dict[str, str]
) -> None:
    client, asked = await audit.client(), {"Connection": "Upgrade", "Upgrade": "h2c"}
    # The server gives an empty body, whatever was sent.
    answer = await client.post(PATH, content=b"", headers={**JSON, **asked, **length})
    assert (answer.status_code, answer.headers["connection"]) == (400, "close")
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/header/Upgrade"]
    answer = await client.get("/v1/me", headers=asked)
    assert (answer.status_code, answer.headers["connection"]) == (200, "close")
    assert "connection" not in (await client.get("/v1/me")).headers


async def test_too_large_a_body_is_413_whether_it_says_so_or_not(audit: Running) -> None:
    client = await audit.client()
    assert (await client.post(PATH, content=b" " * 2_000_001, headers=JSON)).status_code == 413

    async def drip():  # type: ignore[no-untyped-def]
        for _ in range(50):
            yield b" " * 50_000

    assert (await client.post(PATH, content=drip(), headers=JSON)).status_code == 413


@pytest.mark.parametrize(
    "address",
    [
        "/v1/framework/units?after=%00",
        "/v1/framework/units%00",
        "/v1/framework/units?after=%ff",
        "/v1/framework/units?limit=-1",
        "/v1/framework/units?limit=9223372036854775808",
        "/v1/framework/units?limit=501",
        "/v1/framework/units?after=nonsense",
        "/v1/framework/units?after=W10",
        "/v1/framework/units/a/versions?after=WzIxNDc0ODM2NDhd",
        "/v1/activity?after=9223372036854775808",
        "/v1/organisation/units?on=0001-01-01",
        "/v1/organisation/units?on=1700000000",
        "/v1/organisation/units?on=2026-02-30",
    ],
)
async def test_a_malformed_address_is_422(audit: Running, address: str) -> None:
    answer = await (await audit.client()).get(address)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"]


async def test_everything_else_that_fails_is_a_problem_too(audit: Running) -> None:
    client = await audit.client()
    for method, path, status in (
        ("GET", "/nowhere", 404),
        ("DELETE", "/v1/me", 405),
        ("GET", "/v1/framework/nonsense", 404),
    ):
        answer = await client.request(method, path)
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"
        assert (await client.get(answer.json()["type"])).status_code == 200, "the type is a page we serve"


async def test_a_stranger_learns_nothing_of_a_bad_body(audit: Running) -> None:
    stranger = await audit.client(None)
    assert (await stranger.post(PATH, content=b"{", headers=JSON)).status_code == 401
    reader = await audit.client("board_reader")
    assert (await reader.post(PATH, content=b"{", headers=JSON)).status_code == 403


async def test_only_a_posted_file_may_be_as_large_as_a_file(audit: Running) -> None:
    client = await audit.client()
    large = b" " * 2_000_001
    assert (await client.patch("/v1/things/imports", content=large, headers=JSON)).status_code == 413
    assert (await client.post("/v1/things/imports", content=large, headers=JSON)).status_code == 404


def test_a_number_that_grows_to_infinity_is_refused_however_it_is_written() -> None:
    for number in (b"1e400", b"9" * 310 + b".0", b"9" * 210 + b"e99"):
        with pytest.raises(Malformed):
            parse_json(b'{"a": ' + number + b"}")


async def test_a_query_parameter_nobody_reads_is_refused_and_not_named(audit: Running) -> None:
    client = await audit.client()
    answer = await client.get(f"/v1/framework/units?{SECRET}=1")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/query"
    assert "after, limit, retired" in answer.text
    assert SECRET not in answer.text


@pytest.mark.parametrize("text", ["\U0001d160" * 100, "a\ufffe", "\uffff"])
def test_a_text_that_composes_to_more_than_it_may_be_or_that_no_xml_can_hold_is_refused(text: str) -> None:
    label: TypeAdapter[str] = TypeAdapter(Label)
    assert label.validate_python("\U0001d160" * 60) == unicodedata.normalize("NFC", "\U0001d160" * 60)
    with pytest.raises(ValidationError):
        label.validate_python(text)
