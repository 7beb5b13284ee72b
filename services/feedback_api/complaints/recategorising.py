"""Views and compliments that turned out to be complaints."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.complaints import rules
from services.feedback_api.complaints.case import (
    Case,
    keep,
    load_case,
    load_handling,
    local_days_off,
    read_procedure,
    require_case,
    settle,
)
from services.feedback_api.complaints.errors import AlreadyRecategorised, NotRecategorised
from services.feedback_api.complaints.handling_schemas import RecategorisationIn, RestorationIn
from services.feedback_api.complaints.service import note
from services.feedback_api.complaints.wording import look_through
from services.feedback_api.models import Complaint, Compliment, Recategorisation, View, table_of
from services.feedback_api.references import Named, require_known
from shared.auth.caller import Caller
from shared.clock import local_date
from shared.ids import new_id
from shared.organisation.units import visible_units
from shared.problems import Fault, Malformed

_TIE = table_of(Recategorisation)
# What was never sent is like nothing a source sends: its first export is a correction.
_NOT_SENT = b""


async def recategorise(session: AsyncSession, caller: Caller, body: RecategorisationIn, now: datetime) -> Case:
    """Make the complaint a view or compliment should have been, or tie it to the one that exists already.

    What was recorded stays as it was; a compliment no longer counts as one.
    """
    fields, day = await _original(session, caller, body)
    before = None
    if await load_case(session, body.respond_ref) is None:
        case = await _begin(session, caller, body, fields | {"received_on": body.received_on or day}, now)
    else:
        case = await require_case(session, caller, body.respond_ref, lock=True)
        before = case.content()
    row = {
        "kind": body.kind, "ref": body.ref, "complaint_id": case.complaint.id, "reason": body.reason,
        "recorded_by": caller.subject, "recorded_at": now,
    }  # fmt: skip
    await session.execute(sa.insert(_TIE).values(row | {"id": new_id()}))
    await load_handling(session, case)
    if before is not None:
        await keep(session, caller, case, before, now, body.reason)
    else:
        await look_through(session, caller, {}, case.content(), now, body.reason)
    await note(session, caller, "complaint.recategorised", case, {"kind": body.kind, "ref": body.ref})
    return case


async def restore(session: AsyncSession, caller: Caller, case: Case, body: RestorationIn, now: datetime) -> None:
    """Undo a recategorisation: the view or compliment is what it was; the complaint stays, to be declined or kept."""
    undone = {"undone_at": now, "undone_by": caller.subject, "undone_because": body.reason}
    where = (_TIE.c.complaint_id == case.complaint.id, _TIE.c.kind == body.kind, _TIE.c.ref == body.ref)
    statement = sa.update(_TIE).where(*where, _TIE.c.undone_at.is_(None)).values(undone)
    before = case.content()
    if (await session.execute(statement.returning(_TIE.c.id))).scalar_one_or_none() is None:
        raise NotRecategorised()
    await load_handling(session, case)
    await keep(session, caller, case, before, now, body.reason)
    await note(session, caller, "complaint.restored", case, {"kind": body.kind, "ref": body.ref})


async def _begin(
    session: AsyncSession, caller: Caller, body: RecategorisationIn, fields: dict[str, Any], now: datetime
) -> Case:
    received_on: date = fields["received_on"]
    rules.refuse_future([("/received_on", received_on)], local_date(now))
    await require_known(session, caller, [Named("/procedure", "complaint_procedures", body.procedure, received_on)])
    procedure, off = await read_procedure(session, body.procedure), await local_days_off(session)
    complaint = Complaint(
        **fields, respond_ref=body.respond_ref, procedure=body.procedure, status="open", version=1,
        recorded_by=caller.subject, recorded_at=now, changed_at=now, source_hash=_NOT_SENT,
    )  # fmt: skip
    case = Case(complaint)
    settle(case, procedure, off)
    session.add(complaint)
    await session.flush()
    session.add_all(case.stages)
    await session.flush()
    await note(session, caller, "complaint.recorded", case)
    return case


async def _original(session: AsyncSession, caller: Caller, body: RecategorisationIn) -> tuple[dict[str, Any], date]:
    """What the complaint takes over from the view or compliment; raises Malformed where the caller sees none."""
    table = table_of(View if body.kind == "view" else Compliment)
    where = table.c.id == _view_id(body.ref) if body.kind == "view" else table.c.respond_ref == body.ref
    row = (await session.execute(sa.select(table).where(where))).mappings().one_or_none()
    allowed = await visible_units(session, caller)
    # Another unit's looks like one that is not there.
    if row is None or (allowed is not None and row["unit"] not in allowed):
        raise _unknown()
    if row.get("merged_into") is not None:
        fault = Fault("/ref", "merged", "this reference was merged into another: name that one")
        raise Malformed("What is to be recategorised leads elsewhere; see errors.", errors=[fault])
    same = sa.select(_TIE.c.ref).where(_TIE.c.kind == body.kind, _TIE.c.ref == body.ref, _TIE.c.undone_at.is_(None))
    if (await session.execute(same)).scalar_one_or_none() is not None:
        raise AlreadyRecategorised()
    day: date = row["given_on" if body.kind == "view" else "received_on"]
    taken = {name: row[name] for name in ("unit", "themes", "respondent_group")}
    return taken | ({"agency": row["agency"]} if body.kind == "compliment" else {}), day


def _view_id(ref: str) -> UUID:
    try:
        return UUID(ref)
    except ValueError:
        raise _unknown() from None


def _unknown() -> Malformed:
    fault = Fault("/ref", "unknown", "this is no view or compliment that this caller may see")
    return Malformed("What is to be recategorised is not known; see errors.", errors=[fault])
