"""What an open complaint waits for, as conditions over the tables `complaint` and `complaint_stage`.

Procedures are read where they stand: a change of the framework changes at once what is waited for.
"""

from __future__ import annotations

from typing import Literal

WaitingFor = Literal["eligibility", "consent", "people", "advocacy", "finalising", "proceedings"]

_STAGE_RULES = """
framework_item AS f CROSS JOIN LATERAL jsonb_array_elements(f.content->'stages') AS rules
WHERE f.kind = 'complaint_procedures' AND f.code = complaint.procedure AND rules->>'code' = complaint_stage.stage
"""
_NEEDED = f"SELECT jsonb_array_elements(rules->'people') AS role FROM {_STAGE_RULES}"  # noqa: S608
WAITING: dict[WaitingFor, str] = {
    "eligibility": "complaint.eligible IS NULL",
    "consent": "complaint.consent_given IS NULL",
    "people": f"""EXISTS (
      SELECT FROM ({_NEEDED}) AS needed WHERE (role->>'number')::int > (
        SELECT count(*) FROM complaint_person AS p
        WHERE p.complaint_id = complaint.id AND p.stage = complaint_stage.stage AND p.run = complaint_stage.run
          AND p.role = needed.role->>'code' AND p.left_on IS NULL))""",  # noqa: S608
    "advocacy": """EXISTS (
      SELECT FROM framework_item AS f WHERE f.kind = 'complaint_procedures' AND f.code = complaint.procedure
        AND f.content->'advocacy_for' @> to_jsonb(complaint.respondent_group))
      AND NOT EXISTS (SELECT FROM complaint_advocacy AS a WHERE a.complaint_id = complaint.id)""",
    "finalising": f"""complaint_stage.complaint_finalised_on IS NULL AND EXISTS (
      SELECT FROM {_STAGE_RULES} AND rules->>'clock_starts' = 'complaint_finalised')""",
    "proceedings": """EXISTS (
      SELECT FROM complaint_freeze AS z WHERE z.complaint_id = complaint.id AND z.to_on IS NULL)""",
}
