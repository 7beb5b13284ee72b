"""Up to which identifier a kept tally counts, so that of a group that has only grown what came is counted."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("audit_tally", sa.Column("through", sa.UUID(), nullable=True))
    op.add_column("audit_tally", sa.Column("through_versions", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("audit_tally", "through_versions")
    op.drop_column("audit_tally", "through")
