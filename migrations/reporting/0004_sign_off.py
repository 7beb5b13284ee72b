"""Delegations, steps back, comments on a report, and the returns to the department with their review."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# Who took which step with which content is beyond correction, as signatures are.
_NEVER_CHANGED = ("dfe_return_step", "report_step")


def upgrade() -> None:
    op.create_table(
        "delegation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("delegator", sa.Text(), nullable=False),
        sa.Column("delegate", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("covers", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(ended_at IS NULL) = (end_reason IS NULL)", name=op.f("ck_delegation_end_reason")),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name=op.f("ck_delegation_ended")),
        sa.CheckConstraint("delegate <> delegator", name=op.f("ck_delegation_two_people")),
        sa.CheckConstraint("ends_on >= starts_on AND ends_on - starts_on < 366", name=op.f("ck_delegation_dates")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegation")),
    )
    op.create_index("ix_delegation_role", "delegation", ["role", "starts_on", "ends_on"], unique=False)
    op.create_table(
        "dfe_return",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("submission", sa.SmallInteger(), nullable=False),
        sa.Column("resubmission_reason", sa.Text(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("reviewer_role", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=True),
        sa.Column("figures", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.Column("prepared_by", sa.Text(), nullable=False),
        sa.Column("prepared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signed_by", sa.Text(), nullable=True),
        sa.Column("signed_for", sa.Text(), nullable=True),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("signed_hash", sa.Text(), nullable=True),
        sa.Column("submitted_by", sa.Text(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("receipt", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint("(status = 'submitted') = (submitted_at IS NOT NULL)", name=op.f("ck_dfe_return_submitted")),
        sa.CheckConstraint("content_hash ~ '^[0-9a-f]{64}$'", name=op.f("ck_dfe_return_content_hash")),
        sa.CheckConstraint("status IN ('prepared', 'signed', 'submitted')", name=op.f("ck_dfe_return_status")),
        sa.CheckConstraint(
            "status NOT IN ('signed', 'submitted') OR (signed_hash IS NOT NULL AND signed_hash = content_hash)",
            name=op.f("ck_dfe_return_signed_content"),
        ),
        sa.CheckConstraint("(submission = 1) = (resubmission_reason IS NULL)", name=op.f("ck_dfe_return_resubmission")),
        sa.CheckConstraint(
            "signed_by IS NULL OR (signed_by <> prepared_by AND signed_by IS DISTINCT FROM submitted_by)",
            name=op.f("ck_dfe_return_two_people"),
        ),
        sa.CheckConstraint(
            "signed_for IS NULL OR (signed_for <> prepared_by AND signed_for IS DISTINCT FROM submitted_by)",
            name=op.f("ck_dfe_return_reviewed_for"),
        ),
        sa.CheckConstraint("submission >= 1 AND revision >= 1 AND version >= 1", name=op.f("ck_dfe_return_counts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dfe_return")),
        sa.UniqueConstraint("code", "period", "submission", name=op.f("uq_dfe_return_code_period_submission")),
    )
    op.create_index("ix_dfe_return_period", "dfe_return", ["period_end", "code"], unique=False)
    op.create_index(
        "uq_dfe_return_open",
        "dfe_return",
        ["code", "period"],
        unique=True,
        postgresql_where=sa.text("status IN ('prepared', 'signed')"),
    )
    op.create_table(
        "dfe_return_step",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("dfe_return", sa.Uuid(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("on_behalf_of", sa.Text(), nullable=True),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "step IN ('prepared', 'changed', 'signed', 'sent_back', 'submitted')",
            name=op.f("ck_dfe_return_step_step"),
        ),
        sa.ForeignKeyConstraint(["dfe_return"], ["dfe_return.id"], name=op.f("fk_dfe_return_step_dfe_return")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dfe_return_step")),
    )
    op.create_index("ix_dfe_return_step_return", "dfe_return_step", ["dfe_return", "id"], unique=False)
    op.create_table(
        "report_comment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("report", sa.Uuid(), nullable=False),
        sa.Column("in_reply_to", sa.Uuid(), nullable=True),
        sa.Column("section", sa.Text(), nullable=True),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_by", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(resolved_at IS NULL) = (resolved_by IS NULL)", name=op.f("ck_report_comment_resolved")),
        sa.CheckConstraint(
            "in_reply_to IS NULL OR (section IS NULL AND resolved_at IS NULL)", name=op.f("ck_report_comment_reply")
        ),
        sa.ForeignKeyConstraint(["in_reply_to"], ["report_comment.id"], name=op.f("fk_report_comment_in_reply_to")),
        sa.ForeignKeyConstraint(["report"], ["report.id"], name=op.f("fk_report_comment_report")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_comment")),
    )
    op.create_index("ix_report_comment_report", "report_comment", ["report", "id"], unique=False)
    op.create_table(
        "report_step",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("report", sa.Uuid(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("on_behalf_of", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("sections", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(step = 'submitted') = (reason IS NULL)", name=op.f("ck_report_step_reason")),
        sa.CheckConstraint(
            "step IN ('submitted', 'sent_back', 'withdrawn', 'reopened')", name=op.f("ck_report_step_step")
        ),
        sa.ForeignKeyConstraint(["report"], ["report.id"], name=op.f("fk_report_step_report")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_step")),
    )
    op.create_index("ix_report_step_report", "report_step", ["report", "id"], unique=False)
    op.add_column("report", sa.Column("chain", postgresql.JSONB(none_as_null=True), nullable=True))
    op.add_column("report_signature", sa.Column("delegation", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_report_signature_delegation"), "report_signature", "delegation", ["delegation"], ["id"]
    )
    op.create_check_constraint(
        op.f("ck_report_signature_delegated"), "report_signature", "(on_behalf_of IS NULL) = (delegation IS NULL)"
    )
    for table in _NEVER_CHANGED:
        op.execute(
            f"CREATE TRIGGER final BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION reporting_row_is_final()"
        )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_report_signature_delegated"), "report_signature", type_="check")
    op.drop_constraint(op.f("fk_report_signature_delegation"), "report_signature", type_="foreignkey")
    op.drop_column("report_signature", "delegation")
    op.drop_column("report", "chain")
    op.drop_index("ix_report_step_report", table_name="report_step")
    op.drop_table("report_step")
    op.drop_index("ix_report_comment_report", table_name="report_comment")
    op.drop_table("report_comment")
    op.drop_index("ix_dfe_return_step_return", table_name="dfe_return_step")
    op.drop_table("dfe_return_step")
    op.drop_index(
        "uq_dfe_return_open", table_name="dfe_return", postgresql_where=sa.text("status IN ('prepared', 'signed')")
    )
    op.drop_index("ix_dfe_return_period", table_name="dfe_return")
    op.drop_table("dfe_return")
    op.drop_index("ix_delegation_role", table_name="delegation")
    op.drop_table("delegation")
