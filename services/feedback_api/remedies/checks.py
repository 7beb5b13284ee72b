"""What a record must say before it can stand: pure questions about its fields as they would be."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

from shared.problems import Fault

_NEVER_AHEAD = ("received_on", "response_sent_on", "decided_on", "promised_on", "made_on", "answered_on", "done_on")
_BEGINS = {"enquiry": "received_on", "remedy": "promised_on", "recommendation": "made_on"}


def faults_of(
    kind: Literal["enquiry", "remedy", "recommendation"], row: Mapping[str, Any], complaint_received: date, today: date
) -> list[Fault]:
    """Everything that cannot be, each where it stands."""
    faults = [
        Fault(f"/{name}", "in_future", "this day has not come yet")
        for name in _NEVER_AHEAD
        if row.get(name) is not None and row[name] > today
    ]
    begin = row[_BEGINS[kind]]
    if begin < complaint_received:
        faults.append(Fault(f"/{_BEGINS[kind]}", "too_early", "this lies before the complaint was received"))
    faults += [
        Fault(f"/{name}", "too_early", f"this lies before {_BEGINS[kind]}")
        for name, day in row.items()
        if name.endswith("_on") and day is not None and day < begin
    ]
    return faults + {"enquiry": _enquiry, "remedy": _remedy, "recommendation": _recommendation}[kind](row)


def _enquiry(row: Mapping[str, Any]) -> list[Fault]:
    return _together(row, "decision", "decided_on")


def _remedy(row: Mapping[str, Any]) -> list[Fault]:
    faults = _origin(row)
    if (row["kind"] == "payment") != (row["amount_pence"] is not None):
        faults.append(Fault("/amount_pence", "amount", "a payment has an amount, and nothing else has"))
    if row["done_on"] is not None and row["evidence"] is None:
        faults.append(Fault("/evidence", "missing", "what is done can be seen somewhere: say where"))
    if row["done_on"] is not None and row.get("withdrawn_because") is not None:
        faults.append(Fault("/withdrawn_because", "done", "what is done is not withdrawn"))
    return faults


def _recommendation(row: Mapping[str, Any]) -> list[Fault]:
    faults = _origin(row) + _together(row, "answer", "answered_on")
    if row["answer"] == "rejected" and row["answer_reason"] is None:
        faults.append(Fault("/answer_reason", "missing", "say why it is rejected"))
    if row["answer"] == "accepted":
        owed = [name for name in ("owner", "due_on") if row[name] is None]
        faults += [Fault(f"/{name}", "missing", "what is accepted has an owner and a day") for name in owed]
    if row["done_on"] is not None:
        if row["answer"] != "accepted":
            faults.append(Fault("/done_on", "not_accepted", "only what was accepted is done"))
        if row["evidence"] is None:
            faults.append(Fault("/evidence", "missing", "what is done can be seen somewhere: say where"))
    return faults


def _origin(row: Mapping[str, Any]) -> list[Fault]:
    wanted = {"stage": "stage", "ombudsman": "enquiry_id"}.get(row["from_source"])
    return [
        Fault(f"/{name}", "origin", f"this stands where, and only where, it comes from the {words}")
        for name, words in (("stage", "stage"), ("enquiry_id", "ombudsman"))
        if (row[name] is not None) != (name == wanted)
    ]


def _together(row: Mapping[str, Any], one: str, other: str) -> list[Fault]:
    if (row[one] is None) == (row[other] is None):
        return []
    absent = one if row[one] is None else other
    return [Fault(f"/{absent}", "missing", f"{one} and {other} stand together")]
