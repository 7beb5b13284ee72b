"""Moderation: samples, second and third gradings, and what they settled on; the steps they add to an audit's life."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_BEFORE = "'saved', 'submitted', 'view_added', 'closed', 'reopened', 'reallocated', 'withdrawn'"
_ADDED = "'moderation_begun', 'second_graded', 'moderated', 'moderation_withdrawn'"


def _steps(kinds: str) -> None:
    op.drop_constraint(op.f("ck_audit_step_kind"), "audit_step", type_="check")
    op.create_check_constraint(op.f("ck_audit_step_kind"), "audit_step", f"kind IN ({kinds})")


def upgrade() -> None:
    _steps(f"{_BEFORE}, {_ADDED}")
    op.create_table(
        "moderation_sample",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tool", sa.Text(), nullable=True),
        sa.Column("programme", sa.Text(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("percent", sa.SmallInteger(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("seed", sa.Text(), nullable=False),
        sa.Column("passed_over", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("drawn_by", sa.Text(), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("num_nonnulls(percent, number) = 1", name=op.f("ck_moderation_sample_size")),
        sa.CheckConstraint("tool IS NOT NULL OR programme IS NOT NULL", name=op.f("ck_moderation_sample_of")),
        sa.ForeignKeyConstraint(["unit"], ["org_unit.code"], name=op.f("fk_moderation_sample_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_moderation_sample")),
    )
    op.create_table(
        "moderation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("audit_id", sa.Uuid(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("sample_id", sa.Uuid(), nullable=True),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("moderator", sa.Text(), nullable=True),
        sa.Column("moderator_unit", sa.Text(), nullable=True),
        sa.Column("read_before", sa.Boolean(), nullable=False),
        sa.Column("third_grader", sa.Text(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("raised_by", sa.Text(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=True),
        sa.Column("conflict_reason", sa.Text(), nullable=True),
        sa.Column("settled_how", sa.Text(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_why", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(origin = 'sample') = (sample_id IS NOT NULL)", name=op.f("ck_moderation_sampled")),
        sa.CheckConstraint("(settled_how IS NOT NULL) = (status = 'settled')", name=op.f("ck_moderation_settled")),
        sa.CheckConstraint("origin IN ('sample', 'auditor', 'team', 'manager')", name=op.f("ck_moderation_origin")),
        sa.CheckConstraint(
            "settled_how IN ('agreed', 'consolidated', 'third')", name=op.f("ck_moderation_settled_how")
        ),
        sa.CheckConstraint(
            "status IN ('unallocated', 'allocated', 'consolidating', 'proposed', 'conflict', 'settled', 'withdrawn')",
            name=op.f("ck_moderation_status"),
        ),
        sa.CheckConstraint(
            "status IN ('unallocated', 'withdrawn') OR moderator IS NOT NULL", name=op.f("ck_moderation_moderator")
        ),
        sa.ForeignKeyConstraint(["audit_id"], ["audit.id"], name=op.f("fk_moderation_audit_id")),
        sa.ForeignKeyConstraint(["sample_id"], ["moderation_sample.id"], name=op.f("fk_moderation_sample_id")),
        sa.ForeignKeyConstraint(["unit"], ["org_unit.code"], name=op.f("fk_moderation_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_moderation")),
    )
    op.create_index("ix_moderation_audit_id", "moderation", ["audit_id", "id"], unique=False)
    op.create_index("ix_moderation_moderator", "moderation", ["moderator", "audit_id"], unique=False)
    op.create_index(
        "ix_moderation_third_grader",
        "moderation",
        ["third_grader", "audit_id"],
        unique=False,
        postgresql_where=sa.text("third_grader IS NOT NULL"),
    )
    op.create_index(
        "uq_moderation_open",
        "moderation",
        ["audit_id"],
        unique=True,
        postgresql_where=sa.text("status NOT IN ('settled', 'withdrawn')"),
    )
    op.create_table(
        "moderation_candidate",
        sa.Column("sample_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("audit_id", sa.Uuid(), nullable=False),
        sa.Column("auditor", sa.Text(), nullable=False),
        sa.Column("sampled_before", sa.Integer(), nullable=False),
        sa.Column("drawn", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["audit_id"], ["audit.id"], name=op.f("fk_moderation_candidate_audit_id")),
        sa.ForeignKeyConstraint(
            ["sample_id"], ["moderation_sample.id"], name=op.f("fk_moderation_candidate_sample_id")
        ),
        sa.PrimaryKeyConstraint("sample_id", "place", name=op.f("pk_moderation_candidate")),
    )
    op.create_index(
        "ix_moderation_candidate_auditor",
        "moderation_candidate",
        ["auditor"],
        unique=False,
        postgresql_where=sa.text("drawn"),
    )
    op.create_table(
        "moderation_grade",
        sa.Column("moderation_id", sa.Uuid(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.Column("rank", sa.SmallInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "domain IN ('quality_of_intervention', 'outcomes_achieved', 'adherence_to_process')",
            name=op.f("ck_moderation_grade_domain"),
        ),
        sa.CheckConstraint(
            "part IN ('first', 'second', 'third', 'final', 'proposed')", name=op.f("ck_moderation_grade_part")
        ),
        sa.ForeignKeyConstraint(["moderation_id"], ["moderation.id"], name=op.f("fk_moderation_grade_moderation_id")),
        sa.PrimaryKeyConstraint("moderation_id", "part", "domain", name=op.f("pk_moderation_grade")),
    )
    op.create_table(
        "moderation_grading",
        sa.Column("moderation_id", sa.Uuid(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=True),
        sa.Column("council", sa.Text(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=True),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("answers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint("council IS NULL OR part = 'third'", name=op.f("ck_moderation_grading_third")),
        sa.CheckConstraint("part IN ('first', 'second', 'third', 'final')", name=op.f("ck_moderation_grading_part")),
        sa.CheckConstraint("(by IS NULL) = (council IS NOT NULL)", name=op.f("ck_moderation_grading_by")),
        sa.CheckConstraint(
            "num_nonnulls(council, reference, evidence) IN (0, 3)", name=op.f("ck_moderation_grading_external")
        ),
        sa.ForeignKeyConstraint(["moderation_id"], ["moderation.id"], name=op.f("fk_moderation_grading_moderation_id")),
        sa.PrimaryKeyConstraint("moderation_id", "part", name=op.f("pk_moderation_grading")),
    )


def downgrade() -> None:
    _steps(_BEFORE)
    op.drop_table("moderation_grading")
    op.drop_table("moderation_grade")
    op.drop_index(
        "ix_moderation_candidate_auditor", table_name="moderation_candidate", postgresql_where=sa.text("drawn")
    )
    op.drop_table("moderation_candidate")
    op.drop_index(
        "uq_moderation_open",
        table_name="moderation",
        postgresql_where=sa.text("status NOT IN ('settled', 'withdrawn')"),
    )
    op.drop_index(
        "ix_moderation_third_grader", table_name="moderation", postgresql_where=sa.text("third_grader IS NOT NULL")
    )
    op.drop_index("ix_moderation_moderator", table_name="moderation")
    op.drop_index("ix_moderation_audit_id", table_name="moderation")
    op.drop_table("moderation")
    op.drop_table("moderation_sample")
