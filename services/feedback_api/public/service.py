"""Taking what the public sends: the token is spent and the words are stored together, or neither is."""

from __future__ import annotations

import json
from datetime import datetime
from uuid import uuid4

from services.feedback_api.flagging import raise_flag
from services.feedback_api.public.understanding import NAMED, WORDS, Sent
from services.feedback_api.references import Named, look_up
from services.feedback_api.tokens import Spent, spend_on
from shared.activity.record import deed_in_sql, deed_values
from shared.auth.caller import Caller
from shared.clock import local_date
from shared.work import Work

_OPTIONAL = (*NAMED, "age_band", "rating", "consent", *WORDS)
_COLUMNS = ("id", "version", "state", "unit", "received_on", "flag_reasons", "identifiers", *_OPTIONAL)
_LAST = len(_COLUMNS) + 1
# The names are those of columns, written here.
_STORE = f"""
WITH stored AS (
  INSERT INTO public_submission ({", ".join(_COLUMNS)}, left_over)
  VALUES ({", ".join(f"${place}" for place in range(1, _LAST))}, ${_LAST}::text::jsonb)),
{deed_in_sql(_LAST + 1)}"""  # noqa: S608
_KINDS = {"channel": "channels", "respondent_group": "respondent_groups"}


async def take(work: Work, caller: Caller, sent: Sent, now: datetime) -> str:
    """Store a submission in quarantine and say for which unit; raises TokenNotUsable."""
    connection = await work.begin()
    spent = await spend_on(connection, sent.token, "view", now)
    await _settle_codes(work, caller, sent, spent, now)
    key, unit = uuid4(), spent.unit
    row = {
        "id": key, "version": 1, "state": "waiting", "unit": unit, "received_on": local_date(now),
        "flag_reasons": sent.flag_reasons, "identifiers": sent.identifiers, **dict.fromkeys(_OPTIONAL), **sent.fields,
    }  # fmt: skip
    # Of the token nothing is said here, nor of whoever issued it.
    data = {"channel": row["channel"], "reasons": sent.flag_reasons}
    content = {**sent.fields, "left_over": sent.left_over}
    subject = "public_submission"
    deed = deed_values(caller, f"{subject}.received", subject, key, content=content, unit=unit, data=data)
    await work.write(_STORE, *(row[name] for name in _COLUMNS), json.dumps(sent.left_over), *deed)
    if sent.flag_reasons:
        await raise_flag(await work.session(), "public_submission", key, unit, sent.flag_reasons, now)
    return unit


async def _settle_codes(work: Work, caller: Caller, sent: Sent, spent: Spent, now: datetime) -> None:
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
    for fault in (await look_up(await work.session(), caller, asked)).faults(asked):
        name = fault.pointer.removeprefix("/")
        sent.leave(name, sent.fields.pop(name))


def anyone(request_id: str | None) -> Caller:
    """Who is named in the log where nobody logs in."""
    return Caller("public", request_id=request_id)
