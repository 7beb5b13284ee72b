"""What the feedback service holds of complaints, compliments and what was learned, how long, and how it leaves."""

from __future__ import annotations

from shared.privacy.holdings import Kind, Logged, Loosened

_MONTHS = (
    "DELETE FROM kept_month WHERE kind = '{table}s' AND month IN ("
    "SELECT CAST(date_trunc('month', received_on) AS date) FROM {table} WHERE {{chosen}} UNION "
    "SELECT CAST(date_trunc('month', CAST(content ->> 'received_on' AS date)) AS date) FROM {table}_history"
    " WHERE {table}_id IN (SELECT id FROM {table} WHERE {{chosen}}))"
)
_OF_CASE = (
    "r.respond_ref = {{ref}} OR EXISTS (SELECT FROM {table} m WHERE m.merged_into = r.id AND m.respond_ref = {{ref}})"
)
_MERGED = "EXISTS (SELECT FROM {table} m WHERE m.merged_into = r.id AND CAST(m.id AS text) = {{ref}})"
MERGING = ("complaint", "compliment")
VIEW_OF_CASE = "v.source_ref = {ref} OR EXISTS (SELECT FROM view_link l WHERE l.view_id = v.id AND l.ref = {ref})"


def of_case(table: str, column: str, key: str = "respond_ref") -> str:
    """That a column names the complaint or compliment of the reference, or one that was merged with it."""
    return _of_group(table, column, key, "one.respond_ref = {ref}")


def _of_group(table: str, column: str, key: str, named: str) -> str:
    return (
        f"EXISTS (SELECT FROM {table} c JOIN {table} one"
        " ON COALESCE(c.merged_into, c.id) = COALESCE(one.merged_into, one.id)"
        f" WHERE c.{key} = {column} AND {named})"
    )


def of_record(table: str, key: str = "respond_ref") -> str:
    """The keys of the record and of what was merged into it."""
    return f"(SELECT c.{key} FROM {table} c WHERE {{ref}} IN (CAST(c.id AS text), CAST(c.merged_into AS text)))"  # noqa: S608


def became(kind: str, column: str, of: str, key: str = "respond_ref") -> str:
    """That a column names a view, or a compliment or one merged with it, that was recategorised as the complaint of a
    case or of a record. It speaks of the same persons and goes with it; what was undone does not."""

    def tie(ref: str) -> str:
        here = of_case("complaint", "t.complaint_id", "id")
        if of == "complaint":
            here = f"t.complaint_id IN {of_record('complaint', 'id')}"
        which = f"t.kind = '{kind}' AND t.ref = {ref} AND t.undone_at IS NULL"
        return f"EXISTS (SELECT FROM recategorisation t WHERE {which} AND {here})"

    if kind == "view":
        # Few views ever became a complaint: these are found once, and not for each view and hold anew.
        ever = "SELECT o.ref FROM recategorisation o WHERE o.kind = 'view' AND o.undone_at IS NULL"
        return f"(CAST({column} AS text) IN ({ever}) AND {tie(f'CAST({column} AS text)')})"
    return _of_group(kind, column, key, tie("one.respond_ref"))


def _made_of(which: str) -> str:
    """That a complaint, or one merged with it, was made of such a view or compliment, by mistake or not. It has its own
    reasons to be kept, so it is told of and held, and does not go with what it was made of."""
    return (
        "EXISTS (SELECT FROM recategorisation t JOIN complaint c ON c.id = t.complaint_id"
        f" WHERE COALESCE(c.merged_into, c.id) = COALESCE(r.merged_into, r.id) AND ({which}))"
    )


def merging(table: str) -> dict[str, str]:
    """What a hold keeps: one that was merged with the one it goes with, and with what it was merged into."""
    return {
        "case": of_case(table, "r.id", "id"),
        table: f"{{ref}} = CAST(r.merged_into AS text) OR {_MERGED.format(table=table)}",
    }


_ITS_VIEW = "EXISTS (SELECT FROM view v WHERE v.id = CASE t.kind WHEN 'view' THEN CAST(t.ref AS uuid) END"
_MADE_OF = {
    "case": f"(t.kind = 'compliment' AND {of_case('compliment', 't.ref')}) OR {_ITS_VIEW} AND ({VIEW_OF_CASE}))",
    "compliment": f"t.kind = 'compliment' AND t.ref IN {of_record('compliment')}",
    "view": "t.kind = 'view' AND t.ref = {ref}",
    "public_submission": "t.kind = 'view' AND t.ref IN (SELECT CAST(s.view_id AS text) FROM public_submission s"
    " WHERE CAST(s.id AS text) = {ref})",
}
_FOLLOWED = ("complaint_remedy", "complaint_recommendation", "ombudsman_enquiry")

