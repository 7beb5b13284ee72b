"""A report counted back from a meeting exists before the meeting is known, without a due date."""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.alter_column("occurrence", "due_on", nullable=True)
    op.alter_column("occurrence_due_change", "was", nullable=True)


def downgrade() -> None:
    op.execute("DELETE FROM occurrence_due_change WHERE was IS NULL")
    op.alter_column("occurrence_due_change", "was", nullable=False)
    op.execute("DELETE FROM occurrence WHERE due_on IS NULL")
    op.alter_column("occurrence", "due_on", nullable=False)
