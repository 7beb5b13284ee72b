"""Activities in which people took part, and what they said and what was done about it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "participation_activity",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("took_place", sa.Boolean(), nullable=False),
        sa.Column("method", sa.Text(), nullable=True),
        sa.Column("began_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=False),
        sa.Column("commissioning_stage", sa.Text(), nullable=True),
        sa.Column("commission", sa.Text(), nullable=True),
        sa.Column("asked", sa.Text(), nullable=True),
        sa.Column("why_nobody", sa.Text(), nullable=True),
        sa.Column("what_follows", sa.Text(), nullable=True),
        sa.Column("themes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("evidence", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("withdrawn_because", sa.Text(), nullable=True),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "NOT took_place OR (method IS NOT NULL AND asked IS NOT NULL)", name=op.f("ck_participation_activity_how")
        ),
        sa.CheckConstraint("cardinality(themes) <= 10", name=op.f("ck_participation_activity_themes")),
        sa.CheckConstraint(
            "commission IS NULL OR commissioning_stage IS NOT NULL", name=op.f("ck_participation_activity_commission")
        ),
        sa.CheckConstraint("ended_on >= began_on", name=op.f("ck_participation_activity_dates")),
        sa.CheckConstraint("took_place = (what_follows IS NULL)", name=op.f("ck_participation_activity_what_follows")),
        sa.CheckConstraint("took_place = (why_nobody IS NULL)", name=op.f("ck_participation_activity_why_nobody")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_participation_activity_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_participation_activity")),
    )
    op.create_index("ix_participation_activity_ended_on", "participation_activity", ["ended_on", "id"], unique=False)
    op.create_table(
        "participation_activity_history",
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_by", sa.Text(), nullable=False),
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["participation_activity.id"], name=op.f("fk_participation_activity_history_activity_id")
        ),
        sa.PrimaryKeyConstraint("activity_id", "version", name=op.f("pk_participation_activity_history")),
    )
    op.create_table(
        "participation_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("did", sa.Text(), nullable=True),
        sa.Column("why_not", sa.Text(), nullable=True),
        sa.Column("told_back_on", sa.Date(), nullable=True),
        sa.Column("themes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=True),
        sa.Column("flag_reasons", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("written_by", sa.Text(), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(approved_by IS NULL) = (approved_at IS NULL)", name=op.f("ck_participation_change_approved")
        ),
        sa.CheckConstraint("approved_by <> written_by", name=op.f("ck_participation_change_second_person")),
        sa.CheckConstraint("cardinality(themes) <= 10", name=op.f("ck_participation_change_themes")),
        sa.CheckConstraint("num_nonnulls(did, why_not) > 0", name=op.f("ck_participation_change_did")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_participation_change_version")),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["participation_activity.id"], name=op.f("fk_participation_change_activity_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_participation_change")),
    )
    op.create_index("ix_participation_change_activity_id", "participation_change", ["activity_id", "id"], unique=False)
    op.create_table(
        "participation_group",
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("respondent_group", sa.Text(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("age_bands", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.CheckConstraint("people BETWEEN 1 AND 1000000", name=op.f("ck_participation_group_people")),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["participation_activity.id"], name=op.f("fk_participation_group_activity_id")
        ),
        sa.PrimaryKeyConstraint("activity_id", "respondent_group", name=op.f("pk_participation_group")),
    )
    op.create_table(
        "participation_change_history",
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_by", sa.Text(), nullable=False),
        sa.Column("change_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["change_id"], ["participation_change.id"], name=op.f("fk_participation_change_history_change_id")
        ),
        sa.PrimaryKeyConstraint("change_id", "version", name=op.f("pk_participation_change_history")),
    )


def downgrade() -> None:
    op.drop_table("participation_change_history")
    op.drop_table("participation_group")
    op.drop_index("ix_participation_change_activity_id", table_name="participation_change")
    op.drop_table("participation_change")
    op.drop_table("participation_activity_history")
    op.drop_index("ix_participation_activity_ended_on", table_name="participation_activity")
    op.drop_table("participation_activity")