COMPLAINT = Kind(
    name="complaint",
    table="complaint",
    what="Complaint cases with stages, people, findings, remedies and what was learned",
    whose=("children and families", "staff"),
    retention="complaints",
    # One that was merged goes with the one it was merged into.
    counted_from="COALESCE(r.closed_on, CASE WHEN r.status = 'refused' THEN r.received_on END)",
    subjects={"case": _OF_CASE.format(table="complaint"), "complaint": _MERGED.format(table="complaint")},
    speaks_of={
        **{name: _made_of(which) for name, which in _MADE_OF.items()},
        **merging("complaint"),
        "case": f"{merging('complaint')['case']} OR {_made_of(_MADE_OF['case'])}",
    },
    parts=(
        "complaint_advocacy", "complaint_freeze", "complaint_history", "complaint_person", "complaint_stage",
        "complaint_extension", *_FOLLOWED, "recategorisation", "weakness_link",
    ),
    follows={"complaint": "merged_into"},
    loosened=(Loosened("complaint_person", "replaces"),),
    logged=(
        Logged("complaint", "complaint", "respond_ref"), Logged("remedy", "complaint_remedy", "id"),
        Logged("recommendation", "complaint_recommendation", "id"), Logged("enquiry", "ombudsman_enquiry", "id"),
        Logged("weakness_link", "weakness_link", "id"),
    ),
    personal_key=True,
    along=(_MONTHS.format(table="complaint"),),
    beside={
        "complaint_followed_history": " OR ".join(
            f"record_id IN (SELECT id FROM {table}"  # noqa: S608
            " WHERE complaint_id IN (SELECT id FROM complaint WHERE {chosen}))"
            for table in _FOLLOWED
        )
    },
)  # fmt: skip
COMPLIMENT = Kind(
    name="compliment",
    table="compliment",
    what="Compliments",
    whose=("children and families", "staff"),
    retention="compliments",
    counted_from="CASE WHEN r.merged_into IS NULL THEN r.received_on END",
    subjects={
        "case": f"{_OF_CASE.format(table='compliment')} OR {became('compliment', 'r.id', 'case', 'id')}",
        "complaint": became("compliment", "r.id", "complaint", "id"),
        "compliment": _MERGED.format(table="compliment"),
    },
    speaks_of={
        **merging("compliment"),
        "case": f"{merging('compliment')['case']} OR {became('compliment', 'r.id', 'case', 'id')}",
    },
    parts=("compliment_history",),
    follows={"compliment": "merged_into"},
    logged=(Logged("compliment", "compliment", "respond_ref"),),
    personal_key=True,
    along=(_MONTHS.format(table="compliment"),),
)
WEAKNESS = Kind(
    name="weakness_link",
    table="weakness_link",
    what="Actions linked to what complaints and themes showed",
    whose=("staff",),
    retention="shared_learning",
    counted_from="CAST(r.linked_at AS date)",
    logged=(Logged("weakness_link", "weakness_link", "id"),),
)
DIFFERENCE = Kind(
    name="reconciliation_difference",
    table="reconciliation_difference",
    what="Cases that stood on one side only when a month was compared with its source",
    whose=("children and families", "staff"),
    retention="complaints_reports",
    counted_from="CAST(r.month || '-01' AS date)",
    subjects={
        "case": " OR ".join(
            (
                "r.respond_ref = {ref}",
                *(of_case(name, "r.respond_ref") for name in MERGING),
                became("compliment", "r.respond_ref", "case"),
            )
        ),
        "complaint": f"r.respond_ref IN {of_record('complaint')}"
        f" OR {became('compliment', 'r.respond_ref', 'complaint')}",
        "compliment": f"r.respond_ref IN {of_record('compliment')}",
    },
    logged=(Logged("reconciled_month", "reconciliation_difference", "month"),),
)
EDITION = Kind(
    name="complaint_report",
    table="complaint_report",
    what="Editions of the complaints reports",
    whose=("children and families, in words", "staff"),
    retention="complaints_reports",
    # The edition that replaced it goes first.
    counted_from="CASE WHEN NOT EXISTS (SELECT FROM complaint_report x WHERE x.supersedes = r.id{stays})"
    " THEN CAST(r.produced_at AS date) END",
    waits_for=("complaint_report", "x.id"),
    not_erased="it counts and names nobody: produce an edition that leaves out what should not stand in it",
)
UPDATE = Kind(
    name="report_update",
    table="complaint_report_update",
    what="What managers added to the complaints reports",
    whose=("children and families, in words", "staff"),
    retention="complaints_reports",
    counted_from="CAST(r.updated_at AS date)",
    parts=("complaint_report_update_history",),
)
AGENCY_LEARNING = Kind(
    name="agency_learning",
    table="agency_learning",
    what="Learning that agencies shared",
    whose=("children and families, in words", "staff"),
    retention="shared_learning",
    counted_from="CAST(r.shared_at AS date)",
    logged=(Logged("shared_learning", "agency_learning", "id"),),
)
EVALUATION = Kind(
    name="learning_evaluation",
    table="learning_evaluation",
    what="What units made of shared learning",
    whose=("staff",),
    retention="shared_learning",
    counted_from="CAST(r.evaluated_at AS date)",
    # It answers what an agency or a complaint taught, in the words of that.
    subjects={
        "agency_learning": "CAST(r.learning_id AS text) = {ref}",
        "complaint": f"r.learning_id IN {of_record('complaint', 'id')}",
        "case": of_case("complaint", "r.learning_id", "id"),
    },
    parts=("learning_evaluation_history",),
)
HANDLING = (WEAKNESS, DIFFERENCE, EDITION, UPDATE, AGENCY_LEARNING, EVALUATION)
