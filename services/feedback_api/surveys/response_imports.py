"""A batch of answers: read from its bytes in one pass, judged row by row, stored whole or in its good part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.surveys.response_schemas import ResponseRowOut, ResponsesImportOut, SurveyResponseIn
from services.feedback_api.surveys.response_service import Given, State, judge, note_taken, store
from services.feedback_api.surveys.wave_queries import Held
from shared.auth.caller import Caller
from shared.batches import items_of
from shared.free_text import Mode
from shared.ids import new_id
from shared.problems import Fault, FaultOut, Malformed, fault_from_pydantic

MAX_ITEMS = 10_000
MAX_FAULTS = 200
_BODY = TypeAdapter(SurveyResponseIn)


@dataclass
class Row:
    """One row of a batch on its way."""

    body: SurveyResponseIn | None
    given: Given | None = None
    faults: list[Fault] = field(default_factory=list)


def read_rows(raw: bytes) -> list[Row]:
    """Every row of `{"items": [...]}`, good or bad; slow for a long batch, so it is for a thread."""
    return [_read_row(item) for item in items_of(raw, MAX_ITEMS, "responses")]


def _read_row(item: Any) -> Row:
    try:
        return Row(_BODY.validate_python(item))
    except ValidationError as error:
        return Row(None, faults=[fault_from_pydantic(one) for one in error.errors(include_url=False)[:20]])


def judge_rows(
    held: Held, rows: Sequence[Row], today: date, allowed: frozenset[str] | None, identifiers: Mode
) -> None:  # fmt: skip
    """Add to each row what the wave, its questionnaire and the other rows have against it."""
    seen: set[str] = set()
    for row in rows:
        if row.body is None:
            continue
        row.given = judge(held, row.body, today, allowed, identifiers)
        row.faults += row.given.faults
        if row.given.source is not None:
            if row.given.source in seen:
                row.faults.append(Fault("/source_ref", "duplicate", "an earlier row has this source and reference"))
            seen.add(row.given.source)


async def import_rows(
    session: AsyncSession, caller: Caller, held: Held, rows: Sequence[Row], mode: Literal["atomic", "partial"],
    now: datetime, *, dry_run: bool,
) -> ResponsesImportOut:  # fmt: skip
    """Store the good rows; atomic, a bad row raises Malformed unless it is a dry run."""
    if mode == "atomic" and not dry_run:
        _refuse_bad(rows)
    good = [at for at, row in enumerate(rows) if not row.faults]
    given = [one for at in good if (one := rows[at].given) is not None]
    states = dict(zip(good, await store(session, held, given, now), strict=True))
    created = sum(state == "created" for state in states.values())
    if created:
        await note_taken(session, caller, held, created)
    return ResponsesImportOut(
        import_id=None if dry_run else new_id(),
        mode=mode,
        dry_run=dry_run,
        received=len(rows),
        created=created,
        unchanged=len(states) - created,
        rejected=len(rows) - len(states),
        rows=_listed(rows, states),
    )


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


def _listed(rows: Sequence[Row], states: Mapping[int, State]) -> list[ResponseRowOut]:
    listed = []
    for at, row in enumerate(rows):
        if row.faults:
            errors = [
                FaultOut(pointer=f"/items/{at}{one.pointer}", code=one.code, detail=one.detail) for one in row.faults
            ]
            listed.append(ResponseRowOut(row=at, status="rejected", errors=errors))
        elif row.given is not None and row.given.warnings:
            listed.append(ResponseRowOut(row=at, status=states[at], warnings=row.given.warnings))
    return listed
