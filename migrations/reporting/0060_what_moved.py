"""What each assembly of a draft moved, of the report and of its protected copy."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0060"
down_revision = "0041"
branch_labels = None
depends_on = None

_COLUMNS = ("moved", "protected_moved")


def upgrade() -> None:
    for name in _COLUMNS:
        op.add_column("report_revision", sa.Column(name, postgresql.JSONB(none_as_null=True), nullable=True))


def downgrade() -> None:
    for name in reversed(_COLUMNS):
        op.drop_column("report_revision", name)
