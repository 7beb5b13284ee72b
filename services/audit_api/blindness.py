"""What second and third graders reach, and what a second grader must not see before the own grading is in."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.models import Action, ActionEvidence, Audit, AuditFinding
from services.audit_api.moderation_models import Moderation
from services.audit_api.registry import table_of
from shared.auth.caller import Caller
from shared.problems import Forbidden

_audits, _moderations, _findings = table_of(Audit), table_of(Moderation), table_of(AuditFinding)
_actions, _evidence = table_of(Action), table_of(ActionEvidence)
# Fewer audits than this in one figure, and it tells what one of them says.
_FEW = 5


class BlindUntilGraded(Forbidden):
    """A second grading is made without knowing the first: send your grading, then read this."""

    slug, title = "blind-until-graded", "This is not shown before your own grading is in"


def given_to_grade(caller: Caller, audit: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """Whether the audit was given to the caller to grade a second or third time, wherever the caller belongs."""
    mine = sa.or_(_moderations.c.moderator == caller.subject, _moderations.c.third_grader == caller.subject)
    return sa.exists().where(_moderations.c.audit_id == audit, mine, _moderations.c.status != "withdrawn")


def still_blind(caller: Caller, audit: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """Whether the caller is to grade the audit a second time and has not done so yet."""
    return sa.exists().where(
        _moderations.c.audit_id == audit,
        _moderations.c.moderator == caller.subject,
        _moderations.c.status == "allocated",
    )


def tells_of_findings(caller: Caller) -> sa.ColumnElement[bool]:
    """Whether an action rests on what an audit found that the caller is still to grade."""
    named = sa.select(_evidence.c.ref).where(_evidence.c.action_id == _actions.c.id, _evidence.c.kind == "finding")
    rests_on = sa.or_(_findings.c.id == _actions.c.finding_id, sa.cast(_findings.c.id, sa.Text).in_(named))
    waiting = sa.select(_moderations.c.audit_id).where(
        _moderations.c.moderator == caller.subject, _moderations.c.status == "allocated"
    )
    return sa.exists().where(_findings.c.audit_id.in_(waiting), rests_on).correlate(_actions)


async def check_many(session: AsyncSession, caller: Caller, *chosen: sa.ColumnElement[bool]) -> None:
    """Raises BlindUntilGraded where a figure is of so few audits that it tells of one the caller is still to grade."""
    few = sa.select(_audits.c.id).where(*chosen).limit(_FEW).subquery()
    statement = sa.select(sa.func.count(), sa.func.coalesce(sa.func.bool_or(still_blind(caller, few.c.id)), False))
    number, blind = (await session.execute(statement.select_from(few))).one()
    if number < _FEW and blind:
        raise BlindUntilGraded()
