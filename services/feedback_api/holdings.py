"""What the feedback service holds of children, families, staff and partners, how long, and how it leaves."""

from __future__ import annotations

from services.feedback_api.handling_holdings import (
    COMPLAINT,
    COMPLIMENT,
    HANDLING,
    MERGING,
    VIEW_OF_CASE,
    became,
    of_case,
    of_record,
)
from services.feedback_api.models import metadata
from shared.privacy.holdings import READING, Holdings, Kind, Logged

_OF_VIEW = "r.{kind} = 'view' AND CAST(r.{ref} AS text) IN (SELECT CAST(v.id AS text) FROM view v WHERE {where})"


def _subjects(kind: str, ref: str) -> dict[str, str]:
    """What speaks of a view, a complaint or a compliment by its kind and reference goes with it, and with what that
    takes along: the references that were merged, the view that a submission became."""
    of_view = _OF_VIEW.format(kind=kind, ref=ref, where=VIEW_OF_CASE)
    named = f"CAST(r.{ref} AS text)"
    merged = " OR ".join(f"(r.{kind} = '{name}' AND {of_case(name, named)})" for name in MERGING)

    def origins(of: str) -> str:
        return " OR ".join(f"(r.{kind} = '{name}' AND {became(name, named, of)})" for name in ("view", "compliment"))

    itself = {name: f"(r.{kind} = '{name}' AND {named} IN {of_record(name)})" for name in MERGING}
    return {
        "case": f"(r.{kind} IN ('complaint', 'compliment') AND {named} = {{ref}}) OR {merged} OR ({of_view})"
        f" OR {origins('case')}",
        "view": f"r.{kind} = 'view' AND {named} = {{ref}}",
        "survey_words": f"r.{kind} = 'survey_response' AND {named} = {{ref}}",
        "public_submission": f"(r.{kind} = 'public_submission' AND {named} = {{ref}}) OR (r.{kind} = 'view' AND"  # noqa: S608
        f" {named} IN (SELECT CAST(s.view_id AS text) FROM public_submission s WHERE CAST(s.id AS text) = {{ref}}))",
        **itself,
        "complaint": f"{itself['complaint']} OR {origins('complaint')}",
    }


def _origins(column: str, of: str) -> str:
    return f"{became('view', column, of)} OR {became('compliment', column, of, 'id')}"


