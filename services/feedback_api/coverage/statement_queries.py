"""The records behind a participation statement: activities in which children and families took part, or nobody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.coverage.queries import Span
from services.feedback_api.models import ParticipationActivity, ParticipationChange, ParticipationGroup, table_of
from shared.schemas.framework.feedback import Family
from shared.tables import framework_item

_activities, _groups, _changes = (
    table_of(ParticipationActivity),
    table_of(ParticipationGroup),
    table_of(ParticipationChange),
)
_activity, _group, _change = _activities.c, _groups.c, _changes.c
MOST = 50
# An activity is the newest version; what it said before is in its history.
_AS_IT_STOOD = sa.text("""
WITH stood AS (
  SELECT g.respondent_group, g.people FROM participation_activity a JOIN participation_group g ON g.activity_id = a.id
  WHERE a.changed_at < :moment AND a.withdrawn_because IS NULL AND a.ended_on BETWEEN :first AND :last
  UNION ALL
  SELECT w.respondent_group, w.people FROM participation_activity_history h,
    jsonb_to_recordset(h.content -> 'who') AS w(respondent_group text, people int)
  WHERE h.valid_from < :moment AND h.superseded_at >= :moment AND h.content ->> 'withdrawn_because' IS NULL
    AND (h.content ->> 'ended_on')::date BETWEEN :first AND :last)
SELECT respondent_group, sum(people)::int AS people FROM stood
WHERE EXISTS (SELECT FROM framework_item i
  WHERE i.kind = 'respondent_groups' AND i.code = respondent_group AND i.content ->> 'family' = :family)
GROUP BY respondent_group ORDER BY respondent_group
""")
_ANYTHING = sa.text("""
SELECT EXISTS (SELECT FROM participation_activity WHERE changed_at < :moment)
  OR EXISTS (SELECT FROM participation_activity_history WHERE valid_from < :moment)
""")


@dataclass(frozen=True)
class Tally:
    """How many records there are, how many of them are approved or told back, and when the last was recorded."""

    records: int
    approved: int
    told_back: int
    latest: datetime | None


def _of_families(group: sa.FromClause) -> sa.Exists:
    item = framework_item.c
    return sa.exists().where(
        item.kind == "respondent_groups",
        item.code == group.c.respondent_group,
        item.content["family"].astext == Family.children_and_families,
    )


def _within(span: Span) -> list[sa.ColumnElement[bool]]:
    took = _groups.alias()
    families = sa.exists().where(took.c.activity_id == _activity.id, _of_families(took))
    found: list[sa.ColumnElement[bool]] = [
        _activity.withdrawn_because.is_(None),
        _activity.ended_on.between(span.first, span.last),
        sa.or_(~_activity.took_place, families),
    ]
    if span.units is not None:
        found.append(_activity.unit == sa.any_(sa.literal(span.units, sa.ARRAY(sa.Text))))
    return found


async def count_people(session: AsyncSession, span: Span) -> dict[str, int]:
    """Children, young people, parents and carers by group, each once in an activity."""
    statement = (
        sa.select(_group.respondent_group, sa.func.sum(_group.people))
        .join(_activities, _activity.id == _group.activity_id)
        .where(_of_families(_groups), *_within(span))
        .group_by(_group.respondent_group)
    )
    return {group: int(people) for group, people in (await session.execute(statement)).all()}


async def count_people_then(session: AsyncSession, first: date, last: date, moment: datetime) -> dict[str, int]:
    """The same of the whole council, as it stood just before a moment."""
    asked = {"first": first, "last": last, "moment": moment, "family": Family.children_and_families.value}
    return {row.respondent_group: row.people for row in (await session.execute(_AS_IT_STOOD, asked)).all()}


async def was_anything_recorded(session: AsyncSession, moment: datetime) -> bool:
    """Whether activities, of whatever time, were recorded here by then: before that nobody knows of a nought."""
    return bool((await session.execute(_ANYTHING, {"moment": moment})).scalar_one())


async def tally_activities(session: AsyncSession, span: Span) -> Tally:
    """The activities of the span, those in which nobody took part too."""
    statement = sa.select(sa.func.count(), sa.func.max(_activity.changed_at)).where(*_within(span))
    records, latest = (await session.execute(statement)).one()
    return Tally(records, 0, 0, latest)


async def tally_changes(session: AsyncSession, span: Span) -> Tally:
    """What people said and was done, in activities of the span."""
    statement = (
        sa.select(
            sa.func.count().label("records"),
            sa.func.count(_change.approved_by).label("approved"),
            sa.func.count(_change.told_back_on).label("told_back"),
            sa.func.max(_change.changed_at).label("latest"),
        )
        .join(_activities, _activity.id == _change.activity_id)
        .where(*_within(span))
    )
    row = (await session.execute(statement)).one()
    return Tally(row.records, row.approved, row.told_back, row.latest)


async def approved_changes(session: AsyncSession, span: Span) -> Sequence[Mapping[str, Any]]:
    """The entries approved for sharing, those of the latest activities first."""
    statement = (
        sa.select(_activity.unit, _change.said, _change.did, _change.why_not, _change.told_back_on)
        .join(_activities, _activity.id == _change.activity_id)
        .where(_change.approved_by.is_not(None), *_within(span))
        .order_by(_activity.ended_on.desc(), _change.id.desc())
        .limit(MOST)
    )
    return [dict(row) for row in (await session.execute(statement)).mappings()]


async def nobody_took_part(session: AsyncSession, span: Span) -> Sequence[Mapping[str, Any]]:
    """The records that nobody took part, the latest first."""
    statement = (
        sa.select(
            _activity.unit, _activity.title, _activity.why_nobody.label("why"), _activity.what_follows
        )
        .where(~_activity.took_place, *_within(span))
        .order_by(_activity.ended_on.desc(), _activity.id.desc())
        .limit(MOST)
    )  # fmt: skip
    return [dict(row) for row in (await session.execute(statement)).mappings()]
