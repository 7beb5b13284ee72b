"""Withdrawals among the imports, and the figures of an import found again for the feed of changes."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def _kinds(*names: str) -> None:
    constraint = op.f("ck_observation_import_kind")
    kinds = ",".join(f"'{name}'" for name in names)
    op.drop_constraint(constraint, "observation_import")
    op.create_check_constraint(constraint, "observation_import", sa.text(f"kind IN ({kinds})"))


def upgrade() -> None:
    _kinds("single", "json", "ndjson", "csv", "xlsx", "withdrawal")
    op.create_index("ix_observation_recorded_at", "observation", ["recorded_at"], postgresql_using="brin")


def downgrade() -> None:
    op.drop_index("ix_observation_recorded_at", "observation")
    op.execute("DELETE FROM observation_import WHERE kind = 'withdrawal'")
    _kinds("single", "json", "ndjson", "csv", "xlsx")
