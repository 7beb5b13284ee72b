"""Writes the first visible sheet of a workbook as CSV; run as a process of its own, within bounds of memory and time.

A workbook is a foreign archive read by a library that takes what it needs: one of a few kilobytes may ask for
gigabytes, and what cannot be had ends the process. So it is never read inside the service.
"""

from __future__ import annotations

import csv
import errno
import re
import resource
import sys
import zipfile
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from enum import IntEnum
from itertools import chain, repeat
from pathlib import Path
from typing import IO, Any
from xml.etree import ElementTree
from xml.parsers import expat

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

MOST_UNPACKED = 400_000_000
MOST_ENTRIES = 2_000
MEMORY = 1 << 29
SECONDS = 60
_BLOCK = 1 << 16
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
# An error, a formula or a share is rare: most sheets are spared the slow look at each cell.
_LOOKED_AT = re.compile(rb"""\st\s*=\s*["']e["']|<(?:\w+:)?f[\s/>]""")
# Stands for what a cell does not tell; taken for empty, it would make the figure of a part one of the whole.
_UNTOLD, _MOST_ROWS = "#GETTING_DATA", 1 << 20
_TEXT_OF_FORMAT = re.compile(r'"[^"]*"|\\.')
Marks = dict[tuple[int, int], str]


class Refusal(IntEnum):
    """How this process ends where it cannot write the sheet."""

    not_a_workbook = 10
    no_sheet = 11
    too_large = 12
    no_room = 13


class Refused(Exception):
    def __init__(self, why: Refusal) -> None:
        self.why = why


def check_archive(archive: zipfile.ZipFile) -> None:
    """Raises Refused where it holds more than a workbook may, or not what its directory says."""
    entries = archive.infolist()
    if len(entries) > MOST_ENTRIES or sum(entry.file_size for entry in entries) > MOST_UNPACKED:
        raise Refused(Refusal.too_large)
    # Reads every entry no further than its declared size, and compares the checksum of what came.
    if archive.testzip() is not None:
        raise Refused(Refusal.not_a_workbook)


def write_sheet(file: IO[bytes], out: IO[str]) -> None:
    """One line for each row of the sheet, so that a line's number is the row's."""
    with zipfile.ZipFile(file) as archive:
        check_archive(archive)
        file.seek(0)
        workbook = CalamineWorkbook.from_filelike(file)
        at = next((n for n, one in enumerate(workbook.sheets_metadata) if _is_table(one)), None)
        if at is None:
            raise Refused(Refusal.no_sheet)
        marks = _marks(archive, at)
    sheet = workbook.get_sheet_by_index(at)
    left = sheet.start[1] if sheet.start else 0
    writer, covered = csv.writer(out, lineterminator="\n"), dict[int, int]()
    tall = {first: last[0] for first, last in sheet.merged_cell_ranges or () if last[0] > first[0]}
    # The library leaves out the rows at the end in which nothing was worked out.
    late = max((at[0] + 1 for at in marks if marks[at] != "%" and at[0] < _MOST_ROWS), default=0) - sheet.total_height
    unsaid: list[Any] = [""] * sheet.width
    for row, cells in enumerate(chain(sheet.iter_rows(), repeat(unsaid, max(0, late)))):
        texts = [_text(cell, marks.get((row, left + column))) for column, cell in enumerate(cells)]
        if any(texts):
            for column, text in enumerate(texts if tall else ()):
                if text:
                    covered[column] = tall.get((row, left + column), -1)
                elif covered.get(column, -1) >= row:
                    texts[column] = _UNTOLD
            writer.writerow(texts)
        else:
            out.write("\n")
    out.flush()


def _is_table(sheet: Any) -> bool:
    return bool(sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible)


def _text(cell: Any, mark: str | None) -> str:
    """A cell as a table prints it: whole numbers whole, days as 2026-04-01, shares with their sign."""
    if mark is not None and mark != "%":
        return mark
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float | int):
        # A spreadsheet holds and shows fifteen digits; the rest is the noise of its arithmetic.
        number = Decimal(format(cell, ".15g"))
        return f"{_plain(number * 100)}%" if mark else _plain(number)
    if isinstance(cell, datetime) and not (cell.hour or cell.minute or cell.second):
        cell = cell.date()
    if isinstance(cell, date):
        return cell.isoformat()
    text = str(cell).strip()
    # A line end inside a cell would be the end of the row; as a tab it is found where it stands.
    return re.sub(r"[\r\n]+", "\t", text) if "\n" in text or "\r" in text else text


def _plain(number: Decimal) -> str:
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _marks(archive: zipfile.ZipFile, at: int) -> Marks:
    """What the library does not tell: the words of error cells, which formulas were never worked out, and which cells
    are shown as shares of a hundred."""
    name = _sheet_name(archive, at)
    shares = _share_styles(archive)
    if name is None or not (shares or _looked_at(archive, name)):
        return {}
    looking = _Looking(shares)
    with archive.open(name) as part:
        looking.parser.ParseFile(part)
    return looking.marks


