"""The rules of activities: recording, changing and withdrawing them (R10, R14)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.flagging import flag_words
from services.feedback_api.histories import content_of, keep_version
from services.feedback_api.models import ParticipationActivityHistory, table_of
from services.feedback_api.participation import errors, queries
from services.feedback_api.participation.schemas import ActivityEdit, ActivityIn, may_change
from services.feedback_api.references import UNITS, Named, require_known
from services.feedback_api.subjects import words_in
from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.clock import local_date
from shared.ids import new_id
from shared.problems import Fault, Malformed

HISTORY = table_of(ParticipationActivityHistory)
Row = dict[str, Any]
_KEPT = ("id", "recorded_by", "recorded_at", "changed_at")
_CONTENT = [column.name for column in queries.activities.c if column.name not in _KEPT]


def texts_of(body: ActivityIn) -> dict[str, str | None]:
    """The free text of an activity by its pointers."""
    names = ("title", "commission", "asked", "why_nobody", "what_follows")
    return {f"/{name}": getattr(body, name) for name in names}


def content_of_activity(row: Mapping[str, Any], who: Sequence[Row]) -> Row:
    """What an activity says with who took part, as plain JSON."""
    return content_of(row, _CONTENT) | {"who": [dict(one) for one in who]}


async def record(session: AsyncSession, caller: Caller, body: ActivityIn, now: datetime) -> tuple[Row, list[Row]]:
    """Store an activity with who took part."""
    await _check(session, caller, body, now)
    row = _columns(body) | {
        "id": new_id(), "version": 1, "withdrawn_because": None, "recorded_by": caller.subject, "recorded_at": now,
        "changed_at": now,
    }  # fmt: skip
    await session.execute(sa.insert(queries.activities).values(row))
    who = await _keep_groups(session, row, body)
    await flag_words(session, "activity", str(row["id"]), row["unit"], {}, words_in(row), now)
    await _note(session, caller, "participation.recorded", row, who)
    return row, who


async def edit(
    session: AsyncSession, caller: Caller, held: Row, had: Sequence[Row], body: ActivityEdit, now: datetime
) -> tuple[Row, list[Row]]:
    """Write a new version over a locked activity; sent unchanged it stays as it is."""
    _require_changeable(caller, held)
    await _check(session, caller, body, now)
    columns = _columns(body)
    who = _groups(body)
    if who == list(had) and all(held[name] == value for name, value in columns.items()):
        return held, who
    if not body.took_place and await queries.changes_of(session, held["id"]):
        fault = Fault("/took_place", "said_something", "people said something in it; withdraw it and record another")
        raise Malformed("The activity cannot be kept like this; see errors.", errors=[fault])
    await _keep(session, caller, held, had, body.reason, now)
    after = held | columns | {"version": held["version"] + 1, "changed_at": now}
    await _write(session, after)
    await session.execute(sa.delete(queries.groups).where(queries.groups.c.activity_id == held["id"]))
    await _keep_groups(session, after, body)
    await _look_through(session, held, after, body.reason, now)
    await _note(session, caller, "participation.changed", after, who)
    return after, who


async def withdraw(
    session: AsyncSession, caller: Caller, held: Row, who: Sequence[Row], reason: str, now: datetime
) -> Row:
    """Take an activity out of every count; it stays to be read."""
    _require_changeable(caller, held)
    await _keep(session, caller, held, who, reason, now)
    after = held | {"withdrawn_because": reason, "version": held["version"] + 1, "changed_at": now}
    await _write(session, after)
    await _look_through(session, held, after, reason, now)
    await _note(session, caller, "participation.withdrawn", after, who)
    return after


def _require_changeable(caller: Caller, held: Mapping[str, Any]) -> None:
    if not may_change(held, caller):
        raise errors.NotTheirsToChange()
    if held["withdrawn_because"] is not None:
        raise errors.ActivityWithdrawn()


def _columns(body: ActivityIn) -> Row:
    columns = body.model_dump(exclude={"who", "reason"})
    return columns | {"ended_on": body.ended_on or body.began_on}


def _groups(body: ActivityIn) -> list[Row]:
    return sorted((one.model_dump() for one in body.who), key=lambda one: str(one["respondent_group"]))


async def _check(session: AsyncSession, caller: Caller, body: ActivityIn, now: datetime) -> None:
    on = body.ended_on or body.began_on
    if on > local_date(now):
        pointer = "/began_on" if body.ended_on is None else "/ended_on"
        fault = Fault(pointer, "in_future", "this day has not come yet; record what has taken place")
        raise Malformed("The date cannot be; see errors.", errors=[fault])
    named = [
        Named("/unit", UNITS, body.unit, on),
        Named("/method", "participation_methods", body.method or "", on),
        Named("/commissioning_stage", "commissioning_stages", body.commissioning_stage or "", on),
        *(
            Named(f"/who/{at}/respondent_group", "respondent_groups", one.respondent_group, on)
            for at, one in enumerate(body.who)
        ),
        *(Named(f"/themes/{at}", "themes", theme, on) for at, theme in enumerate(body.themes)),
    ]
    await require_known(session, caller, [one for one in named if one.code])


async def _keep_groups(session: AsyncSession, row: Row, body: ActivityIn) -> list[Row]:
    who = _groups(body)
    if who:
        await session.execute(sa.insert(queries.groups), [{"activity_id": row["id"], **one} for one in who])
    return who


async def _look_through(session: AsyncSession, held: Row, after: Row, reason: str, now: datetime) -> None:
    words = words_in(after | {"reason": reason})
    await flag_words(session, "activity", str(after["id"]), after["unit"], words_in(held), words, now)


async def _write(session: AsyncSession, after: Row) -> None:
    table = queries.activities
    await session.execute(sa.update(table).where(table.c.id == after["id"]).values(after))


async def _keep(
    session: AsyncSession, caller: Caller, held: Row, who: Sequence[Row], reason: str, now: datetime
) -> None:
    await keep_version(session, caller, HISTORY, "activity_id", held, content_of_activity(held, who), reason, now)


async def _note(session: AsyncSession, caller: Caller, action: str, row: Row, who: Sequence[Row]) -> None:
    """Record the deed: codes only; how many took part goes into the digest, as it may be few."""
    names = ("took_place", "method", "commissioning_stage", "themes", "version")
    await record_activity(
        session, caller, action, "participation_activity", row["id"], content=content_of_activity(row, who),
        unit=row["unit"], data=content_of(row, names),
    )  # fmt: skip
