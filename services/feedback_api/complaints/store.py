"""Storing a new complaint with all that belongs to it, and its deed, by one statement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from services.feedback_api.complaints.case import CALENDAR, Case
from services.feedback_api.complaints.procedures import parse_procedure
from services.feedback_api.models import Complaint, ComplaintExtension, ComplaintFreeze, ComplaintStage, table_of
from services.feedback_api.registry import Table
from shared.activity.record import deed_in_sql
from shared.schemas.framework.feedback import ComplaintProcedure
from shared.statements import rows_in_json
from shared.work import Work
from shared.working_days import DaysOff

_HOLD = "SELECT pg_advisory_xact_lock_shared($1)"
_COUNTED_BY = """
SELECT content::text, ARRAY(SELECT day FROM bank_holiday WHERE NOT worked),
  ARRAY(SELECT day FROM bank_holiday WHERE worked) FROM framework_item
WHERE kind = 'complaint_procedures' AND code = $1
"""


def _insert(model: type[Table], place: int, of: str, more: str = "") -> str:
    table = table_of(model)
    names = ", ".join(f"given.{column.name}" for column in table.c)
    into = names.replace("given.", "")
    return (
        f"INSERT INTO {table.name} ({into}) SELECT {names} "  # noqa: S608 - names of tables and columns
        f"FROM {of}jsonb_populate_recordset(NULL::{table.name}, ${place}::text::jsonb) AS given {more}"
    )


_NEW = f"""WITH put AS ({_insert(Complaint, 1, "", "ON CONFLICT (respond_ref) DO NOTHING RETURNING id")}),
stages AS ({_insert(ComplaintStage, 2, "put, ")}),
extensions AS ({_insert(ComplaintExtension, 3, "put, ")}),
freezes AS ({_insert(ComplaintFreeze, 4, "put, ")}),
{deed_in_sql(5, of="put")}"""


async def counted_by(work: Work, procedure: str) -> tuple[ComplaintProcedure, DaysOff]:
    """What a complaint's clocks are counted by; the days off are held as `hold_calendar` holds them."""
    await work.begin()
    await work.fetchrow(_HOLD, CALENDAR)
    content, off, worked = await work.fetchrow(_COUNTED_BY, procedure)
    return parse_procedure(content), DaysOff(off, worked)


async def store_new(work: Work, case: Case, deed: Sequence[Any]) -> bool:
    """Says whether it was stored: nothing is where its reference is taken; a concurrent sender is waited for here."""
    parts = (case.stages, case.extensions, case.freezes)
    rows = [rows_in_json(*(one.model_dump() for one in part)) for part in parts]
    return await work.write(_NEW, rows_in_json(case.complaint.model_dump()), *rows, *deed)
