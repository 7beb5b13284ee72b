"""Everything that waits for somebody by a day, told alike whatever it is: one statement for each kind.

Each is of the columns below; what is due is due on the earlier of its first and its present date, so that no new date
hides it (R42).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Literal, get_args

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from services.audit_api.escalating import escalations, events
from services.audit_api.models import Action, Audit, AuditRound, AuditSlot, LearningItem
from services.audit_api.moderating import moderations
from services.audit_api.registry import table_of
from services.audit_api.regular_rounds import Unmade
from services.audit_api.scrutiny_models import Milestone, Recommendation
from services.audit_api.states import OPEN
from services.audit_api.supervising import Manager

Kind = Literal[
    "audit", "slot", "moderation", "action", "verification", "impact_review", "recommendation", "milestone",
    "escalation", "learning", "supervision_audit", "unmade_slot",
]  # fmt: skip
KINDS: tuple[Kind, ...] = get_args(Kind)
# They wait, and are late for nothing: nobody is asked for them by a day.
UNDATED: tuple[Kind, ...] = ("verification", "learning")

audits, slots, rounds = table_of(Audit), table_of(AuditSlot), table_of(AuditRound)
actions, recommendations, milestones = table_of(Action), table_of(Recommendation), table_of(Milestone)
learning = table_of(LearningItem)
_in_slot = audits.alias("audit_in_slot")

# Whose a record is beside those of its unit: these columns name accounts it was given to.
GIVEN: dict[Kind, tuple[sa.Column[str], ...]] = {
    "audit": (audits.c.auditor,),
    "action": (actions.c.owner_subject, actions.c.raised_by),
    "verification": (actions.c.owner_subject, actions.c.raised_by),
    "impact_review": (actions.c.owner_subject, actions.c.raised_by),
    "recommendation": (recommendations.c.owner_subject,),
    "milestone": (recommendations.c.owner_subject,),
}
UNITS: dict[Kind, sa.Column[str]] = {
    "audit": audits.c.unit,
    "slot": slots.c.unit,
    "action": actions.c.unit,
    "verification": actions.c.unit,
    "impact_review": actions.c.unit,
    "recommendation": recommendations.c.unit,
    "milestone": recommendations.c.unit,
    "escalation": escalations.c.unit,
    "learning": learning.c.unit,
    "moderation": moderations.c.unit,
}


def _thing(
    kind: Kind,
    subject: Any,
    title: Any,
    due: tuple[Any, Any],
    owner: tuple[Any, Any],
    body: Any = None,
    state: Any = None,
    unit: Any = None,
) -> sa.Select[Any]:
    first, present = due
    role, account = owner
    return sa.select(
        sa.literal(kind).label("kind"),
        sa.cast(subject, sa.Text).label("id"),
        (UNITS[kind] if unit is None else unit).label("unit"),
        sa.cast(title, sa.Text).label("title"),
        sa.func.least(first, present).label("due_on"),
        present.label("agreed_for"),
        sa.cast(role, sa.Text).label("owner_role"),
        sa.cast(account, sa.Text).label("owner_subject"),
        sa.cast(body, sa.Text).label("body"),
        sa.cast(state, sa.Text).label("state"),
    )


def _last_day(moment: Any) -> sa.ColumnElement[Any]:
    """The day in London that a time ends on; a midnight ends the day before it."""
    return sa.cast(sa.func.timezone("Europe/London", moment - sa.text("interval '1 microsecond'")), sa.Date)


_ends_on = _last_day(escalations.c.due_at)
# A level that ran out and went up by the clock was late, however long the next one has.
_ran_out = (
    sa.select(sa.func.min(events.c.happened_at))
    .where(events.c.escalation_id == escalations.c.id, events.c.kind == "moved_by_clock")
    .correlate(escalations)
    .scalar_subquery()
)
# An audit that is open again was done once: its correction is late for nothing.
_unsubmitted = sa.case((audits.c.submitted_on.is_(None), audits.c.due_on))
_no_day = sa.cast(sa.null(), sa.Date)
_level = escalations.c.rules["levels"][escalations.c.level - 1]
_recommended = milestones.join(recommendations, recommendations.c.id == milestones.c.recommendation_id)

THINGS: dict[Kind, sa.Select[Any]] = {
    "audit": _thing(
        "audit", audits.c.id, sa.literal("Audit (") + sa.func.replace(audits.c.audit_type, "_", " ") + ")",
        (_unsubmitted, _unsubmitted), (sa.null(), audits.c.auditor), state=audits.c.status,
    ).where(audits.c.status.in_(OPEN)),
    "slot": _thing(
        "slot", slots.c.id, rounds.c.title + ", " + rounds.c.period, (rounds.c.due_on, rounds.c.due_on),
        (sa.null(), sa.null()),
    ).join(rounds, rounds.c.id == slots.c.round_id).where(
        slots.c.void_reason.is_(None),
        ~sa.exists().where(_in_slot.c.slot_id == slots.c.id, _in_slot.c.status != "withdrawn"),
    ),
    "action": _thing(
        "action", actions.c.id, actions.c.title, (actions.c.original_due_on, actions.c.due_on),
        (actions.c.owner_role, actions.c.owner_subject), actions.c.body, actions.c.status,
    ).where(actions.c.status == "open"),
    # Whoever verifies is asked by no day: it is late for nothing, and waits.
    "verification": _thing(
        "verification", actions.c.id, actions.c.title, (_no_day, _no_day), (sa.null(), sa.null()), actions.c.body,
        actions.c.status,
    ).where(actions.c.status == "completed", actions.c.review_on.is_(None)),
    "impact_review": _thing(
        "impact_review", actions.c.id, actions.c.title, (actions.c.review_on, actions.c.review_on),
        (actions.c.owner_role, actions.c.owner_subject), actions.c.body, actions.c.status,
    ).where(actions.c.status.in_(("completed", "verified")), actions.c.review_on.is_not(None)),
    "recommendation": _thing(
        "recommendation", recommendations.c.id, sa.func.left(recommendations.c.words, 200),
        (recommendations.c.original_due_on, recommendations.c.due_on),
        (recommendations.c.owner_role, recommendations.c.owner_subject), state=recommendations.c.status,
    ).where(recommendations.c.status == "open"),
    "milestone": _thing(
        "milestone", sa.cast(recommendations.c.id, sa.Text) + ":" + sa.cast(milestones.c.position, sa.Text),
        milestones.c.title, (milestones.c.original_due_on, milestones.c.due_on),
        (recommendations.c.owner_role, recommendations.c.owner_subject),
    ).select_from(_recommended).where(recommendations.c.status == "open", milestones.c.reached_on.is_(None)),
    "escalation": _thing(
        "escalation", escalations.c.id, sa.literal("Escalation about: ") + escalations.c.about,
        (_last_day(_ran_out), _ends_on),
        (_level["role"].astext, sa.null()), state=sa.literal("level ") + sa.cast(escalations.c.level, sa.Text),
    ).where(escalations.c.status == "open"),
    "learning": _thing(
        "learning", learning.c.id, learning.c.title, (_no_day, _no_day), (sa.null(), sa.null()),
        state=learning.c.status,
    ).where(learning.c.status == "disseminated"),
    "moderation": _thing(
        "moderation", moderations.c.id, sa.literal("Moderation (") + audits.c.tool + ")",
        (moderations.c.due_on, moderations.c.due_on), (sa.null(), moderations.c.moderator),
        state=moderations.c.status,
    ).join(audits, audits.c.id == moderations.c.audit_id).where(
        moderations.c.status.not_in(("settled", "withdrawn"))
    ),
}  # fmt: skip

# What is worked out rather than recorded, with the type of each column.
_WORKED_OUT = {"id": sa.Text, "title": sa.Text, "unit": sa.Text, "due_on": sa.Date, "owner": sa.Text}


def supervision_audits(found: Sequence[Manager]) -> sa.Select[Any]:
    """Managers' own audits of supervision, which are worked out (R35), as rows of a statement like all else."""
    rows = [(f"{one.unit}:{one.programme}", one.title, one.unit, one.due_on, one.auditor) for one in found]
    return _worked_out("supervision_audit", rows)


