"""How far the loop is closed: audits with learning and impact (R26), and learning in commissioned training (R58)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.blindness import untold_learning
from services.audit_api.learning.queries import audits, findings, items, rows_for, sources, trainings
from services.audit_api.learning.rendering import learning_row, percent_of
from services.audit_api.learning.schemas import LoopClosureOut, TrainingCoverageLine, TrainingCoverageOut
from services.audit_api.learning_reach import seen_by
from services.audit_api.models import Action
from services.audit_api.reach import reached
from services.audit_api.registry import table_of
from shared.auth.caller import Caller

_actions = table_of(Action)
_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Asked:
    """The period and the units asked about."""

    period: str
    first: date
    last: date
    unit: str | None
    units: frozenset[str] | None


async def loop_closure(session: AsyncSession, caller: Caller, asked: Asked) -> LoopClosureOut:
    """Count the audits of a period by how far each has come; an unfinished one is never closed."""
    found = await _audits(session, caller, asked)
    percent = percent_of(found.loop_closed, found.submitted)
    actions_percent = percent_of(found.actions_closed, found.actions)
    return LoopClosureOut(
        period=asked.period,
        unit=asked.unit,
        submitted=found.submitted,
        with_learning=found.with_learning,
        closed=found.closed,
        with_unfinished_actions=found.unfinished,
        loop_closed=found.loop_closed,
        percent=percent,
        actions=found.actions,
        actions_closed_with_impact=found.actions_closed,
        actions_percent=actions_percent,
        sentence=_loop_sentence(asked.period, found, percent),
    )


async def _audits(session: AsyncSession, caller: Caller, asked: Asked) -> Any:
    conditions = [
        audits.c.submitted_on.is_not(None),
        audits.c.status != "withdrawn",
        audits.c.counts_on.between(asked.first, asked.last),
        await reached(session, caller, audits.c.unit, audits.c.auditor),
    ]
    if asked.units is not None:
        conditions.append(audits.c.unit.in_(sorted(asked.units)))
    learned = (
        sa.exists()
        .where(sources.c.audit_id == audits.c.id)
        .where(items.c.id == sources.c.learning_id, items.c.status == "disseminated")
    )
    chosen = sa.select(audits.c.id, audits.c.status, learned.label("learned")).where(*conditions).cte("chosen")
    closed = sa.func.count().filter(_actions.c.status == "closed", _actions.c.impact.is_not(None))
    # Audit by audit down the indexes: joined as a whole, all findings there ever were would be read.
    done = (
        sa.select(sa.func.count().label("actions"), closed.label("closed"))
        .select_from(findings.join(_actions, _actions.c.finding_id == findings.c.id))
        .where(findings.c.audit_id == chosen.c.id, _actions.c.status != "cancelled")
        .lateral("done")
    )
    is_closed = sa.and_(chosen.c.status == "closed", chosen.c.learned)
    unfinished = done.c.actions > done.c.closed

    def number(*when: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
        return sa.func.count().filter(*when)

    statement = sa.select(
        sa.func.count().label("submitted"),
        number(chosen.c.learned).label("with_learning"),
        number(is_closed).label("closed"),
        number(unfinished).label("unfinished"),
        number(is_closed, sa.not_(unfinished)).label("loop_closed"),
        sa.func.coalesce(sa.func.sum(done.c.actions), 0).cast(sa.Integer).label("actions"),
        sa.func.coalesce(sa.func.sum(done.c.closed), 0).cast(sa.Integer).label("actions_closed"),
    ).select_from(chosen.join(done, sa.true()))
    return (await session.execute(statement)).one()


def _loop_sentence(period: str, found: Any, percent: float | None) -> str:
    if percent is None:
        return f"No audit was submitted for {period}, so there is no rate of closure."
    return (
        f"Of {found.submitted} audits submitted for {period}, the loop is closed for {found.loop_closed}"
        f" ({percent:.1f}%): each is closed with learning passed on, and with the impact of every action"
        f" that followed. {found.submitted - found.loop_closed} are unfinished."
    )


async def training_coverage(session: AsyncSession, caller: Caller, asked: Asked) -> TrainingCoverageOut:
    """Of learning passed on in a period from case reviews or local audits, how much training includes."""
    from_review = sa.exists().where(sources.c.learning_id == items.c.id, sources.c.kind == "serious_case_review")
    from_audit = sa.exists().where(sources.c.learning_id == items.c.id, sources.c.kind.in_(("audit", "finding")))
    trained = sa.exists().where(trainings.c.learning_id == items.c.id)
    either = sa.or_(from_review, from_audit)
    chosen = [
        items.c.status == "disseminated",
        items.c.disseminated_on.between(asked.first, asked.last),
        await seen_by(session, caller),
    ]
    if asked.units is not None:
        chosen.append(items.c.unit.in_(sorted(asked.units)))
    numbers = []
    for of in (from_review, from_audit, either):
        numbers += [sa.func.count().filter(of), sa.func.count().filter(of, trained)]
    counts = (await session.execute(sa.select(*numbers).where(*chosen))).one()
    lines = [
        TrainingCoverageLine(
            source=source, learning=counts[2 * at], in_training=counts[2 * at + 1],
            percent=percent_of(counts[2 * at + 1], counts[2 * at]),
        )
        for at, source in enumerate(("serious_case_review", "local_audit", "either"))
    ]  # fmt: skip
    without = rows_for(caller).where(*chosen, either, sa.not_(trained), untold_learning(caller))
    return TrainingCoverageOut(
        period=asked.period,
        unit=asked.unit,
        lines=lines,
        without_training=[
            learning_row(row) for row in (await session.execute(without.order_by(items.c.id).limit(_SHOWN))).all()
        ],
        sentence=_training_sentence(asked.period, lines[2]),
    )


def _training_sentence(period: str, line: TrainingCoverageLine) -> str:
    if line.percent is None:
        return f"No learning from case reviews or local audits was passed on in {period}."
    return (
        f"Of {line.learning} learning items from case reviews and local audits passed on in {period},"
        f" {line.in_training} ({line.percent:.1f}%) are in commissioned training."
    )
