"""Complaints and compliments by the one they were merged into: a hold asks of each which others belong to it."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("complaint", "compliment"):
        op.create_index(f"ix_{table}_group", table, [sa.text("COALESCE(merged_into, id)")])


def downgrade() -> None:
    for table in ("compliment", "complaint"):
        op.drop_index(f"ix_{table}_group", table_name=table)
