"""The rules of a return (R81): exactly what the Head of Service reviewed is submitted, and by somebody else."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting_api.chain import authority, read_powers
from services.reporting_api.definitions import Definitions, read_definitions
from services.reporting_api.returns import errors
from services.reporting_api.returns.queries import c, find_return, step_table, table
from services.reporting_api.returns.schemas import (
    ContentIn,
    ResubmissionIn,
    ReturnIn,
    ReturnSubmissionIn,
    ReviewIn,
)
from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.etags import IfMatch
from shared.framework.store import check_codes
from shared.ids import new_id
from shared.organisation.units import visible_units
from shared.problems import Fault, Malformed
from shared.schemas.framework.returns import Return
from shared.schemas.periods import Period, PeriodError

_UNSIGNED = {"signed_by": None, "signed_for": None, "signed_at": None, "signed_hash": None}


async def prepare_return(session: AsyncSession, caller: Caller, body: ReturnIn, now: datetime) -> UUID:
    """The first submission for its period; service and reviewing role are kept as the framework has them now."""
    await check_codes(session, "returns", {"/return": body.code})
    known = await read_definitions(session)
    definition = known.returns[body.code]
    allowed = await visible_units(session, caller)
    if allowed is not None and definition.unit not in allowed:
        # As for a code that does not exist: the difference would tell.
        fault = Fault("/return", "unknown_code", "this is not the code of one of the returns of the framework")
        raise Malformed("A code is not in the applied framework; see errors.", errors=[fault])
    end = _last_day(known, definition, body.period)
    return await _store(
        session, caller, body, now, code=body.code, period=body.period, period_end=end, unit=definition.unit,
        reviewer_role=definition.reviewer, due_on=end + timedelta(days=definition.due_days), submission=1,
    )  # fmt: skip


def _last_day(known: Definitions, definition: Return, code: str) -> date:
    period = Period.parse(code)
    calendar = known.calendars.get(definition.calendar or "")
    try:
        if period.kind is not definition.period_kind:
            raise errors.UnfitPeriod(
                errors=[Fault("/period", "kind", f"give a period of the kind {definition.period_kind.value}")]
            )
        return period.dates(calendar.term_calendar() if calendar else {})[1]
    except PeriodError:
        fault = Fault("/period", "dates", "the return's calendar has no dates for this period")
        raise errors.UnfitPeriod(errors=[fault]) from None


async def _store(session: AsyncSession, caller: Caller, body: ContentIn, now: datetime, **values: Any) -> UUID:
    """Insert what was prepared; raises ReturnOpen where the period has this submission or an open one."""
    statement = (
        insert(table)
        .values(
            id=new_id(), status="prepared", revision=1, version=1, content_hash=body.content_hash(),
            file_name=body.file.name if body.file else None, figures=body.listed(), prepared_by=caller.subject,
            prepared_at=now, **values,
        )
        .on_conflict_do_nothing()
        .returning(table)
    )  # fmt: skip
    row = (await session.execute(statement)).one_or_none()
    if row is None:
        raise errors.ReturnOpen()
    await _step(session, caller, row, "prepared", now, values.get("resubmission_reason"))
    found: UUID = row.id
    return found


async def lock_return(session: AsyncSession, caller: Caller, wanted: UUID, match: IfMatch, *statuses: str) -> Any:
    """The return to change, held; in order: is it there, is it the one the caller read, does the step fit."""
    row = await find_return(session, caller, wanted, lock=True)
    match.check(row.version)
    if row.status not in statuses:
        raise errors.ReturnInAnotherState(f"The return is {row.status}.")
    return row


async def change_return(session: AsyncSession, caller: Caller, row: Any, body: ContentIn, now: datetime) -> None:
    """Another content; the review of the one before is void."""
    await _set(
        session, row, status="prepared", revision=row.revision + 1, content_hash=body.content_hash(),
        file_name=body.file.name if body.file else None, figures=body.listed(), prepared_by=caller.subject,
        prepared_at=now, **_UNSIGNED,
    )  # fmt: skip
    await _step(session, caller, row, "changed", now, content_hash=body.content_hash())


async def sign_return(
    session: AsyncSession, caller: Caller, row: Any, body: ReviewIn, now: datetime, today: date
) -> None:
    """The review, in the own or a delegated right, by nobody who prepared it."""
    powers = await read_powers(session, today, delegate=caller.subject)
    right = authority(caller, row.reviewer_role, powers, row.code, row.unit, row.preparers)
    if right is None:
        raise errors.NotTheReviewer()
    if {caller.subject, right.on_behalf_of} & set(row.preparers):
        raise errors.ReviewNotIndependent()
    if body.content_hash != row.content_hash:
        raise errors.ReturnContentDiffers()
    await _set(
        session, row, status="signed", signed_by=caller.subject, signed_for=right.on_behalf_of, signed_at=now,
        signed_hash=body.content_hash,
    )  # fmt: skip
    await _step(session, caller, row, "signed", now, body.comment, on_behalf_of=right.on_behalf_of)


async def send_back_return(
    session: AsyncSession, caller: Caller, row: Any, reason: str, now: datetime, today: date
) -> None:
    """By whoever may review it; a review that was given is void."""
    powers = await read_powers(session, today, delegate=caller.subject)
    right = authority(caller, row.reviewer_role, powers, row.code, row.unit, ())
    if right is None:
        raise errors.NotTheReviewer()
    await _set(session, row, status="prepared", **_UNSIGNED)
    await _step(session, caller, row, "sent_back", now, reason, on_behalf_of=right.on_behalf_of)


async def submit_return(
    session: AsyncSession, caller: Caller, row: Any, body: ReturnSubmissionIn, now: datetime
) -> None:
    """Exactly the reviewed content, by somebody who did not review it."""
    if row.signed_hash is None:
        raise errors.ReviewMissing()
    if caller.subject in (row.signed_by, row.signed_for):
        raise errors.ReviewNotIndependent()
    if not body.content_hash == row.content_hash == row.signed_hash:
        raise errors.ReturnContentDiffers()
    await _set(session, row, status="submitted", submitted_by=caller.subject, submitted_at=now, receipt=body.receipt)
    await _step(session, caller, row, "submitted", now)


async def resubmit_return(session: AsyncSession, caller: Caller, row: Any, body: ResubmissionIn, now: datetime) -> UUID:
    """A submission that takes the place of the one before; even the same content is reviewed anew."""
    if row.taken_up:
        raise errors.ReturnOpen()
    return await _store(
        session, caller, body, now, code=row.code, period=row.period, period_end=row.period_end, unit=row.unit,
        reviewer_role=row.reviewer_role, due_on=row.due_on, submission=row.submission + 1,
        resubmission_reason=body.reason,
    )  # fmt: skip


async def _set(session: AsyncSession, row: Any, **values: Any) -> None:
    await session.execute(sa.update(table).where(c.id == row.id).values(**values, version=row.version + 1))


async def _step(
    session: AsyncSession,
    caller: Caller,
    row: Any,
    step: str,
    now: datetime,
    words: str | None = None,
    *,
    on_behalf_of: str | None = None,
    content_hash: str | None = None,
) -> None:
    """Tell what was done, in the return's own history and in the activity log, which holds no figure's hash."""
    content = content_hash or row.content_hash
    await session.execute(
        sa.insert(step_table).values(
            id=new_id(), dfe_return=row.id, step=step, subject=caller.subject, on_behalf_of=on_behalf_of,
            content_hash=content, words=words, taken_at=now,
        )
    )  # fmt: skip
    await record_activity(
        session, caller, f"return.{step}", "return", row.id, unit=row.unit, content={"hash": content, "words": words},
        data={"return": row.code, "period": row.period, "submission": row.submission},
    )  # fmt: skip
