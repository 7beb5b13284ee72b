"""The rules of sharing: consent, redaction, a second person's approval for an audience, and taking words back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.cases import reads_cases
from services.feedback_api.flagging import flag_status, flag_words
from services.feedback_api.models import Complaint, Compliment, PublicSubmission, SurveyWords, Table, View, table_of
from services.feedback_api.quoting import OWN_WORDS, change, put_forward, quotations
from services.feedback_api.redaction import blocks_in
from services.feedback_api.sharing.errors import (
    ConsentForbids,
    QuotationNotLive,
    QuotationSettled,
    SameHand,
    WordsBlocked,
    WordsGone,
)
from services.feedback_api.sharing.schemas import ApprovalIn, QuotationIn, RedactionIn
from services.feedback_api.subject_readers import read_subject
from services.feedback_api.subjects import Subject
from shared.auth.caller import Caller
from shared.clock import local_date
from shared.etags import IfMatch
from shared.framework.store import read_items
from shared.free_text import reads_like_harm
from shared.organisation.units import require_visible
from shared.problems import Fault, Forbidden, Malformed, NotFound
from shared.schemas.framework.catalogue import parse_item
from shared.schemas.framework.safeguarding import SharingRules

RULES = "sharing_rules"
SAFEGUARDING = "safeguarding"
# A council that has not said otherwise has two people look at every word.
_WITHOUT = SharingRules(code="quotations", title="Quotations")
# What the council itself wrote down of a complaint; what the person complained of is never quoted.
_OWN_FIELDS = ("learning", "improvement", "shared_learning")
# The records that leave when they are erased, with what they are named by.
_HELD: Mapping[str, tuple[type[Table], str]] = {
    "view": (View, "id"), "survey_response": (SurveyWords, "id"), "public_submission": (PublicSubmission, "id"),
    "complaint": (Complaint, "respond_ref"), "compliment": (Compliment, "respond_ref"),
}  # fmt: skip


def reads_words(caller: Caller, kind: str) -> bool:
    """Whether the caller may read the records of this kind word by word, in the units they see."""
    return caller.may("feedback:complaints") if kind == "complaint" else reads_cases(caller)


def _require_words(caller: Caller, kind: str) -> None:
    if not reads_words(caller, kind):
        raise Forbidden(needed_scope="feedback:complaints" if kind == "complaint" else "feedback:figures")


async def read_rules(session: AsyncSession) -> SharingRules:
    """What must hold before words are shared; the first of the framework's rules by code."""
    items = await read_items(session, RULES)
    if not items:
        return _WITHOUT
    found = parse_item(RULES, items[0])
    assert isinstance(found, SharingRules)
    return found


async def propose(session: AsyncSession, caller: Caller, body: QuotationIn, now: datetime) -> dict[str, Any]:
    """Put words of a record forward; they wait until another person has approved them."""
    _require_words(caller, body.subject_kind)
    subject = await read_subject(session, body.subject_kind, body.subject_ref)
    if subject is None or subject.quarantined or subject.unit is None:
        raise NotFound()
    await require_visible(session, caller, subject.unit)
    await _hold(session, body.subject_kind, body.subject_ref)
    own = body.subject_kind == "complaint"
    original = subject.words.get(body.field)
    if original is None or (own and body.field not in _OWN_FIELDS):
        fault = Fault("/field", "no_words", "the record has no words in this field that could be quoted")
        raise Malformed("There is nothing to quote; see errors.", errors=[fault])
    text = body.text or original
    given = {
        "subject_kind": body.subject_kind, "subject_ref": body.subject_ref, "field": body.field, "unit": subject.unit,
        "said_on": subject.said_on, "respondent_group": subject.respondent_group, "channel": subject.channel,
        "themes": subject.themes, "consent": OWN_WORDS if own else _consent(subject, body), "original": original,
        "text": text, "blocked": blocks_in(original, text, quoted=not own, names=body.names_on_record),
    }  # fmt: skip
    await _look_through(session, given, text, now)
    return await put_forward(session, caller, given, now)


async def _hold(session: AsyncSession, kind: str, ref: str) -> None:
    """Hold the record until its words are stored anew: an erasure finds these as well, or they find it gone."""
    if kind not in _HELD:
        return
    model, name = _HELD[kind]
    record = table_of(model).c
    held = sa.select(record.id).where(record[name] == (UUID(ref) if name == "id" else ref))
    if (await session.execute(held.with_for_update(key_share=True, read=True))).one_or_none() is None:
        raise NotFound()


def _consent(subject: Subject, body: QuotationIn) -> str:
    if subject.consent == "internal_only":
        raise ConsentForbids()
    consent = subject.consent or body.consent
    if consent is None:
        fault = Fault("/consent", "missing", "the record does not say what the person agreed to; say it here")
        raise Malformed("The consent is missing; see errors.", errors=[fault])
    return consent


async def redact(
    session: AsyncSession, caller: Caller, quotation: UUID, body: RedactionIn, match: IfMatch, now: datetime
) -> dict[str, Any]:
    """Write the words anew; whoever does so may not approve them."""
    held = await _waiting(session, caller, quotation, match)
    _require_words(caller, held["subject_kind"])
    await _look_through(session, held, body.text, now)
    changes: dict[str, Any] = {
        "text": body.text,
        "blocked": _blocks(held, body.text, body.names_on_record),
        "written_by": list(dict.fromkeys([*held["written_by"], caller.subject])),
    }
    return await change(session, caller, held, "redacted", changes, now)


