"""Storing a new complaint with all that belongs to it, and its deed, by one statement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.feedback_api.complaints.case import Case
from services.feedback_api.complaints.procedures import parse_procedure
from services.feedback_api.models import Complaint, ComplaintExtension, ComplaintFreeze, ComplaintStage, table_of
from services.feedback_api.references import LOOKUP, Known, Named, asked_for, known_from
from services.feedback_api.registry import Table
from shared.activity.record import deed_in_sql
from shared.auth.caller import Caller
from shared.schemas.framework.feedback import ComplaintProcedure
from shared.statements import rows_in_json
from shared.work import Work
from shared.working_days import DaysOff

_GROUND = f"""
SELECT ARRAY(SELECT ROW(found.*) FROM ({LOOKUP}) AS found) AS known, calendar_state.version,
  ARRAY(SELECT day FROM bank_holiday WHERE NOT worked) AS off,
  ARRAY(SELECT day FROM bank_holiday WHERE worked) AS worked,
  (SELECT content::text FROM framework_item WHERE kind = 'complaint_procedures' AND code = $4) AS procedure
FROM calendar_state
"""  # noqa: S608 - a statement of ours


def _insert(model: type[Table], place: int, of: str, more: str = "") -> str:
    table = table_of(model)
    names = ", ".join(f"given.{column.name}" for column in table.c)
    into = names.replace("given.", "")
    return (
        f"INSERT INTO {table.name} ({into}) SELECT {names} "  # noqa: S608 - names of tables and columns
        f"FROM {of}jsonb_populate_recordset(NULL::{table.name}, ${place}::text::jsonb) AS given {more}"
    )


# Waits for whoever changes the days off, and then finds another version, and stores nothing.
_NEW = f"""WITH calendar AS MATERIALIZED (SELECT version FROM calendar_state WHERE version = $5 FOR SHARE),
put AS ({_insert(Complaint, 1, "calendar, ", "ON CONFLICT (respond_ref) DO NOTHING RETURNING id")}),
stages AS ({_insert(ComplaintStage, 2, "put, ")}),
extensions AS ({_insert(ComplaintExtension, 3, "put, ")}),
freezes AS ({_insert(ComplaintFreeze, 4, "put, ")}),
{deed_in_sql(6, of="put")}"""  # noqa: S608 - names of tables and columns


@dataclass(frozen=True, slots=True)
class Ground:
    """What a complaint is held to and counted by, as it stood at one moment; `version` is the calendar's."""

    known: Known
    version: int
    off: DaysOff
    content: str | None

    @property
    def procedure(self) -> ComplaintProcedure:
        """Once the codes were found to be known."""
        assert self.content is not None
        return parse_procedure(self.content)


async def read_ground(work: Work, caller: Caller, codes: Sequence[Named], procedure: str) -> Ground:
    """In one journey, and without a lock: what is counted by it is stored only where the calendar still is the same."""
    row = await work.fetchrow(_GROUND, *asked_for(caller, codes), procedure)
    off = DaysOff(row["off"], row["worked"])
    return Ground(known_from(row["known"], caller), row["version"], off, row["procedure"])


async def store_new(work: Work, case: Case, version: int, deed: Sequence[Any]) -> bool:
    """Says whether it was stored: nothing is where its reference is taken or the calendar has another version by now.

    Whoever is just sending the same reference, or changing the calendar, is waited for here.
    """
    parts = (case.stages, case.extensions, case.freezes)
    rows = [rows_in_json(*(one.model_dump() for one in part)) for part in parts]
    return await work.write(_NEW, rows_in_json(case.complaint.model_dump()), *rows, version, *deed)
