"""What was learned, from what, and whether it was passed on."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "learning_item",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("audience", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("visibility", sa.Text(), nullable=False),
        sa.Column("themes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("disseminated_on", sa.Date(), nullable=True),
        sa.Column("disseminated_by", sa.Text(), nullable=True),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('new', 'confirms_known')", name=op.f("ck_learning_item_kind")),
        sa.CheckConstraint(
            "status <> 'disseminated' OR disseminated_on IS NOT NULL", name=op.f("ck_learning_item_disseminated")
        ),
        sa.CheckConstraint("status IN ('draft', 'disseminated', 'withdrawn')", name=op.f("ck_learning_item_status")),
        sa.CheckConstraint(
            "visibility IN ('team', 'service', 'organisation', 'partnership')", name=op.f("ck_learning_item_visibility")
        ),
        sa.CheckConstraint(
            "(disseminated_on IS NULL) = (disseminated_by IS NULL)", name=op.f("ck_learning_item_disseminated_by")
        ),
        sa.ForeignKeyConstraint(["unit"], ["org_unit.code"], name=op.f("fk_learning_item_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_learning_item")),
    )
    op.create_index("ix_learning_item_unit", "learning_item", ["unit", "id"], unique=False)
    op.create_table(
        "learning_source",
        sa.Column("learning_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("audit_id", sa.Uuid(), nullable=True),
        sa.Column("finding_id", sa.Uuid(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.CheckConstraint("(kind = 'finding') = (finding_id IS NOT NULL)", name=op.f("ck_learning_source_finding")),
        sa.CheckConstraint(
            "(kind IN ('audit', 'finding')) = (audit_id IS NOT NULL)", name=op.f("ck_learning_source_audit")
        ),
        sa.CheckConstraint(
            "(kind IN ('audit', 'finding')) = (reference IS NULL)", name=op.f("ck_learning_source_reference")
        ),
        sa.CheckConstraint(
            "kind IN ('audit', 'finding', 'serious_case_review', 'complaint', 'other')",
            name=op.f("ck_learning_source_kind"),
        ),
        sa.ForeignKeyConstraint(["audit_id"], ["audit.id"], name=op.f("fk_learning_source_audit_id")),
        sa.ForeignKeyConstraint(["finding_id"], ["audit_finding.id"], name=op.f("fk_learning_source_finding_id")),
        sa.ForeignKeyConstraint(["learning_id"], ["learning_item.id"], name=op.f("fk_learning_source_learning_id")),
        sa.PrimaryKeyConstraint("learning_id", "position", name=op.f("pk_learning_source")),
    )
    op.create_index(
        "ix_learning_source_audit_id",
        "learning_source",
        ["audit_id"],
        unique=False,
        postgresql_where=sa.text("audit_id IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index(
        "ix_learning_source_audit_id", table_name="learning_source", postgresql_where=sa.text("audit_id IS NOT NULL")
    )
    op.drop_table("learning_source")
    op.drop_index("ix_learning_item_unit", table_name="learning_item")
    op.drop_table("learning_item")