async def approve(
    session: AsyncSession, caller: Caller, quotation: UUID, body: ApprovalIn, match: IfMatch, now: datetime
) -> dict[str, Any]:
    """Let an audience read the words from now on."""
    held = await _waiting(session, caller, quotation, match)
    rules = await read_rules(session)
    if rules.two_persons and caller.subject in held["written_by"]:
        raise SameHand()
    await _check_record(session, held)
    blocked = _blocks(held, held["text"], body.names_on_record)
    if await is_held_up(session, held):
        blocked.append(SAFEGUARDING)
    if blocked:
        words = "deal with this before the words are shared"
        raise WordsBlocked(errors=[Fault("/text", code, words) for code in blocked])
    today = local_date(now)
    expires_on = body.expires_on or _months_after(today, rules.months)
    if expires_on < today:
        fault = Fault("/expires_on", "too_early", "this day is over")
        raise Malformed("The date cannot be; see errors.", errors=[fault])
    changes: dict[str, Any] = {
        "status": "approved", "audience": body.audience, "approved_by": caller.subject, "approved_at": now,
        "expires_on": expires_on, "blocked": [],
    }  # fmt: skip
    return await change(session, caller, held, "approved", changes, now)


async def refuse(
    session: AsyncSession, caller: Caller, quotation: UUID, reason: str, match: IfMatch, now: datetime
) -> dict[str, Any]:
    """Say that the words are not to be shared."""
    held = await _waiting(session, caller, quotation, match)
    await _look_through(session, held, reason, now)
    ended = {"status": "refused", "ended_by": caller.subject, "ended_at": now}
    return await change(session, caller, held, "refused", ended, now, reason)


async def withdraw(
    session: AsyncSession, caller: Caller, quotation: UUID, reason: str, match: IfMatch, now: datetime
) -> dict[str, Any]:
    """Take the words back; readings from now on have them no more."""
    held = await find_quotation(session, caller, quotation, lock=True)
    match.check(held["version"])
    if held["status"] not in ("proposed", "approved"):
        raise QuotationNotLive()
    await _look_through(session, held, reason, now)
    ended = {"status": "withdrawn", "ended_by": caller.subject, "ended_at": now}
    return await change(session, caller, held, "withdrawn", ended, now, reason)


async def find_quotation(
    session: AsyncSession, caller: Caller, quotation: UUID, *, lock: bool = False
) -> dict[str, Any]:
    """Raises NotFound where there is none, it is another unit's, or the caller neither reads nor approves its kind."""
    statement = sa.select(quotations).where(quotations.c.id == quotation)
    row = (await session.execute(statement.with_for_update() if lock else statement)).mappings().one_or_none()
    if row is None or not (caller.may("feedback:share") or reads_words(caller, row["subject_kind"])):
        raise NotFound()
    await require_visible(session, caller, row["unit"])
    return dict(row)


async def is_held_up(session: AsyncSession, held: Mapping[str, Any]) -> bool:
    """Whether the duty role must decide first: the record is flagged, or the words read like harm and it never was."""
    status = await flag_status(session, held["subject_kind"], held["subject_ref"])
    return status in ("waiting", "acknowledged") or (status is None and bool(reads_like_harm(held["text"])))


async def _look_through(session: AsyncSession, held: Mapping[str, Any], text: str, now: datetime) -> None:
    """Flag the record where what is written about it reads like harm, and nobody was ever told of it.

    Words of a record that was flagged stand in its quotations too: they tell nobody again.
    """
    if await flag_status(session, held["subject_kind"], held["subject_ref"]) is None:
        kind, ref = held["subject_kind"], held["subject_ref"]
        await flag_words(session, kind, ref, held["unit"], {}, {"text": text}, now)


async def _waiting(session: AsyncSession, caller: Caller, quotation: UUID, match: IfMatch) -> dict[str, Any]:
    held = await find_quotation(session, caller, quotation, lock=True)
    match.check(held["version"])
    if held["status"] != "proposed":
        raise QuotationSettled()
    return held


async def _check_record(session: AsyncSession, held: Mapping[str, Any]) -> None:
    subject = await read_subject(session, held["subject_kind"], held["subject_ref"])
    if subject is None or subject.words.get(held["field"]) != held["original"]:
        raise WordsGone()
    if subject.consent == "internal_only":
        raise ConsentForbids()


def _blocks(held: Mapping[str, Any], text: str, names: Sequence[str]) -> list[str]:
    found = blocks_in(held["original"], text, quoted=held["consent"] != OWN_WORDS, names=names)
    # Names are not kept: that one was found stands until somebody gives them again and none is found.
    return [*found, "name"] if "name" in held["blocked"] and not names else found


def _months_after(day: date, months: int) -> date:
    year, month = divmod(day.month - 1 + months, 12)
    # On the first of that month: every month has one.
    return date(day.year + year, month + 1, 1)
