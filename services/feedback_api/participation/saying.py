"""The rules of "you said, we did": recording entries, changing them, and approving their words for sharing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.flagging import flag_words
from services.feedback_api.histories import content_of, keep_version
from services.feedback_api.models import ParticipationChangeHistory, table_of
from services.feedback_api.participation import errors, queries
from services.feedback_api.participation.change_schemas import ChangeEdit, ChangeIn
from services.feedback_api.participation.schemas import may_change
from services.feedback_api.references import Named, require_known
from services.feedback_api.subjects import words_in
from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.clock import local_date
from shared.free_text import reads_like_harm, screen
from shared.ids import new_id
from shared.problems import Fault, Malformed

HISTORY = table_of(ParticipationChangeHistory)
Row = dict[str, Any]
_WORDS = ("said", "did", "why_not")
_KEPT = ("id", "recorded_by", "recorded_at", "changed_at")
_CONTENT = [column.name for column in queries.changes.c if column.name not in _KEPT]
_UNAPPROVED: Row = {"approved_by": None, "approved_at": None}


def content_of_change(row: Row) -> Row:
    """What an entry says, as plain JSON."""
    return content_of(row, _CONTENT)


def texts_of(body: ChangeIn) -> dict[str, str | None]:
    """The words of an entry by their pointers."""
    return {f"/{name}": getattr(body, name) for name in (*_WORDS, "evidence")}


async def add(session: AsyncSession, caller: Caller, activity: Row, body: ChangeIn, now: datetime) -> Row:
    """Record what people said in an activity and what came of it."""
    _require_counting(activity)
    if not activity["took_place"]:
        raise errors.NobodyToSayAnything()
    await _check(session, caller, activity, body, now)
    row = body.model_dump() | _UNAPPROVED | {
        "id": new_id(), "version": 1, "activity_id": activity["id"], "flag_reasons": _harm(body),
        "written_by": caller.subject, "recorded_by": caller.subject, "recorded_at": now, "changed_at": now,
    }  # fmt: skip
    await session.execute(sa.insert(queries.changes).values(row))
    await _note(session, caller, "participation_change.recorded", row, activity)
    await flag_words(session, "activity", str(activity["id"]), activity["unit"], {}, words_in(row), now)
    return row


async def edit(session: AsyncSession, caller: Caller, held: Row, activity: Row, body: ChangeEdit, now: datetime) -> Row:
    """Write an entry anew; other words are nobody's approved words any more."""
    _require_counting(activity)
    if not may_change(held, caller):
        raise errors.NotTheirsToChange()
    columns = body.model_dump(exclude={"reason"})
    if all(held[name] == value for name, value in columns.items()):
        return held
    await _check(session, caller, activity, body, now)
    columns["flag_reasons"] = _harm(body)
    if any(held[name] != columns[name] for name in _WORDS):
        columns |= _UNAPPROVED | {"written_by": caller.subject}
    after = await _change(session, caller, "participation_change.changed", held, activity, columns, body.reason, now)
    words = words_in(after | {"reason": body.reason})
    await flag_words(session, "activity", str(activity["id"]), activity["unit"], words_in(held), words, now)
    return after


async def approve(session: AsyncSession, caller: Caller, held: Row, activity: Row, now: datetime) -> Row:
    """Let the words be shared: by a second person, and none that may speak of harm or could identify somebody."""
    _require_counting(activity)
    if held["approved_by"] is not None:
        return held
    if held["written_by"] == caller.subject:
        raise errors.OwnWords()
    if held["flag_reasons"]:
        raise errors.ReadsLikeHarm()
    screen({f"/{name}": held[name] for name in _WORDS}, "refuse")
    changes = {"approved_by": caller.subject, "approved_at": now}
    return await _change(session, caller, "participation_change.approved", held, activity, changes, None, now)


async def take_back(session: AsyncSession, caller: Caller, held: Row, activity: Row, now: datetime) -> Row:
    """Share the words no longer."""
    if held["approved_by"] is None:
        return held
    return await _change(session, caller, "participation_change.unapproved", held, activity, _UNAPPROVED, None, now)


def _require_counting(activity: Row) -> None:
    if activity["withdrawn_because"] is not None:
        raise errors.ActivityWithdrawn()


def _harm(body: ChangeIn) -> list[str]:
    return reads_like_harm(body.said, body.did, body.why_not)


async def _check(session: AsyncSession, caller: Caller, activity: Row, body: ChangeIn, now: datetime) -> None:
    told = body.told_back_on
    if told is not None and not activity["began_on"] <= told <= local_date(now):
        fault = Fault("/told_back_on", "date", "give a day from the beginning of the activity to today")
        raise Malformed("The date cannot be; see errors.", errors=[fault])
    on = activity["ended_on"]
    themes = [Named(f"/themes/{at}", "themes", theme, on) for at, theme in enumerate(body.themes)]
    await require_known(session, caller, themes)


async def _change(
    session: AsyncSession, caller: Caller, action: str, held: Row, activity: Row, changes: Row,
    reason: str | None, now: datetime,
) -> Row:  # fmt: skip
    await keep_version(session, caller, HISTORY, "change_id", held, content_of_change(held), reason, now)
    after = held | changes | {"version": held["version"] + 1, "changed_at": now}
    table = queries.changes
    await session.execute(sa.update(table).where(table.c.id == held["id"]).values(after))
    await _note(session, caller, action, after, activity)
    return after


async def _note(session: AsyncSession, caller: Caller, action: str, row: Row, activity: Row) -> None:
    """Record the deed: codes only, the words only as a digest."""
    data = {"activity": str(activity["id"]), "themes": row["themes"], "version": row["version"]}
    data["approved"] = row["approved_by"] is not None
    await record_activity(
        session, caller, action, "participation_change", row["id"], content=content_of_change(row),
        unit=activity["unit"], data=data,
    )  # fmt: skip
