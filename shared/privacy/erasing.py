"""Erasure of a subject: its records leave, its deeds are unlinked, and the log says that it was done and why."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from pydantic_core import to_json
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from shared.auth.caller import Caller
from shared.privacy.disposing import ERASED, Disposal, lock_disposals
from shared.privacy.errors import StillReferredTo, UnderLegalHold
from shared.privacy.finding import conditions, keys_beside, keys_where, mentioning
from shared.privacy.holdings import Holdings
from shared.privacy.reach import chosen, on_hold
from shared.privacy.schemas import ErasureIn, ErasureOut, SubjectIn
from shared.problems import Fault, Malformed
from shared.tables import idempotency_key, legal_hold

# As a value, not where a field bears the same name.
_ANSWERS = """
UPDATE idempotency_key
SET body = convert_to(regexp_replace(convert_from(body, 'UTF8'), :value, :erased, 'g'), 'UTF8')
WHERE position(convert_to(CAST(:named AS text), 'UTF8') IN body) > 0 AND convert_from(body, 'UTF8') ~ :value
"""

_OF_OTHERS = (
    "some are about more than this or were made of it: read them by access, and erase by its record what is to go"
)


async def erase(session: AsyncSession, holdings: Holdings, caller: Caller, body: ErasureIn) -> ErasureOut:
    """Erase all records of a case, or one record; raises UnderLegalHold where a hold keeps any of them."""
    _refuse_person(body.subject)
    await lock_disposals(session)
    # Twice: what was stored while the first waited for a lock on its record is found by the second.
    for _ in range(2):
        found, stopped = [], {}
        for kind, where in conditions(holdings, body.subject):
            if kind.not_erased:
                continue
            keys, held = await keys_where(session, holdings, kind, where, body.subject.reference, lock=True)
            found.append((kind, keys))
            if held:
                stopped[kind.name] = held
    mentioned = await _mentions(session, holdings, body.subject, strike=False)
    for name, held in (await _held_mentions(session, holdings, body.subject, mentioned)).items():
        stopped[name] = stopped.get(name, 0) + held
    if stopped or await _named_by_a_hold(session, body.subject):
        raise UnderLegalHold("Nothing was erased.", held=stopped)
    counts = {kind.name: len(keys) for kind, keys in found if keys}
    kept = await _kept(session, holdings, body.subject, {kind.name: keys for kind, keys in found})
    # Also where no record is: a comparison with another system lists what is not held here.
    named = [body.subject.reference] if body.subject.by == "case" and not body.dry_run else []
    struck = await _strike_from_answers(session, named)
    if body.dry_run or not (counts or mentioned or struck):
        return ErasureOut(
            erasure=None, dry_run=body.dry_run, records=counts, rows={}, mentions=mentioned, kept=kept, deeds_unlinked=0
        )
    work = Disposal(session, holdings, caller)
    await work.begin("erasure", body.ground, body.request_reference)
    try:
        for kind, keys in found:
            await work.take_out(kind, keys)
    except IntegrityError:
        raise StillReferredTo("Nothing was erased.") from None
    await _mentions(session, holdings, body.subject, strike=True)
    await _strike_from_answers(session, sorted(work.personal_keys))
    await _forget_holds(session, body.subject, work.personal_keys)
    await work.end()
    rows = {name: count for name, count in sorted(work.rows.items()) if count}
    return ErasureOut(
        erasure=work.id, dry_run=False, records=dict(work.counts), rows=rows, mentions=mentioned, kept=kept,
        deeds_unlinked=work.unlinked,
    )  # fmt: skip


async def _named_by_a_hold(session: AsyncSession, subject: SubjectIn) -> bool:
    """Whether a hold names the subject itself, of which there may be but a mention, or everything."""
    named = sa.and_(legal_hold.c.scope == subject.by, legal_hold.c.reference == subject.reference)
    if subject.by == "record":
        named = sa.and_(named, legal_hold.c.kind == subject.kind)
    named = sa.or_(named, legal_hold.c.scope == "everything")
    statement = sa.select(sa.exists().where(legal_hold.c.lifted_at.is_(None), named))
    return bool((await session.execute(statement)).scalar_one())


async def _kept(
    session: AsyncSession, holdings: Holdings, subject: SubjectIn, going: Mapping[str, Sequence[Any]]
) -> dict[str, str]:
    """The kinds of which something stays, and why."""
    kept = {}
    for kind, where in conditions(holdings, subject, among_others=True):
        if await keys_beside(session, holdings, kind, where, subject.reference, going.get(kind.name, ())):
            kept[kind.name] = kind.not_erased or _OF_OTHERS
    return kept


async def _held_mentions(
    session: AsyncSession, holdings: Holdings, subject: SubjectIn, mentioned: Mapping[str, int]
) -> dict[str, int]:
    """Rows by kind that mention the subject and are kept as they are by a hold on the record they belong to."""
    counts: dict[str, int] = {}
    for one in holdings.mentions:
        kind = holdings.owner(one.table)
        if one.by != subject.by or one.table not in mentioned or kind is None:
            continue
        held, _ = await keys_where(session, holdings, kind, on_hold(holdings.metadata, kind), subject.reference)
        of_held = chosen(holdings.metadata, kind, one.table)
        asked = sa.text(f"SELECT count(*) FROM {one.table} WHERE ({mentioning(one)}) AND {of_held}")  # noqa: S608
        given = {"ref": subject.reference, "keys": to_json(held).decode()}
        if count := int((await session.execute(asked, given)).scalar_one()):
            counts[kind.name] = counts.get(kind.name, 0) + count
    return counts


async def _mentions(session: AsyncSession, holdings: Holdings, subject: SubjectIn, *, strike: bool) -> dict[str, int]:
    """Rows by table that stay and mention the subject, and the mention taken out where that is asked."""
    counts = {}
    for one in holdings.mentions:
        if one.by != subject.by:
            continue
        given = {"ref": subject.reference}
        where = one.where.format(ref="CAST(:ref AS text)")
        asked = sa.text(f"SELECT count(*) FROM {one.table} r WHERE {where}")  # noqa: S608
        if count := int((await session.execute(asked, given)).scalar_one()):
            counts[one.table] = count
        if strike:
            change = one.strike.format(ref="CAST(:ref AS text)")
            await session.execute(sa.text(f"UPDATE {one.table} r SET {change} WHERE {where}"), given)  # noqa: S608
    return counts


async def _strike_from_answers(session: AsyncSession, references: Sequence[str]) -> int:
    """Kept answers that speak of many stay, or what they answered would be done twice; each loses the reference.

    Returns how many did.
    """
    struck = 0
    for reference in references:
        named = json.dumps(reference, ensure_ascii=False)
        value = re.sub(r"([^\w\s])", r"\\\1", named) + "(?!:)"
        found = await session.execute(sa.text(_ANSWERS), {"named": named, "value": value, "erased": json.dumps(ERASED)})
        struck += int(getattr(found, "rowcount", 0))
    return struck


def _refuse_person(subject: SubjectIn) -> None:
    if subject.by == "person":
        words = "what staff did is the council's record: it leaves with the records it is about, when they are due"
        raise Malformed("Staff are not erased one by one.", errors=[Fault("/subject/by", "not_erasable", words)])


async def _forget_holds(session: AsyncSession, subject: SubjectIn, references: Collection[str]) -> None:
    """A hold that was lifted still names whom it was about."""
    itself = sa.and_(legal_hold.c.scope == subject.by, legal_hold.c.reference == subject.reference)
    of_records = sa.and_(legal_hold.c.scope == "case", legal_hold.c.reference.in_(sorted(references)))
    named_so = sa.and_(sa.or_(itself, of_records), legal_hold.c.lifted_at.is_not(None))
    statement = sa.update(legal_hold).where(named_so).values(reference="erased").returning(legal_hold.c.id)
    named = [str(one) for one in (await session.execute(statement)).scalars()]
    answers = (idempotency_key.c.subject_type == "legal_hold", idempotency_key.c.subject_id.in_(named))
    await session.execute(sa.delete(idempotency_key).where(*answers))
