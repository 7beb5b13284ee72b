"""Learning is acknowledged, put into commissioned training and taken back with a reason."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "learning_acknowledgement",
        sa.Column("learning_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["learning_id"], ["learning_item.id"], name=op.f("fk_learning_acknowledgement_learning_id")
        ),
        sa.PrimaryKeyConstraint("learning_id", "subject", name=op.f("pk_learning_acknowledgement")),
    )
    op.create_table(
        "learning_training",
        sa.Column("learning_id", sa.Uuid(), nullable=False),
        sa.Column("training_ref", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("commissioned_on", sa.Date(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=True),
        sa.Column("added_by", sa.Text(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["learning_id"], ["learning_item.id"], name=op.f("fk_learning_training_learning_id")),
        sa.PrimaryKeyConstraint("learning_id", "training_ref", name=op.f("pk_learning_training")),
    )
    op.add_column("learning_item", sa.Column("withdrawn_on", sa.Date(), nullable=True))
    op.add_column("learning_item", sa.Column("withdrawn_by", sa.Text(), nullable=True))
    op.add_column("learning_item", sa.Column("withdrawal_reason", sa.Text(), nullable=True))
    op.create_check_constraint(
        op.f("ck_learning_item_withdrawn"),
        "learning_item",
        "(status = 'withdrawn') = (withdrawal_reason IS NOT NULL)",
    )
    op.create_index("ix_learning_item_disseminated_on", "learning_item", ["disseminated_on"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_learning_item_disseminated_on", table_name="learning_item")
    op.drop_constraint(op.f("ck_learning_item_withdrawn"), "learning_item", type_="check")
    op.drop_column("learning_item", "withdrawal_reason")
    op.drop_column("learning_item", "withdrawn_by")
    op.drop_column("learning_item", "withdrawn_on")
    op.drop_table("learning_training")
    op.drop_table("learning_acknowledgement")