FLAG = Kind(
    name="safeguarding_flag",
    table="safeguarding_flag",
    what="Flags of words that read like harm, with who answered for them",
    whose=("children and families", "staff"),
    retention="safeguarding_flags",
    counted_from="CAST(r.decided_at AS date)",
    subjects=_subjects("subject_kind", "subject_ref"),
    parts=("safeguarding_event",),
    logged=(Logged("safeguarding_flag", "safeguarding_flag", "id"),),
    not_erased="what was done about a sign of harm is kept, to protect children",
)
QUOTATION = Kind(
    name="quotation",
    table="quotation",
    what="Words put forward to be shared, with what was left out of them",
    whose=("children and families", "staff"),
    retention="quotations",
    counted_from="COALESCE(CAST(r.ended_at AS date), r.expires_on)",
    subjects=_subjects("subject_kind", "subject_ref"),
    parts=("quotation_event",),
    logged=(Logged("quotation", "quotation", "id"),),
)
DECISION = Kind(
    name="theme_decision",
    table="theme_decision",
    what="Which themes somebody chose for what was said",
    whose=("staff",),
    retention="views",
    counted_from="CAST(r.decided_at AS date)",
    subjects={
        "view": "CAST(r.subject_id AS text) = {ref}",
        "public_submission": "r.subject_id IN (SELECT s.view_id FROM public_submission s"
        " WHERE CAST(s.id AS text) = {ref})",
        "complaint": f"r.subject_id IN {of_record('complaint', 'id')} OR {_origins('r.subject_id', 'complaint')}",
        "compliment": f"r.subject_id IN {of_record('compliment', 'id')}",
        "case": f"r.subject_id IN (SELECT v.id FROM view v WHERE {VIEW_OF_CASE})"  # noqa: S608
        + "".join(f" OR {of_case(name, 'r.subject_id', 'id')}" for name in MERGING)
        + f" OR {_origins('r.subject_id', 'case')}",
    },
)
_MONTHS = (
    "DELETE FROM kept_month WHERE kind = 'views' AND month IN ("
    "SELECT CAST(date_trunc('month', given_on) AS date) FROM view WHERE {chosen} UNION "
    "SELECT CAST(date_trunc('month', CAST(content ->> 'given_on' AS date)) AS date) FROM view_history"
    " WHERE view_id IN (SELECT id FROM view WHERE {chosen}))"
)
_OF_SUBMISSION = "EXISTS (SELECT FROM public_submission s WHERE s.view_id = r.id AND CAST(s.id AS text) = {ref})"
_OF_MERGED_SUBMISSION = (
    "EXISTS (SELECT FROM public_submission m JOIN public_submission s ON m.merged_into = s.id"
    " WHERE s.view_id = r.id AND CAST(m.id AS text) = {ref})"
)
_MERGED_SUBMISSION = (
    "EXISTS (SELECT FROM public_submission m WHERE m.merged_into = r.id AND CAST(m.id AS text) = {ref})"
)
VIEW = Kind(
    name="view",
    table="view",
    what="What somebody said, with what it said before a correction",
    whose=("children and families", "staff", "partners"),
    retention="views",
    counted_from="r.given_on",
    subjects={
        "case": f"{VIEW_OF_CASE.replace('v.', 'r.')} OR {became('view', 'r.id', 'case')}",
        "complaint": became("view", "r.id", "complaint"),
        # It holds the same words.
        "public_submission": _OF_SUBMISSION,
    },
    # What was merged with that leaves with it, but does not take it along.
    speaks_of={"public_submission": f"{_OF_SUBMISSION} OR {_OF_MERGED_SUBMISSION}"},
    parts=("view_history", "view_link", "public_submission"),
    follows={"public_submission": "merged_into"},
    logged=(Logged("view", "view", "id"), Logged("public_submission", "public_submission", "id")),
    along=(_MONTHS,),
)
SUBMISSION = Kind(
    name="public_submission",
    table="public_submission",
    what="What was sent without a login, and what was decided about it",
    whose=("children and families",),
    retention="public_submissions",
    # What was released goes with its view, and what was merged with what it was merged into.
    counted_from="CASE WHEN r.view_id IS NULL AND r.merged_into IS NULL THEN r.received_on END",
    subjects={"public_submission": _MERGED_SUBMISSION},
    # A hold on either of two that were merged keeps both.
    speaks_of={"public_submission": f"{{ref}} = CAST(r.merged_into AS text) OR {_MERGED_SUBMISSION}"},
    follows={"public_submission": "merged_into"},
    logged=(Logged("public_submission", "public_submission", "id"),),
)
TOKENS = Kind(
    name="token_batch",
    table="token_batch",
    what="Digests of one-time tokens, in batches",
    whose=("staff",),
    retention="public_submissions",
    counted_from="CAST(r.expires_at AS date)",
    parts=("submission_token",),
    logged=(Logged("token_batch", "token_batch", "id"),),
)
ANSWER = Kind(
    name="survey_response",
    table="survey_response",
    what="Answers to surveys, which lead back to nobody",
    whose=("children and families", "staff"),
    retention="survey_answers",
    counted_from="(SELECT w.closes_on FROM survey_wave w WHERE w.id = r.wave_id)",
    parts=("survey_answer",),
)
WORDS = Kind(
    name="survey_words",
    table="survey_words",
    what="What was written in surveys, apart from the answers",
    whose=("children and families", "staff"),
    retention="survey_answers",
    counted_from="(SELECT w.closes_on FROM survey_wave w WHERE w.id = r.wave_id)",
    logged=(Logged("survey_words", "survey_words", "id"),),
)
REVIEWS = Kind(
    name="review_participation",
    table="review_participation",
    what="How a child took part in a review, under a pseudonym",
    whose=("children",),
    retention="review_participation",
    counted_from="r.reviewed_on",
)
ACTIVITY = Kind(
    name="participation_activity",
    table="participation_activity",
    what="Activities of participation with what was said and what changed",
    whose=("children and families, in words", "staff"),
    retention="participation",
    counted_from="r.ended_on",
    parts=(
        "participation_activity_history", "participation_change", "participation_change_history",
        "participation_group",
    ),
    logged=(
        Logged("participation_activity", "participation_activity", "id"),
        Logged("participation_change", "participation_change", "id"),
    ),
)  # fmt: skip
CHALLENGE = Kind(
    name="challenge",
    table="challenge",
    what="Challenges of boards with their responses",
    whose=("staff",),
    retention="challenges",
    counted_from="r.closed_on",
    parts=("challenge_history",),
    logged=(Logged("challenge", "challenge", "id"),),
)
COMMITMENT = Kind(
    name="commitment_status",
    table="commitment_status",
    what="How commitments of the strategy stood",
    whose=("staff",),
    retention="participation",
    counted_from="r.stood_on",
)

HOLDINGS = Holdings(
    metadata=metadata,
    kinds=(
        QUOTATION, DECISION, FLAG, SUBMISSION, VIEW, *HANDLING, COMPLAINT, COMPLIMENT, TOKENS, ANSWER, WORDS, REVIEWS,
        ACTIVITY, CHALLENGE, COMMITMENT, READING,
    ),
    impersonal={
        **dict.fromkeys(("bank_holiday", "calendar_state"), "days off"),
        **dict.fromkeys(("kept_month", "kept_tally"), "counts kept to save counting; they go with what they count"),
        **dict.fromkeys(("protected_release", "participation_told"), "figures as they were released"),
        "complaint_followed_history": "goes with the complaint it is of",
        "reconciliation": "how many records a month had here and at the source",
        **dict.fromkeys(("theme_classifier", "theme_lesson"), "how often a word stood with a theme"),
        **dict.fromkeys(("survey_version", "survey_wave", "survey_population"), "what was asked, and of how many"),
    },
    staff=frozenset({
        "shared_by", "recorded_by", "responded_by", "eligibility_by", "consent_by", "learning_by", "learning_owner",
        "superseded_by", "produced_by", "updated_by", "done_by", "applied_by", "created_by", "evaluated_by",
        "placed_by", "lifted_by", "made_by", "written_by", "approved_by", "ended_by", "posted_by", "resolved_by",
        "acknowledged_by", "decided_by", "issued_by", "person", "owner", "undone_by", "linked_by",
    }),
)  # fmt: skip
