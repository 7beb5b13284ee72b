"""The rules of reviews by others: recording them, changing what is known, and the trend of a topic (R36)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.scrutiny import queries
from services.audit_api.scrutiny.errors import ReviewKnown
from services.audit_api.scrutiny.rendering import CONCERNS, review_out, together, trend_points
from services.audit_api.scrutiny.schemas import ReviewEdit, ReviewIn, ReviewOut, TrendOut
from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.clock import local_date
from shared.database_errors import constraint_name
from shared.etags import IfMatch
from shared.framework.store import check_codes, read_item, read_items
from shared.free_text import Mode, screen
from shared.ids import new_id
from shared.organisation.units import check_unit
from shared.problems import Fault, Malformed, NotFound


async def add_review(session: AsyncSession, caller: Caller, body: ReviewIn, words: Mode, now: datetime) -> UUID:
    """Record a review; raises ReviewKnown where its reference is taken."""
    await _check(session, caller, body, words, now)
    row = _row(body) | {
        "id": new_id(), "kind": body.kind, "direction": body.direction, "reference": body.reference,
        "recorded_by": caller.subject, "recorded_at": now, "version": 1,
    }  # fmt: skip
    try:
        await session.execute(sa.insert(queries.reviews), row)
    except IntegrityError as error:
        if constraint_name(error) == "uq_scrutiny_review_reference":
            raise ReviewKnown() from None
        raise
    await _keep_areas(session, row["id"], body)
    await _record(session, caller, "review.recorded", row["id"], body, body.kind)
    made: UUID = row["id"]
    return made


async def change_review(
    session: AsyncSession, caller: Caller, review: UUID, body: ReviewEdit, match: IfMatch, words: Mode, now: datetime
) -> None:
    """Change what is known of a review: its days, its judgements, how each subject stood."""
    held = await queries.find_review(session, caller, review, lock=True)
    if held is None:
        raise NotFound()
    match.check(held.version)
    await _check(session, caller, body, words, now)
    await _keep_version(session, caller, held, now)
    changed = _row(body) | {"version": held.version + 1}
    await session.execute(sa.update(queries.reviews).where(queries.reviews.c.id == review).values(changed))
    await session.execute(sa.delete(queries.areas).where(queries.areas.c.review_id == review))
    await _keep_areas(session, review, body)
    await _record(session, caller, "review.changed", review, body, held.kind)


async def read_review(session: AsyncSession, caller: Caller, review: UUID, today: date) -> ReviewOut:
    """One review, whole; raises NotFound."""
    row = await queries.find_review(session, caller, review)
    if row is None:
        raise NotFound()
    progress = await queries.progress_of(session, [review], today)
    areas = await queries.areas_of(session, review)
    audits = await queries.audits_set_off(session, caller, row.reference)
    earlier = await queries.versions_of(session, review)
    return review_out(row, progress.get(review), areas, audits, earlier, caller)


async def trend(session: AsyncSession, caller: Caller, topic: str, today: date) -> TrendOut:
    """How a topic stood in each review within reach; raises Malformed where it is no theme."""
    names = {one["code"]: one["name"] for one in await read_items(session, "themes", retired=True)}
    if topic not in names:
        fault = Fault("/query/topic", "unknown_code", "this is not the code of a theme of the framework")
        raise Malformed("The topic is not known; see errors.", errors=[fault])
    rows = await queries.reviews_on(session, caller, topic)
    progress = await queries.progress_of(session, [row.id for row in rows], today, topic)
    points = trend_points(rows, progress)
    concerned = sum(one.standing in CONCERNS for one in points)
    return TrendOut(
        topic=topic, name=names[topic], points=points, standing=points[-1].standing if points else None,
        reviews_with_concern=concerned, recurring=concerned > 1,
        recommendations=together([one.recommendations for one in points]),
    )  # fmt: skip


def _row(body: ReviewEdit) -> dict[str, Any]:
    names = ("title", "unit", "led_by", "framework", "asked_about", "requested_on", "held_on", "published_on")
    judgements = [one.model_dump() for one in body.judgements]
    return {name: getattr(body, name) for name in (*names, "summary")} | {"judgements": judgements}


async def _check(session: AsyncSession, caller: Caller, body: ReviewEdit, words: Mode, now: datetime) -> None:
    today = local_date(now)
    screen({"/title": body.title}, "refuse")
    screen({"/summary": body.summary} | {f"/areas/{at}/words": one.words for at, one in enumerate(body.areas)}, words)
    await check_unit(session, caller, body.unit, "/unit", on=today)
    topics = {f"/areas/{at}/topic": one.topic for at, one in enumerate(body.areas)}
    topics |= {f"/asked_about/{at}": topic for at, topic in enumerate(body.asked_about)}
    await check_codes(session, "themes", topics)
    faults = [
        Fault(f"/{name}", "in_future", "give a day that is not after today")
        for name in ("requested_on", "held_on", "published_on")
        if (day := getattr(body, name)) is not None and day > today
    ]
    faults += await _faults_of_judgements(session, body)
    if faults:
        raise Malformed("The review cannot be kept like this; see errors.", errors=faults)


async def _faults_of_judgements(session: AsyncSession, body: ReviewEdit) -> list[Fault]:
    if body.framework is None:
        return []
    framework = await read_item(session, "scrutiny_frameworks", body.framework)
    if framework is None:
        return [Fault("/framework", "unknown_code", "this is not the code of a framework of scrutiny")]
    faults = []
    for at, one in enumerate(body.judgements):
        if one.judgement not in framework["judgements"]:
            faults.append(Fault(f"/judgements/{at}/judgement", "not_judged", "the framework has no such judgement"))
        if one.grade not in framework["grades"]:
            faults.append(Fault(f"/judgements/{at}/grade", "not_a_grade", "the framework has no such grade"))
    return faults


async def _keep_version(session: AsyncSession, caller: Caller, held: sa.Row[Any], now: datetime) -> None:
    """Keep the review as it was, so that what was said of it on a day can be read again."""
    areas = await queries.areas_of(session, held.id)
    days = {name: getattr(held, name) for name in ("requested_on", "held_on", "published_on")}
    content = {
        "title": held.title, "framework": held.framework, "judgements": held.judgements,
        "areas": [{"topic": one.topic, "standing": one.standing, "words": one.words} for one in areas],
        **{name: None if day is None else day.isoformat() for name, day in days.items()},
    }  # fmt: skip
    row = {
        "review_id": held.id, "version": held.version, "content": content, "superseded_by": caller.subject,
        "superseded_at": now,
    }  # fmt: skip
    await session.execute(sa.insert(queries.versions), row)


async def _keep_areas(session: AsyncSession, review: UUID, body: ReviewEdit) -> None:
    rows = [{"review_id": review, **one.model_dump()} for one in body.areas]
    if rows:
        await session.execute(sa.insert(queries.areas), rows)


async def _record(session: AsyncSession, caller: Caller, deed: str, review: UUID, body: ReviewEdit, kind: str) -> None:
    data = {"kind": kind, "framework": body.framework, "areas": len(body.areas)}
    await record_activity(
        session,
        caller,
        deed,
        "scrutiny_review",
        review,
        content=body.model_dump(mode="json"),
        unit=body.unit,
        data=data,
    )  # fmt: skip
