"""Occurrences of the schedule, their reports in editions and revisions, signatures and published snapshots."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# What was published or signed, and every date that ever moved, is beyond correction: a new row says what changed.
_NEVER_CHANGED = ("report_snapshot", "report_revision", "occurrence_due_change")
_REFUSE = """
CREATE FUNCTION reporting_row_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'rows of % are never changed or deleted', TG_TABLE_NAME;
END $$
"""


def upgrade() -> None:
    op.create_table(
        "occurrence",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("report", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("occasion", sa.SmallInteger(), nullable=False),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("late_on", sa.Date(), nullable=True),
        sa.Column("missed_on", sa.Date(), nullable=True),
        sa.Column("owner_role", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("audiences", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("boards", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("catch_up", sa.Text(), nullable=False),
        sa.Column("requested_by", sa.Text(), nullable=True),
        sa.Column("request_reason", sa.Text(), nullable=True),
        sa.Column("assemblies", sa.Integer(), nullable=False),
        sa.Column("refresh_after", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.Column("withdrawn_on", sa.Date(), nullable=True),
        sa.Column("withdrawn_reason", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.CheckConstraint("(stage = 'published') = (published_on IS NOT NULL)", name=op.f("ck_occurrence_published")),
        sa.CheckConstraint(
            "stage IN ('planned', 'due', 'assembling', 'draft', 'submitted', 'signed_off', 'published')",
            name=op.f("ck_occurrence_stage"),
        ),
        sa.CheckConstraint("(withdrawn_on IS NULL) = (withdrawn_reason IS NULL)", name=op.f("ck_occurrence_withdrawn")),
        sa.CheckConstraint("missed_on IS NULL OR late_on IS NOT NULL", name=op.f("ck_occurrence_missed_after_late")),
        sa.CheckConstraint("occasion >= 1 AND assemblies >= 0 AND version >= 1", name=op.f("ck_occurrence_counts")),
        sa.CheckConstraint("period_start <= period_end", name=op.f("ck_occurrence_period")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_occurrence")),
        sa.UniqueConstraint("report", "period", "occasion", name=op.f("uq_occurrence_report_period_occasion")),
    )
    op.create_index("ix_occurrence_boards", "occurrence", ["boards"], unique=False, postgresql_using="gin")
    op.create_index("ix_occurrence_due_on", "occurrence", ["due_on", "id"], unique=False)
    op.create_index(
        "ix_occurrence_open",
        "occurrence",
        ["due_on"],
        unique=False,
        postgresql_where=sa.text("published_on IS NULL AND withdrawn_on IS NULL"),
    )
    op.create_table(
        "source_reading",
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_good_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("service", "endpoint", name=op.f("pk_source_reading")),
    )
    op.create_table(
        "occurrence_due_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("occurrence", sa.Uuid(), nullable=False),
        sa.Column("was", sa.Date(), nullable=False),
        sa.Column("becomes", sa.Date(), nullable=False),
        sa.Column("was_period_end", sa.Date(), nullable=False),
        sa.Column("becomes_period_end", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column(
            "changed_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["occurrence"], ["occurrence.id"], name=op.f("fk_occurrence_due_change_occurrence")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_occurrence_due_change")),
    )
    op.create_index("ix_occurrence_due_change_occurrence", "occurrence_due_change", ["occurrence", "id"], unique=False)
    op.create_table(
        "report",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("occurrence", sa.Uuid(), nullable=False),
        sa.Column("report", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("boards", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("disclosure", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("protected_hash", sa.Text(), nullable=True),
        sa.Column("submitted_by", sa.Text(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("supersedes", sa.Uuid(), nullable=True),
        sa.Column("supersession_reason", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "(status IN ('published', 'superseded')) = (published_at IS NOT NULL)",
            name=op.f("ck_report_published"),
        ),
        sa.CheckConstraint("disclosure IN ('full', 'protected')", name=op.f("ck_report_disclosure")),
        sa.CheckConstraint(
            "status IN ('draft', 'submitted', 'signed_off', 'published', 'superseded')",
            name=op.f("ck_report_status"),
        ),
        sa.CheckConstraint("(supersedes IS NULL) = (edition = 1)", name=op.f("ck_report_supersedes")),
        sa.CheckConstraint("(supersedes IS NULL) = (supersession_reason IS NULL)", name=op.f("ck_report_reason")),
        sa.CheckConstraint("edition >= 1 AND version >= 1 AND revision >= 1", name=op.f("ck_report_counts")),
        sa.ForeignKeyConstraint(["occurrence"], ["occurrence.id"], name=op.f("fk_report_occurrence")),
        sa.ForeignKeyConstraint(["supersedes"], ["report.id"], name=op.f("fk_report_supersedes")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
        sa.UniqueConstraint("occurrence", "edition", name=op.f("uq_report_occurrence_edition")),
    )
    op.create_index("ix_report_boards", "report", ["boards"], unique=False, postgresql_using="gin")
    op.create_index("ix_report_report", "report", ["report", "period"], unique=False)
    op.create_index(
        "uq_report_current_edition",
        "report",
        ["occurrence"],
        unique=True,
        postgresql_where=sa.text("status = 'published'"),
    )
    op.create_index(
        "uq_report_open_edition",
        "report",
        ["occurrence"],
        unique=True,
        postgresql_where=sa.text("status IN ('draft', 'submitted', 'signed_off')"),
    )
    op.create_table(
        "report_revision",
        sa.Column("report", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.Column("protected", postgresql.JSONB(), nullable=True),
        sa.Column("edits", postgresql.JSONB(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.CheckConstraint("cause IN ('assembly', 'edit', 'supersession')", name=op.f("ck_report_revision_cause")),
        sa.ForeignKeyConstraint(["report"], ["report.id"], name=op.f("fk_report_revision_report")),
        sa.PrimaryKeyConstraint("report", "revision", name=op.f("pk_report_revision")),
    )
    op.create_table(
        "report_signature",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("report", sa.Uuid(), nullable=False),
        sa.Column("sign_order", sa.SmallInteger(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("on_behalf_of", sa.Text(), nullable=True),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["report"], ["report.id"], name=op.f("fk_report_signature_report")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_signature")),
    )
    op.create_index(
        "uq_report_signature_standing",
        "report_signature",
        ["report", "sign_order"],
        unique=True,
        postgresql_where=sa.text("voided_at IS NULL"),
    )
    op.create_table(
        "report_snapshot",
        sa.Column("report", sa.Uuid(), nullable=False),
        sa.Column("disclosure", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("body_hash", sa.LargeBinary(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("head_epoch", sa.Uuid(), nullable=False),
        sa.Column("head_position", sa.BigInteger(), nullable=False),
        sa.Column("head_hash", sa.LargeBinary(), nullable=False),
        sa.Column("published_by", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("disclosure IN ('full', 'protected')", name=op.f("ck_report_snapshot_disclosure")),
        sa.ForeignKeyConstraint(["report"], ["report.id"], name=op.f("fk_report_snapshot_report")),
        sa.PrimaryKeyConstraint("report", "disclosure", name=op.f("pk_report_snapshot")),
    )
    op.execute(_REFUSE)
    for table in _NEVER_CHANGED:
        op.execute(
            f"CREATE TRIGGER final BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION reporting_row_is_final()"
        )
        op.execute(
            f"CREATE TRIGGER no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION reporting_row_is_final()"
        )


def downgrade() -> None:
    op.drop_table("report_snapshot")
    op.drop_index(
        "uq_report_signature_standing",
        table_name="report_signature",
        postgresql_where=sa.text("voided_at IS NULL"),
    )
    op.drop_table("report_signature")
    op.drop_table("report_revision")
    op.drop_index(
        "uq_report_open_edition",
        table_name="report",
        postgresql_where=sa.text("status IN ('draft', 'submitted', 'signed_off')"),
    )
    op.drop_index("uq_report_current_edition", table_name="report", postgresql_where=sa.text("status = 'published'"))
    op.drop_index("ix_report_report", table_name="report")
    op.drop_index("ix_report_boards", table_name="report", postgresql_using="gin")
    op.drop_table("report")
    op.drop_index("ix_occurrence_due_change_occurrence", table_name="occurrence_due_change")
    op.drop_table("occurrence_due_change")
    op.drop_table("source_reading")
    op.drop_index(
        "ix_occurrence_open",
        table_name="occurrence",
        postgresql_where=sa.text("published_on IS NULL AND withdrawn_on IS NULL"),
    )
    op.drop_index("ix_occurrence_due_on", table_name="occurrence")
    op.drop_index("ix_occurrence_boards", table_name="occurrence", postgresql_using="gin")
    op.drop_table("occurrence")
    op.execute("DROP FUNCTION reporting_row_is_final()")
