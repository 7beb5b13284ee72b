"""A report as plain tables of values, the same for spreadsheets and for CSV: numbers are numbers, words are words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel

from services.reporting_api.renders.any_items import title as heading
from services.reporting_api.renders.any_items import words
from services.reporting_api.renders.figure_tables import (
    Number,
    comparison_rows,
    figure_rows,
    team_rows,
    trend_rows,
)
from services.reporting_api.renders.wording import plain
from shared.schemas.board_report import BoardReport

Value = str | float | int | bool | date | datetime | Number | None


@dataclass(frozen=True, slots=True)
class DataTable:
    """One table: its code names the file, its title the sheet."""

    code: str
    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Value]]


def data_tables(report: BoardReport) -> list[DataTable]:
    """Every table that has a row."""
    found = [
        _of_records("figures", "Council table", list(figure_rows(report))),
        _of_records("trend", "Trend", list(trend_rows(report))),
        _of_records("comparisons", "Comparators", list(comparison_rows(report))),
        _of_records("teams", "Teams", list(team_rows(report))),
        _of_records("totals", "Totals", list(_totals(report))),
        *_items(report),
        _of_records("texts", "Texts", list(_texts(report))),
        _of_records("key_actions", "Key actions", [_plain_fields(one) for one in report.key_actions]),
        _of_records("exempt", "Exempt sections", list(_exempt(report))),
        _of_records("sources", "Sources", list(_sources(report))),
        _of_records("signatures", "Signatures", [_plain_fields(one) for one in report.signatures]),
    ]
    return [one for one in found if one.rows]


def _of_records(code: str, title: str, records: Sequence[dict[str, Value]]) -> DataTable:
    columns = list(dict.fromkeys(name for record in records for name in record))
    return DataTable(code, title, columns, [[record.get(name) for name in columns] for record in records])


def _totals(report: BoardReport) -> Iterator[dict[str, Value]]:
    for section in report.sections:
        for one in section.summary:
            number = Number(one.value, one.value_status, one.display)
            yield {"Section": section.title, "Total": one.label, "Value": number, "Code": one.code}


def _items(report: BoardReport) -> list[DataTable]:
    """The rows of each type together, whichever sections they stand in."""
    records: dict[str, list[dict[str, Value]]] = {}
    for section in report.sections:
        for one in section.items:
            records.setdefault(one.type, []).append({"Section": section.title, **_plain_fields(one)})
    return [_of_records(kind, plain(_several(kind)), found) for kind, found in records.items()]


def _several(kind: str) -> str:
    if kind.endswith("y"):
        return f"{kind[:-1]}ies"
    return kind if kind.endswith(("s", "ed")) else f"{kind}es" if kind.endswith("x") else f"{kind}s"


def _plain_fields(row: BaseModel) -> dict[str, Value]:
    """Every field of a row under its heading; a number that is shown is one column, with its symbol where hidden."""
    names = [name for name in type(row).model_fields if name != "type"]
    shown = {"value", "value_status", "display"} <= set(names)
    found: dict[str, Value] = {}
    for name in names:
        value = getattr(row, name)
        if shown and name in ("value_status", "display"):
            continue
        if shown and name == "value":
            found["Value"] = Number(value, getattr(row, "value_status", None), getattr(row, "display", ""))
        else:
            found[_column(name, found)] = _value(value)
    return found


def _column(name: str, taken: dict[str, Value]) -> str:
    """The heading, or the whole field name where a twin has it already."""
    short = heading(name)
    return plain(name) if short in taken or name.endswith(("_label", "_name", "_title", "_words")) else short


def _value(value: Any) -> Value:
    if isinstance(value, BaseModel) and "display" in type(value).model_fields:
        return Number(getattr(value, "value", None), getattr(value, "value_status", None), words(value))
    if value is None or value == [] or value == {}:
        return None
    if isinstance(value, str | float | int | bool | date | datetime):
        return value
    return words(value)


def _texts(report: BoardReport) -> Iterator[dict[str, Value]]:
    for text in report.headlines:
        yield {"Where": "In short", "What": "headline", "Text": text}
    for section in report.sections:
        for what in ("headline", "narrative"):
            if getattr(section, what):
                yield {"Where": section.title, "What": what, "Text": getattr(section, what)}
        for text in section.caveats:
            yield {"Where": section.title, "What": "caveat", "Text": text}
    for what in ("doing_the_right_things", "making_a_difference"):
        if getattr(report, what):
            yield {"Where": "The two closing questions", "What": plain(what), "Text": getattr(report, what)}
    for text in [*report.caveats, *report.missing, *report.attribution]:
        yield {"Where": "The whole report", "What": "note", "Text": text}


def _exempt(report: BoardReport) -> Iterator[dict[str, Value]]:
    """What a public copy leaves out; in the board's own, what the public is not told."""
    for part in report.exempt:
        yield {"Section": part.title, "Reason": part.reason}
    for section in report.sections:
        if section.exempt_reason:
            yield {"Section": section.title, "Reason": section.exempt_reason}


def _sources(report: BoardReport) -> Iterator[dict[str, Value]]:
    for section in report.sections:
        for one in section.sources:
            yield {"Section": section.title, **_plain_fields(one)}
