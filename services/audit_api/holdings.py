"""What the audit service holds of children, families and staff, how long, and how it leaves."""

from __future__ import annotations

from services.audit_api.models import metadata
from shared.privacy.holdings import READING, Holdings, Kind, Logged, Loosened, Mention

_FINDING_THE_SAME = (
    " JOIN audit_finding f ON f.audit_id = audit.id JOIN audit_finding again ON again.repeat_of = f.id"
    " JOIN audit other ON other.id = again.audit_id"
)
_SOURCE = "kind = 'other', reference = 'an audit no longer held', finding_id = NULL"


_RESTS_ON = (
    "SELECT FROM audit_finding f JOIN audit a ON a.id = f.audit_id WHERE (f.id = r.finding_id OR EXISTS"
    " (SELECT FROM action_evidence e WHERE e.action_id = r.id AND e.kind = 'finding'"
    " AND e.ref = CAST(f.id AS text)))"
)
_OF_AUDIT = {"case": "a.case_reference = {ref}", "audit": "CAST(a.id AS text) = {ref}"}


def _resting_on(audit: str) -> str:
    """That an action rests on findings of such an audit, and on those of no other."""
    return f"EXISTS ({_RESTS_ON} AND {audit}) AND NOT EXISTS ({_RESTS_ON} AND NOT {audit})"


def _tallies_of(audit: str, found_by: str = "") -> str:
    """That the tallies go in which the chosen audits stand, or others that are found by them."""
    return (
        f"DELETE FROM audit_tally t WHERE (t.unit, t.month) IN (SELECT {audit}.unit,"  # noqa: S608
        f" CAST(date_trunc('month', {audit}.counts_on) AS date) FROM audit{found_by} WHERE {{chosen}})"
    )


