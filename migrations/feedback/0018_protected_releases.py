"""What was told of each quarter to those who may not see true figures."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "protected_release",
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("threshold", sa.Integer(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint("edition >= 1", name=op.f("ck_protected_release_edition")),
        sa.PrimaryKeyConstraint("period", "edition", name=op.f("pk_protected_release")),
    )


def downgrade() -> None:
    op.drop_table("protected_release")
