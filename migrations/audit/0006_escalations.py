"""Concerns that go up by a policy, and all that happened to each."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "escalation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("rules", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("about_reference", sa.Text(), nullable=True),
        sa.Column("audit_id", sa.Uuid(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("immediate", sa.Boolean(), nullable=False),
        sa.Column("against_account", sa.Text(), nullable=True),
        sa.Column("against_role", sa.Text(), nullable=True),
        sa.Column("against_unit", sa.Text(), nullable=True),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("subject_told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("subject_told_by", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("raised_by", sa.Text(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(status = 'closed') = (outcome IS NOT NULL) AND (status = 'open') = (ended_at IS NULL)"
            " AND (ended_at IS NULL) = (ended_by IS NULL)",
            name=op.f("ck_escalation_ended"),
        ),
        sa.CheckConstraint(
            "about IN ('audit', 'finding', 'case', 'plan', 'provider')", name=op.f("ck_escalation_about")
        ),
        sa.CheckConstraint(
            "outcome IN ('upheld', 'partly_upheld', 'not_upheld', 'resolved')", name=op.f("ck_escalation_outcome")
        ),
        sa.CheckConstraint(
            "status <> 'closed' OR ended_by IS DISTINCT FROM against_account",
            name=op.f("ck_escalation_not_by_its_subject"),
        ),
        sa.CheckConstraint("status IN ('open', 'closed', 'withdrawn')", name=op.f("ck_escalation_status")),
        sa.CheckConstraint(
            "(subject_told_at IS NULL) = (subject_told_by IS NULL)", name=op.f("ck_escalation_subject_told")
        ),
        sa.CheckConstraint("against_role IS NULL OR against_unit IS NOT NULL", name=op.f("ck_escalation_against")),
        sa.ForeignKeyConstraint(["audit_id"], ["audit.id"], name=op.f("fk_escalation_audit_id")),
        sa.ForeignKeyConstraint(["unit"], ["org_unit.code"], name=op.f("fk_escalation_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalation")),
    )
    op.create_index(
        "ix_escalation_audit_id",
        "escalation",
        ["audit_id"],
        unique=False,
        postgresql_where=sa.text("audit_id IS NOT NULL"),
    )
    op.create_index(
        "ix_escalation_open", "escalation", ["due_at", "id"], unique=False, postgresql_where=sa.text("status = 'open'")
    )
    op.create_index("ix_escalation_unit", "escalation", ["unit", "due_at", "id"], unique=False)
    op.create_table(
        "escalation_event",
        sa.Column("escalation_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('raised', 'moved', 'moved_by_clock', 'answered', 'subject_told', 'reworded', 'closed',"
            " 'withdrawn')",
            name=op.f("ck_escalation_event_kind"),
        ),
        sa.ForeignKeyConstraint(["escalation_id"], ["escalation.id"], name=op.f("fk_escalation_event_escalation_id")),
        sa.PrimaryKeyConstraint("escalation_id", "position", name=op.f("pk_escalation_event")),
    )
    op.add_column("audit_finding", sa.Column("escalation_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_audit_finding_escalation_id"), "audit_finding", "escalation", ["escalation_id"], ["id"]
    )
    op.create_check_constraint(
        op.f("ck_audit_finding_immediate"), "audit_finding", "escalation_id IS NULL OR kind = 'concern'"
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_audit_finding_immediate"), "audit_finding", type_="check")
    op.drop_constraint(op.f("fk_audit_finding_escalation_id"), "audit_finding", type_="foreignkey")
    op.drop_column("audit_finding", "escalation_id")
    op.drop_table("escalation_event")
    op.drop_index("ix_escalation_unit", table_name="escalation")
    op.drop_index("ix_escalation_open", table_name="escalation", postgresql_where=sa.text("status = 'open'"))
    op.drop_index("ix_escalation_audit_id", table_name="escalation", postgresql_where=sa.text("audit_id IS NOT NULL"))
    op.drop_table("escalation")