ACTION = Kind(
    name="action",
    table="action",
    what="Actions with their dates, notes, evidence and the difference they made",
    whose=("children and families, in words", "staff"),
    retention="learning_and_actions",
    counted_from="COALESCE(r.closed_on, r.cancelled_on)",
    subjects={subject: _resting_on(audit) for subject, audit in _OF_AUDIT.items()},
    speaks_of={subject: f"EXISTS ({_RESTS_ON} AND {audit})" for subject, audit in _OF_AUDIT.items()},
    parts=(
        "action_due_date", "action_evidence", "action_note", "action_owner", "action_verification",
        "action_plan_item", "scrutiny_action", "re_audit",
    ),
    loosened=(Loosened("action", "follow_up_of"), Loosened("recurrence_response", "action_id")),
    logged=(Logged("action", "action", "id"), Logged("re_audit", "re_audit", "id")),
)  # fmt: skip
ESCALATION = Kind(
    name="escalation",
    table="escalation",
    what="Concerns raised and moved up, with what was answered",
    whose=("children and families, in words", "staff"),
    retention="learning_and_actions",
    counted_from="CAST(r.ended_at AS date)",
    subjects={
        "case": "(r.about IN ('case', 'plan') AND r.about_reference = {ref})"
        " OR EXISTS (SELECT FROM audit a WHERE a.id = r.audit_id AND a.case_reference = {ref})",
        "audit": "CAST(r.audit_id AS text) = {ref}",
    },
    parts=("escalation_event",),
    loosened=(Loosened("audit_finding", "escalation_id"),),
    logged=(Logged("escalation", "escalation", "id"),),
)
AUDIT = Kind(
    name="audit",
    table="audit",
    what="Audits of cases with answers, views, findings, evidence, gradings and every edition",
    whose=("children and families", "staff"),
    retention="audits",
    counted_from="COALESCE(r.closed_on, CASE WHEN r.status = 'withdrawn'"
    " THEN COALESCE(r.submitted_on, CAST(r.allocated_at AS date)) END)",
    subjects={"case": "r.case_reference = {ref}"},
    parts=(
        "audit_answer", "audit_attachment", "attachment_content", "audit_correction", "audit_edition", "audit_imported",
        "audit_participant", "audit_step", "audit_view", "audit_finding", "drawn_case", "moderation",
        "moderation_grade", "moderation_grading", "moderation_candidate", "re_audit",
    ),
    loosened=(
        Loosened("learning_source", "audit_id", _SOURCE),
        Loosened("learning_source", "finding_id"),
        Loosened("action", "finding_id"),
        Loosened("audit_finding", "repeat_of"),
        Loosened("escalation", "audit_id"),
    ),
    logged=(
        Logged("audit", "audit", "id"), Logged("moderation", "moderation", "id"), Logged("re_audit", "re_audit", "id"),
    ),
    # The epoch first: whoever keeps tallies at this moment has kept them before they go, or keeps them no more.
    along=("SELECT id FROM audit_epoch FOR UPDATE", _tallies_of("audit"), _tallies_of("other", _FINDING_THE_SAME)),
)  # fmt: skip
LEARNING = Kind(
    name="learning",
    table="learning_item",
    what="Learning items with who read them and the training they led to; they stand for practice, not for a case",
    whose=("staff",),
    retention="learning_and_actions",
    counted_from="COALESCE(r.withdrawn_on, r.disseminated_on)",
    parts=("learning_acknowledgement", "learning_source", "learning_training"),
    logged=(Logged("learning", "learning_item", "id"),),
)
OPEN_CASE = Kind(
    name="open_case",
    table="open_case",
    what="A case on a list of open cases, with who works on it",
    whose=("children and families", "staff"),
    retention="open_cases",
    counted_from="(SELECT l.as_at FROM open_case_list l WHERE l.id = r.list_id)",
    subjects={"case": "r.case_reference = {ref}"},
)
OPEN_CASE_LIST = Kind(
    name="open_case_list",
    table="open_case_list",
    what="Lists of a team's open cases, as they were posted",
    whose=("children and families", "staff"),
    retention="open_cases",
    # A case on hold keeps its list.
    counted_from="CASE WHEN NOT EXISTS (SELECT FROM open_case c WHERE c.list_id = r.id{stays}) THEN r.as_at END",
    waits_for=("open_case", "(c.list_id, c.case_reference)"),
    parts=("open_case", "draw_source"),
    logged=(Logged("open_case_list", "open_case_list", "id"),),
)
DRAW = Kind(
    name="draw",
    table="case_draw",
    what="How cases were drawn for audit, with which could not be drawn and why",
    whose=("children and families", "staff"),
    retention="audits",
    counted_from="CASE WHEN NOT EXISTS (SELECT FROM drawn_case d WHERE d.draw_id = r.id{stays}) THEN r.drawn_on END",
    waits_for=("audit", "d.audit_id"),
    parts=("draw_source", "drawn_case"),
    logged=(Logged("draw", "case_draw", "id"),),
)
ASSESSMENT = Kind(
    name="sen_assessment",
    table="sen_assessment",
    what="Checkpoints of education, health and care assessments",
    whose=("children and families", "staff"),
    retention="audits",
    counted_from="r.ended_on",
    subjects={"case": "r.reference = {ref}"},
    parts=("sen_checkpoint",),
    logged=(Logged("sen_assessment", "sen_assessment", "id"),),
)
REVIEW = Kind(
    name="scrutiny_review",
    table="scrutiny_review",
    what="Reviews and inspections with their recommendations",
    whose=("children and families, in words", "staff"),
    retention="learning_and_actions",
    counted_from="CASE WHEN NOT EXISTS (SELECT FROM scrutiny_recommendation x WHERE x.review_id = r.id"
    " AND x.ended_on IS NULL) THEN GREATEST(r.published_on, r.held_on,"
    " (SELECT max(x.ended_on) FROM scrutiny_recommendation x WHERE x.review_id = r.id)) END",
    parts=(
        "scrutiny_area", "scrutiny_recommendation", "scrutiny_review_version", "scrutiny_change",
        "scrutiny_milestone", "scrutiny_action",
    ),
    logged=(
        Logged("scrutiny_review", "scrutiny_review", "id"), Logged("recommendation", "scrutiny_recommendation", "id"),
    ),
)  # fmt: skip
AUDITOR = Kind(
    name="auditor",
    table="auditor",
    what="Who audits: from where, trained for what, how much",
    whose=("staff",),
    retention="audits",
    counted_from="r.available_to",
    logged=(Logged("auditor", "auditor", "reference"),),
    personal_key=True,
)
_STRUCK = (
    "{column} = (SELECT COALESCE(jsonb_agg(e), '[]') FROM jsonb_array_elements(r.{column}) e"
    " WHERE e ->> 'case_reference' IS DISTINCT FROM {{ref}})"
)
_NAMED = "EXISTS (SELECT FROM jsonb_array_elements(r.{column}) e WHERE e ->> 'case_reference' = {{ref}})"
# Views as one document holds them: of a correction under way, of an edition that was replaced.
_HEARD = "EXISTS (SELECT FROM jsonb_array_elements(r.content -> 'views') v WHERE v ->> 'feedback' = {ref})"
_UNHEARD = (
    "content = jsonb_set(r.content, '{{views}}', (SELECT jsonb_agg(CASE WHEN v ->> 'feedback' = {ref}"
    " THEN v || jsonb_build_object('feedback', 'feedback no longer held') ELSE v END ORDER BY n)"
    " FROM jsonb_array_elements(r.content -> 'views') WITH ORDINALITY x(v, n)))"
)

