"""What the organisation can learn from the audits of a period (R24, R25, R28, R32)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.agreeing import Least, Wanted, agreements
from services.audit_api.analysis import queries
from services.audit_api.analysis.breakdown import By, breakdown
from services.audit_api.analysis.domains import domains, percent_of
from services.audit_api.analysis.groups import Tally
from services.audit_api.analysis.headlines import headlines
from services.audit_api.analysis.kept import counted
from services.audit_api.analysis.parts import findings, levels, voices
from services.audit_api.analysis.places import places
from services.audit_api.analysis.queries import Chosen
from services.audit_api.analysis.questions import profile, questions
from services.audit_api.analysis.remembered import NOTHING
from services.audit_api.analysis.tools import read_editions
from shared.auth.caller import Caller
from shared.clock import local_date
from shared.schemas.audit_summary import ActionsOut, AuditAnalysis, LoopOut
from shared.schemas.periods import Period, PeriodError

_TITLES = 30


@dataclass(frozen=True)
class Asked:
    """What an analysis is of, and what its caller may see of it."""

    period: Period
    unit: str | None
    chosen: Chosen
    slots_shown: sa.ColumnElement[bool]
    true_numbers: bool
    caller: Caller
    least: Least
    by: By | None = None


async def analyse(session: AsyncSession, asked: Asked, now: datetime) -> AuditAnalysis:
    """The analysis of the chosen audits; never a word of free text, and strengths always beside the rest."""
    chosen, today = asked.chosen, local_date(now)
    current = await counted(session, chosen)
    earlier = before_of(asked)
    before = NOTHING if earlier is None else await counted(session, earlier[1])
    tally, tally_before = current.tally, before.tally
    editions = {**before.editions, **current.editions} or await read_editions(session, (), chosen.tool)
    answered = questions(tally, current.editions)
    found = findings(tally, await queries.theme_names(session))
    answer = AuditAnalysis(
        period=asked.period.code,
        tool=chosen.tool,
        unit=asked.unit,
        audits=tally.audits,
        domains=domains(tally, None if earlier is None else tally_before, editions),
        findings=found,
        voices=voices(tally, asked.true_numbers),
        levels=levels(tally),
        actions=_actions(await queries.actions(session, chosen, today)),
        strengths=tally.titles("strength", _TITLES),
        areas_for_improvement=tally.titles("area_for_improvement", _TITLES),
        concerns=tally.titles("concern", _TITLES),
        period_before=None if earlier is None else earlier[0].code,
        audits_before=None if earlier is None else tally_before.audits,
        repeats=sum(tally.keyed("repeat").values()),
        profile=profile(answered, current.editions),
        questions=answered,
        slots=await places(session, asked.caller, chosen, asked.slots_shown, today),
        loop=await _loop(session, chosen, tally),
        agreement=await agreements(session, asked.caller, _pairs_of(chosen), asked.period.code, asked.least),
        by=asked.by,
        breakdown=await breakdown(session, asked.by, current, before, found, asked.true_numbers),
        as_at=now,
    )
    return answer.model_copy(update={"headlines": headlines(answer)})


def before_of(asked: Asked) -> tuple[Period, Chosen] | None:
    """The period before, and the same audits of it; none before the first there is."""
    try:
        period = asked.period.predecessor
    except PeriodError:
        return None
    return period, Chosen(period.start, period.end, asked.chosen.units, asked.chosen.tool)


def _pairs_of(chosen: Chosen) -> Wanted:
    return Wanted("tool", (chosen.first, chosen.last), chosen.tool, chosen.units)


async def _loop(session: AsyncSession, chosen: Chosen, tally: Tally) -> LoopOut:
    # An audit closes only with learning passed on, and learning is not taken back from one that is closed.
    closed = tally.keyed("status").get("closed", 0)
    return LoopOut(
        audits=tally.audits,
        with_learning=await queries.learned_from(session, chosen),
        closed=closed,
        percent=percent_of(closed, tally.audits),
    )


def _actions(row: Any) -> ActionsOut:
    return ActionsOut(
        open=row.open,
        overdue=row.overdue,
        completed=row.completed,
        closed=row.closed,
        with_impact_evidence=row.with_impact_evidence,
        loop_closed_percent=percent_of(row.closed, row.alive),
        raised=row.raised,
    )
