"""How complaints are handled, and what follows them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# Roles have codes from here on: a procedure applied before gets them from the titles of its roles.
ROLES = """
UPDATE framework_item SET content = jsonb_set(content, '{stages}', (
  SELECT jsonb_agg(stage || jsonb_build_object('people', (
    SELECT coalesce(jsonb_agg(
      jsonb_build_object('code', trim('_' FROM regexp_replace(lower(role->>'title'), '[^a-z0-9]+', '_', 'g'))) || role
      ORDER BY at), '[]')
    FROM jsonb_array_elements(stage->'people') WITH ORDINALITY AS roles(role, at))) ORDER BY place)
  FROM jsonb_array_elements(content->'stages') WITH ORDINALITY AS stages(stage, place)))
WHERE kind = 'complaint_procedures'
"""


def upgrade() -> None:
    op.execute(ROLES)
    op.create_table(
        "complaint_followed_history",
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_by", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('enquiry','remedy','recommendation')", name=op.f("ck_complaint_followed_history_kind")
        ),
        sa.PrimaryKeyConstraint("kind", "record_id", "version", name=op.f("pk_complaint_followed_history")),
    )
    op.create_table(
        "complaint_advocacy",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("complaint_id", sa.Uuid(), nullable=False),
        sa.Column("offered_on", sa.Date(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("answer <> 'accepted' OR provider IS NOT NULL", name=op.f("ck_complaint_advocacy_provider")),
        sa.CheckConstraint(
            "answer <> 'not_applicable' OR reason IS NOT NULL", name=op.f("ck_complaint_advocacy_reason")
        ),
        sa.CheckConstraint(
            "answer IN ('accepted','declined','not_applicable','awaited')", name=op.f("ck_complaint_advocacy_answer")
        ),
        sa.ForeignKeyConstraint(["complaint_id"], ["complaint.id"], name=op.f("fk_complaint_advocacy_complaint_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint_advocacy")),
    )
    op.create_index("ix_complaint_advocacy_complaint", "complaint_advocacy", ["complaint_id"], unique=False)
    op.create_table(
        "complaint_person",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("complaint_id", sa.Uuid(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("run", sa.SmallInteger(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("employed_by_council", sa.Boolean(), nullable=False),
        sa.Column("in_line_of_service", sa.Boolean(), nullable=False),
        sa.Column("appointed_on", sa.Date(), nullable=False),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("left_because", sa.Text(), nullable=True),
        sa.Column("replaces", sa.Uuid(), nullable=True),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(left_on IS NULL) = (left_because IS NULL)", name=op.f("ck_complaint_person_left")),
        sa.CheckConstraint("left_on >= appointed_on", name=op.f("ck_complaint_person_dates")),
        sa.ForeignKeyConstraint(["complaint_id"], ["complaint.id"], name=op.f("fk_complaint_person_complaint_id")),
        sa.ForeignKeyConstraint(["replaces"], ["complaint_person.id"], name=op.f("fk_complaint_person_replaces")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint_person")),
    )
    op.create_index("ix_complaint_person_complaint", "complaint_person", ["complaint_id", "stage", "run"], unique=False)
    op.create_index(
        "uq_complaint_person_serving",
        "complaint_person",
        ["complaint_id", "stage", "run", "person"],
        unique=True,
        postgresql_where=sa.text("left_on IS NULL"),
    )
    op.create_table(
        "ombudsman_enquiry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("complaint_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("response_due_on", sa.Date(), nullable=True),
        sa.Column("response_sent_on", sa.Date(), nullable=True),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("fault_found", sa.Boolean(), nullable=True),
        sa.Column("injustice_found", sa.Boolean(), nullable=True),
        sa.Column("summary", sa.Text(), nullable=True),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "decision IN ('upheld','not_upheld','upheld_no_further_action','closed_after_initial_enquiries',"
            "'not_for_us','referred_back','withdrawn')",
            name=op.f("ck_ombudsman_enquiry_decision"),
        ),
        sa.CheckConstraint("(decision IS NULL) = (decided_on IS NULL)", name=op.f("ck_ombudsman_enquiry_decided")),
        sa.CheckConstraint(
            "response_sent_on >= received_on AND decided_on >= received_on", name=op.f("ck_ombudsman_enquiry_dates")
        ),
        sa.ForeignKeyConstraint(["complaint_id"], ["complaint.id"], name=op.f("fk_ombudsman_enquiry_complaint_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ombudsman_enquiry")),
        sa.UniqueConstraint("reference", name=op.f("uq_ombudsman_enquiry_reference")),
    )
    op.create_index("ix_ombudsman_enquiry_complaint", "ombudsman_enquiry", ["complaint_id"], unique=False)
    op.create_index("ix_ombudsman_enquiry_received_on", "ombudsman_enquiry", ["received_on", "id"], unique=False)
    op.create_table(
        "recategorisation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("complaint_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_because", sa.Text(), nullable=True),
        sa.Column("undone_by", sa.Text(), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(undone_at IS NULL) = (undone_because IS NULL)", name=op.f("ck_recategorisation_undone")),
        sa.CheckConstraint("kind IN ('view','compliment')", name=op.f("ck_recategorisation_kind")),
        sa.ForeignKeyConstraint(["complaint_id"], ["complaint.id"], name=op.f("fk_recategorisation_complaint_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recategorisation")),
    )
    op.create_index(
        "uq_recategorisation_ref",
        "recategorisation",
        ["kind", "ref"],
        unique=True,
        postgresql_where=sa.text("undone_at IS NULL"),
    )
    op.create_index("ix_recategorisation_complaint", "recategorisation", ["complaint_id"], unique=False)
    op.create_table(
        "complaint_recommendation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("complaint_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("from_source", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=True),
        sa.Column("enquiry_id", sa.Uuid(), nullable=True),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("answer_reason", sa.Text(), nullable=True),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "answer <> 'accepted' OR (owner IS NOT NULL AND due_on IS NOT NULL)",
            name=op.f("ck_complaint_recommendation_accepted_has_owner"),
        ),
        sa.CheckConstraint(
            "answer <> 'rejected' OR answer_reason IS NOT NULL", name=op.f("ck_complaint_recommendation_reason")
        ),
        sa.CheckConstraint("answer IN ('accepted','rejected')", name=op.f("ck_complaint_recommendation_answer")),
        sa.CheckConstraint(
            "done_on IS NULL OR (answer = 'accepted' AND evidence IS NOT NULL)",
            name=op.f("ck_complaint_recommendation_done"),
        ),
        sa.CheckConstraint(
            "from_source IN ('stage','ombudsman')", name=op.f("ck_complaint_recommendation_from_source")
        ),
        sa.CheckConstraint(
            "(answer IS NULL) = (answered_on IS NULL)", name=op.f("ck_complaint_recommendation_answered")
        ),
        sa.CheckConstraint(
            "answered_on >= made_on AND done_on >= made_on AND due_on >= made_on",
            name=op.f("ck_complaint_recommendation_dates"),
        ),
        sa.ForeignKeyConstraint(
            ["complaint_id"], ["complaint.id"], name=op.f("fk_complaint_recommendation_complaint_id")
        ),
        sa.ForeignKeyConstraint(
            ["enquiry_id"], ["ombudsman_enquiry.id"], name=op.f("fk_complaint_recommendation_enquiry_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint_recommendation")),
    )
    op.create_index("ix_complaint_recommendation_complaint", "complaint_recommendation", ["complaint_id"], unique=False)
    op.create_index("ix_complaint_recommendation_made_on", "complaint_recommendation", ["made_on", "id"], unique=False)
    op.create_table(
        "complaint_remedy",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("complaint_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("from_source", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=True),
        sa.Column("enquiry_id", sa.Uuid(), nullable=True),
        sa.Column("amount_pence", sa.Integer(), nullable=True),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("promised_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=True),
        sa.Column("withdrawn_because", sa.Text(), nullable=True),
        sa.CheckConstraint("(kind = 'payment') = (amount_pence IS NOT NULL)", name=op.f("ck_complaint_remedy_amount")),
        sa.CheckConstraint(
            "from_source IN ('stage','ombudsman','agreed')", name=op.f("ck_complaint_remedy_from_source")
        ),
        sa.CheckConstraint(
            "kind IN ('apology','payment','service_change','reassessment','review_of_decision','training','other')",
            name=op.f("ck_complaint_remedy_kind"),
        ),
        sa.CheckConstraint(
            "(withdrawn_because IS NULL) OR done_on IS NULL", name=op.f("ck_complaint_remedy_withdrawn")
        ),
        sa.CheckConstraint("amount_pence > 0", name=op.f("ck_complaint_remedy_positive")),
        sa.CheckConstraint("done_on >= promised_on AND due_on >= promised_on", name=op.f("ck_complaint_remedy_dates")),
        sa.CheckConstraint("done_on IS NULL OR evidence IS NOT NULL", name=op.f("ck_complaint_remedy_evidence")),
        sa.ForeignKeyConstraint(["complaint_id"], ["complaint.id"], name=op.f("fk_complaint_remedy_complaint_id")),
        sa.ForeignKeyConstraint(["enquiry_id"], ["ombudsman_enquiry.id"], name=op.f("fk_complaint_remedy_enquiry_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint_remedy")),
    )
    op.create_index("ix_complaint_remedy_complaint", "complaint_remedy", ["complaint_id"], unique=False)
    op.create_index("ix_complaint_remedy_due_on", "complaint_remedy", ["due_on", "id"], unique=False)
    op.add_column("complaint", sa.Column("refusal_code", sa.Text(), nullable=True))
    op.add_column("complaint", sa.Column("eligibility_by", sa.Text(), nullable=True))
    op.add_column("complaint", sa.Column("eligibility_on", sa.Date(), nullable=True))
    op.add_column("complaint", sa.Column("consent_by", sa.Text(), nullable=True))
    op.add_column("complaint", sa.Column("consent_on", sa.Date(), nullable=True))
    op.add_column("complaint", sa.Column("matter_on", sa.Date(), nullable=True))
    op.add_column("complaint", sa.Column("moved_from", sa.Text(), nullable=True))
    op.add_column("complaint", sa.Column("merged_into", sa.Uuid(), nullable=True))
    op.add_column("complaint", sa.Column("learning_owner", sa.Text(), nullable=True))
    op.add_column("complaint", sa.Column("learning_due_on", sa.Date(), nullable=True))
    op.create_index(
        "ix_complaint_merged",
        "complaint",
        ["merged_into"],
        unique=False,
        postgresql_where=sa.text("merged_into IS NOT NULL"),
    )
    op.create_foreign_key(op.f("fk_complaint_merged_into"), "complaint", "complaint", ["merged_into"], ["id"])
    op.add_column("complaint_freeze", sa.Column("decided_by", sa.Text(), nullable=True))
    op.add_column("complaint_freeze", sa.Column("proceedings_ended_on", sa.Date(), nullable=True))
    op.add_column("complaint_freeze", sa.Column("resumed_because", sa.Text(), nullable=True))
    op.add_column("complaint_stage", sa.Column("ended_because", sa.Text(), nullable=True))
    op.add_column("complaint_stage", sa.Column("reported_on", sa.Date(), nullable=True))
    op.add_column("complaint_stage", sa.Column("adjudicated_on", sa.Date(), nullable=True))
    op.add_column("complaint_stage", sa.Column("ombudsman_told_on", sa.Date(), nullable=True))
    op.add_column("compliment", sa.Column("merged_into", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f("fk_compliment_merged_into"), "compliment", "compliment", ["merged_into"], ["id"])
    op.drop_constraint(op.f("ck_complaint_status"), "complaint", type_="check")
    op.create_check_constraint(
        op.f("ck_complaint_status"), "complaint", "status IN ('open','closed','refused','merged')"
    )
    op.create_check_constraint(
        op.f("ck_complaint_merged"), "complaint", "(status = 'merged') = (merged_into IS NOT NULL)"
    )
    op.create_check_constraint(op.f("ck_complaint_merged_elsewhere"), "complaint", "merged_into <> id")
    op.create_check_constraint(
        op.f("ck_complaint_stage_ended_because"), "complaint_stage", "ended_because IN ('agreed','overdue','refused')"
    )
    op.create_check_constraint(
        op.f("ck_complaint_stage_led_on"),
        "complaint_stage",
        "ended_because IS NULL OR (ended_on IS NOT NULL AND outcome IS NULL)",
    )
    op.create_check_constraint(op.f("ck_compliment_merged_elsewhere"), "compliment", "merged_into <> id")


def downgrade() -> None:
    op.drop_constraint(op.f("ck_compliment_merged_elsewhere"), "compliment", type_="check")
    op.drop_constraint(op.f("ck_complaint_stage_led_on"), "complaint_stage", type_="check")
    op.drop_constraint(op.f("ck_complaint_stage_ended_because"), "complaint_stage", type_="check")
    op.drop_constraint(op.f("ck_complaint_merged_elsewhere"), "complaint", type_="check")
    op.drop_constraint(op.f("ck_complaint_merged"), "complaint", type_="check")
    op.drop_constraint(op.f("ck_complaint_status"), "complaint", type_="check")
    op.create_check_constraint(op.f("ck_complaint_status"), "complaint", "status IN ('open','closed','refused')")
    op.drop_constraint(op.f("fk_compliment_merged_into"), "compliment", type_="foreignkey")
    op.drop_column("compliment", "merged_into")
    op.drop_column("complaint_stage", "ombudsman_told_on")
    op.drop_column("complaint_stage", "adjudicated_on")
    op.drop_column("complaint_stage", "reported_on")
    op.drop_column("complaint_stage", "ended_because")
    op.drop_column("complaint_freeze", "resumed_because")
    op.drop_column("complaint_freeze", "proceedings_ended_on")
    op.drop_column("complaint_freeze", "decided_by")
    op.drop_constraint(op.f("fk_complaint_merged_into"), "complaint", type_="foreignkey")
    op.drop_index("ix_complaint_merged", table_name="complaint", postgresql_where=sa.text("merged_into IS NOT NULL"))
    op.drop_column("complaint", "learning_due_on")
    op.drop_column("complaint", "learning_owner")
    op.drop_column("complaint", "merged_into")
    op.drop_column("complaint", "moved_from")
    op.drop_column("complaint", "matter_on")
    op.drop_column("complaint", "consent_on")
    op.drop_column("complaint", "consent_by")
    op.drop_column("complaint", "eligibility_on")
    op.drop_column("complaint", "eligibility_by")
    op.drop_column("complaint", "refusal_code")
    op.drop_index("ix_complaint_remedy_due_on", table_name="complaint_remedy")
    op.drop_index("ix_complaint_remedy_complaint", table_name="complaint_remedy")
    op.drop_table("complaint_remedy")
    op.drop_index("ix_complaint_recommendation_made_on", table_name="complaint_recommendation")
    op.drop_index("ix_complaint_recommendation_complaint", table_name="complaint_recommendation")
    op.drop_table("complaint_recommendation")
    op.drop_index("ix_recategorisation_complaint", table_name="recategorisation")
    op.drop_index(
        "uq_recategorisation_ref", table_name="recategorisation", postgresql_where=sa.text("undone_at IS NULL")
    )
    op.drop_table("recategorisation")
    op.drop_index("ix_ombudsman_enquiry_received_on", table_name="ombudsman_enquiry")
    op.drop_index("ix_ombudsman_enquiry_complaint", table_name="ombudsman_enquiry")
    op.drop_table("ombudsman_enquiry")
    op.drop_index(
        "uq_complaint_person_serving", table_name="complaint_person", postgresql_where=sa.text("left_on IS NULL")
    )
    op.drop_index("ix_complaint_person_complaint", table_name="complaint_person")
    op.drop_table("complaint_person")
    op.drop_index("ix_complaint_advocacy_complaint", table_name="complaint_advocacy")
    op.drop_table("complaint_advocacy")
    op.drop_table("complaint_followed_history")
