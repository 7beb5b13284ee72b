"""Managers' own audits of supervision are found by an index of their own."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    supervision = sa.text("audit_type = 'supervision'")
    op.create_index(
        "ix_audit_supervision", "audit", ["auditor_unit", "submitted_on", "id"], postgresql_where=supervision
    )


def downgrade() -> None:
    op.drop_index("ix_audit_supervision", table_name="audit")
