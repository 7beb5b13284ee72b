"""Storing a new complaint with all that belongs to it, and its deed, by one statement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from services.feedback_api.complaints.case import Case
from services.feedback_api.models import Complaint, ComplaintExtension, ComplaintFreeze, ComplaintStage, table_of
from services.feedback_api.registry import Table
from services.feedback_api.standing import Standing
from shared.activity.record import deed_in_sql
from shared.framework.kept import STILL_STANDS
from shared.statements import rows_in_json
from shared.work import Work


def _insert(model: type[Table], place: int, of: str, more: str = "") -> str:
    table = table_of(model)
    names = ", ".join(f"given.{column.name}" for column in table.c)
    into = names.replace("given.", "")
    return (
        f"INSERT INTO {table.name} ({into}) SELECT {names} "  # noqa: S608 - names of tables and columns
        f"FROM {of}jsonb_populate_recordset(NULL::{table.name}, ${place}::text::jsonb) AS given {more}"
    )


_ONCE = f"WHERE {STILL_STANDS.format(place='$17')} ON CONFLICT (respond_ref) DO NOTHING RETURNING id"
# Waits for whoever changes the days off, and then finds another state, and stores nothing.
_NEW = f"""WITH calendar AS MATERIALIZED (SELECT state FROM calendar_state WHERE state = $5 FOR SHARE),
put AS ({_insert(Complaint, 1, "calendar, ", _ONCE)}),
stages AS ({_insert(ComplaintStage, 2, "put, ")}),
extensions AS ({_insert(ComplaintExtension, 3, "put, ")}),
freezes AS ({_insert(ComplaintFreeze, 4, "put, ")}),
{deed_in_sql(6, of="put")}"""  # noqa: S608 - names of tables and columns


async def store_new(work: Work, case: Case, standing: Standing, deed: Sequence[Any]) -> bool:
    """Says whether it was stored: nothing is where its reference is taken, or the framework or the calendar is no
    longer as it was counted by.

    Whoever is just sending the same reference, or changing the calendar, is waited for here.
    """
    parts = (case.stages, case.extensions, case.freezes)
    rows = [rows_in_json(*(one.model_dump() for one in part)) for part in parts]
    whole = rows_in_json(case.complaint.model_dump())
    return await work.write(_NEW, whole, *rows, standing.calendar, *deed, standing.state)
