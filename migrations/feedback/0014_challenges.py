"""Challenges of the partnership boards, with their responses and what both said before."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "challenge",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("raised_by_body", sa.Text(), nullable=False),
        sa.Column("raised_on", sa.Date(), nullable=False),
        sa.Column("about_kind", sa.Text(), nullable=False),
        sa.Column("about_ref", sa.Text(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("area_for_development", sa.Text(), nullable=True),
        sa.Column("first_response_due", sa.Date(), nullable=False),
        sa.Column("response_due", sa.Date(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("response", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("development_action", sa.Text(), nullable=True),
        sa.Column("responded_by", sa.Text(), nullable=True),
        sa.Column("responded_on", sa.Date(), nullable=True),
        sa.Column("responded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("board_words", sa.Text(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(about_kind = 'free') = (about_ref IS NULL)", name=op.f("ck_challenge_about_ref")),
        sa.CheckConstraint("(status = 'closed') = (closed_on IS NOT NULL)", name=op.f("ck_challenge_closed_on")),
        sa.CheckConstraint(
            "about_kind IN ('indicator','audit','service','theme','free')", name=op.f("ck_challenge_about_kind")
        ),
        sa.CheckConstraint(
            "outcome IN ('accepted','partly_accepted','not_accepted','superseded','withdrawn')",
            name=op.f("ck_challenge_outcome"),
        ),
        sa.CheckConstraint(
            "status <> 'answered' OR response IS NOT NULL", name=op.f("ck_challenge_response_of_answered")
        ),
        sa.CheckConstraint("status <> 'closed' OR outcome IS NOT NULL", name=op.f("ck_challenge_outcome_of_closed")),
        sa.CheckConstraint("status IN ('open','answered','sent_back','closed')", name=op.f("ck_challenge_status")),
        sa.CheckConstraint("(response IS NULL) = (responded_on IS NULL)", name=op.f("ck_challenge_responded_on")),
        sa.CheckConstraint("(response IS NULL) = (responded_by IS NULL)", name=op.f("ck_challenge_responded_by")),
        sa.CheckConstraint("response_due >= raised_on", name=op.f("ck_challenge_response_due")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_challenge_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_challenge")),
    )
    op.create_index("ix_challenge_raised_on", "challenge", ["raised_on", "id"], unique=False)
    op.create_index(
        "ix_challenge_unanswered",
        "challenge",
        ["response_due", "id"],
        unique=False,
        postgresql_where=sa.text("status IN ('open','sent_back')"),
    )
    op.create_table(
        "challenge_history",
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_by", sa.Text(), nullable=False),
        sa.Column("challenge_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["challenge_id"], ["challenge.id"], name=op.f("fk_challenge_history_challenge_id")),
        sa.PrimaryKeyConstraint("challenge_id", "version", name=op.f("pk_challenge_history")),
    )


def downgrade() -> None:
    op.drop_table("challenge_history")
    op.drop_index(
        "ix_challenge_unanswered", table_name="challenge", postgresql_where=sa.text("status IN ('open','sent_back')")
    )
    op.drop_index("ix_challenge_raised_on", table_name="challenge")
    op.drop_table("challenge")
