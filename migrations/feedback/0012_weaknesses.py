"""Actions of the audit service against weaknesses that complaints and views have shown."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "weakness_link",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("action_ref", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("theme", sa.Text(), nullable=True),
        sa.Column("complaint_id", sa.Uuid(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("linked_by", sa.Text(), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(complaint_id IS NULL) <> (unit IS NULL)", name=op.f("ck_weakness_link_about")),
        sa.CheckConstraint("(unit IS NULL) = (theme IS NULL)", name=op.f("ck_weakness_link_unit_and_theme")),
        sa.ForeignKeyConstraint(["complaint_id"], ["complaint.id"], name=op.f("fk_weakness_link_complaint_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_weakness_link")),
        sa.UniqueConstraint("action_ref", "complaint_id", name=op.f("uq_weakness_link_action_ref_complaint_id")),
        sa.UniqueConstraint("action_ref", "unit", "theme", name=op.f("uq_weakness_link_action_ref_unit_theme")),
    )
    op.create_index("ix_weakness_link_complaint_id", "weakness_link", ["complaint_id"], unique=False)
    op.create_index("ix_weakness_link_place", "weakness_link", ["unit", "theme"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_weakness_link_place", table_name="weakness_link")
    op.drop_index("ix_weakness_link_complaint_id", table_name="weakness_link")
    op.drop_table("weakness_link")
