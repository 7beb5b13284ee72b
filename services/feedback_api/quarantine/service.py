"""Deciding what becomes of a submission: a view, a duplicate, set aside with a reason; and taking that back."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.flagging import flag_words, raise_flag
from services.feedback_api.models import View, table_of
from services.feedback_api.quarantine import queries
from services.feedback_api.quarantine.errors import (
    ConsentNotGiven,
    NotToBeMergedInto,
    ReleaseIncomplete,
    SubmissionDecided,
    SubmissionNotReturnable,
)
from services.feedback_api.quarantine.queries import submissions
from services.feedback_api.quarantine.schemas import ReleaseIn, SubmissionMergeIn
from services.feedback_api.references import UNITS, Named, require_known
from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.canonical import canonical
from shared.clock import local_date
from shared.faults import SafeValueError
from shared.free_text import Mode, reads_like_harm, screen
from shared.ids import new_id
from shared.problems import Fault, Malformed, NotFound
from shared.schemas.base import clean_text

_VIEW = table_of(View)
_WORDS = ("what_works", "what_should_change")
_AS_SENT = ("channel", "respondent_group", "unit", "age_band", "rating", *_WORDS)
# From the narrowest to the widest; who said nothing gave the narrowest.
_CONSENTS = ("internal_only", "anonymous", "shared")
_LONGEST_WORDS = 4_000
_MERGING = 0x46425351
Row = dict[str, Any]


async def release(session: AsyncSession, caller: Caller, row: Row, body: ReleaseIn, words: Mode, now: datetime) -> Row:
    """Make a view of a waiting submission, as it was sent but for what the release says."""
    _require_waiting(row)
    view = _view_of(row, body, now)
    _require_whole(view)
    screen({f"/{name}": view[name] for name in _WORDS}, words)
    on = view["given_on"]
    named = [
        Named("/channel", "channels", view["channel"], on),
        Named("/respondent_group", "respondent_groups", view["respondent_group"], on),
        Named("/unit", UNITS, view["unit"], on),
        *(Named(f"/themes/{at}", "themes", theme, on) for at, theme in enumerate(view["themes"])),
    ]
    await require_known(session, caller, named)
    await _record_view(session, caller, view, now)
    # What the submission was flagged for is in the queue already.
    new = [reason for reason in view["flag_reasons"] if reason not in row["flag_reasons"]]
    await raise_flag(session, "view", view["id"], view["unit"], new, now)
    return await _decide(session, caller, row, "released", now, view_id=view["id"])


async def hold_merging(session: AsyncSession) -> None:
    """One merge at a time, before any submission is locked: two into each other would wait for one another."""
    await session.execute(sa.select(sa.func.pg_advisory_xact_lock(_MERGING)))


async def merge(session: AsyncSession, caller: Caller, row: Row, body: SubmissionMergeIn, now: datetime) -> Row:
    """Count a waiting submission with the one it repeats."""
    _require_waiting(row)
    try:
        into = await queries.find(session, caller, body.into)
    except NotFound:
        raise NotToBeMergedInto() from None
    if into["id"] == row["id"] or into["merged_into"] is not None:
        raise NotToBeMergedInto()
    return await _decide(session, caller, row, "merged", now, merged_into=into["id"], reason=body.reason)


async def set_aside(session: AsyncSession, caller: Caller, row: Row, reason: str, now: datetime) -> Row:
    """Make nothing of a waiting submission, and say why; it is kept."""
    _require_waiting(row)
    return await _decide(session, caller, row, "set_aside", now, reason=reason)


async def take_back(session: AsyncSession, caller: Caller, row: Row, reason: str, now: datetime) -> Row:
    """Let a submission that was merged or set aside wait again."""
    if row["state"] not in ("merged", "set_aside"):
        raise SubmissionNotReturnable()
    changes: Row = {"state": "waiting", "decided_by": None, "decided_at": None, "reason": None, "merged_into": None}
    return await _change(session, caller, row, changes, "returned", reason, now)


def _require_waiting(row: Row) -> None:
    if row["state"] != "waiting":
        raise SubmissionDecided()


def _view_of(row: Row, body: ReleaseIn, now: datetime) -> Row:
    given = body.model_dump(include=body.model_fields_set)
    view: Row = {name: given.get(name, row[name]) for name in _AS_SENT}
    view |= {
        "given_on": body.given_on or row["received_on"],
        "sentiment": body.sentiment,
        "themes": body.themes,
        "consent": _consent(body.consent, row["consent"]),
    }
    if view["given_on"] > local_date(now):
        fault = Fault("/given_on", "in_future", "this day has not come yet")
        raise Malformed("The date cannot be; see errors.", errors=[fault])
    # A flag once raised stays raised, whatever was taken out of the words.
    reasons = {*row["flag_reasons"], *reads_like_harm(*(view[name] for name in _WORDS))}
    return view | {"id": new_id(), "flag_reasons": sorted(reasons), "source_ref": str(row["id"])}


def _consent(chosen: str | None, given: str | None) -> str:
    widest = given or _CONSENTS[0]
    if chosen is not None and _CONSENTS.index(chosen) > _CONSENTS.index(widest):
        fault = Fault("/consent", "wider", f"the person gave no more than {widest}")
        raise ConsentNotGiven("Consent cannot be widened.", errors=[fault])
    return chosen or widest


def _require_whole(view: Row) -> None:
    faults = [
        Fault(f"/{name}", "missing", "give this: neither the submission nor its token says it")
        for name in ("channel", "respondent_group", "unit")
        if view[name] is None
    ]
    faults += [
        Fault(f"/{name}", "too_long", f"give at most {_LONGEST_WORDS} characters of it; the whole stays here")
        for name in _WORDS
        if len(view[name] or "") > _LONGEST_WORDS
    ]
    faults += [
        Fault(f"/{name}", "odd_characters", "give these words anew, without control or override characters")
        for name in _WORDS
        if not _is_plain(view[name] or "")
    ]
    if faults:
        raise ReleaseIncomplete("The release needs more; see errors.", errors=faults)


def _is_plain(words: str) -> bool:
    try:
        clean_text(words)
    except SafeValueError:
        return False
    return True


async def _record_view(session: AsyncSession, caller: Caller, view: Row, now: datetime) -> None:
    content = view | {"id": str(view["id"]), "given_on": view["given_on"].isoformat()}
    row = view | {
        "version": 1,
        "source": "public",
        "recorded_by": caller.subject,
        "recorded_at": now,
        "changed_at": now,
        "source_hash": hashlib.sha256(canonical(content)).digest(),
        "safeguarding_flag": bool(view["flag_reasons"]),
    }
    await session.execute(sa.insert(_VIEW).values(row))
    data = {name: view[name] for name in ("channel", "respondent_group", "sentiment", "rating", "themes")}
    await record_activity(
        session, caller, "view.recorded", "view", view["id"], content=content, unit=view["unit"],
        data=data | {"version": 1},
    )  # fmt: skip


async def _decide(session: AsyncSession, caller: Caller, row: Row, state: str, now: datetime, **more: Any) -> Row:
    changes = {"state": state, "decided_by": caller.subject, "decided_at": now, **more}
    return await _change(session, caller, row, changes, state, more.get("reason"), now)


async def _change(
    session: AsyncSession, caller: Caller, row: Row, changes: Row, deed: str, reason: str | None, now: datetime
) -> Row:  # fmt: skip
    changes = changes | {"version": row["version"] + 1}
    if reason is not None:
        await flag_words(session, "public_submission", str(row["id"]), row["unit"], {}, {"reason": reason}, now)
    await session.execute(sa.update(submissions).where(submissions.c.id == row["id"]).values(changes))
    data = {name: str(changes[name]) for name in ("view_id", "merged_into") if changes.get(name)}
    action, content = f"public_submission.{deed}", {"reason": reason}
    await record_activity(
        session, caller, action, "public_submission", row["id"], unit=row["unit"], content=content, data=data
    )
    return row | changes
