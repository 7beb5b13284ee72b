"""Weaknesses as they go out, and linking actions to them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.flagging import flag_status, flag_words
from services.feedback_api.models import Complaint, WeaknessLink, table_of
from services.feedback_api.references import UNITS, Named, require_known, units_in_view
from services.feedback_api.subjects import words_in
from services.feedback_api.weaknesses.errors import AlreadyLinked, NoteNotRead
from services.feedback_api.weaknesses.queries import MOST_ACTIONS
from services.feedback_api.weaknesses.schemas import ActionLinkIn, ActionLinkOut, WeaknessCountsOut, WeaknessOut
from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.clock import local_date
from shared.ids import new_id
from shared.organisation.units import visible_units
from shared.paging import Cursor, cursor_key
from shared.problems import Fault, Forbidden, Malformed, NotFound

_LINK, _COMPLAINT = table_of(WeaknessLink), table_of(Complaint)
_COUNTS = ("complaints", "upheld", "negative_views", "total")


def weakness_of(row: sa.Row[Any], caller: Caller) -> WeaknessOut:
    """A row of the list as it goes out."""
    return WeaknessOut(
        unit=row.unit,
        unit_title=row.unit_title,
        theme=row.theme,
        theme_title=row.theme_title,
        now=WeaknessCountsOut(**{name: getattr(row, name) for name in _COUNTS}),
        previous=WeaknessCountsOut(**{name: getattr(row, f"{name}_before") for name in _COUNTS}),
        change=row.total - row.total_before,
        actions=row.actions[:MOST_ACTIONS],
        no_action_yet=not row.actions,
        allowed_actions=["link_action"] if caller.may("feedback:learning") else [],
    )


async def link(session: AsyncSession, caller: Caller, body: ActionLinkIn, now: datetime) -> ActionLinkOut:
    """Link an action; raises AlreadyLinked, or Malformed for a unit, theme or complaint that cannot be named."""
    complaint = await _complaint(session, caller, body.complaint) if body.complaint is not None else None
    if complaint is None:
        on = local_date(now)
        named = [Named("/unit", UNITS, body.unit or "", on), Named("/theme", "themes", body.theme or "", on)]
        await require_known(session, caller, named)
    row = {
        "id": new_id(), "action_ref": body.action_ref, "unit": body.unit, "theme": body.theme,
        "complaint_id": complaint.id if complaint else None, "note": body.note, "linked_by": caller.subject,
        "linked_at": now,
    }  # fmt: skip
    statement = insert(_LINK).values(row).on_conflict_do_nothing().returning(_LINK.c.id)
    if (await session.execute(statement)).scalar_one_or_none() is None:
        raise AlreadyLinked()
    about = complaint.unit if complaint else body.unit
    await flag_words(session, "weakness_link", str(row["id"]), about, {}, words_in(row), now)
    await _note(session, caller, "weakness.action_linked", row, about)
    return (await _answers(session, caller, sa.select(_LINK).where(_LINK.c.id == row["id"])))[0][1]


async def _complaint(session: AsyncSession, caller: Caller, respond_ref: str) -> Any:
    if not caller.may("feedback:complaints"):
        raise Forbidden("Only those who handle complaints link an action to one; name its unit and theme instead.")
    allowed = await visible_units(session, caller)
    statement = sa.select(_COMPLAINT.c.id, _COMPLAINT.c.unit).where(_COMPLAINT.c.respond_ref == respond_ref)
    found = (await session.execute(statement)).one_or_none()
    if found is None or (allowed is not None and found.unit not in allowed):
        fault = Fault("/complaint", "unknown_complaint", "this is not the reference of a complaint the caller sees")
        raise Malformed("The complaint cannot be named; see errors.", errors=[fault])
    return found


async def list_links(
    session: AsyncSession, caller: Caller, unit: str | None, action_ref: str | None, at: Cursor
) -> list[tuple[sa.Row[Any], ActionLinkOut]]:
    """One page and a row more of the links about units the caller sees, newest first."""
    statement = sa.select(_LINK)
    if at.after is not None:
        # Ids rise with the time of their making.
        statement = statement.where(_LINK.c.id < cursor_key(at.after, UUID)[0])
    statement = _told(statement, caller)
    units = await units_in_view(session, caller, unit)
    if units is not None:
        about = sa.func.coalesce(_LINK.c.unit, _COMPLAINT.c.unit)
        statement = statement.where(about == sa.any_(sa.literal(units, sa.ARRAY(sa.Text))))
    if action_ref is not None:
        statement = statement.where(_LINK.c.action_ref == action_ref)
    return await _answers(session, caller, statement.order_by(_LINK.c.id.desc()).limit(at.fetch))


def _told(statement: sa.Select[Any], caller: Caller) -> sa.Select[Any]:
    """That there is a complaint about a unit is not told by what is being done about it."""
    return statement if caller.may("feedback:complaints") else statement.where(_LINK.c.complaint_id.is_(None))


async def unlink(session: AsyncSession, caller: Caller, link_id: UUID) -> None:
    """Take a link back; raises NotFound, or NoteNotRead while the duty role has not decided on its note."""
    statement = sa.select(_LINK).where(_LINK.c.id == link_id)
    found = await _answers(session, caller, _told(statement, caller))
    allowed = await visible_units(session, caller)
    if not found or (allowed is not None and found[0][1].unit not in allowed):
        raise NotFound()
    if await flag_status(session, "weakness_link", link_id) in ("waiting", "acknowledged"):
        raise NoteNotRead()
    await session.execute(sa.delete(_LINK).where(_LINK.c.id == link_id))
    row, answer = found[0]
    await _note(session, caller, "weakness.action_unlinked", {"id": row.id, "action_ref": row.action_ref}, answer.unit)


async def _answers(
    session: AsyncSession, caller: Caller, statement: sa.Select[Any]
) -> list[tuple[sa.Row[Any], ActionLinkOut]]:
    joined = statement.add_columns(_COMPLAINT.c.respond_ref, _COMPLAINT.c.unit.label("complaint_unit")).select_from(
        _LINK.outerjoin(_COMPLAINT, _COMPLAINT.c.id == _LINK.c.complaint_id)
    )
    handles, may_change = caller.may("feedback:complaints"), caller.may("feedback:learning")
    return [
        (
            row,
            ActionLinkOut(
                id=row.id, action_ref=row.action_ref, unit=row.unit or row.complaint_unit, theme=row.theme,
                complaint=row.respond_ref if handles else None, note=row.note, linked_by=row.linked_by,
                linked_at=row.linked_at, allowed_actions=["unlink"] if may_change else [],
            ),
        )
        for row in (await session.execute(joined)).all()
    ]  # fmt: skip


async def _note(session: AsyncSession, caller: Caller, action: str, row: dict[str, Any], unit: str | None) -> None:
    data = {"action_ref": row["action_ref"]}
    await record_activity(session, caller, action, "weakness_link", row["id"], content=row, unit=unit, data=data)
