"""What the owners of indicators say of their exceptions, and which answer holds for what stands now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.definitions import Definition, answers_for
from services.indicator_api.exceptions.schemas import AnswerIn
from services.indicator_api.exceptions.storing import Raised, Sign
from services.indicator_api.models import metadata
from services.indicator_api.series.known import FIGURES_SCOPE
from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.clock import local_date
from shared.database import driver_connection
from shared.ids import new_id
from shared.paging import Cursor, cursor_key
from shared.problems import Fault, Forbidden, Malformed
from shared.schemas.exceptions import ExceptionOut

_answer = metadata.tables["exception_answer"]
_SIGN = ("indicator", "area", "trigger", "direction")
_LATEST = """
SELECT DISTINCT ON (indicator, area, trigger, direction) indicator, area, trigger, direction,
       explanation, expected_until, holds_until, answered_by, answered_at
  FROM exception_answer WHERE area = ANY ($1::text[])
 ORDER BY indicator, area, trigger, direction, id DESC
"""
# An answer holds while the exception stands in its direction, until the day it expects an end by, or a quarter.
HOLDS_DAYS = 92
# What could tell of a hidden figure: words, and a hash in which whoever knows the rest finds the one small number.
WITHHELD = {"explanation": None, "action": None, "inputs_hash": None}


class Answered(NamedTuple):
    """What an exception shows of the last answer to it."""

    explanation: str
    expected_until: date | None
    holds_until: date
    answered_by: str
    answered_at: datetime


def may_answer(caller: Caller, definition: Definition) -> bool:
    """Whether the caller answers for the indicator."""
    return answers_for(caller, definition.content["owner_role"])


def may_read(caller: Caller, definition: Definition) -> bool:
    """Whether the words of an answer may be read: they may speak of figures that are hidden from others."""
    return caller.may(FIGURES_SCOPE) or not definition.people


async def answer(
    session: AsyncSession, caller: Caller, definition: Definition, row: ExceptionOut, body: AnswerIn, now: datetime
) -> dict[str, Any]:
    """Keep an answer to an exception that stands; raises Forbidden for anyone but the owner."""
    if not may_answer(caller, definition):
        raise Forbidden("Only the indicator's owner answers for it: see owner_role.")
    today = local_date(now)
    if body.expected_until is not None and not today <= body.expected_until <= today + timedelta(days=HOLDS_DAYS * 4):
        fault = Fault("/expected_until", "date_range", "give a day from today to a year ahead")
        raise Malformed("The answer was not stored; see errors.", errors=[fault])
    kept = {
        "id": new_id(),
        "key": row.key,
        **{name: getattr(row, name) for name in (*_SIGN, "period", "inputs_hash")},
        **body.model_dump(),
        "holds_until": body.expected_until or today + timedelta(days=HOLDS_DAYS),
        "answered_by": caller.subject,
        "answered_at": now,
    }
    await session.execute(sa.insert(_answer).values(**kept))
    await record_activity(
        session, caller, "exception.answered", "exception_answer", kept["id"],
        content=[body.explanation, body.action], unit=caller.unit,
        data={name: kept[name] for name in ("key", "direction", "inputs_hash")},
    )  # fmt: skip
    return kept


async def list_answers(
    session: AsyncSession, sign: tuple[str, str, str], at: Cursor, **narrowed: str
) -> Sequence[sa.Row[Any]]:
    """Every answer to a trigger of the series (indicator, area, trigger), of earlier periods too, the latest first;
    `narrowed` to those of a key or a direction."""
    columns = _answer.c
    wanted = dict(zip(_SIGN, sign, strict=False)) | narrowed
    statement = (
        sa.select(_answer)
        .where(*(columns[name] == value for name, value in wanted.items()))
        .order_by(columns.id.desc())
        .limit(at.fetch)
    )
    if at.after is not None:
        statement = statement.where(columns.id < cursor_key(at.after, UUID)[0])
    return (await session.execute(statement)).all()


async def latest_answers(session: AsyncSession, areas: Sequence[str]) -> dict[Sign, Answered]:
    """The last answer to each exception of the places."""
    connection = await driver_connection(session)
    rows = await connection.fetch(_LATEST, areas)
    return {(row[0], row[1], row[2], row[3]): Answered(*row[4:]) for row in rows}


def holding(last: Answered | None, raised: Raised | None, today: date) -> Answered | None:
    """The answer that holds today: given since the exception has stood, and not run out."""
    if last is None or today > last.holds_until or (raised is not None and last.answered_at < raised.at):
        return None
    return last


def unanswered_days(last: Answered | None, raised: Raised | None, today: date) -> int | None:
    """For how long it has stood without an answer; from the end of one that ran out."""
    if raised is None:
        return None
    since = local_date(raised.at)
    if last is not None and last.answered_at >= raised.at:
        since = max(since, last.holds_until + timedelta(days=1))
    return max(0, (today - since).days)


def shown(last: Answered, *, readable: bool) -> dict[str, Any]:
    """An answer within its exception."""
    return {
        "by": last.answered_by,
        "at": last.answered_at,
        "explanation": last.explanation if readable else None,
        "expected_until": last.expected_until,
    }
