"""The rules of contributions for people: who sends, who asks, chases, sends back and waives, and until when."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting_api.contributions import errors, trail
from services.reporting_api.contributions.asking import due_day, parts_of
from services.reporting_api.contributions.queries import coordinates, find_contribution
from services.reporting_api.contributions.schemas import ChaseIn, ContributedIn, ContributionIn
from services.reporting_api.definitions import read_definitions
from services.reporting_api.occurrences import c as occurrence
from services.reporting_api.occurrences import table as occurrence_table
from services.reporting_api.owed import SELECT, c, submission_table, table
from shared.auth.caller import Caller
from shared.canonical import canonical
from shared.etags import IfMatch
from shared.framework.store import check_codes
from shared.problems import Fault, Malformed


async def hold(session: AsyncSession, caller: Caller, wanted: UUID, match: IfMatch) -> Any:
    """The contribution locked, as the caller saw it."""
    row = await find_contribution(session, caller, wanted, lock=True)
    match.check(row.version)
    return row


async def hold_as_coordinator(session: AsyncSession, caller: Caller, wanted: UUID, match: IfMatch) -> Any:
    """The same for whoever answers for the report; raises NotTheCoordinator."""
    row = await hold(session, caller, wanted, match)
    if not await coordinates(session, caller, row.unit):
        raise errors.NotTheCoordinator()
    return row


async def ask_one_more(session: AsyncSession, caller: Caller, body: ContributionIn, today: date) -> UUID:
    """Ask a contributor whom the framework does not name for this report."""
    kind, code = ("agency", body.agency) if body.agency else ("unit", body.unit)
    row = (await session.execute(sa.select(occurrence_table).where(occurrence.id == body.occurrence))).one_or_none()
    if row is None or not await coordinates(session, caller, row.unit):
        fault = Fault("/occurrence", "unknown_occurrence", "this is not a report that the caller answers for")
        raise Malformed("The occurrence cannot be used; see errors.", errors=[fault])
    await check_codes(session, "agencies" if kind == "agency" else "units", {f"/{kind}": str(code)})
    known = await read_definitions(session)
    report = known.reports.get(row.report)
    if report is None or row.published_on or row.withdrawn_on or row.due_on is None or row.due_on < today:
        raise errors.NoLongerOpen()
    if body.due_on is not None and not today <= body.due_on <= row.due_on:
        fault = Fault("/due_on", "due_on", "give a day from today to the day the report is due")
        raise Malformed("The day cannot be used; see errors.", errors=[fault])
    due_on = body.due_on or due_day(row.due_on, report.asking, today, known.days_off())
    by_hand = body.due_on is not None
    made = await trail.begin(
        session, caller, row, kind, str(code), parts_of(report), due_on, today, body.reason, by_hand=by_hand
    )
    again = {"due_on": due_on, "due_by_hand": by_hand}
    return made or await _ask_again(session, caller, row, kind, str(code), today, body.reason, again)


async def _ask_again(
    session: AsyncSession, caller: Caller, occurrence: Any, kind: str, code: str, today: date, reason: str,
    due: dict[str, Any],
) -> UUID:  # fmt: skip
    """Ask whoever was let off; raises AlreadyAsked where the contribution still stands."""
    own = SELECT.where(c.occurrence == occurrence.id, c.contributor_kind == kind, c.contributor == code)
    row = (await session.execute(own.with_for_update(of=[table]))).one()
    if row.waived_on is None:
        raise errors.AlreadyAsked()
    await trail.step(session, caller, row, "asked", today, words=reason, waived_on=None, waived_reason=None, **due)
    found: UUID = row.id
    return found


async def receive(
    session: AsyncSession, caller: Caller, row: Any, body: ContributedIn, now: datetime, today: date
) -> None:
    """Keep what was sent. The day it first came counts, unless it was sent back."""
    if row.waived_on is not None:
        raise errors.ContributionWaived()
    if row.received_on is not None and row.published_on is not None:
        raise errors.ContributionPublished()
    _check_parts(row, body)
    last = sa.select(sa.func.coalesce(sa.func.max(submission_table.c.number), 0))
    number = (await session.execute(last.where(submission_table.c.contribution == row.id))).scalar_one() + 1
    content = body.model_dump(mode="json")
    digest = hashlib.sha256(canonical(content)).hexdigest()
    await session.execute(
        sa.insert(submission_table).values(
            contribution=row.id, number=number, content=content, content_hash=digest, received_on=today,
            received_at=now, submitted_by=caller.subject,
        )
    )  # fmt: skip
    await trail.step(
        session, caller, row, "received", today, number=number, submission=number, received_on=row.received_on or today
    )  # fmt: skip
    await _refresh_draft(session, row.occurrence, now)


def _check_parts(row: Any, body: ContributedIn) -> None:
    asked, sent = [part["code"] for part in row.parts], [part.part for part in body.parts]
    faults = [
        Fault(f"/parts/{at}/part", "not_asked", "this part is not asked for, or stands twice")
        for at, code in enumerate(sent)
        if code not in asked or code in sent[:at]
    ]
    if set(asked) - set(sent):
        faults.append(Fault("/parts", "part_missing", "send every part, or say why there is nothing to report"))
    if faults:
        raise errors.PartsDoNotFit("See errors.", errors=faults)


async def _refresh_draft(session: AsyncSession, wanted: UUID, now: datetime) -> None:
    """A draft that stands is assembled again with what has come."""
    await session.execute(
        sa.update(occurrence_table)
        .where(occurrence.id == wanted, occurrence.stage == "draft")
        .values(refresh_after=now)
    )


async def chase(session: AsyncSession, caller: Caller, row: Any, body: ChaseIn, today: date) -> None:
    """A person reminded the contributor, and how."""
    _check_open(row)
    kind = "reminded" if row.due_on >= today else "chased"
    await trail.step(
        session, caller, row, kind, today, how=body.how, words=body.words, chases=c.chases + 1, last_chased_on=today
    )


async def refuse(session: AsyncSession, caller: Caller, row: Any, reason: str, now: datetime, today: date) -> None:
    """Send back what cannot be used: it is owed again, and what was sent stays on record."""
    if row.received_on is None:
        raise errors.NothingReceived()
    if row.published_on is not None:
        raise errors.ContributionPublished()
    await trail.step(
        session, caller, row, "refused", today, words=reason, number=row.submission, received_on=None, submission=None
    )
    await _refresh_draft(session, row.occurrence, now)


async def waive(session: AsyncSession, caller: Caller, row: Any, reason: str, today: date) -> None:
    """No longer ask for it; only until the day it is due, when who owes what is settled."""
    _check_open(row)
    if row.due_on < today:
        raise errors.WaivedTooLate()
    await trail.step(session, caller, row, "waived", today, words=reason, waived_on=today, waived_reason=reason)


def _check_open(row: Any) -> None:
    if row.waived_on is not None:
        raise errors.ContributionWaived()
    if row.received_on is not None:
        raise errors.AlreadyReceived()
