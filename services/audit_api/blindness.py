"""What second and third graders reach, and what a second grader must not see before the own grading is in."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.models import Action, ActionEvidence, Audit, AuditFinding, LearningItem, LearningSource
from services.audit_api.moderation_models import Moderation
from services.audit_api.registry import table_of
from shared.auth.caller import Caller
from shared.problems import Forbidden

_audits, _moderations, _findings = table_of(Audit), table_of(Moderation), table_of(AuditFinding)
_actions, _evidence = table_of(Action), table_of(ActionEvidence)
_learning, _sources = table_of(LearningItem), table_of(LearningSource)
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


def _waiting(caller: Caller) -> sa.Select[tuple[Any]]:
    return sa.select(_moderations.c.audit_id).where(
        _moderations.c.moderator == caller.subject, _moderations.c.status == "allocated"
    )


def untold_actions(caller: Caller) -> sa.ColumnElement[bool]:
    """Whether an action tells nothing of an audit the caller is still to grade; what is the caller's own to do stays.

    Counts do not ask for this: a figure is the same for everybody. Nor do escalations: safety goes before blindness.
    """
    named = sa.select(_evidence.c.ref).where(_evidence.c.action_id == _actions.c.id, _evidence.c.kind == "finding")
    rests_on = sa.or_(_findings.c.id == _actions.c.finding_id, sa.cast(_findings.c.id, sa.Text).in_(named))
    tells = sa.exists().where(_findings.c.audit_id.in_(_waiting(caller)), rests_on).correlate(_actions)
    return sa.or_(_actions.c.owner_subject.is_not_distinct_from(caller.subject), sa.not_(tells))


def untold_learning(caller: Caller) -> sa.ColumnElement[bool]:
    """Whether a learning item was not learned from an audit the caller is still to grade."""
    learned = sa.exists().where(_sources.c.learning_id == _learning.c.id, _sources.c.audit_id.in_(_waiting(caller)))
    return sa.or_(_learning.c.created_by == caller.subject, sa.not_(learned.correlate(_learning)))


async def check_many(
    session: AsyncSession, caller: Caller, *chosen: sa.ColumnElement[bool], divided: bool = False
) -> None:
    """Raises BlindUntilGraded where a figure is of so few audits that it tells of one the caller is still to grade.

    `divided` figures are told in parts, each of which may be of one audit.
    """
    waiting = sa.select(_audits.c.id).where(*chosen, _audits.c.id.in_(_waiting(caller))).limit(1)
    if (await session.execute(waiting)).first() is None:
        return
    few = sa.select(_audits.c.id).where(*chosen).limit(_FEW)
    if divided or len((await session.execute(few)).all()) < _FEW:
        raise BlindUntilGraded()
