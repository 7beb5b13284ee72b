"""Open cases as the case system posts them, auditors, and which case was drawn for what."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "auditor",
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("council", sa.Text(), nullable=True),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("tools", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("audit_types", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("capacity_per_month", sa.SmallInteger(), nullable=False),
        sa.Column("available_from", sa.Date(), nullable=False),
        sa.Column("available_to", sa.Date(), nullable=True),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(unit IS NULL) = (council IS NOT NULL)", name=op.f("ck_auditor_unit_or_council")),
        sa.CheckConstraint("available_to IS NULL OR available_to >= available_from", name=op.f("ck_auditor_available")),
        sa.CheckConstraint("capacity_per_month BETWEEN 0 AND 100", name=op.f("ck_auditor_capacity_per_month")),
        sa.CheckConstraint("cardinality(tools) + cardinality(audit_types) > 0", name=op.f("ck_auditor_trained")),
        sa.ForeignKeyConstraint(["unit"], ["org_unit.code"], name=op.f("fk_auditor_unit")),
        sa.PrimaryKeyConstraint("reference", name=op.f("pk_auditor")),
    )
    op.create_index("ix_auditor_unit", "auditor", ["unit"], unique=False)
    op.create_table(
        "open_case_list",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("as_at", sa.Date(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("posted_by", sa.Text(), nullable=False),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["unit"], ["org_unit.code"], name=op.f("fk_open_case_list_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_open_case_list")),
        sa.UniqueConstraint("unit", "as_at", "revision", name=op.f("uq_open_case_list_unit_as_at_revision")),
    )
    op.create_table(
        "case_draw",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("slot_id", sa.Uuid(), nullable=True),
        sa.Column("round_id", sa.Uuid(), nullable=True),
        sa.Column("tool", sa.Text(), nullable=False),
        sa.Column("audit_type", sa.Text(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("seed", sa.Text(), nullable=False),
        sa.Column("seed_given", sa.Boolean(), nullable=False),
        sa.Column("stratify_by", sa.Text(), nullable=True),
        sa.Column("weights", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("rules", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("strata", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("excluded", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("pool_size", sa.Integer(), nullable=False),
        sa.Column("pool_hash", sa.LargeBinary(), nullable=False),
        sa.Column("drawn_on", sa.Date(), nullable=False),
        sa.Column("drawn_by", sa.Text(), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("asked >= 1 AND pool_size >= asked", name=op.f("ck_case_draw_enough")),
        sa.ForeignKeyConstraint(["round_id"], ["audit_round.id"], name=op.f("fk_case_draw_round_id")),
        sa.ForeignKeyConstraint(["slot_id"], ["audit_slot.id"], name=op.f("fk_case_draw_slot_id")),
        sa.ForeignKeyConstraint(["unit"], ["org_unit.code"], name=op.f("fk_case_draw_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_draw")),
    )
    op.create_index(
        "ix_case_draw_round_id",
        "case_draw",
        ["round_id"],
        unique=False,
        postgresql_where=sa.text("round_id IS NOT NULL"),
    )
    op.create_index(
        "ix_case_draw_slot_id", "case_draw", ["slot_id"], unique=False, postgresql_where=sa.text("slot_id IS NOT NULL")
    )
    op.create_index("ix_case_draw_unit", "case_draw", ["unit", "id"], unique=False)
    op.create_table(
        "open_case",
        sa.Column("list_id", sa.Uuid(), nullable=False),
        sa.Column("case_reference", sa.Text(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("strata", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("workers", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("managers", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["list_id"], ["open_case_list.id"], name=op.f("fk_open_case_list_id")),
        sa.PrimaryKeyConstraint("list_id", "case_reference", name=op.f("pk_open_case")),
    )
    op.create_index("ix_open_case_case_reference", "open_case", ["case_reference"], unique=False)
    op.create_table(
        "draw_source",
        sa.Column("draw_id", sa.Uuid(), nullable=False),
        sa.Column("list_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["draw_id"], ["case_draw.id"], name=op.f("fk_draw_source_draw_id")),
        sa.ForeignKeyConstraint(["list_id"], ["open_case_list.id"], name=op.f("fk_draw_source_list_id")),
        sa.PrimaryKeyConstraint("draw_id", "list_id", name=op.f("pk_draw_source")),
    )
    op.create_table(
        "drawn_case",
        sa.Column("draw_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("case_reference", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("stratum", sa.Text(), nullable=False),
        sa.Column("audit_id", sa.Uuid(), nullable=False),
        sa.Column("assignments", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("replaces", sa.SmallInteger(), nullable=True),
        sa.Column("passed_over", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("replaced_reason", sa.Text(), nullable=True),
        sa.Column("replaced_note", sa.Text(), nullable=True),
        sa.Column("replaced_by", sa.Text(), nullable=True),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(replaced_reason IS NULL) = (replaced_by IS NULL) AND (replaced_reason IS NULL) = (replaced_at IS NULL)",
            name=op.f("ck_drawn_case_replaced"),
        ),
        sa.CheckConstraint("replaces IS NULL OR replaces < position", name=op.f("ck_drawn_case_replaces")),
        sa.ForeignKeyConstraint(["audit_id"], ["audit.id"], name=op.f("fk_drawn_case_audit_id")),
        sa.ForeignKeyConstraint(["draw_id"], ["case_draw.id"], name=op.f("fk_drawn_case_draw_id")),
        sa.ForeignKeyConstraint(["unit"], ["org_unit.code"], name=op.f("fk_drawn_case_unit")),
        sa.PrimaryKeyConstraint("draw_id", "position", name=op.f("pk_drawn_case")),
        sa.UniqueConstraint("draw_id", "case_reference", name=op.f("uq_drawn_case_draw_id_case_reference")),
        sa.UniqueConstraint("draw_id", "replaces", name=op.f("uq_drawn_case_draw_id_replaces")),
    )
    op.create_index("ix_drawn_case_audit_id", "drawn_case", ["audit_id"], unique=True)
    op.create_index("ix_drawn_case_case_reference", "drawn_case", ["case_reference"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_drawn_case_case_reference", table_name="drawn_case")
    op.drop_index("ix_drawn_case_audit_id", table_name="drawn_case")
    op.drop_table("drawn_case")
    op.drop_table("draw_source")
    op.drop_index("ix_open_case_case_reference", table_name="open_case")
    op.drop_table("open_case")
    op.drop_index("ix_case_draw_unit", table_name="case_draw")
    op.drop_index("ix_case_draw_slot_id", table_name="case_draw", postgresql_where=sa.text("slot_id IS NOT NULL"))
    op.drop_index("ix_case_draw_round_id", table_name="case_draw", postgresql_where=sa.text("round_id IS NOT NULL"))
    op.drop_table("case_draw")
    op.drop_table("open_case_list")
    op.drop_index("ix_auditor_unit", table_name="auditor")
    op.drop_table("auditor")
