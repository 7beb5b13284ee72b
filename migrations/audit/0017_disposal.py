"""Legal holds, disposals, and the one way by which deeds may be unlinked and the oldest leave."""

import sqlalchemy as sa
from alembic import op

from migrations.platform import v0002

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

# What goes with a record is found without reading its whole table.
_FOUND_BY = (
    ("ix_audit_finding_escalation_id", "audit_finding", "escalation_id", "escalation_id IS NOT NULL"),
    ("ix_moderation_candidate_audit_id", "moderation_candidate", "audit_id", None),
    ("ix_draw_source_list_id", "draw_source", "list_id", None),
)


def upgrade() -> None:
    v0002.upgrade()
    for name, table, column, where in _FOUND_BY:
        op.create_index(name, table, [column], postgresql_where=sa.text(where) if where else None)


def downgrade() -> None:
    for name, table, _, _ in _FOUND_BY:
        op.drop_index(name, table_name=table)
    v0002.downgrade()
