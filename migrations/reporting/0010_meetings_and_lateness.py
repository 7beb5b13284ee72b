"""What is recorded of boards' meetings beside the framework's plan, and why a report was late."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0002"
branch_labels = None
depends_on = None

_NEVER_CHANGED = ("board_meeting_change", "occurrence_lateness")


def upgrade() -> None:
    op.create_table(
        "board_meeting",
        sa.Column("board", sa.Text(), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=False),
        sa.Column("meets_on", sa.Date(), nullable=False),
        sa.Column("cancelled", sa.Boolean(), nullable=False),
        sa.Column("starts_at", sa.Time(), nullable=True),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("version >= 2", name=op.f("ck_board_meeting_version")),
        sa.PrimaryKeyConstraint("board", "planned_on", name=op.f("pk_board_meeting")),
    )
    op.create_index(
        "uq_board_meeting_day",
        "board_meeting",
        ["board", "meets_on"],
        unique=True,
        postgresql_where=sa.text("NOT cancelled"),
    )
    op.create_table(
        "board_meeting_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("board", sa.Text(), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=False),
        sa.Column("change", sa.Text(), nullable=False),
        sa.Column("was", sa.Date(), nullable=False),
        sa.Column("becomes", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column(
            "changed_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint(
            "change IN ('added', 'moved', 'cancelled', 'reinstated', 'arranged')",
            name=op.f("ck_board_meeting_change_change"),
        ),
        sa.ForeignKeyConstraint(
            ["board", "planned_on"],
            ["board_meeting.board", "board_meeting.planned_on"],
            name=op.f("fk_board_meeting_change_board_planned_on"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_board_meeting_change")),
    )
    op.create_index(
        "ix_board_meeting_change_meeting", "board_meeting_change", ["board", "planned_on", "id"], unique=False
    )
    op.create_table(
        "occurrence_lateness",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("occurrence", sa.Uuid(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("expected_on", sa.Date(), nullable=True),
        sa.Column("given_by", sa.Text(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.CheckConstraint(
            "cause IN ('figures_late', 'contribution_late', 'source_unavailable', 'not_signed', 'meeting_changed', "
            "'staff_absent', 'other')",
            name=op.f("ck_occurrence_lateness_cause"),
        ),
        sa.ForeignKeyConstraint(["occurrence"], ["occurrence.id"], name=op.f("fk_occurrence_lateness_occurrence")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_occurrence_lateness")),
    )
    op.create_index("ix_occurrence_lateness_occurrence", "occurrence_lateness", ["occurrence", "id"], unique=False)
    op.add_column("occurrence", sa.Column("meeting_on", sa.Date(), nullable=True))
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
    op.drop_column("occurrence", "meeting_on")
    op.drop_index("ix_occurrence_lateness_occurrence", table_name="occurrence_lateness")
    op.drop_table("occurrence_lateness")
    op.drop_index("ix_board_meeting_change_meeting", table_name="board_meeting_change")
    op.drop_table("board_meeting_change")
    op.drop_index("uq_board_meeting_day", table_name="board_meeting", postgresql_where=sa.text("NOT cancelled"))
    op.drop_table("board_meeting")
