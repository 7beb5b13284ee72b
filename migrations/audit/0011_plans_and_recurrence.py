"""Plans of few key actions, and answers to themes that recur."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "action_plan",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("max_key_actions", sa.SmallInteger(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("max_key_actions BETWEEN 1 AND 50", name=op.f("ck_action_plan_max_key_actions")),
        sa.ForeignKeyConstraint(["unit"], ["org_unit.code"], name=op.f("fk_action_plan_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_action_plan")),
    )
    op.create_index("ix_action_plan_unit", "action_plan", ["unit", "id"], unique=False)
    op.create_table(
        "action_plan_item",
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("action_id", sa.Uuid(), nullable=False),
        sa.Column("added_by", sa.Text(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["action_id"], ["action.id"], name=op.f("fk_action_plan_item_action_id")),
        sa.ForeignKeyConstraint(["plan_id"], ["action_plan.id"], name=op.f("fk_action_plan_item_plan_id")),
        sa.PrimaryKeyConstraint("plan_id", "action_id", name=op.f("pk_action_plan_item")),
    )
    op.create_index("ix_action_plan_item_action_id", "action_plan_item", ["action_id"], unique=False)
    op.create_table(
        "recurrence_response",
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("theme", sa.Text(), nullable=False),
        sa.Column("response", sa.Text(), nullable=False),
        sa.Column("action_id", sa.Uuid(), nullable=True),
        sa.Column("audits", sa.Integer(), nullable=False),
        sa.Column("responded_by", sa.Text(), nullable=False),
        sa.Column("responded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["action_id"], ["action.id"], name=op.f("fk_recurrence_response_action_id")),
        sa.ForeignKeyConstraint(["unit"], ["org_unit.code"], name=op.f("fk_recurrence_response_unit")),
        sa.PrimaryKeyConstraint("period", "rule", "unit", "theme", name=op.f("pk_recurrence_response")),
    )


def downgrade() -> None:
    op.drop_table("recurrence_response")
    op.drop_index("ix_action_plan_item_action_id", table_name="action_plan_item")
    op.drop_table("action_plan_item")
    op.drop_index("ix_action_plan_unit", table_name="action_plan")
    op.drop_table("action_plan")
