"""Years of submitted audits, made by the database: 50,000 a year, each with 20 answers, findings, views and people."""

from __future__ import annotations

from services.postgres import LocalPostgres

A_YEAR, LAST_DAY = 50_000, "2026-11-20"

_AUDITS = """
INSERT INTO audit (id, tool, tool_version, audit_type, announced, unit, case_reference, auditor, auditor_unit, due_on,
  required_views, status, quality_grade, outcomes_grade, process_grade, counts_on, submitted_on, submitted_at,
  submitted_by, allocated_by, allocated_at, closed_on, version)
SELECT uuidv7(make_interval(mins => -(n * 525600.0 / {a_year})::int)), 'case_audit', 1, 'single_case', true,
  teams[1 + n % cardinality(teams)], 'CMS-' || n, 'auditor-' || n % 40, 'safeguarding_and_standards', day, '{{}}',
  CASE WHEN n % 3 = 0 THEN 'submitted' ELSE 'closed' END, grades[1 + (n * 7) % 4], grades[1 + (n * 5 + n / 9) % 4],
  grades[1 + (n * 3 + n / 5) % 4], day, day, day, 'auditor-' || n % 40, 'lead', day, CASE WHEN n % 3 > 0 THEN day END, 1
FROM (SELECT n, date '{last}' - (n * 365.0 / {a_year})::int AS day FROM generate_series(0, {audits} - 1) n
  ORDER BY n DESC) made,
  (SELECT array_agg(code ORDER BY code) AS teams FROM org_unit WHERE kind = 'team') of_teams,
  (SELECT ARRAY['inadequate', 'requires_improvement', 'good', 'outstanding'] AS grades) of_grades
"""
_ANSWERS = """
INSERT INTO audit_answer (audit_id, question, value, rank)
SELECT a.id, q.code, g.value, g.rank
FROM audit a
CROSS JOIN (
  SELECT question ->> 'code' AS code, question ->> 'kind' AS kind, row_number() OVER () AS place
  FROM tool_version, jsonb_array_elements(content -> 'sections') section,
    jsonb_array_elements(section -> 'questions') question
  WHERE tool = 'case_audit' AND version = 1 AND question ->> 'kind' IN ('grade', 'scale', 'yes_no_na')
  LIMIT 20) q
CROSS JOIN LATERAL (SELECT hashtext(a.id::text || q.code) & 1023 AS dice) d
CROSS JOIN LATERAL (SELECT CASE q.kind WHEN 'grade' THEN 1 + dice % 4 WHEN 'scale' THEN 1 + dice % 5
  ELSE nullif(1 - dice % 3, -1) END AS rank) r
CROSS JOIN LATERAL (SELECT r.rank, CASE q.kind
  WHEN 'grade' THEN (ARRAY['inadequate', 'requires_improvement', 'good', 'outstanding'])[r.rank]
  WHEN 'scale' THEN r.rank::text
  ELSE CASE r.rank WHEN 1 THEN 'yes' WHEN 0 THEN 'no' ELSE 'not_applicable' END END AS value) g
"""
_REST = (
    """
INSERT INTO audit_finding (id, audit_id, position, kind, domain, title, themes)
SELECT uuidv7(), id, k, (ARRAY['strength', 'area_for_improvement', 'concern'])[k], 'outcomes_achieved',
  'Finding ' || (hashtext(id::text) & 4095) || ' of kind ' || k,
  (SELECT array_agg(code) FROM (SELECT code FROM framework_item WHERE kind = 'themes' ORDER BY code
    OFFSET (hashtext(id::text) & 7) LIMIT 2) t)
FROM audit, generate_series(1, 2 + (hashtext(id::text) & 1)) k
""",
    """
INSERT INTO audit_view (audit_id, view_of, feedback, reason, recorded_by, recorded_at)
SELECT id, v, CASE WHEN dice > 3 THEN 'F-1' END, CASE WHEN dice <= 3 THEN
  (ARRAY['declined', 'unsafe', 'no_reply', 'too_young'])[1 + dice] END, 'auditor', submitted_at
FROM audit, unnest(ARRAY['child', 'parent_carer', 'icrs']) v, LATERAL (SELECT hashtext(id::text || v) & 15 AS dice) d
""",
    """
INSERT INTO audit_participant (audit_id, position, part, level)
SELECT id, p, 'contributor', (ARRAY['practitioner', 'team_manager', 'senior_manager', 'partner'])[1 + (dice + p) % 4]
FROM audit, generate_series(0, 1) p, LATERAL (SELECT hashtext(id::text) & 15 AS dice) d
""",
    """
INSERT INTO action (id, finding_id, unit, title, body, owner_role, original_due_on, due_on, status, raised_on,
  raised_by, version)
SELECT uuidv7(), f.id, a.unit, 'To be done', 'dscb_qa', 'team_manager', a.counts_on + 30, a.counts_on + 30, 'open',
  a.counts_on, a.auditor, 1
FROM audit a JOIN audit_finding f ON f.audit_id = a.id AND f.position = 2 WHERE hashtext(a.id::text) & 63 = 0
""",
)


def fill(server: LocalPostgres, database: str, years: int, a_year: int = A_YEAR) -> None:
    """So many years of audits up to the day before the last."""
    audits = _AUDITS.format(a_year=a_year, audits=a_year * years, last=LAST_DAY)
    server.execute(audits, _ANSWERS, *_REST, "VACUUM (ANALYZE)", database=database)
