"""A list of open cases read from its bytes, as JSON or one case a line, with every row that is wrong pointed at."""

from __future__ import annotations

from datetime import date
from typing import Any

from fastapi import Request
from pydantic import TypeAdapter, ValidationError

from services.audit_api.open_cases.errors import CaseListRefused
from services.audit_api.open_cases.schemas import MAX_ITEMS, OpenCaseIn
from shared.problems import Fault, Malformed, TooLarge, UnsupportedMedia, fault_from_pydantic
from shared.schemas.base import LocalDate
from shared.strict import parse_json

MAX_BYTES = 10_000_000
_MOST_FAULTS = 500
_LINES = ("application/x-ndjson", "application/ndjson")
_ROW = TypeAdapter(OpenCaseIn)
_DAY = TypeAdapter(LocalDate)


async def read_body(request: Request) -> tuple[bytes, bool]:
    """The body within its bound, and whether it has a case a line."""
    media = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if media != "application/json" and media not in _LINES:
        raise UnsupportedMedia("Send application/json or application/x-ndjson.")
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > MAX_BYTES:
            raise TooLarge(f"At most {MAX_BYTES} bytes are taken here.")
    return bytes(raw), media in _LINES


def read_list(raw: bytes, lines: bool, as_at: date | None) -> tuple[date, list[OpenCaseIn]]:
    """The day and the cases; raises CaseListRefused with each row that is wrong, Malformed where it is no list."""
    if lines:
        day, items = _of_lines(raw, as_at)
    else:
        day, items = _of_document(raw, as_at)
    if len(items) > MAX_ITEMS:
        fault = Fault("/items", "too_many", f"give at most {MAX_ITEMS} cases")
        raise Malformed("The list is too long.", errors=[fault])
    return day, _rows(items)


def _of_lines(raw: bytes, as_at: date | None) -> tuple[date, list[Any]]:
    if as_at is None:
        fault = Fault("/query/as_at", "required", "say in the address which day the list is true of")
        raise Malformed("The day of the list is missing.", errors=[fault])
    return as_at, [parse_json(line) for line in raw.split(b"\n") if line.strip()]


def _of_document(raw: bytes, as_at: date | None) -> tuple[date, list[Any]]:
    document = parse_json(raw)
    if not isinstance(document, dict) or set(document) != {"as_at", "items"} or not isinstance(document["items"], list):
        fault = Fault("", "shape", "give two keys: as_at, a day, and items, a list of cases")
        raise Malformed('Send {"as_at": …, "items": [...]}.', errors=[fault])
    if as_at is not None:
        fault = Fault("/query/as_at", "twice", "the day stands in the body; leave it out of the address")
        raise Malformed("The day of the list is given twice.", errors=[fault])
    try:
        return _DAY.validate_python(document["as_at"]), document["items"]
    except ValidationError as error:
        faults = [fault_from_pydantic(one, ("as_at",)) for one in error.errors(include_url=False)]
        raise Malformed("The day of the list cannot be read; see errors.", errors=faults) from None


def _rows(items: list[Any]) -> list[OpenCaseIn]:
    rows: list[OpenCaseIn] = []
    faults: list[Fault] = []
    first: dict[str, int] = {}
    for place, item in enumerate(items):
        try:
            row = _ROW.validate_python(item)
        except ValidationError as error:
            faults += [fault_from_pydantic(one, ("items", str(place))) for one in error.errors(include_url=False)[:20]]
            continue
        other = first.setdefault(row.case_reference, place)
        if other != place:
            words = f"the case stands in row {other} already; name it once, with all who work on it"
            faults.append(Fault(f"/items/{place}/case_reference", "duplicate", words))
        rows.append(row)
    if faults:
        detail = "The list that was there still stands; see errors."
        raise CaseListRefused(detail, errors=faults[:_MOST_FAULTS], errors_truncated=len(faults) > _MOST_FAULTS)
    return rows
