"""Counting what audits say, group by group, straight from the audits: one statement for everything there is."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.analysis.groups import Group, Written
from services.audit_api.analysis.states import State, columns
from services.audit_api.analysis.tools import Edition
from shared.database import driver_connection

# Text answers are people's words: only the questions named in the last three lists are counted. OFFSET keeps the
# planner, which cannot know how many audits are chosen, from looking for each of these questions in each audit.
_COUNT = """
WITH chosen AS MATERIALIZED (
  SELECT 2 * c.place + CASE WHEN a.id > $7 THEN 1 ELSE 0 END AS place, a.id, a.version, a.tool, a.tool_version,
    a.status, a.quality_grade, a.outcomes_grade, a.process_grade
  FROM unnest($1::date[], $2::date[], $3::text[], $4::text[], $5::int[], $6::uuid[])
    WITH ORDINALITY AS c(first, last, unit, tool, version, after, place)
  JOIN audit a ON a.unit = c.unit AND a.tool = c.tool AND a.tool_version = c.version
    AND a.counts_on BETWEEN c.first AND c.last
  WHERE a.submitted_on IS NOT NULL AND a.status <> 'withdrawn'%s),
states AS (
  SELECT place, count(*) AS audits, sum(version) AS versions FROM chosen GROUP BY place),
found AS (
  SELECT c.place, f.audit_id, f.kind, f.title, f.themes, f.repeat_of
  FROM chosen c JOIN audit_finding f ON f.audit_id = c.id),
given AS (
  SELECT c.place, c.tool, c.tool_version, w.question, w.value FROM chosen c JOIN audit_answer w ON w.audit_id = c.id
  OFFSET 0),
facts AS (
SELECT place, 'status' AS fact, status AS key, '' AS value, count(*) AS number FROM chosen GROUP BY place, status
UNION ALL
SELECT place, 'grade', domain, grade, count(*) FROM chosen, LATERAL (VALUES
  ('quality_of_intervention', quality_grade), ('outcomes_achieved', outcomes_grade),
  ('adherence_to_process', process_grade)) g(domain, grade) WHERE grade IS NOT NULL GROUP BY place, domain, grade
UNION ALL
SELECT place, 'answer', question, value, count(*) FROM given
  JOIN unnest($9::text[], $10::int[], $11::text[]) q(tool, tool_version, question) USING (tool, tool_version, question)
  GROUP BY place, question, value
UNION ALL
SELECT place, 'finding', kind, '', count(*) FROM found GROUP BY place, kind
UNION ALL
SELECT place, 'repeat', '', '', count(*) FROM found WHERE repeat_of IS NOT NULL GROUP BY place
UNION ALL
SELECT place, 'theme', coalesce(theme, ''), kind, count(*) FROM found
  LEFT JOIN LATERAL unnest(themes) AS theme ON true GROUP BY place, theme, kind
UNION ALL
SELECT place, 'theme_audits', theme, '', count(DISTINCT audit_id) FROM found, unnest(themes) AS theme
  GROUP BY place, theme
UNION ALL
SELECT c.place, 'view', v.view_of, CASE WHEN v.feedback IS NULL THEN v.reason ELSE '' END, count(*)
  FROM chosen c JOIN audit_view v ON v.audit_id = c.id GROUP BY 1, 3, 4
UNION ALL
SELECT c.place, 'level', p.level, '', count(DISTINCT c.id) FROM chosen c JOIN audit_participant p ON p.audit_id = c.id
  GROUP BY c.place, p.level),
titles AS (
  SELECT place, json_object_agg(kind, titles) AS titles
  FROM (SELECT place, kind, json_agg(title) AS titles FROM found GROUP BY place, kind) by_kind GROUP BY place)
SELECT place, audits, versions,
  json_agg(json_build_array(fact, key, value, number))::text, coalesce(min(titles::text), '{}')
FROM facts JOIN states USING (place) LEFT JOIN titles USING (place) GROUP BY place, audits, versions
"""

# The oldest of the named audits by itself lets the planner see how few came since: it looks for these and no others.
_SINCE = _COUNT % " AND a.id > $8 AND a.id > c.after"
_ALL = _COUNT % " AND $8::uuid IS NULL"


class Counting(NamedTuple):
    """What audits of one group add up to, in the form in which it is kept, and their state."""

    written: Written
    state: State


class Counts(NamedTuple):
    """By group, nothing where there are none: the audits up to the one that was named, and those made after it."""

    settled: dict[Group, Counting]
    recent: dict[Group, Counting]


async def count_audits(
    session: AsyncSession,
    groups: Collection[Group],
    editions: Mapping[tuple[str, int], Edition],
    through: UUID,
    after: Mapping[Group, UUID] | None = None,
) -> Counts:
    """What the audits of each group add up to, all or those after the one named for it, told apart at `through`."""
    found = Counts({}, {})
    if not groups:
        return found
    asked = [
        (tool, version, code)
        for tool, version in sorted({(group.tool, group.version) for group in groups})
        for code, question in editions[tool, version].questions.items()
        if question.kind.value != "text"
    ]
    wanted = list(groups)
    named = [None if after is None else after[group] for group in wanted]
    connection: Any = await driver_connection(session)
    rows = await connection.fetch(
        _ALL if after is None else _SINCE, *columns(wanted), named, through,
        None if after is None else min(after.values()),
        [one[0] for one in asked], [one[1] for one in asked], [one[2] for one in asked],
    )  # fmt: skip
    for place, audits, versions, counts, titles in rows:
        at, is_recent = divmod(place, 2)
        found[is_recent][wanted[at - 1]] = Counting((counts, titles), (audits, versions))
    return found
