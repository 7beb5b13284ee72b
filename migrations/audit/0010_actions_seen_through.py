"""Actions are verified by another person, cancelled, handed on, noted and looked at again in later audits."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_RULES = {
    "verified": "status <> 'verified' OR verified_on IS NOT NULL",
    "verified_by": "(verified_on IS NULL) = (verified_by IS NULL)",
    "verified_by_other": "verified_by IS NULL OR verified_by IS DISTINCT FROM completed_by",
    "cancelled": "status <> 'cancelled' OR num_nonnulls(cancelled_on, cancelled_by, cancellation_reason) = 3",
}


def upgrade() -> None:
    op.create_table(
        "action_note",
        sa.Column("action_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("written_by", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["action_id"], ["action.id"], name=op.f("fk_action_note_action_id")),
        sa.PrimaryKeyConstraint("action_id", "position", name=op.f("pk_action_note")),
    )
    op.create_table(
        "action_owner",
        sa.Column("action_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("post", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["action_id"], ["action.id"], name=op.f("fk_action_owner_action_id")),
        sa.PrimaryKeyConstraint("action_id", "position", name=op.f("pk_action_owner")),
    )
    op.create_table(
        "action_verification",
        sa.Column("action_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("completed_on", sa.Date(), nullable=False),
        sa.Column("completed_by", sa.Text(), nullable=False),
        sa.Column("verified_by", sa.Text(), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("verdict <> 'sent_back' OR reason IS NOT NULL", name=op.f("ck_action_verification_reason")),
        sa.CheckConstraint("verdict IN ('accepted', 'sent_back')", name=op.f("ck_action_verification_verdict")),
        sa.CheckConstraint("verified_by <> completed_by", name=op.f("ck_action_verification_by_other")),
        sa.ForeignKeyConstraint(["action_id"], ["action.id"], name=op.f("fk_action_verification_action_id")),
        sa.PrimaryKeyConstraint("action_id", "position", name=op.f("pk_action_verification")),
    )
    op.create_table(
        "re_audit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("action_id", sa.Uuid(), nullable=True),
        sa.Column("finding_id", sa.Uuid(), nullable=True),
        sa.Column("audit_id", sa.Uuid(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("outcome IN ('changed', 'partly', 'not_changed')", name=op.f("ck_re_audit_outcome")),
        sa.CheckConstraint("num_nonnulls(action_id, finding_id) >= 1", name=op.f("ck_re_audit_subject")),
        sa.ForeignKeyConstraint(["action_id"], ["action.id"], name=op.f("fk_re_audit_action_id")),
        sa.ForeignKeyConstraint(["audit_id"], ["audit.id"], name=op.f("fk_re_audit_audit_id")),
        sa.ForeignKeyConstraint(["finding_id"], ["audit_finding.id"], name=op.f("fk_re_audit_finding_id")),
        sa.ForeignKeyConstraint(["unit"], ["org_unit.code"], name=op.f("fk_re_audit_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_re_audit")),
    )
    op.create_index(
        "ix_re_audit_action_id",
        "re_audit",
        ["action_id"],
        unique=False,
        postgresql_where=sa.text("action_id IS NOT NULL"),
    )
    op.create_index(
        "ix_re_audit_finding_id",
        "re_audit",
        ["finding_id"],
        unique=False,
        postgresql_where=sa.text("finding_id IS NOT NULL"),
    )
    op.create_index(
        "uq_re_audit_of",
        "re_audit",
        ["audit_id", "action_id", "finding_id"],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    op.add_column("action", sa.Column("follow_up_of", sa.Uuid(), nullable=True))
    op.add_column("action", sa.Column("verified_on", sa.Date(), nullable=True))
    op.add_column("action", sa.Column("verified_by", sa.Text(), nullable=True))
    op.add_column("action", sa.Column("cancelled_on", sa.Date(), nullable=True))
    op.add_column("action", sa.Column("cancelled_by", sa.Text(), nullable=True))
    op.add_column("action", sa.Column("cancellation_reason", sa.Text(), nullable=True))
    op.create_index(
        "ix_action_follow_up_of",
        "action",
        ["follow_up_of"],
        unique=False,
        postgresql_where=sa.text("follow_up_of IS NOT NULL"),
    )
    op.create_index(
        "ix_action_open_due",
        "action",
        ["original_due_on", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'open'"),
    )
    op.create_index(
        "ix_action_review_on",
        "action",
        ["review_on", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'verified'"),
    )
    op.create_foreign_key(op.f("fk_action_follow_up_of"), "action", "action", ["follow_up_of"], ["id"])
    for name, rule in _RULES.items():
        op.create_check_constraint(op.f(f"ck_action_{name}"), "action", rule)


def downgrade() -> None:
    for name in _RULES:
        op.drop_constraint(op.f(f"ck_action_{name}"), "action", type_="check")
    op.drop_constraint(op.f("fk_action_follow_up_of"), "action", type_="foreignkey")
    op.drop_index("ix_action_review_on", table_name="action", postgresql_where=sa.text("status = 'verified'"))
    op.drop_index("ix_action_open_due", table_name="action", postgresql_where=sa.text("status = 'open'"))
    op.drop_index("ix_action_follow_up_of", table_name="action", postgresql_where=sa.text("follow_up_of IS NOT NULL"))
    op.drop_column("action", "cancellation_reason")
    op.drop_column("action", "cancelled_by")
    op.drop_column("action", "cancelled_on")
    op.drop_column("action", "verified_by")
    op.drop_column("action", "verified_on")
    op.drop_column("action", "follow_up_of")
    op.drop_index("uq_re_audit_of", table_name="re_audit", postgresql_nulls_not_distinct=True)
    op.drop_index("ix_re_audit_finding_id", table_name="re_audit", postgresql_where=sa.text("finding_id IS NOT NULL"))
    op.drop_index("ix_re_audit_action_id", table_name="re_audit", postgresql_where=sa.text("action_id IS NOT NULL"))
    op.drop_table("re_audit")
    op.drop_table("action_verification")
    op.drop_table("action_owner")
    op.drop_table("action_note")
