"""Drawing samples of submitted audits, which anyone can draw again from the candidates and the seed."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.moderating import audits
from services.audit_api.moderation import queries
from services.audit_api.moderation.beginning import STANDING, Cause, begin
from services.audit_api.moderation.draw import Candidate, drawn_order, how_many, share_out
from services.audit_api.moderation.errors import NothingToSample, SampleTooWide
from services.audit_api.moderation.rules import why_not
from services.audit_api.moderation.sample_schemas import SampleIn
from services.audit_api.moderation.schemas import GraderIn
from services.audit_api.moderation.service import due_by
from services.audit_api.moderation_models import ModerationCandidate, ModerationSample
from services.audit_api.parameters import span_of
from services.audit_api.reach import reached, units_asked_for
from services.audit_api.registry import table_of
from services.audit_api.states import MODERATED_FROM
from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.framework.store import check_codes
from shared.ids import new_id
from shared.paging import Cursor, cursor_key
from shared.problems import Fault, Malformed, NotFound

_samples, _candidates = table_of(ModerationSample), table_of(ModerationCandidate)
_MOST = 5000


async def draw_sample(session: AsyncSession, caller: Caller, body: SampleIn, days: int, now: datetime) -> UUID:
    """Draw audits and begin their moderations."""
    await _check_named(session, body)
    conditions = await _of(session, caller, body)
    eligible = await _eligible(session, *conditions)
    if not eligible:
        raise NothingToSample()
    seed = body.seed or secrets.token_hex(8)
    before = await _sampled_before(session, {one.auditor for one in eligible})
    order = drawn_order([Candidate(str(one.id), one.auditor, before.get(one.auditor, 0)) for one in eligible], seed)
    number = how_many(len(order), body.percent, body.count)
    sample = new_id()
    row = body.model_dump(include={"tool", "programme", "unit", "period", "percent"})
    row |= {
        "id": sample, "number": body.count, "seed": seed, "passed_over": await _passed_over(session, *conditions),
        "drawn_by": caller.subject, "drawn_at": now,
    }  # fmt: skip
    await session.execute(sa.insert(_samples), row)
    await session.execute(sa.insert(_candidates), _candidate_rows(sample, order, number))
    by_id = {str(one.id): one for one in eligible}
    chosen = [by_id[one.audit] for one in order[:number]]
    graders = await _graders(session, chosen, body.moderators, seed)
    await begin(session, caller, chosen, graders, Cause("sample", due_by(body.due_on, days, now), sample=sample), now)
    told: dict[str, Any] = {"period": body.period, "tool": body.tool, "programme": body.programme, "seed": seed}
    told |= {"eligible": len(order), "drawn": number}
    await record_activity(session, caller, "moderation.sampled", "moderation_sample", sample, unit=body.unit, data=told)
    return sample


async def _check_named(session: AsyncSession, body: SampleIn) -> None:
    if body.tool is not None:
        await check_codes(session, "tools", {"/tool": body.tool})
    if body.programme is not None:
        await check_codes(session, "programmes", {"/programme": body.programme})
    named = {f"/moderators/{place}/grader_unit": one.grader_unit for place, one in enumerate(body.moderators)}
    await check_codes(session, "units", named)


async def _of(session: AsyncSession, caller: Caller, body: SampleIn) -> list[sa.ColumnElement[bool]]:
    try:
        units = await units_asked_for(session, caller, body.unit)
    except NotFound:
        fault = Fault("/unit", "unknown_unit", "this is not a unit that this caller may sample")
        raise Malformed("The unit cannot be used; see errors.", errors=[fault]) from None
    found = [
        await reached(session, caller, audits.c.unit, audits.c.auditor),
        audits.c.counts_on.between(*span_of(body.period)),
        audits.c.submitted_on.is_not(None),
        sa.func.num_nonnulls(audits.c.quality_grade, audits.c.outcomes_grade, audits.c.process_grade) > 0,
        # Nobody decides on audits of the own team.
        audits.c.unit != (caller.unit or ""),
    ]
    found += [] if units is None else [audits.c.unit.in_(sorted(units))]
    found += [] if body.tool is None else [audits.c.tool == body.tool]
    found += [] if body.programme is None else [audits.c.programme == body.programme]
    return found


async def _eligible(session: AsyncSession, *conditions: sa.ColumnElement[bool]) -> Sequence[sa.Row[Any]]:
    """The audits that can be drawn, locked in one order so that two draws at once wait for each other."""
    statement = STANDING.where(*conditions, audits.c.status.in_(MODERATED_FROM)).order_by(audits.c.id)
    rows = (await session.execute(statement.limit(_MOST + 1).with_for_update(of=audits))).all()
    if len(rows) > _MOST:
        raise SampleTooWide()
    return rows


async def _passed_over(session: AsyncSession, *conditions: sa.ColumnElement[bool]) -> dict[str, int]:
    statement = (
        sa.select(audits.c.status, sa.func.count().label("number"))
        .where(*conditions, audits.c.status.not_in(MODERATED_FROM))
        .group_by(audits.c.status)
    )
    return {row.status: row.number for row in (await session.execute(statement)).all()}


async def _sampled_before(session: AsyncSession, auditors: set[str]) -> dict[str, int]:
    statement = (
        sa.select(_candidates.c.auditor, sa.func.count().label("number"))
        .where(_candidates.c.drawn, _candidates.c.auditor.in_(auditors))
        .group_by(_candidates.c.auditor)
    )
    return {row.auditor: row.number for row in (await session.execute(statement)).all()}


def _candidate_rows(sample: UUID, order: Sequence[Candidate], number: int) -> list[dict[str, Any]]:
    return [
        {
            "sample_id": sample, "place": place, "audit_id": UUID(one.audit), "auditor": one.auditor,
            "sampled_before": one.sampled_before, "drawn": place <= number,
        }
        for place, one in enumerate(order, 1)
    ]  # fmt: skip


async def _graders(
    session: AsyncSession, chosen: Sequence[Any], among: Sequence[GraderIn], seed: str
) -> dict[UUID, tuple[str, str, bool]]:
    """Who grades each audit, shared out evenly among those independent of it."""
    if not among:
        return {}
    wanted = [audit.id for audit in chosen]
    on_case = await queries.on_the_case(session, wanted)
    before = await queries.graders_before(session, wanted)
    units = {one.grader: one.grader_unit for one in among}
    independent = [
        (
            str(audit.id),
            [
                name
                for name, unit in units.items()
                if why_not(audit, name, unit, on_case.get(audit.id, ()), before.get(audit.id, ())) is None
            ],
        )
        for audit in chosen
    ]
    shared = share_out(independent, seed, await queries.open_loads(session, units))
    return {
        UUID(audit): (name, units[name], await queries.has_read(session, name, UUID(audit)))
        for audit, name in shared.items()
        if name is not None
    }


async def read_sample(session: AsyncSession, caller: Caller, sample: UUID) -> tuple[Any, Sequence[Any], Sequence[Any]]:
    """The sample, its candidates in order and its moderations; raises NotFound where one is out of reach."""
    row = (await session.execute(sa.select(_samples).where(_samples.c.id == sample))).one_or_none()
    within = await reached(session, caller, audits.c.unit, audits.c.auditor)
    seen = sa.case((within, True), else_=False).label("within")
    listed = sa.select(_candidates, seen).join(audits, audits.c.id == _candidates.c.audit_id)
    drawn = (await session.execute(listed.where(_candidates.c.sample_id == sample).order_by(_candidates.c.place))).all()
    if row is None or not all(one.within for one in drawn):
        raise NotFound()
    return row, drawn, await queries.of_sample(session, sample)


async def list_samples(session: AsyncSession, caller: Caller, at: Cursor) -> Sequence[Any]:
    """A page of the samples wholly within reach, the newest first."""
    within = await reached(session, caller, audits.c.unit, audits.c.auditor)
    outside = (
        sa.select(sa.literal(1))
        .select_from(_candidates.join(audits, audits.c.id == _candidates.c.audit_id))
        .where(_candidates.c.sample_id == _samples.c.id, sa.not_(within))
        .correlate(_samples)
        .exists()
    )
    statement = sa.select(_samples).where(sa.not_(outside))
    if at.after is not None:
        statement = statement.where(_samples.c.id < cursor_key(at.after, UUID)[0])
    return (await session.execute(statement.order_by(_samples.c.id.desc()).limit(at.fetch))).all()
