"""What people sent without a login, in quarantine."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "public_submission",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("respondent_group", sa.Text(), nullable=True),
        sa.Column("age_band", sa.Text(), nullable=True),
        sa.Column("rating", sa.SmallInteger(), nullable=True),
        sa.Column("consent", sa.Text(), nullable=True),
        sa.Column("what_works", sa.Text(), nullable=True),
        sa.Column("what_should_change", sa.Text(), nullable=True),
        sa.Column("left_over", postgresql.JSONB(), nullable=False),
        sa.Column("flag_reasons", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("identifiers", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("view_id", sa.Uuid(), nullable=True),
        sa.Column("merged_into", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting','released','merged','set_aside')", name=op.f("ck_public_submission_state")
        ),
        sa.CheckConstraint("rating BETWEEN 1 AND 5", name=op.f("ck_public_submission_rating")),
        sa.CheckConstraint(
            "age_band IN ('under 1','1-4','5-9','10-15','16+')", name=op.f("ck_public_submission_age_band")
        ),
        sa.CheckConstraint(
            "consent IN ('shared','anonymous','internal_only')", name=op.f("ck_public_submission_consent")
        ),
        sa.CheckConstraint("(state = 'waiting') = (decided_at IS NULL)", name=op.f("ck_public_submission_decided")),
        sa.CheckConstraint("(state = 'released') = (view_id IS NOT NULL)", name=op.f("ck_public_submission_released")),
        sa.CheckConstraint("(state = 'merged') = (merged_into IS NOT NULL)", name=op.f("ck_public_submission_merged")),
        sa.CheckConstraint("merged_into <> id", name=op.f("ck_public_submission_not_into_itself")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_public_submission_version")),
        sa.ForeignKeyConstraint(["view_id"], ["view.id"], name=op.f("fk_public_submission_view_id")),
        sa.ForeignKeyConstraint(
            ["merged_into"], ["public_submission.id"], name=op.f("fk_public_submission_merged_into")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_public_submission")),
    )
    op.create_index("ix_public_submission_received_on", "public_submission", ["received_on", "id"], unique=False)
    op.create_index(
        "ix_public_submission_waiting",
        "public_submission",
        ["received_on", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting'"),
    )


def downgrade() -> None:
    op.drop_index(
        "ix_public_submission_waiting",
        table_name="public_submission",
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.drop_index("ix_public_submission_received_on", table_name="public_submission")
    op.drop_table("public_submission")
