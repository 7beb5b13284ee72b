"""What the reporting service holds beside figures, how long, and how it leaves."""

from __future__ import annotations

from services.reporting_api.models import metadata
from shared.privacy.holdings import READING, Holdings, Kind, Logged

# A draft of a published report that nobody put forward, signed or remarked on. Of edits the newest of each writer
# stays, for whoever wrote a report does not sign what carries it on.
_PASSED_OVER = """CASE WHEN (r.cause = 'assembly' OR EXISTS (SELECT FROM report_revision later
    WHERE later.report = r.report AND later.revision > r.revision AND later.cause = r.cause
    AND later.created_by = r.created_by))
  AND NOT EXISTS (SELECT FROM report_step x WHERE x.report = r.report AND x.content_hash = r.content_hash)
  AND NOT EXISTS (SELECT FROM report_signature x WHERE x.report = r.report AND x.content_hash = r.content_hash)
  AND NOT EXISTS (SELECT FROM report_comment x WHERE x.report = r.report AND x.content_hash = r.content_hash)
  THEN (SELECT CAST(p.published_at AS date) FROM report p WHERE p.id = r.report AND p.revision > r.revision) END"""

DRAFT = Kind(
    name="draft",
    table="report_revision",
    what="Drafts of published reports that nobody put forward, signed or remarked on",
    whose=("children and families, in words", "staff"),
    retention="drafts",
    counted_from=_PASSED_OVER,
)
REPORT = Kind(
    name="report",
    table="report",
    what="Reports to boards with every revision, signature, comment and decision",
    whose=("children and families, in words", "staff"),
    retention="published_reports",
    # The edition that replaced it goes first.
    counted_from="CASE WHEN NOT EXISTS (SELECT FROM report x WHERE x.supersedes = r.id{stays})"
    " THEN CAST(r.published_at AS date) END",
    waits_for=("report", "x.id"),
    parts=(
        "report_revision", "report_step", "report_signature", "report_comment", "report_snapshot", "published_figure",
        "report_acknowledgement", "told_counts", "decision", "decision_update",
    ),
    logged=(Logged("report", "report", "id"), Logged("decision", "decision", "id")),
    not_erased="what a board was told is a public record: publish an edition that leaves it out",
)  # fmt: skip
CONTRIBUTION = Kind(
    name="contribution",
    table="contribution",
    what="What units and agencies were asked for and sent, with the trail of both",
    whose=("children and families, in words", "staff"),
    retention="published_reports",
    counted_from="r.due_on",
    parts=("contribution_event", "contribution_submission"),
    logged=(Logged("contribution", "contribution", "id"),),
)
RETURN = Kind(
    name="return",
    table="dfe_return",
    what="The register of statutory returns, with who signed them",
    whose=("staff",),
    retention="published_reports",
    counted_from="CAST(r.submitted_at AS date)",
    parts=("dfe_return_step",),
    logged=(Logged("return", "dfe_return", "id"),),
)
DELEGATION = Kind(
    name="delegation",
    table="delegation",
    what="Who signed for whom, and when",
    whose=("staff",),
    retention="published_reports",
    counted_from="CASE WHEN NOT EXISTS (SELECT FROM report_signature s WHERE s.delegation = r.id{stays})"
    " THEN r.ends_on END",
    waits_for=("report", "s.report"),
    logged=(Logged("delegation", "delegation", "id"),),
)

HOLDINGS = Holdings(
    metadata=metadata,
    kinds=(DRAFT, REPORT, CONTRIBUTION, RETURN, DELEGATION, READING),
    impersonal={
        **dict.fromkeys(
            ("occurrence", "occurrence_change", "occurrence_due_change", "occurrence_lateness"),
            "when which report is due, and why it was late",
        ),
        **dict.fromkeys(("board_meeting", "board_meeting_change"), "when boards meet"),
        "calendar_address": "where a calendar program reads when reports are due",
        "source_reading": "when a neighbour last answered",
        **dict.fromkeys(
            ("webhook", "webhook_delivery", "webhook_attempt"), "addresses of systems and what they acknowledged"
        ),
    },
    staff=frozenset({
        "delegator", "delegate", "ended_by", "prepared_by", "signed_by", "signed_for", "submitted_by", "done_by",
        "applied_by", "created_by", "requested_by", "changed_by", "subject", "on_behalf_of", "given_by", "by",
        "recorded_by", "acknowledged_by", "author", "resolved_by", "published_by", "placed_by", "lifted_by",
        "revoked_by", "holder",
    }),
)  # fmt: skip
