"""The bodies and addresses that have broken such services before, at every operation: never a 5xx, lists still work."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable
from itertools import islice
from typing import Any, TypeVar

from shared.openapi import is_open, scope_of
from shared.routing import api_routes
from tests.conftest import Running
from tests.documents import document_of
from tests.door import Door
from tests.doses import FULL, dose

T = TypeVar("T")
CANARY = "Zebedee-Canary-7731"
DEEP = b"[" * 1000 + b"]" * 1000
RAW: dict[str, bytes] = {
    "nothing": b"",
    "a brace": b"{",
    "NaN": b'{"value": NaN}',
    "-Infinity": b'{"value": -Infinity}',
    "1e400": b'{"value": 1e400}',
    "duplicate key": b'{"unit": "a", "unit": "b"}',
    "lone surrogate": rb'{"unit": "\udc00"}',
    "NUL": rb'{"unit": "a\u0000b"}',
    "NUL in a key": rb'{"a\u0000b": 1}',
    "not UTF-8": b'{"unit": "\xff\xfe"}',
    "UTF-16": '{"unit": "a"}'.encode("utf-16"),
    "byte order mark": b'\xef\xbb\xbf{"unit": "a"}',
    "deep": DEEP,
    "deep object": b'{"a":' * 300 + b"1" + b"}" * 300,
    "long integer": b'{"value": ' + b"9" * 400 + b"}",
    "many keys": b"{" + b",".join(b'"k%d": 1' % n for n in range(2_000)) + b"}",
    "array": b"[]",
    "null": b"null",
    "text": b'"text"',
    "number": b"1",
}
WORDS: list[Any] = [
    None, True, 0, -1, 2**31, 2**63, 2**70, 1.5, 1e308, -0.0, "", " ", CANARY, "x" * 5000, "\u202egnp.exe", "a\u200bb",
    "\u0301" * 10_000, "=1+1", "@SUM(A1)", "-2+3", "\ttab", "line\r\nbreak", "2026-02-30", "0001-01-01", "9999-12-31",
    "2026-11-23", "2026-11-23T10:00:00", "1700000000", 1700000000, "2026-13", "AY2026-27-HT9", "FY2026-28", [], {},
    [[]], [None], [CANARY] * 600, {CANARY: CANARY}, {"value": CANARY},
]  # fmt: skip
ADDRESSES = [
    "after=%00", "after=x", "after=W10", "limit=-1", "limit=9223372036854775808", "limit=abc", "period=2026-13",
    "period=" + CANARY, "unit=" + CANARY, "from=0001-01-01", "to=9999-12-31", "on=1700000000", "status=" + CANARY,
    "as_at=2026-11-23T10:00:00", "area=" + "x" * 500, "%ff=1", "limit=1&limit=2", "after=" + "A" * 3000,
]  # fmt: skip


# What a path may really hold, so that the poison in another place of the request is looked at.
PLACES = {
    "period": "2026-10", "area": "E06000059", "unit": "fs_weymouth", "code": "rereferrals", "file": "places.csv",
    "entity_set": "Figures", "key": "rereferrals.E06000059.RY2025.SIGNIFICANT_CHANGE", "staff_ref": "SYN-1",
}  # fmt: skip
ID = "00000000-0000-7000-8000-000000000000"
VALUES = [
    "", " ", CANARY, "-1", "0", "2147483648", "9223372036854775808", "1e400", "NaN", "2026-13", "FY2026-28", "CY0001",
    "0001-01-01", "9999-12-31", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-11-23T10:00:00", "%00",
    "%ff", "%ED%B0%80", "%E2%80%AE", "x" * 5000, "," * 300, "'", "recorded_at gt 0001-01-01T00:00:00+14:00",
    "bm90aGluZw",
]  # fmt: skip
# Cursors of every form that a list has, with parts that no row can have.
PARTS = [
    ["0001-01-01T00:00:00+14:00"], [2147483647], ["\udc00"], ["0001-01-01T00:00:00+14:00", ID],
    ["9999-12-31T23:59:59-14:00", ID], ["9999-12-31T23:59:59-14:00", ID, "x"], [1, "0001-01-01T00:00:00+14:00", ID],
    ["9999-12-31", ID], ["0001-01-01", "x", "x"], ["0001-01-01", "9999-12-31"],
]  # fmt: skip
CURSORS = [base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=") for parts in PARTS]


def really(path: str, **given: str) -> str:
    """The path with what its parameters may really be, but for those given."""
    known = PLACES | given
    return re.sub(r"{(\w+)[^}]*}", lambda found: known.get(found[1], ID), path)


def fill(path: str, value: str) -> str:
    return "/".join(value if part.startswith("{") else part for part in path.split("/"))


def shapes(schema: dict[str, Any], components: dict[str, Any]) -> dict[str, Any]:
    """The property names of a body, so that the poison reaches the fields themselves."""
    if "$ref" in schema:
        schema = components[schema["$ref"].rsplit("/", 1)[1]]
    return schema.get("properties", {})


def shared_out(poison: Iterable[T], turn: int, parts: int) -> list[T]:
    """All in the full dose, else one part in turn: what one operation is spared the next is given."""
    return list(poison) if FULL else list(islice(poison, turn % parts, None, parts))


async def send(
    client: Door, method: str, where: str, body: bytes, kind: str, seen: list[str], *, changes: bool = True
) -> None:
    headers = {"Content-Type": kind} | ({"If-Match": '"1"'} if changes else {})
    answer = await client.request(method, where, content=body, headers=headers)
    seen.append(where)
    assert answer.status_code < 500, (method, where, body[:200], answer.text)
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == "application/problem+json", (method, where, answer.text)
        assert CANARY not in answer.text, (method, where, body[:200], answer.text)


async def test_no_body_brings_a_service_down_or_is_repeated(any_service: Running) -> None:
    client = any_service.door()
    document = document_of(any_service.name)
    components = document["components"]["schemas"]
    seen: list[str] = []
    turn = 0
    for route in api_routes(any_service.app):
        for method in (route.methods or set()) & {"POST", "PUT", "PATCH", "DELETE"}:
            where, turn = really(route.path_format), turn + 1
            # JSON is read by one reader, and a guard sees to that.
            for body in shared_out(RAW.values(), turn, 4):
                await send(client, method, where, body, "application/json", seen)
            operation = document["paths"][route.path_format][method.lower()]
            content = operation.get("requestBody", {}).get("content", {})
            names = list(shapes(content.get("application/json", {}).get("schema", {}), components))
            # Without a field there is nowhere to put a word.
            for number, word in enumerate(shared_out(WORDS, turn, 2) if names else [None]):
                everything = json.dumps(dict.fromkeys(names, word)).encode()
                for changes in dose([True], [True, False]):
                    await send(client, method, where, everything, "application/json", seen, changes=changes)
                if names:
                    one = {names[number % len(names)]: word}
                    await send(client, method, where, json.dumps(one).encode(), "application/json", seen, changes=False)
            for kind in set(content) - {"application/json"}:
                for body in [
                    *RAW.values(),
                    b"a,b\n1,2\n",
                    b'indicator,area\n"x',
                    b"\x00",
                    f"{CANARY}\n".encode(),
                ]:
                    await send(client, method, where, body, kind, seen)
    assert len(seen) >= 300
    await every_list_still_answers(any_service, client)


async def test_no_address_brings_a_service_down_or_is_repeated(any_service: Running) -> None:
    client = any_service.door()
    for route in api_routes(any_service.app):
        if "GET" not in (route.methods or ()) or route.name == "get_problem_page":
            continue
        for value in ("nobody", CANARY, "9223372036854775808", "%00", "%ff", "..%2f", "x" * 300, "\u202e"):
            if "{" in route.path_format:
                answer = await client.get(fill(route.path_format, value))
                assert answer.status_code < 500, (route.path_format, value, answer.text)
                assert CANARY not in answer.text
        for query in ADDRESSES:
            answer = await client.get(f"{fill(route.path_format, 'nobody')}?{query}")
            assert answer.status_code < 500, (route.path_format, query, answer.text)
            if answer.status_code >= 400:
                assert CANARY not in answer.text
    await every_list_still_answers(any_service, client)


def names_of(dependant: Any) -> list[str]:
    """The query parameters of an operation, those of what it depends on too."""
    below = (name for one in dependant.dependencies for name in names_of(one))
    return list(dict.fromkeys([*(one.alias for one in dependant.query_params), *below]))


async def test_no_parameter_of_an_operation_brings_it_down_or_is_repeated(any_service: Running) -> None:
    client, sent, turn = any_service.door(), 0, 0
    for route in api_routes(any_service.app):
        if "GET" not in (route.methods or ()) or route.name == "get_problem_page":
            continue
        required = [one.alias for one in route.dependant.query_params if one.field_info.is_required()]
        needed = {name: PLACES.get(name, "x") for name in required}
        where = []
        for name in names_of(route.dependant):
            turn += 1
            values = [*shared_out(VALUES, turn, 2), *(CURSORS if name in ("after", "$skiptoken") else ())]
            where += [(really(route.path_format), name, value) for value in values]
        for name in re.findall(r"{(\w+)", route.path_format):
            turn += 1
            values = [value for value in shared_out(VALUES, turn, 2) if value.strip()]
            where += [(really(route.path_format, **{name: value}), "", "") for value in values]
        for path, name, value in where:
            others = "&".join(f"{key}={known}" for key, known in needed.items() if key != name)
            answer = await client.get(f"{path}?{others}" + (f"&{name}={value}" if name else ""))
            sent += 1
            assert answer.status_code < 500, (path, name, value, answer.text)
            assert answer.status_code < 400 or CANARY not in answer.text, (path, name, value, answer.text)
    assert sent >= 100
    await every_list_still_answers(any_service, client)


async def every_list_still_answers(service: Running, client: Door) -> None:
    for route in api_routes(service.app):
        required = [one for one in route.dependant.query_params if one.field_info.is_required()]
        if route.methods == {"GET"} and "{" not in route.path_format and not required:
            answer = await client.get(route.path_format)
            for_some = not is_open(route) and scope_of(route) is None
            assert for_some or answer.status_code == 200, route.path_format
