"""Which open cases may be drawn for a place, and what stands against each of the others."""

from __future__ import annotations

from calendar import monthrange
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.models import Audit, CaseDraw, DrawnCase, OpenCase, OpenCaseList
from services.audit_api.registry import table_of
from services.audit_api.selection.bench import Staffing
from services.audit_api.selection.drawing import Candidate
from services.audit_api.selection.errors import CaseListMissing, CaseListTooOld
from services.audit_api.selection.places import Place
from services.audit_api.selection.told import Exclusion
from shared.problems import Fault
from shared.schemas.framework.audit_selection import Selection

lists, cases = table_of(OpenCaseList), table_of(OpenCase)
draws, drawn_cases, audits = table_of(CaseDraw), table_of(DrawnCase), table_of(Audit)
Excluded = dict[str, str]


@dataclass(frozen=True, slots=True)
class Case:
    """An open case with everybody who works on it or supervises it, from all the lists it stands in."""

    case_reference: str
    unit: str
    opened_on: date
    closed_on: date | None
    strata: Mapping[str, str]
    people: frozenset[str]

    def candidate(self, stratify_by: str | None) -> Candidate:
        if stratify_by is None:
            return Candidate(self.case_reference, "")
        stratum = self.unit if stratify_by == "unit" else self.strata.get(stratify_by, "")
        return Candidate(self.case_reference, stratum)


@dataclass(frozen=True)
class Pool:
    """The cases that may be drawn, the others with their reasons, and the lists all of them come from."""

    sources: Sequence[UUID]
    listed: Mapping[str, Case]
    excluded: Sequence[Excluded]

    @property
    def eligible(self) -> list[Case]:
        left_out = {one["case_reference"] for one in self.excluded}
        return [case for reference, case in self.listed.items() if reference not in left_out]

    def counts(self) -> dict[str, int]:
        return dict(sorted(Counter(one["reason"] for one in self.excluded).items()))


def months_before(day: date, months: int) -> date:
    """The same day of an earlier month, or its last where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


async def read_sources(session: AsyncSession, units: frozenset[str], rules: Selection, on: date) -> list[UUID]:
    """The newest list of each unit; raises where there is none, or one is too old to draw from."""
    statement = (
        sa.select(lists.c.id, lists.c.unit, lists.c.as_at)
        .where(lists.c.unit.in_(sorted(units)), lists.c.as_at <= on)
        .ext(distinct_on(lists.c.unit))
        .order_by(lists.c.unit, lists.c.as_at.desc(), lists.c.revision.desc())
    )
    found = (await session.execute(statement)).all()
    if not found:
        raise CaseListMissing()
    old = [row for row in found if (on - row.as_at).days > rules.case_list_at_most_days_old]
    if old:
        words = f"the list of {{}} is as at {{}}; at most {rules.case_list_at_most_days_old} days old is allowed"
        raise CaseListTooOld(
            "See errors for each unit whose list is too old.",
            errors=[Fault("", "too_old", words.format(row.unit, row.as_at.isoformat())) for row in old],
        )
    return [row.id for row in found]


async def read_cases(session: AsyncSession, sources: Sequence[UUID]) -> dict[str, Case]:
    """The cases of the lists, each once: one that two teams list is the first's, with who works on it in both."""
    statement = (
        sa.select(cases, lists.c.unit)
        .join(lists, lists.c.id == cases.c.list_id)
        .where(cases.c.list_id.in_(sources))
        .order_by(lists.c.unit, cases.c.case_reference)
    )
    found: dict[str, Case] = {}
    for row in await session.execute(statement):
        people = frozenset(row.workers) | frozenset(row.managers)
        if (held := found.get(row.case_reference)) is not None:
            found[row.case_reference] = replace(held, people=held.people | people)
            continue
        found[row.case_reference] = Case(row.case_reference, row.unit, row.opened_on, row.closed_on, row.strata, people)
    return found


async def against(
    session: AsyncSession, found: Mapping[str, Case], rules: Selection, slot: UUID | None, staff: Staffing
) -> dict[str, Excluded]:
    """What stands against each of the cases that may not be drawn, by case."""
    audited = await _audited(session, list(found), months_before(staff.on, rules.avoid_audited_within_months))
    before = await _drawn_before(session, slot)
    free = {unit: {one.reference for one in staff.bench.free(job)} for unit, job in staff.jobs.items()}
    stated: dict[str, Excluded] = {}
    for reference, case in found.items():
        why = _of_case(case, rules, staff.on)
        if why is None and reference in before:
            why = "already_drawn", "it was drawn for this slot before"
        why = why or audited.get(reference)
        if why is None and not free[case.unit] - case.people:
            why = "no_independent_auditor", "nobody who is free and trained is independent of it"
        if why is not None:
            stated[reference] = {"case_reference": reference, "reason": why[0], "detail": why[1]}
    return stated


def _of_case(case: Case, rules: Selection, on: date) -> tuple[Exclusion, str] | None:
    if case.closed_on is not None and case.closed_on <= on:
        return "closed", f"it was closed on {case.closed_on.isoformat()}"
    if (on - case.opened_on).days < rules.open_at_least_days:
        return "opened_recently", f"it was opened on {case.opened_on.isoformat()}"
    return None


async def _audited(session: AsyncSession, references: Sequence[str], since: date) -> dict[str, tuple[Exclusion, str]]:
    # An unannounced audit that has not been begun must not be told by the cases it keeps out of another draw (R30).
    known = sa.or_(audits.c.announced, audits.c.status != "allocated")
    lately = sa.or_(audits.c.submitted_on.is_(None), audits.c.submitted_on > since)
    statement = (
        sa.select(audits.c.case_reference, sa.func.bool_or(audits.c.submitted_on.is_(None)).label("under_way"),
                  sa.func.max(audits.c.submitted_on).label("submitted_on"))
        .where(
            audits.c.case_reference == sa.func.any(sa.cast(references, sa.ARRAY(sa.Text))),
            audits.c.status != "withdrawn", known, lately,
        )
        .group_by(audits.c.case_reference)
    )  # fmt: skip
    found: dict[str, tuple[Exclusion, str]] = {}
    for row in await session.execute(statement):
        if row.under_way:
            found[row.case_reference] = "audit_under_way", "an audit of it has not been submitted yet"
        else:
            found[row.case_reference] = "recently_audited", f"an audit was submitted on {row.submitted_on.isoformat()}"
    return found


async def _drawn_before(session: AsyncSession, slot: UUID | None) -> set[str]:
    if slot is None:
        return set()
    statement = sa.select(drawn_cases.c.case_reference).join(draws).where(draws.c.slot_id == slot)
    return set((await session.execute(statement)).scalars())


async def read_pool(session: AsyncSession, place: Place, staff: Staffing) -> Pool:
    """All that may be drawn for the place today, and why the rest may not."""
    sources = await read_sources(session, place.units, place.rules, staff.on)
    listed = await read_cases(session, sources)
    stated = await against(session, listed, place.rules, place.slot, staff)
    return Pool(sources, listed, [stated[reference] for reference in sorted(stated)])


async def stored_pool(session: AsyncSession, draw: Any, sources: Sequence[UUID]) -> dict[str, Case]:
    """The cases a draw was made from, as they are stored: those of its lists but what it left out."""
    left_out = {one["case_reference"] for one in draw.excluded}
    found = await read_cases(session, sources)
    return {reference: case for reference, case in found.items() if reference not in left_out}
