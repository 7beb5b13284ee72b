"""The editions of the complaints reports, and what managers add to them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "complaint_report",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("edition", sa.SmallInteger(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("content_hash", sa.LargeBinary(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("produced_by", sa.Text(), nullable=False),
        sa.Column("produced_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("supersedes", sa.Uuid(), nullable=True),
        sa.CheckConstraint("(edition = 1) = (supersedes IS NULL)", name=op.f("ck_complaint_report_supersedes")),
        sa.CheckConstraint("edition >= 1", name=op.f("ck_complaint_report_edition")),
        sa.ForeignKeyConstraint(["supersedes"], ["complaint_report.id"], name=op.f("fk_complaint_report_supersedes")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint_report")),
        sa.UniqueConstraint("period", "edition", name=op.f("uq_complaint_report_period_edition")),
    )
    op.create_index("ix_complaint_report_last_day", "complaint_report", ["last_day", "id"], unique=False)
    op.create_table(
        "complaint_report_update",
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("learning", sa.Text(), nullable=False),
        sa.Column("improvement", sa.Text(), nullable=False),
        sa.Column("updated_by", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("version >= 1", name=op.f("ck_complaint_report_update_version")),
        sa.PrimaryKeyConstraint("period", "unit", name=op.f("pk_complaint_report_update")),
    )
    op.create_table(
        "complaint_report_update_history",
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_by", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["period", "unit"],
            ["complaint_report_update.period", "complaint_report_update.unit"],
            name=op.f("fk_complaint_report_update_history_period_unit"),
        ),
        sa.PrimaryKeyConstraint("period", "unit", "version", name=op.f("pk_complaint_report_update_history")),
    )


def downgrade() -> None:
    op.drop_table("complaint_report_update_history")
    op.drop_table("complaint_report_update")
    op.drop_index("ix_complaint_report_last_day", table_name="complaint_report")
    op.drop_table("complaint_report")
