"""Reads CSV, NDJSON and JSON files of figures row by row, in memory that does not grow with the file."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from operator import itemgetter
from typing import Any, Literal

from services.indicator_api.errors import UnreadableFile
from services.indicator_api.observations.files.json_items import line_item, read_json, refuse, rows_of
from services.indicator_api.observations.files.spool import Spool
from services.indicator_api.observations.rows.cells import COLUMNS, CellFault
from services.indicator_api.observations.rows.checks import Batch, Row
from shared.problems import Fault

Kind = Literal["json", "ndjson", "csv", "xlsx"]
Batches = Iterator[Batch]
Arrange = Callable[[list[list[str] | CellFault]], Sequence[Row]]

# Small blocks: a few hundred rows stay in the processor's cache, and the other requests of this process hardly wait.
_BLOCK = 1 << 14
_LONGEST_LINE = 1 << 18
_REQUIRED = ("indicator", "area", "period")
_WIDE_ENCODINGS = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00")
_NO_ROWS = Batch(0, None, ())
_TOO_LONG = CellFault(None, "too_long", "the line is too long")


def read_rows(kind: Kind, spool: Spool) -> Batches:
    """Every row of the file with its place; a row that cannot be read is a CellFault.

    Raises UnreadableFile where the fault is the file's and not a row's.
    """
    # A workbook comes here unpacked: its sheet as CSV.
    if kind in ("csv", "xlsx"):
        return _read_csv(spool)
    return _read_ndjson(spool) if kind == "ndjson" else read_json(spool)


def _blocks(spool: Spool) -> Iterator[bytes | None]:
    """The file in pieces of whole lines; None for a line too long to be one of ours."""
    start = spool.file.read(4)
    if start.startswith(_WIDE_ENCODINGS) or b"\x00" in start:
        refuse("", "encoding", "the file is not in UTF-8; save it as CSV UTF-8")
    rest, skipping = start.removeprefix(b"\xef\xbb\xbf"), False
    while block := spool.file.read(_BLOCK):
        cut = block.rfind(b"\n")
        if cut >= 0:
            first = block.index(b"\n") + 1 if skipping else 0
            if first <= cut:
                yield rest + block[first:cut]
            rest, skipping = block[cut + 1 :], False
        elif not skipping:
            rest += block
        if len(rest) > _LONGEST_LINE:
            yield None
            rest, skipping = b"", True
    if rest:
        yield rest


def _read_csv(spool: Spool) -> Batches:
    arrange: Arrange | None = None
    row, line = 1, 1
    for block in _blocks(spool):
        before = row
        records: list[list[str] | CellFault] = [_TOO_LONG] if block is None else _records(_decoded(block))
        for begin, end in _runs(records, [""]):
            first = begin
            if arrange is None:
                arrange, first = _header(records[begin]), begin + 1
            if first < end:
                yield Batch(row, line + first, arrange(records[first:end]))
            row += end - first
        line += len(records)
        if row == before:
            # So that whoever reads on can let others have their turn.
            yield _NO_ROWS
    if arrange is None:
        refuse("", "empty", "the file is empty; its first line names the columns")


def _runs(lines: Sequence[Any], blank: Any) -> list[tuple[int, int]]:
    """Where the lines that follow each other without a blank one begin and end; a blank line is no row."""
    if blank not in lines:
        return [(0, len(lines))]
    blanks = [-1, *(at for at, line in enumerate(lines) if line == blank), len(lines)]
    return [(before + 1, after) for before, after in pairwise(blanks) if before + 1 < after]


def _records(text: str) -> list[list[str] | CellFault]:
    """The lines of a block as cells."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").removesuffix("\r")
    lines = text.split("\n")
    if '"' not in text:
        return [line.split(",") for line in lines]
    try:
        # A file with quotes everywhere is read by the block, where none of them goes on to the next line.
        records = [] if "\r" in text else list(csv.reader(lines, strict=True))
    except csv.Error:
        records = []
    if len(records) == len(lines):
        return [record or [""] for record in records]
    return [_quoted(line) if '"' in line else line.split(",") for line in lines]


def _decoded(block: bytes) -> str:
    try:
        return block.decode()
    except UnicodeDecodeError:
        # The bytes that are not UTF-8 become lone surrogates, which no cell lets through.
        return block.decode("utf-8", "surrogateescape")


def _quoted(line: str) -> list[str] | CellFault:
    """One record with quotes. None of the columns holds a line end, so a quote left open spoils its own line only."""
    try:
        return next(csv.reader((line,), strict=True))
    except csv.Error:
        return CellFault(None, "quoting", "the quotes of this row do not match (RFC 4180)")


def _header(names: list[str] | CellFault) -> Arrange:
    """How to bring the cells of rows into the order of COLUMNS."""
    if isinstance(names, CellFault):
        refuse("/columns", names.code, "the first line cannot be read")
    names = [name.strip().lower() for name in names]
    faults = [
        Fault(f"/columns/{at}", "unknown_column", f"column {at + 1} is not one of {', '.join(COLUMNS)}")
        for at, name in enumerate(names)
        if name not in COLUMNS
    ]
    faults += [
        Fault(f"/columns/{at}", "column_twice", f"column {at + 1} stands twice")
        for at, name in enumerate(names)
        if name in COLUMNS and name in names[:at]
    ]
    faults += [Fault("/columns", "missing_column", f"{name} is required") for name in _REQUIRED if name not in names]
    if faults:
        detail = "The first line names the columns, separated by commas; see errors. Nothing was stored."
        raise UnreadableFile(detail, errors=faults[:20])
    if tuple(names) == COLUMNS:
        return lambda records: records
    # A column that is not there is read from an empty cell put at the end.
    width, choose = len(names), itemgetter(*(names.index(name) if name in names else len(names) for name in COLUMNS))

    def arrange(records: list[list[str] | CellFault]) -> list[Row]:
        # A record of another width is left as it is, for the check to find.
        return [
            choose([*record, ""]) if isinstance(record, list) and len(record) == width else _misfit(record)
            for record in records
        ]

    return arrange


def _misfit(record: list[str] | CellFault) -> CellFault:
    if isinstance(record, CellFault):
        return record
    return CellFault(None, "cells", "the row has more or fewer cells than the header")


def _read_ndjson(spool: Spool) -> Batches:
    row, line = 1, 1
    for block in _blocks(spool):
        before = row
        lines = [b"x"] if block is None else [text.strip() for text in block.split(b"\n")]
        for begin, end in _runs(lines, b""):
            rows = [_TOO_LONG] if block is None else rows_of([line_item(text) for text in lines[begin:end]])
            yield Batch(row, line + begin, rows)
            row += end - begin
        line += len(lines)
        if row == before:
            yield _NO_ROWS
