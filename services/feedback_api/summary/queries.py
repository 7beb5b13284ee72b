"""The counts behind a summary: a handful of aggregates, each over one pass of its table."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.counting import Asked
from services.feedback_api.summary.trees import Unit
from services.feedback_api.tallies import count_together
from services.feedback_api.voices import count_besides_views
from shared.tables import org_unit


@dataclass(frozen=True)
class Scope:
    """Which records a summary is of; `units` None is the whole council."""

    first: date
    last: date
    units: list[str] | None
    theme: str | None
    today: date

    @property
    def bound(self) -> dict[str, Any]:
        return {
            "first": self.first,
            "last": self.last,
            "units": self.units,
            "theme": self.theme,
            "today": self.today,
        }


@dataclass
class ViewCounts:
    """Views by each of the ways they are broken down; `heard` counts by channel whatever the theme."""

    total: int = 0
    rated: int = 0
    rating_sum: int = 0
    channels: dict[str, int] = field(default_factory=dict)
    groups: dict[str, int] = field(default_factory=dict)
    units: dict[str, int] = field(default_factory=dict)
    sentiments: dict[str, int] = field(default_factory=dict)
    themes: dict[str, int] = field(default_factory=dict)
    heard: set[str] = field(default_factory=set)


_LISTS = ("all_units", "all_groups", "channels", "sentiments", "ratings", "themes")
_THEME_LISTS = ("channels", "themes", "by_unit", "by_group", "by_channel", "by_sentiment", "by_rating", "pairs")


# A channel is heard, too, where the codes of a return say that children's views came through it.
def _narrow(scope: Scope, prefix: str = "") -> dict[str, str]:
    return {
        "units": "" if scope.units is None else f"AND {prefix}unit = ANY(CAST(:units AS text[]))",
        "theme": "" if scope.theme is None else f"AND {prefix}themes @> ARRAY[CAST(:theme AS text)]",
    }


async def _run(session: AsyncSession, text: str, scope: Scope, **parts: str) -> sa.Result[Any]:
    # Only fixed fragments of this module are put into the text; every value travels as a bound parameter.
    return await session.execute(sa.text(text.format(**parts)), scope.bound)


async def count_views(session: AsyncSession, scope: Scope) -> ViewCounts:
    """Everything counted of views."""
    asked = Asked(scope.first, scope.last, scope.units, theme=scope.theme)
    counts = await count_together(session, "views", asked, _LISTS if scope.theme is None else _THEME_LISTS)
    heard = set(counts.channels) | await _heard_besides(session, scope)
    if scope.theme is not None:
        counts = counts.of_theme(scope.theme)
    return ViewCounts(
        total=counts.records, rated=counts.ratings.total(),
        rating_sum=sum(int(rating) * count for rating, count in counts.ratings.items()),
        channels=dict(counts.channels), groups=dict(counts.all_groups), units=dict(counts.all_units),
        sentiments=dict(counts.sentiments), themes=dict(counts.themes), heard=heard,
    )  # fmt: skip


async def _heard_besides(session: AsyncSession, scope: Scope) -> set[str]:
    """The channels through which somebody was heard otherwise than by a view."""
    others = await count_besides_views(session, scope.first, scope.last, scope.units)
    return {channel for channel, _ in others}


_COMPLAINTS = """
SELECT count(*) FILTER (WHERE inside) AS received,
       count(*) FILTER (WHERE inside AND status = 'refused') AS refused,
       count(*) FILTER (WHERE inside AND status = 'open') AS open,
       count(*) FILTER (WHERE NOT inside AND status = 'open') AS open_earlier,
       count(*) FILTER (WHERE status = 'open' AND due < :today) AS overdue,
       count(*) FILTER (WHERE closed_on BETWEEN :first AND :last AND outcome IN ('upheld', 'partially_upheld')
                        AND (learning IS NULL OR improvement IS NULL)) AS learning_missing
FROM (
  SELECT c.status, c.outcome, c.closed_on, c.learning, c.improvement, c.received_on >= :first AS inside,
         coalesce(s.statutory_due_on, s.local_due_on) AS due
  FROM complaint c
  LEFT JOIN complaint_stage s ON s.complaint_id = c.id AND s.ended_on IS NULL AND c.status = 'open'
  WHERE c.status <> 'merged' AND c.received_on <= :last
    AND (c.received_on >= :first OR c.status = 'open' OR c.closed_on >= :first)
  {units} {theme}) AS one
