"""Reading what people send without a login: every JSON text is taken, whatever it says and however it was encoded.

Strictness helps whoever writes a program; a child who says something in an odd way must be heard all the same. Only
what no store can hold is replaced, by a sign that shows where it stood.
"""

from __future__ import annotations

import json
import re
from typing import Any

from fastapi import Request

from shared.batches import read_batch
from shared.problems import Fault, Malformed, TooLarge

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_REPLACED = "\ufffd"
_LONGEST_NUMBER = 30


async def read_written(request: Request, most_bytes: int) -> bytes:
    """The body as it was sent; what is too long for it is refused in words for whoever wrote it."""
    try:
        return await read_batch(request, most_bytes)
    except TooLarge:
        words = f"This is longer than can be taken here (some {most_bytes:,} letters). Nothing was stored and the token"
        raise TooLarge(f"{words} is still good: please shorten it and send it again.") from None


def read_object(raw: bytes) -> dict[str, Any]:
    """The object that was sent; a key that stands twice gets a number. Raises Malformed only where it is no JSON."""
    try:
        found = json.loads(
            raw.decode("utf-8-sig", "replace"),
            strict=False,
            object_pairs_hook=_every_pair,
            parse_constant=str,
            parse_int=_number,
        )
    except (ValueError, RecursionError):
        fault = Fault("", "json_invalid", "this is not valid JSON, or it is nested too deeply")
        raise Malformed("The body is not JSON; see errors.", errors=[fault]) from None
    if not isinstance(found, dict):
        raise Malformed("The body is no JSON object.", errors=[Fault("", "shape", "give an object with a token")])
    return found


def clean(text: str) -> str:
    """The text as it can be stored, with a sign in the place of what cannot."""
    return _UNSTORABLE.sub(_REPLACED, text)


def as_text(value: Any) -> str:
    """Any JSON value as text that can be stored and read."""
    return clean(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _every_pair(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    # Where the numbers of each key go on: a key sent thousands of times must not be counted from two each time.
    numbered: dict[str, int] = {}
    for key, value in pairs:
        name, number = key, numbered.get(key, 1)
        while name in found:
            number += 1
            name = f"{key} ({number})"
        numbered[key] = number
        found[name] = value
    return found


def _number(digits: str) -> int | str:
    # Longer ones are no number anybody meant, and slow to read as one.
    return int(digits) if len(digits) <= _LONGEST_NUMBER else digits