def _looked_at(archive: zipfile.ZipFile, name: str) -> bool:
    end = b""
    with archive.open(name) as part:
        while block := part.read(_BLOCK):
            if _LOOKED_AT.search(end + block):
                return True
            end = block[-20:]
    return False


def _sheet_name(archive: zipfile.ZipFile, at: int) -> str | None:
    """The entry that holds a sheet, by its place among the sheets."""
    try:
        sheets = [one for one in _elements(archive, "xl/workbook.xml") if one.tag.endswith("}sheet")]
        relation = sheets[at].get(_RELATION)
        links = _elements(archive, "xl/_rels/workbook.xml.rels")
        target = next(str(one.get("Target")) for one in links if one.get("Id") == relation)
    except (KeyError, IndexError, StopIteration):
        return None
    name = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
    return name if name in archive.namelist() else None


def _elements(archive: zipfile.ZipFile, name: str) -> list[ElementTree.Element]:
    with archive.open(name) as part:
        return list(ElementTree.parse(part).iter())  # noqa: S314  # bounded, and expat stops entities that explode


def _share_styles(archive: zipfile.ZipFile) -> frozenset[str]:
    """The numbers of the cell styles that show a fraction as a percentage."""
    if "xl/styles.xml" not in archive.namelist():
        return frozenset()
    formats, styles, inside = {"9", "10"}, set(), False
    place = 0
    for one in _elements(archive, "xl/styles.xml"):
        tag = one.tag.rpartition("}")[2]
        if tag == "numFmt" and "%" in _TEXT_OF_FORMAT.sub("", one.get("formatCode", "")):
            formats.add(one.get("numFmtId", ""))
        elif tag in ("cellXfs", "cellStyleXfs", "cellStyles", "dxfs"):
            inside, place = tag == "cellXfs", 0
        elif tag == "xf" and inside:
            if one.get("numFmtId") in formats:
                styles.add(str(place))
            place += 1
    return frozenset(styles)


class _Looking:
    """Goes through a sheet's XML for the cells to be marked."""

    def __init__(self, shares: frozenset[str]) -> None:
        self.marks: Marks = {}
        self._shares = shares
        self._row = self._column = -1
        self._kind, self._value = "", ""
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag = name.rpartition(" ")[2]
        if tag == "row":
            self._row = int(attributes["r"]) - 1 if "r" in attributes else self._row + 1
            self._column = -1
        elif tag == "c":
            self._column = _column(attributes["r"]) if "r" in attributes else self._column + 1
            self._kind = attributes.get("t", "n")
            if self._kind == "n" and attributes.get("s") in self._shares:
                self.marks[self._row, self._column] = "%"
        # A formula of the kind `str` may well have worked out to an empty text.
        if (tag == "c" and self._kind == "e") or (tag == "f" and self._kind in ("n", "b", "d")):
            self._value = ""
            self.parser.EndElementHandler = self._end
        elif tag == "v" and self.parser.EndElementHandler:
            self.parser.CharacterDataHandler = self._characters

    def _characters(self, text: str) -> None:
        self._value += text

    def _end(self, name: str) -> None:
        tag = name.rpartition(" ")[2]
        if tag == "v":
            self.parser.CharacterDataHandler = None
        elif tag == "c":
            if self._kind == "e" or not self._value.strip():
                self.marks[self._row, self._column] = self._value.strip() or _UNTOLD
            self.parser.EndElementHandler = None


def _column(reference: str) -> int:
    number = 0
    for letter in reference.rstrip("0123456789").upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _bound_self() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    # Only Linux knows these two, and services run on Linux. Where memory runs short all the same, this process goes
    # before the service does.
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        Path("/proc/self/oom_score_adj").write_text("1000")


def main() -> int:
    """Standard input is the workbook as a file, standard output takes the CSV."""
    _bound_self()
    try:
        with open(sys.stdout.fileno(), "w", encoding="utf-8", closefd=False, newline="") as out:
            write_sheet(sys.stdin.buffer, out)
    except Refused as refused:
        return refused.why
    except MemoryError:
        return Refusal.too_large
    except OSError as error:
        return Refusal.no_room if error.errno in (errno.ENOSPC, errno.EDQUOT) else Refusal.not_a_workbook
    except (zipfile.BadZipFile, CalamineError, ElementTree.ParseError, expat.ExpatError, NotImplementedError,
            RuntimeError, ValueError, KeyError, EOFError):  # fmt: skip
        return Refusal.not_a_workbook
    return 0


if __name__ == "__main__":
    sys.exit(main())
