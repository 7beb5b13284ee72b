"""Views are found by their sender's own reference, whatever system it is of."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    where = sa.text("source_ref IS NOT NULL")
    op.create_index("ix_view_source_ref", "view", ["source_ref"], postgresql_where=where)


def downgrade() -> None:
    op.drop_index("ix_view_source_ref", table_name="view")
