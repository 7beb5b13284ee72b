"""Storing a new complaint with all that belongs to it, and its deed, by one statement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from services.feedback_api.complaints.case import Case
from services.feedback_api.models import Complaint, ComplaintExtension, ComplaintFreeze, ComplaintStage, table_of
from services.feedback_api.registry import Table
from services.feedback_api.standing import Standing
from shared.activity.record import DEED_VALUES, deed_in_sql
from shared.framework.kept import STILL_STANDS
from shared.statements import places, rows_in_json
from shared.work import Work

_OWN, _OF_STAGE = list(table_of(Complaint).c), list(table_of(ComplaintStage).c)
_OWN_NAMES, _STAGE_NAMES = [column.name for column in _OWN], [column.name for column in _OF_STAGE]
# Where the values of each part begin.
_STATES = len(_OWN) + len(_OF_STAGE) + 1
_DEED = _STATES + 2
_MORE = _DEED + DEED_VALUES


def _insert_in_json(model: type[Table], place: int) -> str:
    table = table_of(model)
    names = ", ".join(f"given.{column.name}" for column in table.c)
    into = names.replace("given.", "")
    return (
        f"INSERT INTO {table.name} ({into}) SELECT {names} "  # noqa: S608 - names of tables and columns
        f"FROM put, jsonb_populate_recordset(NULL::{table.name}, ${place}::text::jsonb) AS given"
    )


# The first waits for whoever changes the days off, and then finds another state, and nothing is stored. Values go in
# as they are, which costs PostgreSQL a fifth less than to read them from JSON.
_PARTS = f"""WITH calendar AS MATERIALIZED (SELECT state FROM calendar_state WHERE state = ${_STATES} FOR SHARE),
put AS (
  INSERT INTO complaint ({", ".join(_OWN_NAMES)}) SELECT {places(_OWN, 1)} FROM calendar
  WHERE {STILL_STANDS.format(place=f"${_STATES + 1}")} ON CONFLICT (respond_ref) DO NOTHING RETURNING id),
stages AS (
  INSERT INTO complaint_stage ({", ".join(_STAGE_NAMES)})
  SELECT given.* FROM put, unnest({places(_OF_STAGE, len(_OWN) + 1, many=True)}) AS given),
"""  # noqa: S608 - names of tables and columns
_NEW = _PARTS + deed_in_sql(_DEED, of="put")
_NEW_WITH_MORE = f"""{_PARTS}
extensions AS ({_insert_in_json(ComplaintExtension, _MORE)}),
freezes AS ({_insert_in_json(ComplaintFreeze, _MORE + 1)}),
{deed_in_sql(_DEED, of="put")}"""


async def store_new(work: Work, case: Case, standing: Standing, deed: Sequence[Any]) -> bool:
    """Says whether it was stored: nothing is where its reference is taken, or the framework or the calendar is no
    longer as it was counted by.

    Whoever is just sending the same reference, or changing the calendar, is waited for here.
    """
    own, stages = case.complaint.as_row(), [stage.as_row() for stage in case.stages]
    values = [own[name] for name in _OWN_NAMES]
    values += ([stage[name] for stage in stages] for name in _STAGE_NAMES)
    values += (standing.calendar, standing.state, *deed)
    if not case.extensions and not case.freezes:
        return await work.write(_NEW, *values)
    more = (rows_in_json(*(one.as_row() for one in part)) for part in (case.extensions, case.freezes))
    return await work.write(_NEW_WITH_MORE, *values, *more)
