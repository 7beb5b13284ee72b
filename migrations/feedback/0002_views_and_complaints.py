"""Views, complaints with their stages and clocks, compliments, and local days off."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bank_holiday",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_bank_holiday")),
    )
    op.create_table(
        "complaint",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source_hash", sa.LargeBinary(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("themes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("respond_ref", sa.Text(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=True),
        sa.Column("respondent_group", sa.Text(), nullable=True),
        sa.Column("procedure", sa.Text(), nullable=False),
        sa.Column("eligible", sa.Boolean(), nullable=True),
        sa.Column("consent_given", sa.Boolean(), nullable=True),
        sa.Column("refusal_reason", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("learning", sa.Text(), nullable=True),
        sa.Column("improvement", sa.Text(), nullable=True),
        sa.Column("shared_learning", sa.Text(), nullable=True),
        sa.Column("learning_by", sa.Text(), nullable=True),
        sa.Column("learning_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(status = 'closed') = (closed_on IS NOT NULL)", name=op.f("ck_complaint_closed_on")),
        sa.CheckConstraint(
            "outcome IN ('upheld','partially_upheld','not_upheld','withdrawn','no_finding')",
            name=op.f("ck_complaint_outcome"),
        ),
        sa.CheckConstraint("status = 'closed' OR outcome IS NULL", name=op.f("ck_complaint_outcome_of_closed")),
        sa.CheckConstraint("status IN ('open','closed','refused')", name=op.f("ck_complaint_status")),
        sa.CheckConstraint(
            "(eligible IS NOT FALSE AND consent_given IS NOT FALSE) OR refusal_reason IS NOT NULL",
            name=op.f("ck_complaint_refusal"),
        ),
        sa.CheckConstraint("cardinality(themes) <= 10", name=op.f("ck_complaint_themes")),
        sa.CheckConstraint("closed_on >= received_on", name=op.f("ck_complaint_dates")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_complaint_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint")),
        sa.UniqueConstraint("respond_ref", name=op.f("uq_complaint_respond_ref")),
    )
    op.create_index(
        "ix_complaint_open", "complaint", ["unit"], unique=False, postgresql_where=sa.text("status = 'open'")
    )
    op.create_index(
        "ix_complaint_received_on",
        "complaint",
        ["received_on", "id"],
        unique=False,
        postgresql_include=["unit", "status"],
    )
    op.create_table(
        "compliment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source_hash", sa.LargeBinary(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("themes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("respond_ref", sa.Text(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=True),
        sa.Column("respondent_group", sa.Text(), nullable=True),
        sa.Column("words", sa.Text(), nullable=True),
        sa.CheckConstraint("cardinality(themes) <= 10", name=op.f("ck_compliment_themes")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_compliment_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_compliment")),
        sa.UniqueConstraint("respond_ref", name=op.f("uq_compliment_respond_ref")),
    )
    op.create_index(
        "ix_compliment_received_on", "compliment", ["received_on", "id"], unique=False, postgresql_include=["unit"]
    )
    op.create_table(
        "view",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source_hash", sa.LargeBinary(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("themes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_ref", sa.Text(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("respondent_group", sa.Text(), nullable=False),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.Column("age_band", sa.Text(), nullable=True),
        sa.Column("rating", sa.SmallInteger(), nullable=True),
        sa.Column("sentiment", sa.Text(), nullable=True),
        sa.Column("what_works", sa.Text(), nullable=True),
        sa.Column("what_should_change", sa.Text(), nullable=True),
        sa.Column("consent", sa.Text(), nullable=False),
        sa.Column("safeguarding_flag", sa.Boolean(), nullable=False),
        sa.Column("flag_reasons", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("age_band IN ('under 1','1-4','5-9','10-15','16+')", name=op.f("ck_view_age_band")),
        sa.CheckConstraint("consent IN ('shared','anonymous','internal_only')", name=op.f("ck_view_consent")),
        sa.CheckConstraint("sentiment IN ('positive','mixed','negative')", name=op.f("ck_view_sentiment")),
        sa.CheckConstraint("cardinality(themes) <= 10", name=op.f("ck_view_themes")),
        sa.CheckConstraint("rating BETWEEN 1 AND 5", name=op.f("ck_view_rating")),
        sa.CheckConstraint("safeguarding_flag = (cardinality(flag_reasons) > 0)", name=op.f("ck_view_flag")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_view_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_view")),
        sa.UniqueConstraint("source", "source_ref", name=op.f("uq_view_source_source_ref")),
    )
    op.create_index(
        "ix_view_flagged", "view", ["given_on", "id"], unique=False, postgresql_where=sa.text("safeguarding_flag")
    )
    op.create_index(
        "ix_view_given_on",
        "view",
        ["given_on", "id"],
        unique=False,
        postgresql_include=["unit", "channel", "respondent_group", "sentiment", "rating", "themes"],
    )
    op.create_table(
        "complaint_freeze",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("complaint_id", sa.Uuid(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("to_on >= from_on", name=op.f("ck_complaint_freeze_dates")),
        sa.ForeignKeyConstraint(["complaint_id"], ["complaint.id"], name=op.f("fk_complaint_freeze_complaint_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint_freeze")),
    )
    op.create_index("ix_complaint_freeze_complaint", "complaint_freeze", ["complaint_id"], unique=False)
    op.create_index(
        "uq_complaint_freeze_open",
        "complaint_freeze",
        ["complaint_id"],
        unique=True,
        postgresql_where=sa.text("to_on IS NULL"),
    )
    op.create_table(
        "complaint_history",
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_by", sa.Text(), nullable=False),
        sa.Column("complaint_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["complaint_id"], ["complaint.id"], name=op.f("fk_complaint_history_complaint_id")),
        sa.PrimaryKeyConstraint("complaint_id", "version", name=op.f("pk_complaint_history")),
    )
    op.create_table(
        "complaint_stage",
        sa.Column("complaint_id", sa.Uuid(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("run", sa.SmallInteger(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("requested_on", sa.Date(), nullable=True),
        sa.Column("complaint_finalised_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("accepted_because", sa.Text(), nullable=True),
        sa.Column("clock_starts_on", sa.Date(), nullable=True),
        sa.Column("statutory_due_on", sa.Date(), nullable=True),
        sa.Column("local_due_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('upheld','partially_upheld','not_upheld','withdrawn','no_finding')",
            name=op.f("ck_complaint_stage_outcome"),
        ),
        sa.CheckConstraint("ended_on >= started_on", name=op.f("ck_complaint_stage_dates")),
        sa.CheckConstraint(
            "outcome IS NULL OR ended_on IS NOT NULL", name=op.f("ck_complaint_stage_outcome_when_ended")
        ),
        sa.CheckConstraint("run >= 1 AND position >= 1", name=op.f("ck_complaint_stage_place")),
        sa.ForeignKeyConstraint(["complaint_id"], ["complaint.id"], name=op.f("fk_complaint_stage_complaint_id")),
        sa.PrimaryKeyConstraint("complaint_id", "stage", "run", name=op.f("pk_complaint_stage")),
    )
    op.create_index(
        "ix_complaint_stage_due",
        "complaint_stage",
        ["statutory_due_on"],
        unique=False,
        postgresql_where=sa.text("ended_on IS NULL"),
    )
    op.create_index(
        "uq_complaint_stage_open",
        "complaint_stage",
        ["complaint_id"],
        unique=True,
        postgresql_where=sa.text("ended_on IS NULL"),
    )
    op.create_table(
        "compliment_history",
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_by", sa.Text(), nullable=False),
        sa.Column("compliment_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["compliment_id"], ["compliment.id"], name=op.f("fk_compliment_history_compliment_id")),
        sa.PrimaryKeyConstraint("compliment_id", "version", name=op.f("pk_compliment_history")),
    )
    op.create_table(
        "view_history",
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_by", sa.Text(), nullable=False),
        sa.Column("view_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["view_id"], ["view.id"], name=op.f("fk_view_history_view_id")),
        sa.PrimaryKeyConstraint("view_id", "version", name=op.f("pk_view_history")),
    )
    op.create_table(
        "view_link",
        sa.Column("view_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["view_id"], ["view.id"], name=op.f("fk_view_link_view_id")),
        sa.PrimaryKeyConstraint("view_id", "kind", "ref", name=op.f("pk_view_link")),
    )
    op.create_index("ix_view_link_ref", "view_link", ["kind", "ref"], unique=False)
    op.create_table(
        "complaint_extension",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("complaint_id", sa.Uuid(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("run", sa.SmallInteger(), nullable=False),
        sa.Column("working_days", sa.SmallInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("granted_on", sa.Date(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("working_days BETWEEN 1 AND 400", name=op.f("ck_complaint_extension_working_days")),
        sa.ForeignKeyConstraint(
            ["complaint_id", "stage", "run"],
            ["complaint_stage.complaint_id", "complaint_stage.stage", "complaint_stage.run"],
            name=op.f("fk_complaint_extension_complaint_id_stage_run"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint_extension")),
    )
    op.create_index(
        "ix_complaint_extension_stage", "complaint_extension", ["complaint_id", "stage", "run"], unique=False
    )


def downgrade() -> None:
    op.drop_index("ix_complaint_extension_stage", table_name="complaint_extension")
    op.drop_table("complaint_extension")
    op.drop_index("ix_view_link_ref", table_name="view_link")
    op.drop_table("view_link")
    op.drop_table("view_history")
    op.drop_table("compliment_history")
    op.drop_index("uq_complaint_stage_open", table_name="complaint_stage", postgresql_where=sa.text("ended_on IS NULL"))
    op.drop_index("ix_complaint_stage_due", table_name="complaint_stage", postgresql_where=sa.text("ended_on IS NULL"))
    op.drop_table("complaint_stage")
    op.drop_table("complaint_history")
    op.drop_index("uq_complaint_freeze_open", table_name="complaint_freeze", postgresql_where=sa.text("to_on IS NULL"))
    op.drop_index("ix_complaint_freeze_complaint", table_name="complaint_freeze")
    op.drop_table("complaint_freeze")
    op.drop_index(
        "ix_view_given_on",
        table_name="view",
        postgresql_include=["unit", "channel", "respondent_group", "sentiment", "rating", "themes"],
    )
    op.drop_index("ix_view_flagged", table_name="view", postgresql_where=sa.text("safeguarding_flag"))
    op.drop_table("view")
    op.drop_index("ix_compliment_received_on", table_name="compliment", postgresql_include=["unit"])
    op.drop_table("compliment")
    op.drop_index("ix_complaint_received_on", table_name="complaint", postgresql_include=["unit", "status"])
    op.drop_index("ix_complaint_open", table_name="complaint", postgresql_where=sa.text("status = 'open'"))
    op.drop_table("complaint")
    op.drop_table("bank_holiday")
