"""Rows read many at a time are what they are when each is read by itself, whatever stands around them."""

from __future__ import annotations

import io
import json
from itertools import chain
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.indicator_api.observations.files.formats import Kind, read_rows
from services.indicator_api.observations.files.spool import Spool
from services.indicator_api.observations.rows.cells import COLUMNS, CellFault
from services.indicator_api.observations.rows.checks import Row
from shared.problems import Malformed

CELLS = st.sampled_from(
    ["", "a", "12.5", '"quoted, with a comma"', '"two ""quotes"""', '"open', 'late"', "\r", "\x00", " ", "é"]
)
LINES = st.lists(CELLS, min_size=8, max_size=10).map(",".join)
VALUES = st.one_of(
    st.none(), st.booleans(), st.text(max_size=3), st.integers(-(10**14), 10**14), st.floats(allow_nan=False),
    st.just([]),
).filter(lambda value: value not in (float("inf"), float("-inf")))  # fmt: skip
ITEMS = st.one_of(
    st.fixed_dictionaries({}, optional=dict.fromkeys((*COLUMNS, "unknown"), VALUES)),
    st.fixed_dictionaries({name: st.text(max_size=3) for name in COLUMNS[:3]}, optional={"value": st.floats(0, 9)}),
    VALUES,
)


def read(kind: Kind, content: bytes) -> list[tuple[int, int | None, Any]]:
    """Each row of a file with its place: its cells, or the column and code of what is wrong with it."""
    batches = list(read_rows(kind, Spool(io.BytesIO(content), len(content), b"")))
    return list(
        chain.from_iterable([(*batch.place(at), shown(row)) for at, row in enumerate(batch.rows)] for batch in batches)
    )


def shown(row: Row) -> Any:
    return (row.column, row.code, row.detail) if isinstance(row, CellFault) else list(row)


@settings(max_examples=150, deadline=None)
@given(st.lists(LINES, min_size=1, max_size=6))
def test_lines_of_csv(lines: list[str]) -> None:
    header = ",".join(COLUMNS)
    together = read("csv", "\n".join([header, *lines, ""]).encode())
    alone = [read("csv", f"{header}\n{line}\n".encode()) for line in lines]
    assert [row for *_, row in together] == [row for one in alone for *_, row in one]
    assert [(row, line) for row, line, _ in together] == [(at, at + 1) for at in range(1, len(lines) + 1)]


@settings(max_examples=150, deadline=None)
@given(st.lists(ITEMS, max_size=6))
def test_items_of_json(items: list[Any]) -> None:
    together = read("json", json.dumps({"items": items}).encode())
    alone = [read("json", json.dumps({"items": [item]}).encode()) for item in items]
    assert [row for *_, row in together] == [row for one in alone for *_, row in one]
    lines = read("ndjson", "".join(f"{json.dumps(item)}\n" for item in items).encode())
    assert [row for *_, row in lines] == [row for *_, row in together]


@pytest.mark.parametrize(
    "content",
    [
        b'{"items": [{"area": "a", "area": "b"}]}',
        b'{"items": [{"area": "a", "area": "b: c"}, {"indicator": "d"}]}',
        b'{"items": [{"area": "a"}], "items": [{"area": "a"}]}',
        b'{"items": [{"area": {"area": "a", "area": "b"}}]}',
        b'{"items": [{"area": {"area": "a", "area": "b"}}, 1]}',
    ],
)
def test_a_key_that_stands_twice_is_found_whatever_colons_stand_in_texts(content: bytes) -> None:
    with pytest.raises(Malformed) as refused:
        read("json", content)
    assert [fault.code for fault in refused.value.errors] == ["duplicate_key"]
    assert read("json", b'{"items": [{"area": "a: b"}]}')[0][2][1] == "a: b"


@settings(max_examples=150, deadline=None)
@given(st.lists(ITEMS, max_size=4), ITEMS)
def test_an_item_nobody_can_read_spoils_no_other(items: list[Any], item: Any) -> None:
    """Next to it, items are read one by one and not by the column."""
    content = json.dumps({"items": [*items, item]}).encode()
    spoiled = json.dumps({"items": [*items, item, "no object"]}).encode()
    assert [row for *_, row in read("json", spoiled)][:-1] == [row for *_, row in read("json", content)]
