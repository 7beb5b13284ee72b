"""What a complaint says that it did not say before: looked through for harm, put forward where it is to be shared."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.flagging import flag_words
from services.feedback_api.histories import SOURCE
from services.feedback_api.quoting import LEARNING, put_learning_forward
from services.feedback_api.subjects import words_in
from shared.auth.caller import Caller
from shared.free_text import reads_like_harm


def needs_a_look(content: Mapping[str, Any]) -> bool:
    """Whether `look_through` has anything to do for a new complaint of this content."""
    return content[LEARNING] is not None or bool(reads_like_harm(*words_in(content).values()))


async def look_through(
    session: AsyncSession, caller: Caller, before: Mapping[str, Any], after: Mapping[str, Any], now: datetime,
    reason: str | None,
) -> None:  # fmt: skip
    """Before and after as a case gives its content; a complaint that is new has nothing before."""
    ref, unit = after["respond_ref"], after["unit"]
    words = words_in({**after, "reason": None if reason == SOURCE else reason})
    await flag_words(session, "complaint", ref, unit, words_in(before), words, now)
    was = {**before, "said_on": date.fromisoformat(before["received_on"])} if before else {}
    said_on = date.fromisoformat(after["received_on"])
    await put_learning_forward(session, caller, was, {**after, "said_on": said_on}, now)
