"""A published report may have a copy for the public, and what took its place is found at once."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_NAME = "ck_report_snapshot_disclosure"


def upgrade() -> None:
    op.drop_constraint(op.f(_NAME), "report_snapshot", type_="check")
    op.create_check_constraint(op.f(_NAME), "report_snapshot", "disclosure IN ('full', 'protected', 'public')")
    # A snapshot is read far more often than written: unpacking it would take longer than to send it.
    op.execute("ALTER TABLE report_snapshot ALTER COLUMN body SET STORAGE EXTERNAL")
    op.create_index(
        "ix_report_supersedes",
        "report",
        ["supersedes"],
        unique=False,
        postgresql_where=sa.text("supersedes IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_report_supersedes", table_name="report", postgresql_where=sa.text("supersedes IS NOT NULL"))
    op.execute("ALTER TABLE report_snapshot ALTER COLUMN body SET STORAGE EXTENDED")
    op.drop_constraint(op.f(_NAME), "report_snapshot", type_="check")
    op.create_check_constraint(op.f(_NAME), "report_snapshot", "disclosure IN ('full', 'protected')")
