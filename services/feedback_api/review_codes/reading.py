"""Reading the SSDA903 file of reviews: every row judged, and each child's number gone before anything is stored."""

from __future__ import annotations

import csv
import hashlib
import hmac
import io
import re
from dataclasses import dataclass, field
from datetime import date

from services.feedback_api.review_codes.schemas import ReviewRowOut
from services.feedback_api.review_models import CODES
from shared.problems import Fault, Malformed

COLUMNS = ("CHILD", "DOB", "REVIEW", "REVIEW_CODE")
MAX_ROWS = 200_000
_CHILD = re.compile(r"[A-Za-z0-9/]{1,12}")
_DATE = re.compile(r"(\d{2})/(\d{2})/(\d{4})")
_UNDER_FOUR = "PN0"


@dataclass
class Review:
    """A row on its way: its line, whose it is by pseudonym, when and how."""

    row: int
    child: bytes
    reviewed_on: date
    code: str


@dataclass
class Reviews:
    """The rows of a file: those in order, those that are not, and those to look at."""

    received: int = 0
    good: list[Review] = field(default_factory=list)
    rejected: list[ReviewRowOut] = field(default_factory=list)
    warnings: list[ReviewRowOut] = field(default_factory=list)

    def reject(self, row: int, column: str, code: str, detail: str) -> None:
        self.rejected.append(ReviewRowOut(row=row, column=column, code=code, detail=detail))


def read_reviews(raw: bytes, key: bytes, today: date) -> Reviews:
    """Every row of the file, good or bad; raises Malformed where it is no such file. Slow for a long one."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _no_file("not_utf8", "save the file as CSV in UTF-8") from None
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    found, seen = Reviews(), dict[tuple[bytes, date], str]()
    try:
        heading = [name.strip().upper() for name in next(lines, [])]
        if sorted(heading) != sorted(COLUMNS):
            raise _no_file("columns", f"the heading has {', '.join(COLUMNS)} and nothing else")
        for cells in lines:
            if not any(cells):
                continue
            found.received += 1
            if found.received > MAX_ROWS:
                raise _no_file("too_many", f"give at most {MAX_ROWS} rows at a time")
            _read_row(found, seen, lines.line_num, heading, cells, key, today)
    except csv.Error:
        raise _no_file("csv", f"line {lines.line_num} is not CSV") from None
    if not found.received:
        raise _no_file("empty", "there is no row under the heading")
    return found


def _read_row(
    found: Reviews, seen: dict[tuple[bytes, date], str], row: int, heading: list[str], cells: list[str],
    key: bytes, today: date,
) -> None:  # fmt: skip
    if len(cells) != len(heading):
        found.reject(row, "", "cells", f"a row has {len(COLUMNS)} cells")
        return
    given = dict(zip(heading, (cell.strip() for cell in cells), strict=True))
    born, reviewed = _date(given["DOB"]), _date(given["REVIEW"])
    before = len(found.rejected)
    if not _CHILD.fullmatch(given["CHILD"]):
        found.reject(row, "CHILD", "reference", "give the child's reference, up to 12 letters and digits")
    if born is None:
        found.reject(row, "DOB", "date", "give a date as DD/MM/YYYY")
    if reviewed is None:
        found.reject(row, "REVIEW", "date", "give a date as DD/MM/YYYY")
    elif reviewed > today:
        found.reject(row, "REVIEW", "in_future", "this day has not come yet")
    if born and reviewed and born > reviewed:
        found.reject(row, "DOB", "after_review", "the child was born after the review")
    if given["REVIEW_CODE"] not in CODES:
        found.reject(row, "REVIEW_CODE", "unknown_code", "give one of PN0 to PN7")
    if len(found.rejected) > before or born is None or reviewed is None:
        return
    review = Review(row, pseudonym(given["CHILD"], key), reviewed, given["REVIEW_CODE"])
    known = seen.setdefault((review.child, reviewed), review.code)
    if known != review.code:
        found.reject(row, "REVIEW_CODE", "contradicts", "an earlier row has another code for this review")
        return
    if (_age(born, reviewed) < 4) != (review.code == _UNDER_FOUR):
        words = "PN0 is for children under four, and only for them"
        found.warnings.append(ReviewRowOut(row=row, column="REVIEW_CODE", code="age", detail=words))
    found.good.append(review)


def pseudonym(child: str, key: bytes) -> bytes:
    """What stands for a child: always the same with the council's key, and no way back without it."""
    return hmac.digest(key, b"ssda903 child\0" + child.upper().encode(), hashlib.sha256)


def _date(text: str) -> date | None:
    match = _DATE.fullmatch(text)
    try:
        return date(int(match[3]), int(match[2]), int(match[1])) if match else None
    except ValueError:
        return None


def _age(born: date, on: date) -> int:
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def _no_file(code: str, detail: str) -> Malformed:
    return Malformed("This is no file of reviews; see errors.", errors=[Fault("", code, detail)])
