"""What was promised, what is done and what it will come to (R23)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import accumulate
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.commitments import queries
from services.audit_api.commitments.forecast import METHOD, RULE, forecast
from services.audit_api.commitments.schemas import CommitmentOut, CommitmentRow, CountedAuditOut, QuarterOut
from shared.auth.caller import Caller
from shared.clock import local_date
from shared.framework.store import read_item, read_items
from shared.problems import NotFound
from shared.schemas.framework.audit_programmes import Commitment
from shared.schemas.framework.catalogue import parse_item
from shared.schemas.periods import Period, PeriodKind


def _commitment(content: dict[str, Any]) -> Commitment:
    found = parse_item("commitments", content)
    assert isinstance(found, Commitment)
    return found


async def list_commitments(session: AsyncSession) -> list[CommitmentRow]:
    """Every commitment of the framework, in order of code."""
    found = [_commitment(content) for content in await read_items(session, "commitments")]
    return [
        CommitmentRow(
            code=one.code, title=one.title, cases_a_year=one.cases_a_year,
            audit_types=[kind.value for kind in one.audit_types],
        )
        for one in found
    ]  # fmt: skip


async def read_commitment(
    session: AsyncSession, caller: Caller, code: str, year: Period, now: datetime
) -> CommitmentOut:
    """The commitment in a year; for a caller of one part of the council the figures of that part, without a target."""
    content = await read_item(session, "commitments", code)
    if content is None:
        raise NotFound()
    promised, today = _commitment(content), local_date(now)
    types = [kind.value for kind in promised.audit_types]
    audits = await queries.done(session, caller, types, year.start, year.end)
    counted = _counted(caller, audits)
    cases = {row.case_reference for row in audits}
    to_come = await queries.cases_to_come(session, caller, types, year.start, year.end, today) - cases
    told = forecast(promised.cases_a_year, len(cases), len(to_come), year.start, year.end, today)
    whole = caller.unit is None
    return CommitmentOut(
        code=code,
        title=promised.title,
        year=year.code,
        starts_on=year.start,
        ends_on=year.end,
        audit_types=types,
        unit=caller.unit,
        target=promised.cases_a_year if whole else None,
        completed=len(cases),
        audits=len(audits),
        scheduled=len(to_come),
        expected_by_now=told.by_now if whole else None,
        forecast=told.cases,
        forecast_method=METHOD,
        rag=told.rag if whole else None,
        rag_rule=RULE,
        quarters=_quarters(year, counted),
        counted=counted,
        as_at=now,
    )


def _counted(caller: Caller, audits: Sequence[Any]) -> list[CountedAuditOut]:
    numbers: dict[str, int] = {}
    found = []
    for row in audits:
        first = row.case_reference not in numbers
        number = numbers.setdefault(row.case_reference, len(numbers) + 1)
        found.append(
            CountedAuditOut(
                id=str(row.id),
                case=number,
                first_of_case=first,
                case_reference=row.case_reference if caller.may("audit:manage") else None,
                unit=row.unit,
                audit_type=row.audit_type,
                counts_on=row.counts_on,
                quarter=Period.containing(PeriodKind.financial_quarter, row.counts_on).code,
            )
        )
    return found


def _quarters(year: Period, counted: Sequence[CountedAuditOut]) -> list[QuarterOut]:
    codes = sorted({month.within(PeriodKind.financial_quarter).code for month in year.months})
    cases = [sum(one.first_of_case for one in counted if one.quarter == code) for code in codes]
    return [
        QuarterOut(quarter=code, cases=number, cases_so_far=so_far)
        for code, number, so_far in zip(codes, cases, accumulate(cases), strict=True)
    ]
