"""Figures in JSON: one object a line, or a list of them, read item by item however long it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import Any, NoReturn

import jiter
from jiter import LosslessFloat

from services.indicator_api.errors import UnreadableFile
from services.indicator_api.observations.files.spool import Spool
from services.indicator_api.observations.rows.cells import COLUMNS, NUMBERS, CellFault, json_cell
from services.indicator_api.observations.rows.checks import Batch, Row
from shared.problems import Fault
from shared.strict import parse_json

# JSON up to this size is parsed in one go, which is faster and places its faults better.
_WHOLE = 1 << 20
_BLOCK = 1 << 16
_LONGEST_ITEM = 1 << 18
_ITEMS = 1_000
_KNOWN = frozenset(COLUMNS)
_OPEN = re.compile(rb'\s*\{\s*"items"\s*:\s*\[')
# An item is flat, so it ends with the first brace outside a text; what stands in it is the parser's to judge.
_ITEM = re.compile(rb'\s*(\{(?:[^"{}\[\]]++|"(?:[^"\\]++|\\.)*+")*+\})\s*([,\]])', re.DOTALL)
_CLOSE = re.compile(rb"\s*\}\s*")


def refuse(pointer: str, code: str, detail: str) -> NoReturn:
    raise UnreadableFile("Nothing was stored; see errors.", errors=[Fault(pointer, code, detail)])


def rows_of(items: Sequence[Any]) -> Sequence[Row]:
    """The cells of items, or why an item has none."""
    if set(map(type, items)) == {dict} and _KNOWN.issuperset(chain.from_iterable(items)):
        try:
            # Column by column, which is twice as fast as item by item.
            return list(zip(*(_column(name, [item.get(name) for item in items]) for name in COLUMNS), strict=True))
        except CellFault:
            pass
    return [_item_cells(item) for item in items]


def _column(name: str, values: list[Any]) -> list[str]:
    if name in NUMBERS:
        return [
            "" if value is None else str(value) if type(value) is LosslessFloat else json_cell(name, value)
            for value in values
        ]
    if set(map(type, values)) == {str}:
        return values
    return ["" if value is None else json_cell(name, value) for value in values]


def _item_cells(item: Any) -> Row:
    if isinstance(item, CellFault):
        return item
    if type(item) is not dict:
        return CellFault(None, "not_an_object", "give each figure as an object")
    if not item.keys() <= _KNOWN:
        return CellFault(None, "unknown_key", "there is a key here that a figure does not have")
    try:
        return [json_cell(name, item.get(name)) for name in COLUMNS]
    except CellFault as fault:
        return fault


def read_json(spool: Spool) -> Iterator[Batch]:
    items, row = _whole(spool) if spool.size <= _WHOLE else _streamed(spool), 1
    while some := list(islice(items, _ITEMS)):
        yield Batch(row, None, rows_of(some))
        row += len(some)


def _whole(spool: Spool) -> Iterator[Any]:
    raw = spool.file.read()
    try:
        body = _parse(raw, search_duplicates=False)
        # A colon for each key that was found and none else: no key stands twice. To have the parser search costs as
        # much as all its other work.
        if raw.count(b":") != _count_keys(body):
            body = _parse(raw)
    except ValueError:
        parse_json(raw)  # says where and what; and should it think otherwise:
        refuse("", "json_invalid", "this is not valid JSON in UTF-8")
    if type(body) is not dict or body.keys() != {"items"} or type(body["items"]) is not list:
        refuse("", "items", 'give an object with one key, "items", that holds a list')
    yield from body["items"]


def _count_keys(body: Any) -> int:
    items = body.get("items") if type(body) is dict else None
    if type(items) is not list or set(map(type, items)) != {dict}:
        return -1
    return len(body) + sum(map(len, items))


def _streamed(spool: Spool) -> Iterator[Any]:
    """The items of `{"items": [...]}` one by one, however long the list is."""
    buffer = spool.file.read(_BLOCK)
    opened = _OPEN.match(buffer)
    if opened is None:
        refuse("", "items", 'give an object with one key, "items", that holds a list')
    at, count, ended = opened.end(), 0, False
    while not ended:
        found = _ITEM.match(buffer, at)
        if found is None:
            more = spool.file.read(_BLOCK) if len(buffer) - at <= _LONGEST_ITEM else b""
            if not more:
                refuse(f"/items/{count}", "item", "an item is an object of text, numbers and nulls; commas part them")
            buffer, at = buffer[at:] + more, 0
            continue
        try:
            yield _parse(found[1])
        except ValueError as error:
            fault = _json_fault(error)
            refuse(f"/items/{count}", fault.code, fault.detail)
        count, at, ended = count + 1, found.end(), found[2] == b"]"
    if not _CLOSE.fullmatch(buffer[at:] + spool.file.read(_LONGEST_ITEM)):
        refuse("", "items", 'nothing but "items" belongs into the object')


def line_item(text: bytes) -> Any:
    """What stands in a line, or why nothing can be read there."""
    try:
        return _parse(text)
    except ValueError as error:
        return _json_fault(error)


def _parse(raw: bytes, *, search_duplicates: bool = True) -> Any:
    return jiter.from_json(
        raw,
        allow_inf_nan=False,
        catch_duplicate_keys=search_duplicates,
        cache_mode="keys",
        float_mode="lossless-float",
    )


def _json_fault(error: ValueError) -> CellFault:
    words = str(error)
    if words.startswith("Detected duplicate key"):
        return CellFault(None, "duplicate_key", "a key stands twice in one object")
    if "recursion" in words:
        return CellFault(None, "too_deep", "the nesting is too deep")
    return CellFault(None, "json_invalid", "this is not valid JSON in UTF-8")
