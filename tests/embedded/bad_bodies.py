"""More than three hundred bodies that have broken such services before, for any operation."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

CANARY = "Zebedee-Canary-7731"
# Stands in a text for what no JSON library would write.
_RAW = "\ue000raw\ue000"
TOKENS = [
    "NaN", "Infinity", "-Infinity", "1e400", "-1e400", "1e1000", "9" * 400, "0.1e-400", "+1", ".5", "1.", "0x1f",
    "01", "1_000", "undefined", "'x'", "True", "None", '"\\udc00"', '"\\ud800x"', '"a\\u0000b"', '"\\x41"',
    '"tab\there"', "-", "", "[1,]", '{"a":1,}', '{"a":1,"a":2}', "// no\n1",
]  # fmt: skip
WORDS: list[Any] = [
    None, True, False, 0, 1, -1, 2**31 - 1, 2**31, -(2**31) - 1, 2**53 + 1, 2**63 - 1, 2**63, -(2**63) - 1, 2**64,
    2**70, 0.5, -0.5, 1.5, 1e308, -1e308, 5e-324, -0.0, 1700000000, 1700000000000, 45000, "45000", "", " ", "\t",
    "\n", CANARY, "x" * 300, "x" * 5_000, "x" * 100_000, "\u202egnp.exe", "a\u200bb", "\ufeffa", "\u0000",
    "a\u0085b", "\u2028", "\u0301" * 10_000, "\U0001f9d2" * 50, "e\u0301", "\ufdfa" * 100, "=1+1", "+1", "-2+3",
    "@SUM(A1)", "\tcell", "\rcell", '=HYPERLINK("x")', "line\r\nSet-Cookie: a=b", "2026-02-30", "0000-01-01",
    "0001-01-01", "9999-12-31", "10000-01-01", "2026-11-23", "23/11/2026", "2026-11-23T10:00:00",
    "2026-11-23T10:00:00Z", "2026-11-23T10:00:00+14:00", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00",
    "24:00", "P1D", "1700000000", "2026-13", "2026-1", "AY2026-27-HT9", "FY2026-28", "FY2026-27-Q5", "CY0000",
    "null", "true", "1e400", "NaN", "../../etc/passwd", "%00", "%ff", "'; DROP TABLE audit; --", "{{7*7}}",
    "${jndi:ldap://x}", "<script>alert(1)</script>", "00000000-0000-0000-0000-000000000000",
    "00000000-0000-7000-8000-000000000000", "fs_weymouth", "FS_WEYMOUTH", "fs_weymouth ", "fѕ_weymouth", [], {},
    [[]], [None], [{}], [CANARY] * 600, [1] * 20_000, {CANARY: CANARY}, {"value": CANARY}, {"": ""}, {"$ref": "#"},
    {"__proto__": {}}, {"a": {"a": {"a": {"a": []}}}},
]  # fmt: skip
BYTES: dict[str, bytes] = {
    "nothing": b"", "a space": b" ", "a brace": b"{", "a bracket": b"[", "a quote": b'"', "two bodies": b"{}{}",
    "duplicate key": b'{"unit": "a", "unit": "b"}', "not UTF-8": b'{"unit": "\xff\xfe"}',
    "overlong UTF-8": b'{"unit": "\xc0\x80"}', "a surrogate in UTF-8": b'{"unit": "\xed\xb0\x80"}',
    "cut UTF-8": b'{"unit": "\xe2\x82', "UTF-16": '{"unit": "a"}'.encode("utf-16"),
    "UTF-32": '{"unit": "a"}'.encode("utf-32"), "byte order mark": b'\xef\xbb\xbf{"unit": "a"}',
    "NUL bytes": b"\x00" * 100, "deep": b"[" * 1_000 + b"]" * 1_000, "never closed": b"[" * 100_000,
    "deep object": b'{"a":' * 1_000 + b"1" + b"}" * 1_000, "long integer": b'{"value": ' + b"9" * 5_000 + b"}",
    "a key ten thousand times": b"{" + b",".join([b'"unit": 1'] * 10_000) + b"}",
    "many keys": b"{" + b",".join(b'"k%d": 1' % n for n in range(100_000)) + b"}",
    "zip": b"PK\x03\x04" + b"\x00" * 100, "gzip": gzip.compress(b'{"unit": "a"}'), "YAML": b"unit: a\n",
    "XML": b"<?xml version='1.0'?><a/>", "a form": b"unit=a&unit=b", "comments": b"/* a */ {}",
    "one quote": b"{'unit': 'a'}", "control": b'{"unit": "\x01\x1f"}', "CSV": b"indicator,area\n=1+1,\"x\n",
    "CSV with a bare quote": b'indicator,area\na"b,c\n', "CSV with NUL": b"a,b\n\x00,1\n",
    "CSV in UTF-16": "indicator,area\na,b\n".encode("utf-16"), "CSV that grows": b"a\n" + b"1,2,3,4\n" * 50,
}  # fmt: skip
GZIP_BOMB = gzip.compress(b'"' + b"0" * 20_000_000 + b'"')


@dataclass(frozen=True)
class Bad:
    """One request that is not to break anything."""

    what: str
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


def _json(value: Any, token: str | None = None) -> bytes:
    text = json.dumps(value)
    return (text if token is None else text.replace(json.dumps(_RAW), token)).encode()


def pointers(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in an example."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inside:
        yield (*at, key)
        yield from pointers(one, (*at, key))


def put(example: Any, at: tuple[Any, ...], value: Any) -> Any:
    copy = json.loads(json.dumps(example))
    place = copy
    for key in at[:-1]:
        place = place[key]
    place[at[-1]] = value
    return copy


@cache
def plain() -> tuple[Bad, ...]:
    """Bodies that need no example."""
    found = [Bad(what, body) for what, body in BYTES.items()]
    kinds = ("text/plain", "application/xml", "application/json; charset=utf-16", "multipart/form-data", "text/csv")
    found += [Bad(f"a body that says it is {kind}", b'{"unit": "a"}', {"Content-Type": kind}) for kind in kinds]
    found.append(Bad("a gzip bomb", GZIP_BOMB, {"Content-Encoding": "gzip"}))
    found.append(Bad("20 MB of text", b'{"unit": "' + b"x" * 20_000_000 + b'"}'))
    for word in WORDS:
        shapes = {"value": word, "list": [word], "items": {"items": [word]}}
        found += [Bad(shape, _json(body)) for shape, body in shapes.items()]
    found += [Bad(f"token {token}", f'{{"value": {token}}}'.encode()) for token in TOKENS]
    return tuple(found)


def spoiled(example: Any, chance: random.Random, most: int) -> list[Bad]:
    """The example with one place spoiled: each of these is whole but for it."""
    places = list(pointers(example))
    found = []
    for _ in range(most if places else 0):
        at = chance.choice(places)
        if chance.random() < 0.2:
            token = chance.choice(TOKENS)
            found.append(Bad(f"{at}: token", _json(put(example, at, _RAW), token)))
        else:
            found.append(Bad(f"{at}: word", _json(put(example, at, chance.choice(WORDS)))))
    if isinstance(example, dict):
        found.append(Bad("an unknown field", _json(example | {CANARY: CANARY})))
        found.append(Bad("every field null", _json(dict.fromkeys(example))))
    return found


def corpus(name: str, example: Any, size: int) -> list[Bad]:
    """So many bodies for one operation, of both kinds, no two alike; each operation begins elsewhere in the corpus."""
    chance = random.Random(name)
    begin = chance.randrange(len(plain()))
    bodies = [*plain()[begin:], *plain()[:begin]][: 2 * size]
    mine = spoiled(example, chance, size) if example is not None else []
    mixed = [one for pair in zip(mine, bodies, strict=False) for one in pair] + bodies[len(mine) :]
    different = {(one.body, *one.headers.items()): one for one in mixed}
    return list(different.values())[:size]
