"""Keyset paging: an opaque cursor of the last row's key, never an offset, never a silent end."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar
from urllib.parse import quote, urlencode

import jiter
from fastapi import Depends, Query, Request
from pydantic import BaseModel, Field
from pydantic_core import to_json

from shared.problems import Fault, Malformed

T = TypeVar("T")
Row = TypeVar("Row")
MAX_LIMIT = 500


class Page(BaseModel, Generic[T]):
    """One page of a list; `next` is the cursor for `after`, null at the end."""

    items: list[T]
    next: str | None = Field(description="give this as `after` for the next page; null at the end")


@dataclass(frozen=True)
class Cursor:
    """Where a page starts and how long it may be."""

    after: tuple[Any, ...] | None
    limit: int

    @property
    def fetch(self) -> int:
        """One more than the page, to know whether another follows."""
        return self.limit + 1


def encode_cursor(key: Sequence[Any]) -> str:
    return base64.urlsafe_b64encode(to_json(key)).decode().rstrip("=")


def decode_cursor(text: str, kinds: Sequence[type]) -> tuple[Any, ...]:
    """Raises Malformed when the text is not a cursor of this list."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        key = jiter.from_json(raw, allow_inf_nan=False)
    except (binascii.Error, ValueError):
        key = None
    good = isinstance(key, list) and len(key) == len(kinds)
    if not good or not all(type(part) is kind and _storable(part) for part, kind in zip(key, kinds, strict=True)):
        raise _foreign()
    return tuple(key)


def cursor_key(after: Sequence[Any], *readers: Callable[[str], Any]) -> tuple[Any, ...]:
    """The parts of a cursor read back as ids and days; raises Malformed where they are none."""
    try:
        return tuple(read(part) for read, part in zip(readers, after, strict=True))
    except ValueError:
        raise _foreign() from None


def long_number(text: str) -> int:
    """A number that a cursor carries as text because it may be as long as PostgreSQL's longest; else ValueError."""
    number = int(text)
    if not 0 <= number < 2**62:
        raise ValueError
    return number


def _foreign() -> Malformed:
    fault = Fault("/query/after", "cursor", "use the `next` of an earlier page of this same list")
    return Malformed("The cursor is not one of this list's.", errors=[fault])


def _storable(part: Any) -> bool:
    if isinstance(part, str):
        return "\x00" not in part and len(part) <= 500
    # Positions in lists are versions and revisions, which PostgreSQL keeps in four bytes.
    return not isinstance(part, int) or abs(part) < 2**31


def cursor(*kinds: type) -> Any:
    """The `after` and `limit` of a list whose key has parts of these kinds (uuid and dates travel as str)."""

    async def read(
        after: Annotated[str | None, Query(max_length=2000, description="`next` of the page before")] = None,
        limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 50,
    ) -> Cursor:
        return Cursor(None if after is None else decode_cursor(after, kinds), limit)

    return Depends(read)


def cut_page(rows: Sequence[Row], at: Cursor, key: Callable[[Row], Sequence[Any]]) -> tuple[Sequence[Row], str | None]:
    """Split `at.fetch` rows into the page and the cursor of the next."""
    if len(rows) <= at.limit:
        return rows, None
    page = rows[: at.limit]
    return page, encode_cursor(key(page[-1]))


def link_header(request: Request, next_cursor: str | None) -> dict[str, str]:
    """The Link header that says where the next page is."""
    if next_cursor is None:
        return {}
    query = urlencode([(name, value) for name, value in request.query_params.multi_items() if name != "after"])
    path = request.scope.get("root_path", "") + request.scope["path"].removeprefix(request.scope.get("root_path", ""))
    # A board may be named by its name. A cursor holds nothing that would have to be quoted.
    return {"Link": f'<{quote(path)}?{query}{"&" if query else ""}after={next_cursor}>; rel="next"'}
