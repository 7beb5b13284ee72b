"""Taking what the public sends: the token is spent and the words are stored together, or neither is."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.flagging import raise_flag
from services.feedback_api.models import PublicSubmission, table_of
from services.feedback_api.public.understanding import NAMED, Sent
from services.feedback_api.references import Named, look_up
from services.feedback_api.tokens import Spent, spend
from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.clock import local_date

_SUBMISSION = table_of(PublicSubmission)
_KINDS = {"channel": "channels", "respondent_group": "respondent_groups"}


async def take(session: AsyncSession, caller: Caller, sent: Sent, now: datetime) -> str:
    """Store a submission in quarantine and say for which unit; raises TokenNotUsable."""
    spent = await spend(session, sent.token, "view", now)
    await _settle_codes(session, caller, sent, spent, now)
    key = uuid4()
    row = {
        "id": key,
        "version": 1,
        "state": "waiting",
        "unit": spent.unit,
        "received_on": local_date(now),
        "left_over": sent.left_over,
        "flag_reasons": sent.flag_reasons,
        "identifiers": sent.identifiers,
        **sent.fields,
    }
    await session.execute(sa.insert(_SUBMISSION).values(row))
    # Of the token nothing is said here, nor of whoever issued it.
    data = {"channel": row.get("channel"), "reasons": sent.flag_reasons}
    content = {**sent.fields, "left_over": sent.left_over}
    subject = "public_submission"
    await record_activity(
        session, caller, f"{subject}.received", subject, key, content=content, unit=spent.unit, data=data
    )
    await raise_flag(session, "public_submission", key, spent.unit, sent.flag_reasons, now)
    return spent.unit


async def _settle_codes(session: AsyncSession, caller: Caller, sent: Sent, spent: Spent, now: datetime) -> None:
    """The token's word on the channel and the group goes first; what else was given is kept beside it."""
    asked: list[Named] = []
    for name in NAMED:
        given, known = sent.fields.get(name), getattr(spent, name)
        if known is not None:
            sent.fields[name] = known
            if given is not None and given != known:
                sent.leave(name, given)
        elif given is not None:
            asked.append(Named(f"/{name}", _KINDS[name], given, local_date(now)))
    if not asked:
        return
    for fault in (await look_up(session, caller, asked)).faults(asked):
        name = fault.pointer.removeprefix("/")
        sent.leave(name, sent.fields.pop(name))


def anyone(request_id: str | None) -> Caller:
    """Who is named in the log where nobody logs in."""
    return Caller("public", request_id=request_id)
