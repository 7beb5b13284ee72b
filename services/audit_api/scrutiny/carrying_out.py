"""What becomes of a recommendation: its owner and dates, its milestones, the actions that carry it out (R36)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.scrutiny import queries
from services.audit_api.scrutiny.errors import (
    MilestoneReached,
    MilestonesLeft,
    NotTheirsToCarryOut,
    RecommendationEnded,
)
from services.audit_api.scrutiny.recommendation_schemas import (
    DateEdit,
    LinksIn,
    OutcomeIn,
    ReachedIn,
    RecommendationIn,
    RecommendationOut,
)
from services.audit_api.scrutiny.rendering import carries_out, recommendation_out
from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.clock import local_date
from shared.etags import IfMatch
from shared.framework.store import check_codes
from shared.free_text import screen
from shared.ids import new_id
from shared.organisation.units import check_unit
from shared.problems import Fault, Malformed, NotFound

Kind = Literal["redated", "reached", "linked", "done", "declined"]


async def recommend(
    session: AsyncSession, caller: Caller, review: UUID, body: RecommendationIn, roles: frozenset[str], now: datetime
) -> UUID:
    """Record what a review asks for."""
    held = await queries.find_review(session, caller, review, lock=True)
    if held is None:
        raise NotFound()
    screen({"/words": body.words} | {f"/milestones/{at}/title": one.title for at, one in enumerate(body.milestones)},
           "refuse")  # fmt: skip
    if body.owner_role is not None and body.owner_role not in roles:
        raise _refused(Fault("/owner_role", "unknown_code", "this is not the code of a role of the framework"))
    await check_codes(session, "themes", {} if body.topic is None else {"/topic": body.topic})
    if body.unit is not None:
        await check_unit(session, caller, body.unit, "/unit", on=local_date(now))
    names = ("words", "topic", "owner_role", "owner_subject", "owner_post", "due_on")
    row = {name: getattr(body, name) for name in names} | {
        "id": new_id(), "review_id": review, "unit": body.unit or held.unit, "original_due_on": body.due_on,
        "status": "open", "recorded_by": caller.subject, "version": 1,
    }  # fmt: skip
    await session.execute(sa.insert(queries.recommendations), row)
    steps = [
        {
            "recommendation_id": row["id"], "position": number, "title": one.title, "original_due_on": one.due_on,
            "due_on": one.due_on,
        }
        for number, one in enumerate(body.milestones, 1)
    ]  # fmt: skip
    if steps:
        await session.execute(sa.insert(queries.milestones), steps)
    await record_activity(
        session, caller, "recommendation.recorded", "recommendation", row["id"], unit=row["unit"],
        content=body.model_dump(mode="json"), data={"review": str(review), "due_on": body.due_on.isoformat()},
    )  # fmt: skip
    made: UUID = row["id"]
    return made


async def read_recommendation(
    session: AsyncSession, caller: Caller, recommendation: UUID, today: date
) -> RecommendationOut:
    """One recommendation, whole; raises NotFound."""
    row = await queries.find_recommendation(session, caller, recommendation, today)
    if row is None:
        raise NotFound()
    steps, history, actions = await queries.parts_of(session, recommendation)
    return recommendation_out(row, steps, history, actions, caller, today)


async def redate(
    session: AsyncSession,
    caller: Caller,
    recommendation: UUID,
    milestone: int | None,
    body: DateEdit,
    match: IfMatch,
    now: datetime,
) -> None:
    """Agree another date for a recommendation or one of its milestones; the same again changes nothing."""
    held = await _held(session, caller, recommendation, match)
    due_on = held.due_on if milestone is None else (await _step(session, held, milestone)).due_on
    if due_on == body.due_on:
        return
    if milestone is not None:
        await _change_step(session, held, milestone, {"due_on": body.due_on})
    changed = {"due_on": body.due_on} if milestone is None else {}
    await _change(session, caller, held, "redated", now, body.due_on, body.reason, milestone, due_on, **changed)


async def reach(
    session: AsyncSession,
    caller: Caller,
    recommendation: UUID,
    milestone: int,
    body: ReachedIn,
    match: IfMatch,
    now: datetime,
) -> None:
    """Record the day on which a milestone was reached."""
    held = await _held(session, caller, recommendation, match)
    step = await _step(session, held, milestone)
    if body.reached_on > local_date(now):
        raise _refused(Fault("/reached_on", "in_future", "give a day that is not after today"))
    await _change_step(session, held, milestone, {"reached_on": body.reached_on})
    await _change(session, caller, held, "reached", now, body.reached_on, body.note, milestone, step.due_on)


async def link_actions(
    session: AsyncSession, caller: Caller, recommendation: UUID, body: LinksIn, match: IfMatch, now: datetime
) -> None:
    """Name the actions that carry it out."""
    held = await _held(session, caller, recommendation, match)
    known = await queries.actions_within(session, caller, body.actions)
    faults = [
        Fault(f"/actions/{at}", "unknown_action", "there is no such action that this caller may use")
        for at, action in enumerate(body.actions)
        if action not in known
    ]
    if faults:
        raise _refused(*faults)
    rows = [{"recommendation_id": held.id, "action_id": action} for action in known]
    linked = await session.execute(
        insert(queries.links).values(rows).on_conflict_do_nothing().returning(queries.links.c.action_id)
    )
    if linked.all():
        await _change(session, caller, held, "linked", now, local_date(now))


async def end(
    session: AsyncSession, caller: Caller, recommendation: UUID, body: OutcomeIn, match: IfMatch, now: datetime
) -> None:
    """It was carried out, or is declined."""
    held = await _held(session, caller, recommendation, match)
    left = sa.select(sa.literal(1)).where(
        queries.milestones.c.recommendation_id == held.id, queries.milestones.c.reached_on.is_(None)
    )
    if body.outcome == "done" and (await session.execute(left.limit(1))).first() is not None:
        raise MilestonesLeft()
    today = local_date(now)
    await _change(
        session, caller, held, body.outcome, now, today, body.note, None, held.due_on, status=body.outcome,
        ended_on=today,
    )  # fmt: skip


async def _held(session: AsyncSession, caller: Caller, recommendation: UUID, match: IfMatch) -> sa.Row[Any]:
    held = await queries.lock_recommendation(session, caller, recommendation)
    if held is None:
        raise NotFound()
    match.check(held.version)
    if not carries_out(held, caller):
        raise NotTheirsToCarryOut()
    if held.status != "open":
        raise RecommendationEnded()
    return held


async def _step(session: AsyncSession, held: sa.Row[Any], number: int) -> sa.Row[Any]:
    place = queries.milestones.c.recommendation_id == held.id, queries.milestones.c.position == number
    step: sa.Row[Any] | None = (await session.execute(sa.select(queries.milestones).where(*place))).one_or_none()
    if step is None:
        raise NotFound()
    if step.reached_on is not None:
        raise MilestoneReached()
    return step


async def _change_step(session: AsyncSession, held: sa.Row[Any], number: int, changed: dict[str, Any]) -> None:
    place = queries.milestones.c.recommendation_id == held.id, queries.milestones.c.position == number
    await session.execute(sa.update(queries.milestones).where(*place).values(changed))


async def _change(
    session: AsyncSession,
    caller: Caller,
    held: sa.Row[Any],
    kind: Kind,
    now: datetime,
    day: date,
    words: str | None = None,
    milestone: int | None = None,
    was_due_on: date | None = None,
    **changed: Any,
) -> None:
    # Every change of a recommendation raises its version by one, so that the version before numbers the change.
    row = {
        "recommendation_id": held.id, "position": held.version, "kind": kind, "milestone": milestone,
        "was_due_on": was_due_on, "day": day, "words": words, "done_by": caller.subject, "done_at": now,
    }  # fmt: skip
    await session.execute(sa.insert(queries.changes), row)
    changed["version"] = held.version + 1
    table = queries.recommendations
    await session.execute(sa.update(table).where(table.c.id == held.id).values(changed))
    await record_activity(
        session, caller, f"recommendation.{kind}", "recommendation", held.id, content=words, unit=held.unit,
        data={"review": str(held.review_id), "milestone": milestone, "day": day.isoformat()},
    )  # fmt: skip


def _refused(*faults: Fault) -> Malformed:
    return Malformed("The recommendation cannot be kept like this; see errors.", errors=faults)