HOLDINGS = Holdings(
    metadata=metadata,
    kinds=(
        ACTION, ESCALATION, AUDIT, LEARNING, OPEN_CASE, OPEN_CASE_LIST, DRAW, ASSESSMENT, REVIEW, AUDITOR, READING,
    ),
    impersonal={
        "action_plan": "plans of a team: their actions go by themselves",
        "audit_epoch": "an identifier of the time in which no audit was deleted",
        "audit_round": "the programme: which teams audit when",
        "audit_slot": "the programme: a team's place in a round",
        "audit_tally": "counts kept to save counting",
        "moderation_sample": "how a sample was drawn; its candidates go with the audits",
        "recurrence_response": "what a team answers to a theme that comes back",
        "reminder": "which reminder was given, so that none is given twice",
        "tool_version": "questionnaires",
    },
    staff=frozenset({
        "created_by", "done_by", "subject", "voided_by", "recorded_by", "disseminated_by", "withdrawn_by", "drawn_by",
        "posted_by", "led_by", "auditor", "submitted_by", "allocated_by", "added_by", "workers", "managers",
        "owner_subject", "superseded_by", "signed_by", "removed_by", "reopened_by", "by", "replaced_by",
        "against_account", "subject_told_by", "ended_by", "raised_by", "moderator", "third_grader", "proposed_by",
        "completed_by", "verified_by", "closed_by", "cancelled_by", "set_by", "written_by", "changed_by",
        "responded_by", "reference", "applied_by", "placed_by", "lifted_by",
    }),
    mentions=(
        *(
            Mention("case", table, _NAMED.format(column=column), _STRUCK.format(column=column))
            for table, column in (("case_draw", "excluded"), ("drawn_case", "passed_over"))
        ),
        Mention(
            "case", "learning_source", "r.reference = {ref}",
            "kind = 'other', reference = 'a source no longer held'",
        ),
        Mention(
            "case", "action_evidence", "r.kind = 'feedback' AND r.ref = {ref}",
            "kind = 'research', ref = 'feedback no longer held'",
        ),
        # What set an audit off, and the feedback it heard, may be of another case than its own.
        *(
            Mention(
                "case", table, "r.trigger_reference = {ref}", "trigger_reference = 'a review no longer held'"
            )
            for table in ("audit", "audit_round")
        ),
        Mention("case", "audit_view", "r.feedback = {ref}", "feedback = 'feedback no longer held'"),
        Mention("case", "audit_attachment", "r.ref = {ref}", "ref = 'evidence no longer held'"),
        *(Mention("case", table, _HEARD, _UNHEARD) for table in ("audit_correction", "audit_edition")),
    ),
)  # fmt: skip