"""
_OUTCOMES = """
SELECT coalesce(outcome, 'not_recorded') AS code, count(*) AS n FROM complaint
WHERE received_on BETWEEN :first AND :last AND status = 'closed' {units} {theme} GROUP BY 1
"""
# A stage that was led on by agreement, or refused, was not answered in time nor late.
_STAGES = """
SELECT c.procedure, s.stage, count(*) FILTER (WHERE s.ended_on IS NULL) AS open,
       count(s.ended_on) AS closed,
       count(*) FILTER (WHERE answered AND coalesce(s.ended_on, :today) <= s.statutory_due_on) AS within_statutory,
       count(*) FILTER (WHERE answered AND coalesce(s.ended_on, :today) > s.statutory_due_on) AS past_statutory,
       count(*) FILTER (WHERE answered AND coalesce(s.ended_on, :today) <= s.local_due_on) AS within_target,
       count(*) FILTER (WHERE answered AND coalesce(s.ended_on, :today) > s.local_due_on) AS past_target
FROM complaint_stage s JOIN complaint c ON c.id = s.complaint_id
CROSS JOIN LATERAL (SELECT s.ended_because IS NULL AS answered) AS led_on
WHERE c.status <> 'merged' AND s.started_on BETWEEN :first AND :last
  AND (s.ended_on IS NOT NULL OR c.status = 'open') {units} {theme}
GROUP BY 1, 2 ORDER BY 1, 2
"""
_COMPLIMENTS = """
SELECT count(*) FROM compliment c WHERE received_on BETWEEN :first AND :last AND merged_into IS NULL
  AND NOT EXISTS (SELECT FROM recategorisation r
                  WHERE r.kind = 'compliment' AND r.ref = c.respond_ref AND r.undone_at IS NULL) {units} {theme}
"""


@dataclass
class ComplaintCounts:
    """Everything counted of complaints and compliments."""

    totals: dict[str, int]
    outcomes: dict[str, int]
    stages: list[dict[str, Any]]
    compliments: int


async def count_complaints(session: AsyncSession, scope: Scope) -> ComplaintCounts:
    """Counts of complaints by where they stand, their stages by their clocks, and compliments."""
    whole, of_c = _narrow(scope), _narrow(scope, "c.")
    totals = (await _run(session, _COMPLAINTS, scope, **of_c)).mappings().one()
    outcomes = (await _run(session, _OUTCOMES, scope, **whole)).all()
    stages = (await _run(session, _STAGES, scope, **of_c)).mappings().all()
    compliments = (await _run(session, _COMPLIMENTS, scope, **whole)).scalar_one()
    return ComplaintCounts(
        totals=dict(totals),
        outcomes={row.code: row.n for row in outcomes},
        stages=[dict(row) for row in stages],
        compliments=compliments,
    )


_NAMES = sa.text(
    """
    SELECT 'units' AS kind, code, name, NULL AS family, valid_from, valid_to FROM org_unit
    UNION ALL
    SELECT kind, code, content->>'name', content->>'family', CAST(content->>'valid_from' AS date),
           CASE WHEN retired THEN least(CAST(content->>'valid_to' AS date), CAST(applied_at AS date))
                ELSE CAST(content->>'valid_to' AS date) END
    FROM framework_item WHERE kind IN ('channels', 'respondent_groups', 'themes')
    ORDER BY 1, 2
    """
)


@dataclass(frozen=True)
class Name:
    """What a code is called, whose voice it is, and whether it was in force in the period."""

    title: str
    family: str | None
    in_force: bool


async def read_names(session: AsyncSession, first: date, last: date) -> dict[str, dict[str, Name]]:
    """The names of units, channels, groups and themes, closed and retired ones too, in order of code."""
    found: dict[str, dict[str, Name]] = {kind: {} for kind in ("units", "channels", "respondent_groups", "themes")}
    for row in (await session.execute(_NAMES)).all():
        begun = row.valid_from is None or row.valid_from <= last
        ended = row.valid_to is not None and row.valid_to < first
        found[row.kind][row.code] = Name(row.name, row.family, begun and not ended)
    return found


_TITLES = sa.text(
    """
    SELECT p.code AS procedure, s.value->>'code' AS stage, s.value->>'title' AS title,
           jsonb_typeof(s.value->'statutory_limit') = 'object' AS statutory,
           jsonb_typeof(s.value->'local_target') = 'object' AS local
    FROM framework_item p CROSS JOIN LATERAL jsonb_array_elements(p.content->'stages') AS s
    WHERE p.kind = 'complaint_procedures'
    """
)


async def read_stages(session: AsyncSession) -> dict[tuple[str, str], sa.Row[Any]]:
    """The title of each stage of each procedure, and which of the two limits it has."""
    return {(row.procedure, row.stage): row for row in (await session.execute(_TITLES)).all()}


async def read_units(session: AsyncSession) -> dict[str, Unit]:
    """Every unit there is or was, by code."""
    columns = (org_unit.c.code, org_unit.c.name, org_unit.c.kind, org_unit.c.parent)
    rows = (await session.execute(sa.select(*columns).order_by(org_unit.c.code))).all()
    return {row.code: Unit(row.code, row.name, row.kind, row.parent) for row in rows}
