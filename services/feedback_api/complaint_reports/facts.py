"""What a complaints report is made of: plain facts of each complaint and compliment, without a word of anyone's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.calendar_days import local_days_off
from services.feedback_api.complaint_reports.following import Followed, count_followed
from shared.working_days import DaysOff

# One statement, so that a complaint and its stages are of one moment.
_COMPLAINTS = sa.text(
    """
    SELECT c.id, c.version, c.respond_ref, c.procedure, c.unit, c.agency, c.respondent_group, c.themes, c.received_on,
           c.status, c.outcome, c.closed_on, c.eligible, c.consent_given,
           c.learning IS NOT NULL AS learning, c.improvement IS NOT NULL AS improvement, c.learning_owner,
           c.learning_due_on,
           coalesce((SELECT jsonb_agg(to_jsonb(s) ORDER BY s.position) FROM complaint_stage s
                     WHERE s.complaint_id = c.id), '[]') AS stages,
           coalesce((SELECT jsonb_agg(to_jsonb(e)) FROM (
                       SELECT stage, run FROM complaint_extension WHERE complaint_id = c.id GROUP BY 1, 2) AS e), '[]')
             AS extended,
           coalesce((SELECT jsonb_agg(jsonb_build_array(f.from_on, f.to_on) ORDER BY f.from_on)
                     FROM complaint_freeze f WHERE f.complaint_id = c.id), '[]') AS set_aside
    FROM complaint c
    WHERE c.status <> 'merged' AND (
      c.received_on BETWEEN :first AND :last OR c.closed_on BETWEEN :first AND :last
      OR EXISTS (SELECT FROM complaint_stage s WHERE s.complaint_id = c.id
                 AND (s.ended_on BETWEEN :first AND :last OR s.started_on BETWEEN :first AND :last)))
    ORDER BY c.received_on, c.respond_ref
    """
)
# One that was merged into another, or turned out to be a complaint, is counted as what it became.
_COMPLIMENTS = sa.text(
    """
    SELECT unit, agency, respondent_group, themes FROM compliment c
    WHERE received_on BETWEEN :first AND :last AND merged_into IS NULL
      AND NOT EXISTS (SELECT FROM recategorisation r
                      WHERE r.kind = 'compliment' AND r.ref = c.respond_ref AND r.undone_at IS NULL)
    """
)
_TREE = sa.text(
    """
    SELECT u.code, u.parent, u.name, i.content->>'head_role' AS head_role
    FROM org_unit u LEFT JOIN framework_item i ON i.kind = 'units' AND i.code = u.code
    """
)
_NAMES = sa.text(
    """
    SELECT kind, code, coalesce(content->>'name', content->>'title') AS name, content FROM framework_item
    WHERE kind IN ('complaint_procedures', 'agencies', 'themes', 'respondent_groups')
    """
)


@dataclass(frozen=True)
class StageFact:
    """One stage a complaint went through, with its clocks as they were counted."""

    stage: str
    run: int
    started_on: date
    ended_on: date | None
    clock_starts_on: date | None
    statutory_due_on: date | None
    local_due_on: date | None
    extended: bool
    # Led on to the next stage by agreement, overdue or refused: it was not answered.
    led_on: bool = False


@dataclass(frozen=True)
class ComplaintFact:
    """One complaint as it stood when the report was produced."""

    id: UUID
    version: int
    respond_ref: str
    procedure: str
    unit: str
    agency: str | None
    respondent_group: str | None
    themes: Sequence[str]
    received_on: date
    status: str
    outcome: str | None
    closed_on: date | None
    eligible: bool | None
    consent_given: bool | None
    learning: bool
    improvement: bool
    learning_owner: str | None
    learning_due_on: date | None
    stages: Sequence[StageFact]
    set_aside: Sequence[tuple[date, date | None]]


@dataclass(frozen=True)
class ComplimentFact:
    unit: str
    agency: str | None
    respondent_group: str | None
    themes: Sequence[str]


@dataclass(frozen=True)
class StageRule:
    """What the procedure says of a stage: its title, its limits, and whether a further stage can be asked for."""

    title: str
    statutory: bool
    local: bool
    followed_by: str | None


@dataclass(frozen=True)
class Ground:
    """All that a report of a period is made of."""

    complaints: list[ComplaintFact]
    compliments: list[ComplimentFact]
    followed: Mapping[str, Followed]
    days_off: DaysOff
    parents: Mapping[str, str | None]
    owners: Mapping[str, str | None]
    names: Mapping[str, Mapping[str, str]]
    stages: Mapping[tuple[str, str], StageRule]


async def read_ground(session: AsyncSession, first: date, last: date) -> Ground:
    """Everything received, begun, ended or closed in the period, of the whole council."""
    span = {"first": first, "last": last}
    complaints = [_complaint(dict(row)) for row in (await session.execute(_COMPLAINTS, span)).mappings()]
    compliments = [ComplimentFact(*row) for row in (await session.execute(_COMPLIMENTS, span)).all()]
    followed, off = await count_followed(session, first, last), await local_days_off(session)
    tree = (await session.execute(_TREE)).all()
    parents = {row.code: row.parent for row in tree}
    heads = {row.code: row.head_role for row in tree}
    names: dict[str, dict[str, str]] = {"units": {row.code: row.name for row in tree}}
    stages: dict[tuple[str, str], StageRule] = {}
    for row in (await session.execute(_NAMES)).all():
        names.setdefault(row.kind, {})[row.code] = row.name
        if row.kind == "complaint_procedures":
            stages |= _rules(row.code, row.content["stages"])
    owners = {code: _owner(code, parents, heads) for code in parents}
    return Ground(complaints, compliments, followed, off, parents, owners, names, stages)


def _complaint(row: Mapping[str, Any]) -> ComplaintFact:
    extended = {(one["stage"], one["run"]) for one in row["extended"]}
    stages = [
        StageFact(
            stage=one["stage"],
            run=one["run"],
            started_on=date.fromisoformat(one["started_on"]),
            ended_on=_day(one["ended_on"]),
            clock_starts_on=_day(one["clock_starts_on"]),
            statutory_due_on=_day(one["statutory_due_on"]),
            local_due_on=_day(one["local_due_on"]),
            extended=(one["stage"], one["run"]) in extended,
            led_on=one["ended_because"] is not None,
        )
        for one in row["stages"]
    ]
    aside = [(date.fromisoformat(first), _day(last)) for first, last in row["set_aside"]]
    plain = {name: row[name] for name in ComplaintFact.__dataclass_fields__ if name not in ("stages", "set_aside")}
    return ComplaintFact(**plain, stages=stages, set_aside=aside)


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _rules(procedure: str, stages: list[dict[str, Any]]) -> dict[tuple[str, str], StageRule]:
    asked_for = ("stage_requested", "complaint_finalised")
    further = {one.get("after"): one["code"] for one in stages if one["clock_starts"] in asked_for}
    return {
        (procedure, one["code"]): StageRule(
            title=one["title"],
            statutory=one.get("statutory_limit") is not None,
            local=one.get("local_target") is not None,
            followed_by=further.get(one["code"]),
        )
        for one in stages
    }


def _owner(unit: str, parents: Mapping[str, str | None], heads: Mapping[str, str | None]) -> str | None:
    """The role that answers for the unit: its head's, or that of the nearest unit above that names one."""
    at: str | None = unit
    while at is not None:
        if heads.get(at):
            return heads[at]
        at = parents.get(at)
    return None
