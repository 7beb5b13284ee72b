"""Reviews by others with what they recommend, and the two checkpoints of statutory assessments."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "scrutiny_review",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("led_by", sa.Text(), nullable=False),
        sa.Column("framework", sa.Text(), nullable=True),
        sa.Column("judgements", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("asked_about", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("requested_on", sa.Date(), nullable=True),
        sa.Column("held_on", sa.Date(), nullable=True),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.Column("summary", sa.Text(), nullable=True),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'peer_review') = (direction IS NOT NULL)", name=op.f("ck_scrutiny_review_peer_review")
        ),
        sa.CheckConstraint("direction IN ('requested', 'participated')", name=op.f("ck_scrutiny_review_direction")),
        sa.CheckConstraint(
            "kind IN ('peer_review', 'inspection', 'serious_case_review')", name=op.f("ck_scrutiny_review_kind")
        ),
        sa.CheckConstraint(
            "num_nonnulls(requested_on, held_on, published_on) > 0", name=op.f("ck_scrutiny_review_dated")
        ),
        sa.ForeignKeyConstraint(["unit"], ["org_unit.code"], name=op.f("fk_scrutiny_review_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scrutiny_review")),
        sa.UniqueConstraint("reference", name=op.f("uq_scrutiny_review_reference")),
    )
    op.create_index("ix_scrutiny_review_unit", "scrutiny_review", ["unit", "id"], unique=False)
    op.create_table(
        "sen_assessment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("ended_reason", sa.Text(), nullable=True),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(ended_on IS NULL) = (ended_reason IS NULL)", name=op.f("ck_sen_assessment_ended")),
        sa.ForeignKeyConstraint(["unit"], ["org_unit.code"], name=op.f("fk_sen_assessment_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sen_assessment")),
        sa.UniqueConstraint("reference", name=op.f("uq_sen_assessment_reference")),
    )
    op.create_index("ix_sen_assessment_unit", "sen_assessment", ["unit", "started_on", "id"], unique=False)
    op.create_table(
        "scrutiny_area",
        sa.Column("review_id", sa.Uuid(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("standing", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "standing IN ('serious_concern', 'concern', 'improving', 'strength')",
            name=op.f("ck_scrutiny_area_standing"),
        ),
        sa.ForeignKeyConstraint(["review_id"], ["scrutiny_review.id"], name=op.f("fk_scrutiny_area_review_id")),
        sa.PrimaryKeyConstraint("review_id", "topic", name=op.f("pk_scrutiny_area")),
    )
    op.create_index("ix_scrutiny_area_topic", "scrutiny_area", ["topic"], unique=False)
    op.create_table(
        "scrutiny_recommendation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("review_id", sa.Uuid(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=True),
        sa.Column("owner_role", sa.Text(), nullable=True),
        sa.Column("owner_subject", sa.Text(), nullable=True),
        sa.Column("owner_post", sa.Text(), nullable=True),
        sa.Column("original_due_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(status = 'open') = (ended_on IS NULL)", name=op.f("ck_scrutiny_recommendation_ended")),
        sa.CheckConstraint("status IN ('open', 'done', 'declined')", name=op.f("ck_scrutiny_recommendation_status")),
        sa.CheckConstraint(
            "num_nonnulls(owner_role, owner_subject) = 1", name=op.f("ck_scrutiny_recommendation_owner")
        ),
        sa.ForeignKeyConstraint(
            ["review_id"], ["scrutiny_review.id"], name=op.f("fk_scrutiny_recommendation_review_id")
        ),
        sa.ForeignKeyConstraint(["unit"], ["org_unit.code"], name=op.f("fk_scrutiny_recommendation_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scrutiny_recommendation")),
    )
    op.create_index(
        "ix_scrutiny_recommendation_due", "scrutiny_recommendation", ["original_due_on", "id"], unique=False
    )
    op.create_index("ix_scrutiny_recommendation_review_id", "scrutiny_recommendation", ["review_id"], unique=False)
    op.create_table(
        "scrutiny_review_version",
        sa.Column("review_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("superseded_by", sa.Text(), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["review_id"], ["scrutiny_review.id"], name=op.f("fk_scrutiny_review_version_review_id")
        ),
        sa.PrimaryKeyConstraint("review_id", "version", name=op.f("pk_scrutiny_review_version")),
    )
    op.create_table(
        "sen_checkpoint",
        sa.Column("assessment_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("checkpoint", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reasons", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("signed_by", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(outcome = 'returned') = (cardinality(reasons) > 0)", name=op.f("ck_sen_checkpoint_reasons")
        ),
        sa.CheckConstraint("checkpoint IN ('manager_sign_off', 'panel')", name=op.f("ck_sen_checkpoint_checkpoint")),
        sa.CheckConstraint("outcome IN ('agreed', 'returned')", name=op.f("ck_sen_checkpoint_outcome")),
        sa.ForeignKeyConstraint(["assessment_id"], ["sen_assessment.id"], name=op.f("fk_sen_checkpoint_assessment_id")),
        sa.PrimaryKeyConstraint("assessment_id", "position", name=op.f("pk_sen_checkpoint")),
    )
    op.create_table(
        "scrutiny_change",
        sa.Column("recommendation_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("milestone", sa.SmallInteger(), nullable=True),
        sa.Column("was_due_on", sa.Date(), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("done_by", sa.Text(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('redated', 'reached', 'linked', 'done', 'declined')", name=op.f("ck_scrutiny_change_kind")
        ),
        sa.ForeignKeyConstraint(
            ["recommendation_id"], ["scrutiny_recommendation.id"], name=op.f("fk_scrutiny_change_recommendation_id")
        ),
        sa.PrimaryKeyConstraint("recommendation_id", "position", name=op.f("pk_scrutiny_change")),
    )
    op.create_table(
        "scrutiny_milestone",
        sa.Column("recommendation_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("original_due_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("reached_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["recommendation_id"], ["scrutiny_recommendation.id"], name=op.f("fk_scrutiny_milestone_recommendation_id")
        ),
        sa.PrimaryKeyConstraint("recommendation_id", "position", name=op.f("pk_scrutiny_milestone")),
    )
    op.create_table(
        "scrutiny_action",
        sa.Column("recommendation_id", sa.Uuid(), nullable=False),
        sa.Column("action_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["action_id"], ["action.id"], name=op.f("fk_scrutiny_action_action_id")),
        sa.ForeignKeyConstraint(
            ["recommendation_id"], ["scrutiny_recommendation.id"], name=op.f("fk_scrutiny_action_recommendation_id")
        ),
        sa.PrimaryKeyConstraint("recommendation_id", "action_id", name=op.f("pk_scrutiny_action")),
    )


def downgrade() -> None:
    op.drop_table("scrutiny_action")
    op.drop_table("scrutiny_milestone")
    op.drop_table("scrutiny_change")
    op.drop_table("sen_checkpoint")
    op.drop_table("scrutiny_review_version")
    op.drop_index("ix_scrutiny_recommendation_review_id", table_name="scrutiny_recommendation")
    op.drop_index("ix_scrutiny_recommendation_due", table_name="scrutiny_recommendation")
    op.drop_table("scrutiny_recommendation")
    op.drop_index("ix_scrutiny_area_topic", table_name="scrutiny_area")
    op.drop_table("scrutiny_area")
    op.drop_index("ix_sen_assessment_unit", table_name="sen_assessment")
    op.drop_table("sen_assessment")
    op.drop_index("ix_scrutiny_review_unit", table_name="scrutiny_review")
    op.drop_table("scrutiny_review")
