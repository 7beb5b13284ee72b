"""An audit that was withdrawn lets go of its reference in the other system, which may send it again."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_EVER = sa.text("source_ref IS NOT NULL")
_STANDING = sa.text("source_ref IS NOT NULL AND status <> 'withdrawn'")


def upgrade() -> None:
    op.drop_index("uq_audit_source_ref", table_name="audit", postgresql_where=_EVER)
    op.create_index("uq_audit_source_ref", "audit", ["source_ref"], unique=True, postgresql_where=_STANDING)


def downgrade() -> None:
    op.drop_index("uq_audit_source_ref", table_name="audit", postgresql_where=_STANDING)
    op.create_index("uq_audit_source_ref", "audit", ["source_ref"], unique=True, postgresql_where=_EVER)
