"""Which of the series whose exceptions are kept add up those of units below them."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "exception_sum",
        sa.Column("indicator", sa.Text(collation="C"), nullable=False),
        sa.Column("area", sa.Text(collation="C"), nullable=False),
        sa.PrimaryKeyConstraint("indicator", "area", name=op.f("pk_exception_sum")),
    )


def downgrade() -> None:
    op.drop_table("exception_sum")
