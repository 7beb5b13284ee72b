"""The rules of challenges: who raises them, when they are answered, and what ends them (R19)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.calendar_days import local_days_off
from services.feedback_api.challenges import errors, queries
from services.feedback_api.challenges.schemas import (
    AboutIn,
    ChallengeDecisionIn,
    ChallengeEdit,
    ChallengeIn,
    ChallengeResponseIn,
    EndIn,
)
from services.feedback_api.flagging import flag_words
from services.feedback_api.histories import content_of, keep_version
from services.feedback_api.models import ChallengeHistory, table_of
from services.feedback_api.references import UNITS, Named, require_known
from services.feedback_api.subjects import words_in
from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.clock import local_date
from shared.framework.store import read_item
from shared.ids import new_id
from shared.problems import Fault, Malformed
from shared.schemas.framework.catalogue import parse_item
from shared.schemas.framework.reporting import Board, Challenging
from shared.working_days import add_working_days

HISTORY = table_of(ChallengeHistory)
_KEPT = ("id", "recorded_by", "recorded_at", "changed_at")
_CONTENT = [column.name for column in queries.challenges.c if column.name not in _KEPT]


def content_of_challenge(row: Mapping[str, Any]) -> dict[str, Any]:
    """What a challenge says, as plain JSON."""
    return content_of(row, _CONTENT)


async def raise_challenge(session: AsyncSession, caller: Caller, body: ChallengeIn, now: datetime) -> dict[str, Any]:
    """Record a challenge of a board that may raise one."""
    if body.raised_on > local_date(now):
        raise _refused("/raised_on", "in_future", "this day has not come yet")
    board = await _board(session, body.raised_by_body)
    await _require_known(session, caller, body.unit, body.about, body.raised_on)
    due = body.response_due or await _due(session, board, body.raised_on)
    _check_due(due, body.raised_on)
    row = {
        **body.model_dump(exclude={"about", "response_due"}), "id": new_id(), "version": 1,
        "about_kind": body.about.kind, "about_ref": body.about.ref, "first_response_due": due, "response_due": due,
        "status": "open", "response": None, "outcome": None, "development_action": None, "responded_by": None,
        "responded_on": None, "responded_at": None, "board_words": None, "closed_on": None,
        "recorded_by": caller.subject, "recorded_at": now, "changed_at": now,
    }  # fmt: skip
    await session.execute(sa.insert(queries.challenges).values(row))
    await flag_words(session, "challenge", str(row["id"]), row["unit"], {}, words_in(row), now)
    await _note(session, caller, "challenge.raised", row)
    return row


async def edit_challenge(
    session: AsyncSession, caller: Caller, held: dict[str, Any], body: ChallengeEdit, now: datetime
) -> dict[str, Any]:
    """Correct what was recorded, while the challenge is not closed."""
    _require_open(held)
    changes = body.model_dump(exclude_unset=True, exclude={"about", "reason"})
    if body.about is not None:
        changes |= {"about_kind": body.about.kind, "about_ref": body.about.ref}
    if all(held[name] == value for name, value in changes.items()):
        return held
    if body.unit is not None or body.about is not None:
        about = body.about or AboutIn(kind=held["about_kind"], ref=held["about_ref"])
        await _require_known(session, caller, body.unit or held["unit"], about, held["raised_on"])
    _check_due(changes.get("response_due", held["response_due"]), held["raised_on"])
    return await _change(session, caller, "challenge.changed", held, changes, body.reason, now)


async def respond(
    session: AsyncSession, caller: Caller, held: dict[str, Any], body: ChallengeResponseIn, now: datetime
) -> dict[str, Any]:
    """Answer a challenge that is open or was sent back."""
    _require_open(held)
    if held["status"] == "answered":
        raise errors.ChallengeAnswered()
    on = body.responded_on or local_date(now)
    if not max(held["raised_on"], held["responded_on"] or held["raised_on"]) <= on <= local_date(now):
        raise _refused("/responded_on", "date", "give a day from that of the challenge to today")
    changes = {
        "response": body.response, "outcome": body.outcome, "status": "answered",
        "development_action": body.development_action or held["development_action"],
        "responded_by": caller.subject, "responded_on": on, "responded_at": now,
    }  # fmt: skip
    return await _change(session, caller, "challenge.answered", held, changes, None, now)


async def decide(
    session: AsyncSession, caller: Caller, held: dict[str, Any], body: ChallengeDecisionIn, now: datetime
) -> dict[str, Any]:
    """Record what the board made of the response: accepted closes the challenge, sent back opens it again."""
    _require_open(held)
    if held["status"] != "answered":
        raise errors.ChallengeUnanswered()
    if held["responded_by"] == caller.subject:
        raise errors.OwnResponse()
    if not held["responded_on"] <= body.decided_on <= local_date(now):
        raise _refused("/decided_on", "date", "give a day from that of the response to today")
    if body.decision == "accepted":
        promised = held["area_for_development"] and held["outcome"] != "not_accepted"
        if promised and held["development_action"] is None:
            raise errors.DevelopmentActionMissing()
        changes = {"status": "closed", "closed_on": body.decided_on, "board_words": body.words}
        return await _change(session, caller, "challenge.closed", held, changes, body.words, now)
    due = body.response_due or await _due(session, await _board(session, held["raised_by_body"]), body.decided_on)
    _check_due(due, body.decided_on)
    changes = {"status": "sent_back", "board_words": body.words, "response_due": due}
    return await _change(session, caller, "challenge.sent_back", held, changes, body.words, now)


async def end_challenge(
    session: AsyncSession, caller: Caller, held: dict[str, Any], body: EndIn, now: datetime
) -> dict[str, Any]:
    """End a challenge the board asks no more, or has put into another."""
    _require_open(held)
    closed = max(local_date(now), held["raised_on"])
    changes = {"status": "closed", "outcome": body.outcome, "board_words": body.reason, "closed_on": closed}
    return await _change(session, caller, "challenge.ended", held, changes, body.reason, now)


def _require_open(held: Mapping[str, Any]) -> None:
    if held["status"] == "closed":
        raise errors.ChallengeClosed()


def _refused(pointer: str, code: str, detail: str) -> Malformed:
    return Malformed("The challenge cannot be kept like this; see errors.", errors=[Fault(pointer, code, detail)])


def _check_due(due: date, from_day: date) -> None:
    if due < from_day:
        raise _refused("/response_due", "too_early", "a response is due on the day it is asked for or later")


async def _board(session: AsyncSession, code: str) -> Challenging:
    content = await read_item(session, "boards", code)
    found = None if content is None else parse_item("boards", content)
    if not isinstance(found, Board) or found.challenges is None:
        raise _refused("/raised_by_body", "unknown_code", "this is not the code of a board that challenges")
    return found.challenges


async def _due(session: AsyncSession, board: Challenging, from_day: date) -> date:
    return add_working_days(from_day, board.response_working_days, await local_days_off(session))


async def _require_known(session: AsyncSession, caller: Caller, unit: str, about: AboutIn, on: date) -> None:
    named = [Named("/unit", UNITS, unit, on)]
    kind = {"service": UNITS, "theme": "themes"}.get(about.kind)
    if kind is not None:
        named.append(Named("/about/ref", kind, about.ref or "", on))
    await require_known(session, caller, named)


async def _change(
    session: AsyncSession, caller: Caller, action: str, held: dict[str, Any], changes: dict[str, Any],
    reason: str | None, now: datetime,
) -> dict[str, Any]:  # fmt: skip
    await keep_version(session, caller, HISTORY, "challenge_id", held, content_of_challenge(held), reason, now)
    after = held | changes | {"version": held["version"] + 1, "changed_at": now}
    table = queries.challenges
    await session.execute(sa.update(table).where(table.c.id == held["id"]).values(after))
    words = words_in(after | {"reason": reason})
    await flag_words(session, "challenge", str(held["id"]), after["unit"], words_in(held), words, now)
    await _note(session, caller, action, after)
    return after


async def _note(session: AsyncSession, caller: Caller, action: str, row: Mapping[str, Any]) -> None:
    """Record the deed: codes and days only, the words only as a digest."""
    names = ("raised_by_body", "about_kind", "response_due", "status", "outcome", "version")
    await record_activity(
        session, caller, action, "challenge", row["id"], content=content_of_challenge(row), unit=row["unit"],
        data=content_of(row, names),
    )  # fmt: skip
