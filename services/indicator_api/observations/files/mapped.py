"""Files of other systems, read through a saved mapping: their rows become figures, and faults name their places."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import islice

from services.indicator_api.errors import UnreadableFile
from services.indicator_api.mappings.header import HeaderFaults
from services.indicator_api.mappings.reading import Reading, WrongWidth
from services.indicator_api.observations.files.formats import Kind
from services.indicator_api.observations.files.spool import Spool
from services.indicator_api.observations.rows.cells import CellFault
from services.indicator_api.observations.rows.checks import Batch, Place, Row
from services.indicator_api.observations.rows.report import Layout
from shared.problems import Fault

_LONGEST_LINE = 1 << 20
_WIDE_ENCODINGS = (b"\xff\xfe", b"\xfe\xff")
_AT_ONCE = 500
# What a row is numbered with must fit where PostgreSQL keeps it.
_MOST_FIGURES = 2**31 - 1
_DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t"}
_QUOTING = CellFault(None, "quoting", "the quotes of this row do not match (RFC 4180)")
_WIDTH = CellFault(None, "cells", "the row has more or fewer cells than the header")
Record = list[str] | CellFault


class MappedLayout(Layout):
    """Numbers each figure by its line and its place in the row, and tells both from the number again."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self.header_line = 0

    def number(self, line: int, figure: int) -> int:
        return (line - 1) * self._reading.width + figure + 1

    def place(self, place: Place) -> Place:
        line = (place[0] - 1) // self._reading.width + 1
        return line - self.header_line, line

    def source_column(self, number: int, column: str | None) -> int | None:
        return self._reading.position((number - 1) % self._reading.width, column)


class MappedFile:
    """One file as one mapping reads it."""

    def __init__(self, kind: Kind, reading: Reading, spool: Spool) -> None:
        self._reading, self._spool = reading, spool
        # A workbook comes here unpacked, its sheet as CSV.
        self._delimiter = "," if kind == "xlsx" else _DELIMITERS[reading.mapping.delimiter]
        self.layout = MappedLayout(reading)

    def batches(self) -> Iterator[Batch]:
        """Every figure of every row that is to be read; raises UnreadableFile where the fault is the file's."""
        records = self._records()
        header = next(records, None)
        if header is None:
            raise _unreadable([Fault("", "empty", "the file has no header where the mapping expects it")])
        self.layout.header_line, names = header
        if isinstance(names, CellFault):
            raise _unreadable([Fault("/columns", names.code, names.detail)])
        try:
            self._reading.see(names)
        except HeaderFaults as found:
            raise _unreadable(found.faults) from None
        while some := list(islice(records, _AT_ONCE)):
            yield from self._following(some)
            # Where none of the rows is to be read, too, so that whoever reads on can let others have their turn.
            yield Batch(0, None, ())

    def _following(self, records: list[tuple[int, Record]]) -> Iterator[Batch]:
        """The figures of some records, in runs of those whose numbers follow each other."""
        start, rows = 0, list[Row]()
        for line, record in records:
            for at, cells in enumerate(self._figures(record)):
                if cells is None:
                    continue
                number = self.layout.number(line, at)
                if number > _MOST_FIGURES:
                    raise _unreadable([Fault("", "too_long", "the file has more lines than can be numbered")])
                if number != start + len(rows):
                    if rows:
                        yield Batch(start, None, rows)
                    start, rows = number, []
                rows.append(cells)
        if rows:
            yield Batch(start, None, rows)

    def _figures(self, record: Record) -> list[Row | None]:
        """A row that cannot be read is one fault, however many figures it would have given."""
        if isinstance(record, CellFault):
            return [record]
        try:
            return [*(self._reading.figures(record) or ())]
        except WrongWidth:
            return [_WIDTH]

    def _records(self) -> Iterator[tuple[int, Record]]:
        """The records that are not blank, each with its first line; the first of them is the header."""
        lines = self._lines()
        skipped = sum(1 for _ in islice(lines, self._reading.mapping.skip_lines))
        reader = csv.reader(lines, delimiter=self._delimiter, strict=True)
        while True:
            line = skipped + reader.line_num + 1
            try:
                record = next(reader)
            except StopIteration:
                return
            except csv.Error:
                yield line, _QUOTING
                continue
            if any(cell.strip() for cell in record):
                yield line, record

    def _lines(self) -> Iterator[str]:
        file = self._spool.file
        start = file.read(3)
        if start.startswith(_WIDE_ENCODINGS) or b"\x00" in start:
            raise _unreadable([Fault("", "encoding", "the file is not in UTF-8; save it as CSV UTF-8")])
        rest = b"" if start == b"\xef\xbb\xbf" else start
        while line := rest + file.readline(_LONGEST_LINE):
            if len(line) >= _LONGEST_LINE:
                raise _unreadable([Fault("", "too_long", "a line of the file is too long")])
            rest = b""
            # The bytes that are not UTF-8 become lone surrogates, which no cell of a figure lets through.
            yield line.decode("utf-8", "surrogateescape")


def _unreadable(faults: list[Fault]) -> UnreadableFile:
    return UnreadableFile("The file is not the one the mapping reads; see errors. Nothing was stored.", errors=faults)
