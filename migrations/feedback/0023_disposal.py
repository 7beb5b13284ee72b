"""Legal holds, disposals, and the one way by which deeds may be unlinked and the oldest leave."""

import sqlalchemy as sa
from alembic import op

from migrations.platform import v0002

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

# What goes with a record is found without reading its whole table.
_FOUND_BY = (
    ("ix_public_submission_view_id", "public_submission", "view_id", "view_id IS NOT NULL"),
    ("ix_public_submission_merged", "public_submission", "merged_into", "merged_into IS NOT NULL"),
    ("ix_compliment_merged", "compliment", "merged_into", "merged_into IS NOT NULL"),
)


def upgrade() -> None:
    v0002.upgrade()
    for name, table, column, where in _FOUND_BY:
        op.create_index(name, table, [column], postgresql_where=sa.text(where) if where else None)


def downgrade() -> None:
    for name, table, _, _ in _FOUND_BY:
        op.drop_index(name, table_name=table)
    v0002.downgrade()
