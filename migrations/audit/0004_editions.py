"""The steps of an audit's life, corrections under way, and the submissions they replaced."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_correction",
        sa.Column("audit_id", sa.Uuid(), nullable=False),
        sa.Column("from_status", sa.Text(), nullable=False),
        sa.Column("reopened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reopened_by", sa.Text(), nullable=False),
        sa.Column("reopened_why", sa.Text(), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(["audit_id"], ["audit.id"], name=op.f("fk_audit_correction_audit_id")),
        sa.PrimaryKeyConstraint("audit_id", name=op.f("pk_audit_correction")),
    )
    op.create_table(
        "audit_edition",
        sa.Column("audit_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("submitted_on", sa.Date(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_by", sa.Text(), nullable=False),
        sa.Column("quality_grade", sa.Text(), nullable=True),
        sa.Column("outcomes_grade", sa.Text(), nullable=True),
        sa.Column("process_grade", sa.Text(), nullable=True),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.Column("reopened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reopened_by", sa.Text(), nullable=False),
        sa.Column("reopened_why", sa.Text(), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["audit_id"], ["audit.id"], name=op.f("fk_audit_edition_audit_id")),
        sa.PrimaryKeyConstraint("audit_id", "number", name=op.f("pk_audit_edition")),
    )
    op.create_table(
        "audit_imported",
        sa.Column("audit_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["audit_id"], ["audit.id"], name=op.f("fk_audit_imported_audit_id")),
        sa.PrimaryKeyConstraint("audit_id", name=op.f("pk_audit_imported")),
    )
    op.create_table(
        "audit_step",
        sa.Column("audit_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("questions", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("parts", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("data", postgresql.JSONB(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('saved', 'submitted', 'view_added', 'closed', 'reopened', 'reallocated', 'withdrawn')",
            name=op.f("ck_audit_step_kind"),
        ),
        sa.ForeignKeyConstraint(["audit_id"], ["audit.id"], name=op.f("fk_audit_step_audit_id")),
        sa.PrimaryKeyConstraint("audit_id", "version", name=op.f("pk_audit_step")),
    )
    op.add_column("audit", sa.Column("closed_on", sa.Date(), nullable=True))
    op.add_column("audit", sa.Column("edition", sa.Integer(), server_default="1", nullable=False))
    # Taking a finding away asks whether anything points at it.
    for table, column in (("audit_finding", "repeat_of"), ("learning_source", "finding_id")):
        named = sa.text(f"{column} IS NOT NULL")
        op.create_index(f"ix_{table}_{column}", table, [column], unique=False, postgresql_where=named)


def downgrade() -> None:
    op.drop_index("ix_learning_source_finding_id", table_name="learning_source")
    op.drop_index("ix_audit_finding_repeat_of", table_name="audit_finding")
    op.drop_column("audit", "edition")
    op.drop_column("audit", "closed_on")
    op.drop_table("audit_step")
    op.drop_table("audit_imported")
    op.drop_table("audit_edition")
    op.drop_table("audit_correction")
