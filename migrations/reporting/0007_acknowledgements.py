"""Recipients acknowledge that they have a report."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "report_acknowledgement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("report", sa.Uuid(), nullable=False),
        sa.Column("board", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("acknowledged_by", sa.Text(), nullable=False),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["report"], ["report.id"], name=op.f("fk_report_acknowledgement_report")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_acknowledgement")),
        sa.UniqueConstraint("report", "board", name=op.f("uq_report_acknowledgement_report_board")),
    )
    op.execute(
        "CREATE TRIGGER final BEFORE UPDATE OR DELETE ON report_acknowledgement "
        "FOR EACH ROW EXECUTE FUNCTION reporting_row_is_final()"
    )


def downgrade() -> None:
    op.drop_table("report_acknowledgement")
