"""Audits are found by their sender's own reference, withdrawn ones too."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    where = sa.text("source_ref IS NOT NULL")
    op.create_index("ix_audit_source_ref", "audit", ["source_ref"], postgresql_where=where)


def downgrade() -> None:
    op.drop_index("ix_audit_source_ref", table_name="audit")