def unmade_slots(found: Sequence[Unmade]) -> sa.Select[Any]:
    """The places of rounds that nobody has made, which are worked out (R21), as rows of a statement like all else."""
    rows = [
        (f"{of.programme.code}:{of.period.code}:{unit}", f"{of.programme.title}, {of.period.code}", unit, of.due.due_on,
         None)
        for of in found for unit in of.units
    ]  # fmt: skip
    return _worked_out("unmade_slot", rows)


def _worked_out(kind: Kind, rows: Sequence[tuple[str, str, str, date, str | None]]) -> sa.Select[Any]:
    """Columns as arrays: with rows of values the whole statement would be compiled anew at each request."""
    arrays: list[Any] = [
        sa.bindparam(None, list(column), type_=ARRAY(of), unique=True)
        for column, of in zip(zip(*rows, strict=True), _WORKED_OUT.values(), strict=True)
    ]
    columns: list[Any] = [sa.column(name, of) for name, of in _WORKED_OUT.items()]
    found = sa.func.unnest(*arrays).table_valued(*columns, name=kind).render_derived().c
    return _thing(kind, found.id, found.title, (found.due_on, found.due_on), (sa.null(), found.owner), unit=found.unit)


# Where to read each, and what it waits for.
LINKS: dict[Kind, str] = {
    "audit": "/v1/audits/{id}",
    "slot": "/v1/slots/{id}",
    "action": "/v1/actions/{id}",
    "verification": "/v1/actions/{id}",
    "impact_review": "/v1/actions/{id}",
    "recommendation": "/v1/scrutiny/recommendations/{id}",
    "milestone": "/v1/scrutiny/recommendations/{id}",
    "escalation": "/v1/escalations/{id}",
    "learning": "/v1/learning/{id}",
    "moderation": "/v1/moderations/{id}",
    "supervision_audit": "/v1/supervision-audits?unit={id}",
    "unmade_slot": "/v1/coverage?programme={id}&period={more}",
}


def link_of(kind: Kind, subject: str) -> str:
    """The address of the record a thing stands in."""
    first, *rest = subject.split(":")
    return LINKS[kind].format(id=first, more=rest[0] if rest else "")
