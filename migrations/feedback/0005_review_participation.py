"""How children took part in the reviews of their care."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "review_participation",
        sa.Column("child", sa.LargeBinary(), nullable=False),
        sa.Column("reviewed_on", sa.Date(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "code IN ('PN0','PN1','PN2','PN3','PN4','PN5','PN6','PN7')", name=op.f("ck_review_participation_code")
        ),
        sa.PrimaryKeyConstraint("child", "reviewed_on", name=op.f("pk_review_participation")),
    )
    op.create_index(
        "ix_review_participation_reviewed_on",
        "review_participation",
        ["reviewed_on"],
        unique=False,
        postgresql_include=["unit", "code"],
    )


def downgrade() -> None:
    op.drop_index(
        "ix_review_participation_reviewed_on", table_name="review_participation", postgresql_include=["unit", "code"]
    )
    op.drop_table("review_participation")
