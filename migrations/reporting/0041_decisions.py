"""What boards decided on reports, and what was said of each decision since."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

_NEVER_CHANGED = ("decision_update",)


def upgrade() -> None:
    op.create_table(
        "decision",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("report", sa.Uuid(), nullable=False),
        sa.Column("board", sa.Text(), nullable=False),
        sa.Column("boards", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("meeting_on", sa.Date(), nullable=False),
        sa.Column("decided", sa.Text(), nullable=False),
        sa.Column("owner_role", sa.Text(), nullable=True),
        sa.Column("owner_unit", sa.Text(), nullable=True),
        sa.Column("owner_agency", sa.Text(), nullable=True),
        sa.Column("originally_due_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column(
            "recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint("(status = 'open') = (ended_at IS NULL)", name=op.f("ck_decision_ended")),
        sa.CheckConstraint("status IN ('open', 'done', 'cancelled')", name=op.f("ck_decision_status")),
        sa.CheckConstraint("(due_on IS NULL) = (originally_due_on IS NULL)", name=op.f("ck_decision_due")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_decision_counts")),
        sa.ForeignKeyConstraint(["report"], ["report.id"], name=op.f("fk_decision_report")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
    )
    op.create_index("ix_decision_board", "decision", ["board", "meeting_on", "id"], unique=False)
    op.create_index("ix_decision_meeting", "decision", ["meeting_on", "id"], unique=False)
    op.create_index("ix_decision_report", "decision", ["report"], unique=False)
    op.create_table(
        "decision_update",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("decision", sa.Uuid(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column(
            "recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint("status IN ('open', 'done', 'cancelled')", name=op.f("ck_decision_update_status")),
        sa.ForeignKeyConstraint(["decision"], ["decision.id"], name=op.f("fk_decision_update_decision")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision_update")),
    )
    op.create_index("ix_decision_update_decision", "decision_update", ["decision", "id"], unique=False)
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
    op.drop_index("ix_decision_update_decision", table_name="decision_update")
    op.drop_table("decision_update")
    op.drop_index("ix_decision_report", table_name="decision")
    op.drop_index("ix_decision_meeting", table_name="decision")
    op.drop_index("ix_decision_board", table_name="decision")
    op.drop_table("decision")
