"""Producing the editions of the complaints report: on time whatever is missing, each once, none ever changed."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.complaint_reports.errors import PeriodNotOver
from services.feedback_api.complaint_reports.facts import ComplaintFact, Ground, read_ground
from services.feedback_api.complaint_reports.periods import KINDS
from services.feedback_api.complaint_reports.tally import UPHELD, figures_by_unit
from services.feedback_api.models import ComplaintReport, ComplaintReportUpdate, table_of
from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.canonical import canonical
from shared.clock import local_date
from shared.ids import new_id
from shared.schemas.periods import Period

_REPORT, _UPDATE = table_of(ComplaintReport), table_of(ComplaintReportUpdate)
_PRODUCING = 0x46425052
_BEGUN = sa.text(
    """
    SELECT least((SELECT min(recorded_at) FROM complaint), (SELECT min(recorded_at) FROM compliment))
    """
)
Content = dict[str, Any]


def periods_over(begun: date, today: date) -> Iterator[Period]:
    """The quarters and years that ended before today, from the one in which the service was first used."""
    for kind in KINDS:
        period = Period.containing(kind, begun)
        while period.end < today:
            yield period
            period = period.successor


async def due_periods(session: AsyncSession, now: datetime) -> list[Period]:
    """The periods that are over and whose report is not there yet, those of a down time too."""
    begun = (await session.execute(_BEGUN)).scalar_one()
    if begun is None:
        return []
    due = {period.code: period for period in periods_over(local_date(begun), local_date(now))}
    there = sa.select(_REPORT.c.period).where(_REPORT.c.period.in_(due))
    for code in (await session.execute(there)).scalars():
        due.pop(code, None)
    return list(due.values())


async def produce_first(session: AsyncSession, caller: Caller, period: Period, now: datetime) -> bool:
    """Produce the first edition of a report, unless another replica just has."""
    await _one_at_a_time(session)
    if await find_edition(session, period.code) is not None:
        return False
    await _keep(session, caller, period, None, now)
    return True


async def produce(
    session: AsyncSession, caller: Caller, period: Period, reason: str | None, now: datetime
) -> tuple[ComplaintReport, bool]:
    """The next edition of a report; the newest stays where nothing has changed since. Raises PeriodNotOver."""
    if period.end >= local_date(now):
        raise PeriodNotOver()
    await _one_at_a_time(session)
    newest = await find_edition(session, period.code)
    content = await _content(session, period)
    if newest is not None and newest.content_hash == _hash(content):
        return newest, False
    return await _keep(session, caller, period, reason, now, content, newest), True


async def find_edition(session: AsyncSession, period: str, edition: int | None = None) -> ComplaintReport | None:
    """The edition of that number, or the newest."""
    statement = sa.select(ComplaintReport).where(_REPORT.c.period == period)
    if edition is not None:
        statement = statement.where(_REPORT.c.edition == edition)
    return (await session.execute(statement.order_by(_REPORT.c.edition.desc()).limit(1))).scalar_one_or_none()


async def _one_at_a_time(session: AsyncSession) -> None:
    """Editions follow one another: a second replica waits here and then finds what the first has produced."""
    await session.execute(sa.select(sa.func.pg_advisory_xact_lock(_PRODUCING)))


async def _keep(
    session: AsyncSession, caller: Caller, period: Period, reason: str | None, now: datetime,
    content: Content | None = None, newest: ComplaintReport | None = None,
) -> ComplaintReport:  # fmt: skip
    content = content or await _content(session, period)
    report = ComplaintReport(
        id=new_id(), period=period.code, edition=newest.edition + 1 if newest else 1, first_day=period.start,
        last_day=period.end, content=content, content_hash=_hash(content), reason=reason, produced_by=caller.subject,
        produced_at=now, supersedes=newest.id if newest else None,
    )  # fmt: skip
    session.add(report)
    await session.flush()
    data = {"edition": report.edition, "hash": report.content_hash.hex()}
    await record_activity(
        session, caller, "complaint_report.produced", "complaint_report", period.code, content=content, data=data
    )  # fmt: skip
    return report


def _hash(content: Content) -> bytes:
    return hashlib.sha256(canonical(content)).digest()


async def _content(session: AsyncSession, period: Period) -> Content:
    """The whole report as plain JSON; words stand in it only as the record and version that hold them."""
    ground = await read_ground(session, period.start, period.end)
    upheld = [
        one
        for one in ground.complaints
        if one.closed_on is not None and period.start <= one.closed_on <= period.end and one.outcome in UPHELD
    ]
    refused = [
        one for one in ground.complaints if one.status == "refused" and period.start <= one.received_on <= period.end
    ]
    # A year of a large council takes some tenths of a second, which nobody else should wait for.
    figures = await asyncio.to_thread(figures_by_unit, ground, period.start, period.end)
    return {
        "period": period.code,
        "figures": figures,
        "upheld": [_pointer(one) | _owed(one) for one in upheld],
        "refused": [_pointer(one) for one in refused],
        "updates": await _updates(session, period),
        "parents": dict(ground.parents),
        "owners": dict(ground.owners),
        "names": {kind: dict(names) for kind, names in ground.names.items()},
        "stages": _stage_rules(ground),
    }


def _pointer(one: ComplaintFact) -> Content:
    closed = one.closed_on.isoformat() if one.closed_on else None
    return {
        "id": str(one.id), "version": one.version, "respond_ref": one.respond_ref, "unit": one.unit,
        "outcome": one.outcome, "closed_on": closed,
    }  # fmt: skip


def _owed(one: ComplaintFact) -> Content:
    missing = [name for name in ("learning", "improvement") if not getattr(one, name)]
    due = one.learning_due_on.isoformat() if one.learning_due_on else None
    return {"missing": missing, "owner": one.learning_owner, "due_on": due}


def _stage_rules(ground: Ground) -> list[Content]:
    return [
        {"procedure": procedure, "stage": stage, "title": rule.title, "statutory": rule.statutory,
         "local": rule.local, "escalates": rule.followed_by is not None}
        for (procedure, stage), rule in sorted(ground.stages.items())
    ]  # fmt: skip


async def _updates(session: AsyncSession, period: Period) -> list[Content]:
    statement = sa.select(_UPDATE.c.unit, _UPDATE.c.version).where(_UPDATE.c.period == period.code)
    rows = (await session.execute(statement.order_by(_UPDATE.c.unit))).all()
    return [{"unit": row.unit, "version": row.version} for row in rows]
