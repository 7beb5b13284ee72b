"""A batch of views: read from its bytes in one pass, judged row by row, stored whole or in its good part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import TypeAdapter, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.references import Known, look_up
from services.feedback_api.views.schemas import ImportOut, ViewImportRow, ViewIn, WarningOut
from services.feedback_api.views.service import Sent, codes_of, date_faults, harm_in, record_views
from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.batches import items_of
from shared.clock import local_date
from shared.free_text import Found, Mode, fault_of, find_identifiers
from shared.ids import new_id
from shared.problems import Fault, FaultOut, Malformed, fault_from_pydantic

MAX_ITEMS = 10_000
MAX_FAULTS = 200
_VIEW = TypeAdapter(ViewIn)


@dataclass
class Row:
    """One row of a batch on its way: what was sent, what is wrong with it, what its words hold."""

    body: ViewIn | None
    faults: list[Fault] = field(default_factory=list)
    found: list[Found] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)

    @property
    def warnings(self) -> list[WarningOut]:
        return [WarningOut(pointer=one.pointer, code=one.code) for one in self.found]


def read_rows(raw: bytes) -> list[Row]:
    """Every row of `{"items": [...]}`, good or bad, its words looked through; raises Malformed where it is not that.

    Slow for a long batch, so it is for a thread, and before a transaction is open.
    """
    return [_read_row(item) for item in items_of(raw, MAX_ITEMS, "views")]


def _read_row(item: Any) -> Row:
    try:
        view = _VIEW.validate_python(item)
    except ValidationError as error:
        return Row(None, [fault_from_pydantic(one) for one in error.errors(include_url=False)[:20]])
    words = {"/what_works": view.what_works, "/what_should_change": view.what_should_change}
    return Row(view, found=find_identifiers(words, view.names_on_record), reasons=harm_in(view))


def judge(rows: Sequence[Row], known: Known, now: datetime, identifiers: Mode) -> None:
    """Add to each row what the framework, the calendar and the other rows have against it."""
    today = local_date(now)
    seen: set[tuple[str, str]] = set()
    for row in rows:
        view = row.body
        if view is None:
            continue
        row.faults += known.faults(codes_of(view, view.given_on)) + date_faults(view.given_on, today)
        if view.source_ref is not None:
            if (view.source, view.source_ref) in seen:
                row.faults.append(Fault("/source_ref", "duplicate", "an earlier row has this source and reference"))
            seen.add((view.source, view.source_ref))
        if identifiers == "refuse":
            row.faults += [fault_of(one) for one in row.found]


async def import_rows(
    session: AsyncSession, caller: Caller, rows: Sequence[Row], mode: Literal["atomic", "partial"],
    identifiers: Mode, now: datetime, *, dry_run: bool,
) -> ImportOut:  # fmt: skip
    """Judge the rows and store the good ones; atomic, a bad row raises Malformed unless it is a dry run."""
    named = [one for row in rows if row.body for one in codes_of(row.body, row.body.given_on)]
    known = await look_up(session, caller, named)
    judge(rows, known, now, identifiers)
    good = [at for at, row in enumerate(rows) if not row.faults]
    import_id = new_id()
    answers = await record_views(session, caller, [_sent(rows[at]) for at in good], known, now, import_id)
    report: dict[int, tuple[str, UUID]] = {}
    for at, answer in zip(good, answers, strict=True):
        if answer.state == "in_use":
            words = "this reference belongs to a view this caller may not change"
            rows[at].faults.append(Fault("/source_ref", "in_use", words))
        else:
            report[at] = (answer.state, answer.view["id"])
    if mode == "atomic" and not dry_run:
        _refuse_bad(rows)
    out = _report(rows, report, mode, None if dry_run else import_id, dry_run)
    counts = {name: getattr(out, name) for name in ("received", "created", "corrected", "unchanged", "rejected")}
    await record_activity(session, caller, "views.imported", "view_import", import_id, data=counts)
    return out


def _sent(row: Row) -> Sent:
    assert row.body is not None
    return Sent(row.body, row.reasons)


def _refuse_bad(rows: Sequence[Row]) -> None:
    faults = [
        Fault(f"/items/{at}{fault.pointer}", fault.code, fault.detail)
        for at, row in enumerate(rows)
        for fault in row.faults
    ]
    if faults:
        bad = sum(bool(row.faults) for row in rows)
        words = f"Nothing was stored: {bad} of {len(rows)} rows cannot be; see errors."
        raise Malformed(words, errors=faults[:MAX_FAULTS], rejected=bad)


def _report(
    rows: Sequence[Row], stored: Mapping[int, tuple[str, UUID]], mode: Literal["atomic", "partial"],
    import_id: UUID | None, dry_run: bool,
) -> ImportOut:  # fmt: skip
    states = [state for state, _ in stored.values()]
    listed = []
    for at, row in enumerate(rows):
        if row.faults:
            errors = [
                FaultOut(pointer=f"/items/{at}{one.pointer}", code=one.code, detail=one.detail) for one in row.faults
            ]
            listed.append(ViewImportRow(row=at, status="rejected", errors=errors))
        elif row.warnings:
            state, view = stored[at]
            shown = None if dry_run else view
            listed.append(
                ViewImportRow.model_validate({"row": at, "status": state, "id": shown, "warnings": row.warnings})
            )
    return ImportOut(
        import_id=import_id,
        mode=mode,
        dry_run=dry_run,
        received=len(rows),
        created=states.count("created"),
        corrected=states.count("corrected"),
        unchanged=states.count("unchanged"),
        rejected=len(rows) - len(states),
        rows=listed,
    )
