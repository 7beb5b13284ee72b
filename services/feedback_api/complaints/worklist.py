"""What a complaints manager does next, in one reading: what is due and past, and what each complaint waits for."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.complaints.waiting import WAITING
from services.feedback_api.references import units_in_view
from shared.auth.caller import Caller
from shared.schemas.base import OutModel

_OPEN = """
complaint JOIN complaint_stage ON complaint_stage.complaint_id = complaint.id AND complaint_stage.ended_on IS NULL
WHERE complaint.status = 'open' {units} AND
"""
_SOONEST = "least(complaint_stage.statutory_due_on, complaint_stage.local_due_on)"
_PUT_AGAIN = """(
  SELECT z.proceedings_ended_on + (f.content->>'put_again_within_days')::int
  FROM complaint_freeze AS z, framework_item AS f
  WHERE z.complaint_id = complaint.id AND z.to_on IS NULL AND f.kind = 'complaint_procedures'
    AND f.code = complaint.procedure)"""


def _open(due: str, condition: str) -> str:
    return f"SELECT complaint.respond_ref, complaint.unit, {due}, NULL::text FROM {_OPEN} {condition}"  # noqa: S608


def _followed(table: str, due: str, condition: str) -> str:
    joined = f"{table} AS one JOIN complaint AS own ON own.id = one.complaint_id"
    led = "complaint ON complaint.id = coalesce(own.merged_into, own.id)"
    where = f"WHERE {condition} {{units}}"
    return f"SELECT complaint.respond_ref, complaint.unit, one.{due}, one.owner FROM {joined} JOIN {led} {where}"  # noqa: S608


# The parts of the statement are constants of this module and of `waiting`; what a caller gives is bound.
# Each group: its code, its title, the list it is a part of, and the rows.
_GROUPS: list[tuple[str, str, str, str]] = [
    ("past_limit", "Past the statutory limit", "/v1/complaints?past_limit=true",
     _open("complaint_stage.statutory_due_on", "complaint_stage.statutory_due_on < :today")),
    ("past_target", "Past the council's own target", "/v1/complaints?past_target=true",
     _open("complaint_stage.local_due_on", "complaint_stage.local_due_on < :today")),
    ("due_this_week", "Due by Sunday by either clock", "/v1/complaints?due_from={today}&due_by={sunday}",
     _open(_SOONEST, f"{_SOONEST} BETWEEN :today AND :sunday")),
    ("awaiting_eligibility", "Eligibility not decided", "/v1/complaints?waiting_for=eligibility",
     _open(_SOONEST, WAITING["eligibility"])),
    ("awaiting_consent", "Consent not recorded", "/v1/complaints?waiting_for=consent",
     _open(_SOONEST, WAITING["consent"])),
    ("awaiting_people", "A stage lacks its people", "/v1/complaints?waiting_for=people",
     _open(_SOONEST, WAITING["people"])),
    ("advocacy_to_offer", "No advocate offered yet", "/v1/complaints?waiting_for=advocacy",
     _open(_SOONEST, WAITING["advocacy"])),
    ("to_be_finalised", "The written complaint is not finalised", "/v1/complaints?waiting_for=finalising",
     _open(_SOONEST, WAITING["finalising"])),
    ("set_aside", "Set aside; due is how long it may be put again", "/v1/complaints?waiting_for=proceedings",
     _open(_PUT_AGAIN, WAITING["proceedings"])),
    ("learning_missing", "Upheld without learning or improvement (R60)", "/v1/complaints?incomplete=true",
     "SELECT respond_ref, unit, learning_due_on, learning_owner FROM complaint WHERE status = 'closed' {units} "
     "AND outcome IN ('upheld', 'partially_upheld') AND (learning IS NULL OR improvement IS NULL)"),
    ("remedies_overdue", "Remedies past their day", "/v1/remedies?overdue=true",
     _followed("complaint_remedy", "due_on",
               "one.due_on < :today AND one.done_on IS NULL AND one.withdrawn_because IS NULL")),
    ("recommendations_to_answer", "Recommendations not answered yet", "/v1/recommendations?status=to_answer",
     _followed("complaint_recommendation", "made_on", "one.answer IS NULL")),
    ("recommendations_overdue", "Accepted recommendations past their day", "/v1/recommendations?overdue=true",
     _followed("complaint_recommendation", "due_on",
               "one.due_on < :today AND one.answer = 'accepted' AND one.done_on IS NULL")),
    ("ombudsman_to_answer", "The ombudsman waits for an answer", "/v1/ombudsman-enquiries?status=to_answer",
     _followed("ombudsman_enquiry", "response_due_on", "one.response_sent_on IS NULL AND one.decision IS NULL")),
]  # fmt: skip
_ROWS = " UNION ALL ".join(
    f"SELECT {place} AS place, rows.* FROM ({rows}) AS rows(respond_ref, unit, due_on, owner)"  # noqa: S608
    for place, (_, _, _, rows) in enumerate(_GROUPS)
)
_STATEMENT = f"""
SELECT place, respond_ref, unit, due_on, owner, n FROM (
  SELECT *, count(*) OVER (PARTITION BY place) AS n,
         row_number() OVER (PARTITION BY place ORDER BY due_on NULLS LAST, respond_ref) AS nth
  FROM ({_ROWS}) AS every {{owner}}) AS counted
WHERE nth <= :most ORDER BY place, nth
"""  # noqa: S608


class WorkItemOut(OutModel):
    respond_ref: str
    unit: str
    due_on: date | None
    owner: str | None


class WorkGroupOut(OutModel):
    """Everything of one sort that waits, the most urgent first."""

    code: str
    title: str
    count: int
    path: str = Field(description="the list these stand in, to be read page by page")
    items: list[WorkItemOut]


class WorklistOut(OutModel):
    today: date
    groups: list[WorkGroupOut] = Field(description="every group, also those in which nothing waits")


async def read_worklist(
    session: AsyncSession, caller: Caller, unit: str | None, owner: str | None, most: int, today: date
) -> WorklistOut:
    """All groups within the caller's units, each with its count and its most urgent complaints."""
    units = await units_in_view(session, caller, unit)
    sunday = today + timedelta(days=6 - today.weekday())
    bound: dict[str, Any] = {"today": today, "sunday": sunday, "most": most}
    bound |= {} if units is None else {"units": units}
    bound |= {} if owner is None else {"owner": owner}
    text = _STATEMENT.format(
        units="" if units is None else "AND complaint.unit = ANY(:units)",
        owner="" if owner is None else "WHERE owner = :owner",
    )
    found = (await session.execute(sa.text(text), bound)).all()
    rows = {place: list(group) for place, group in groupby(found, lambda row: row.place)}
    groups = [
        WorkGroupOut(
            code=code, title=title, count=rows[place][0].n if place in rows else 0,
            path=path.format(today=today, sunday=sunday),
            items=[WorkItemOut.model_validate(row) for row in rows.get(place, [])],
        )
        for place, (code, title, path, _) in enumerate(_GROUPS)
    ]  # fmt: skip
    return WorklistOut(today=today, groups=groups)
