"""One-time tokens and the batches they are issued in."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "token_batch",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("respondent_group", sa.Text(), nullable=True),
        sa.Column("issued", sa.Integer(), nullable=False),
        sa.Column("issued_by", sa.Text(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('view','survey')", name=op.f("ck_token_batch_kind")),
        sa.CheckConstraint("(kind = 'survey') = (about IS NOT NULL)", name=op.f("ck_token_batch_about")),
        sa.CheckConstraint("expires_at > issued_at", name=op.f("ck_token_batch_expiry")),
        sa.CheckConstraint("issued >= 1", name=op.f("ck_token_batch_issued")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_token_batch_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_token_batch")),
    )
    op.create_index("ix_token_batch_issued_at", "token_batch", ["issued_at", "id"], unique=False)
    op.create_table(
        "submission_token",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=True),
        sa.Column("used_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "(digest IS NULL) = (used_on IS NOT NULL)", name=op.f("ck_submission_token_forgotten_when_used")
        ),
        sa.ForeignKeyConstraint(["batch_id"], ["token_batch.id"], name=op.f("fk_submission_token_batch_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission_token")),
        sa.UniqueConstraint("digest", name=op.f("uq_submission_token_digest")),
    )
    op.create_index("ix_submission_token_batch", "submission_token", ["batch_id", "used_on"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_submission_token_batch", table_name="submission_token")
    op.drop_table("submission_token")
    op.drop_index("ix_token_batch_issued_at", table_name="token_batch")
    op.drop_table("token_batch")
