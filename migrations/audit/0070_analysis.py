"""Kept tallies of audits."""

import sqlalchemy as sa
from alembic import op

revision = "0070"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_tally",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("tool", sa.Text(), nullable=False),
        sa.Column("tool_version", sa.Integer(), nullable=False),
        sa.Column("audits", sa.Integer(), nullable=False),
        sa.Column("versions", sa.BigInteger(), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.Column("titles", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("month", "unit", "tool", "tool_version", name=op.f("pk_audit_tally")),
    )


def downgrade() -> None:
    op.drop_table("audit_tally")
