"""Tools by edition, rounds and slots, audits with their answers and findings, actions with their history."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_round",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("audit_type", sa.Text(), nullable=False),
        sa.Column("tool", sa.Text(), nullable=False),
        sa.Column("required_views", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("missed_after", sa.Date(), nullable=False),
        sa.Column("announced", sa.Boolean(), nullable=False),
        sa.Column("trigger", sa.Text(), nullable=True),
        sa.Column("trigger_reference", sa.Text(), nullable=True),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "ends_on >= starts_on AND due_on >= ends_on AND missed_after >= due_on",
            name=op.f("ck_audit_round_dates"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_round")),
        sa.UniqueConstraint("programme", "period", name=op.f("uq_audit_round_programme_period")),
    )
    op.create_index("ix_audit_round_starts_on", "audit_round", ["programme", "starts_on"], unique=False)
    op.create_table(
        "tool_version",
        sa.Column("tool", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("audit_types", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("status IN ('published', 'retired')", name=op.f("ck_tool_version_status")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_tool_version_version")),
        sa.PrimaryKeyConstraint("tool", "version", name=op.f("pk_tool_version")),
    )
    op.create_index(
        "uq_tool_version_in_use",
        "tool_version",
        ["tool"],
        unique=True,
        postgresql_where=sa.text("status = 'published'"),
    )
    op.create_table(
        "audit_slot",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("round_id", sa.UUID(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("effective_to", sa.Date(), nullable=True),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.Column("voided_by", sa.Text(), nullable=True),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(void_reason IS NULL) = (voided_by IS NULL) AND (void_reason IS NULL) = (voided_at IS NULL)",
            name=op.f("ck_audit_slot_void"),
        ),
        sa.CheckConstraint(
            "effective_to IS NULL OR effective_to >= effective_from", name=op.f("ck_audit_slot_validity")
        ),
        sa.ForeignKeyConstraint(["round_id"], ["audit_round.id"], name=op.f("fk_audit_slot_round_id")),
        sa.ForeignKeyConstraint(["unit"], ["org_unit.code"], name=op.f("fk_audit_slot_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_slot")),
        sa.UniqueConstraint("round_id", "unit", name=op.f("uq_audit_slot_round_id_unit")),
    )
    op.create_index("ix_audit_slot_unit", "audit_slot", ["unit"], unique=False)
    op.create_table(
        "audit",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("source_ref", sa.Text(), nullable=True),
        sa.Column("slot_id", sa.UUID(), nullable=True),
        sa.Column("programme", sa.Text(), nullable=True),
        sa.Column("period", sa.Text(), nullable=True),
        sa.Column("tool", sa.Text(), nullable=False),
        sa.Column("tool_version", sa.Integer(), nullable=False),
        sa.Column("audit_type", sa.Text(), nullable=False),
        sa.Column("trigger", sa.Text(), nullable=True),
        sa.Column("trigger_reference", sa.Text(), nullable=True),
        sa.Column("announced", sa.Boolean(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("case_reference", sa.Text(), nullable=False),
        sa.Column("auditor", sa.Text(), nullable=False),
        sa.Column("auditor_unit", sa.Text(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("required_views", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("quality_grade", sa.Text(), nullable=True),
        sa.Column("outcomes_grade", sa.Text(), nullable=True),
        sa.Column("process_grade", sa.Text(), nullable=True),
        sa.Column("no_strength_reason", sa.Text(), nullable=True),
        sa.Column("counts_on", sa.Date(), nullable=True),
        sa.Column("submitted_on", sa.Date(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("submitted_by", sa.Text(), nullable=True),
        sa.Column("allocated_by", sa.Text(), nullable=False),
        sa.Column("allocated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("audit_type <> 'thematic' OR trigger IS NOT NULL", name=op.f("ck_audit_trigger")),
        sa.CheckConstraint(
            "audit_type NOT IN ('single_case', 'thematic', 'multi_agency', 'serious_case', 'peer')"
            " OR auditor_unit IS NULL OR auditor_unit <> unit",
            name=op.f("ck_audit_independent"),
        ),
        sa.CheckConstraint(
            "status IN ('allocated', 'in_progress', 'submitted', 'in_moderation', 'moderated', 'closed', 'withdrawn')",
            name=op.f("ck_audit_status"),
        ),
        sa.CheckConstraint(
            "status NOT IN ('submitted', 'in_moderation', 'moderated', 'closed')"
            " OR (submitted_on IS NOT NULL AND submitted_at IS NOT NULL AND submitted_by IS NOT NULL"
            " AND counts_on IS NOT NULL)",
            name=op.f("ck_audit_submitted"),
        ),
        sa.ForeignKeyConstraint(["slot_id"], ["audit_slot.id"], name=op.f("fk_audit_slot_id")),
        sa.ForeignKeyConstraint(
            ["tool", "tool_version"],
            ["tool_version.tool", "tool_version.version"],
            name=op.f("fk_audit_tool_tool_version"),
        ),
        sa.ForeignKeyConstraint(["unit"], ["org_unit.code"], name=op.f("fk_audit_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index("ix_audit_auditor", "audit", ["auditor", "id"], unique=False)
    op.create_index("ix_audit_case_reference", "audit", ["case_reference"], unique=False)
    op.create_index(
        "ix_audit_counts_on",
        "audit",
        ["counts_on", "unit"],
        unique=False,
        postgresql_where=sa.text("submitted_on IS NOT NULL"),
    )
    op.create_index(
        "uq_audit_source_ref",
        "audit",
        ["source_ref"],
        unique=True,
        postgresql_where=sa.text("source_ref IS NOT NULL"),
    )
    op.create_index("ix_audit_unit", "audit", ["unit", "id"], unique=False)
    op.create_index(
        "uq_audit_slot_id",
        "audit",
        ["slot_id"],
        unique=True,
        postgresql_where=sa.text("slot_id IS NOT NULL AND status <> 'withdrawn'"),
    )
    op.create_table(
        "audit_answer",
        sa.Column("audit_id", sa.UUID(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("rank", sa.SmallInteger(), nullable=True),
        sa.CheckConstraint("char_length(value) BETWEEN 1 AND 4000", name=op.f("ck_audit_answer_value")),
        sa.ForeignKeyConstraint(["audit_id"], ["audit.id"], name=op.f("fk_audit_answer_audit_id")),
        sa.PrimaryKeyConstraint("audit_id", "question", name=op.f("pk_audit_answer")),
    )
    op.create_table(
        "audit_finding",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("audit_id", sa.UUID(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("themes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("repeat_of", sa.UUID(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('strength', 'area_for_improvement', 'concern')", name=op.f("ck_audit_finding_kind")
        ),
        sa.CheckConstraint("repeat_of IS NULL OR repeat_of <> id", name=op.f("ck_audit_finding_repeat")),
        sa.ForeignKeyConstraint(["audit_id"], ["audit.id"], name=op.f("fk_audit_finding_audit_id")),
        sa.ForeignKeyConstraint(["repeat_of"], ["audit_finding.id"], name=op.f("fk_audit_finding_repeat_of")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_finding")),
        sa.UniqueConstraint("audit_id", "position", name=op.f("uq_audit_finding_audit_id_position")),
    )
    op.create_table(
        "audit_participant",
        sa.Column("audit_id", sa.UUID(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("post", sa.Text(), nullable=True),
        sa.Column("agency", sa.Text(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "level IN ('practitioner', 'team_manager', 'senior_manager', 'head_of_service', 'director', 'partner')",
            name=op.f("ck_audit_participant_level"),
        ),
        sa.CheckConstraint(
            "part IN ('case_worker', 'case_manager', 'contributor')", name=op.f("ck_audit_participant_part")
        ),
        sa.ForeignKeyConstraint(["audit_id"], ["audit.id"], name=op.f("fk_audit_participant_audit_id")),
        sa.PrimaryKeyConstraint("audit_id", "position", name=op.f("pk_audit_participant")),
    )
    op.create_table(
        "audit_view",
        sa.Column("audit_id", sa.UUID(), nullable=False),
        sa.Column("view_of", sa.Text(), nullable=False),
        sa.Column("feedback", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "reason IN ('declined', 'unsafe', 'not_contactable', 'no_reply', 'too_young', 'not_applicable')",
            name=op.f("ck_audit_view_reason"),
        ),
        sa.CheckConstraint("view_of IN ('child', 'parent_carer', 'icrs')", name=op.f("ck_audit_view_view_of")),
        sa.CheckConstraint("feedback IS NOT NULL OR reason IS NOT NULL", name=op.f("ck_audit_view_heard_or_why")),
        sa.ForeignKeyConstraint(["audit_id"], ["audit.id"], name=op.f("fk_audit_view_audit_id")),
        sa.PrimaryKeyConstraint("audit_id", "view_of", name=op.f("pk_audit_view")),
    )
    op.create_table(
        "action",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("finding_id", sa.UUID(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("owner_role", sa.Text(), nullable=True),
        sa.Column("owner_subject", sa.Text(), nullable=True),
        sa.Column("owner_post", sa.Text(), nullable=True),
        sa.Column("original_due_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("raised_on", sa.Date(), nullable=False),
        sa.Column("raised_by", sa.Text(), nullable=False),
        sa.Column("completed_on", sa.Date(), nullable=True),
        sa.Column("completed_by", sa.Text(), nullable=True),
        sa.Column("completion_note", sa.Text(), nullable=True),
        sa.Column("review_on", sa.Date(), nullable=True),
        sa.Column("impact", sa.Text(), nullable=True),
        sa.Column("impact_note", sa.Text(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("closed_by", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "impact IN ('positive', 'none', 'negative', 'not_assessable')", name=op.f("ck_action_impact")
        ),
        sa.CheckConstraint(
            "impact IS DISTINCT FROM 'not_assessable' OR impact_note IS NOT NULL",
            name=op.f("ck_action_impact_note"),
        ),
        sa.CheckConstraint(
            "status <> 'closed' OR (impact IS NOT NULL AND closed_on IS NOT NULL AND completed_on IS NOT NULL)",
            name=op.f("ck_action_closed_with_impact"),
        ),
        sa.CheckConstraint(
            "status IN ('open', 'completed', 'verified', 'closed', 'cancelled')",
            name=op.f("ck_action_status"),
        ),
        sa.CheckConstraint(
            "status NOT IN ('completed', 'verified') OR completed_on IS NOT NULL",
            name=op.f("ck_action_completed"),
        ),
        sa.CheckConstraint("num_nonnulls(owner_role, owner_subject) = 1", name=op.f("ck_action_owner")),
        sa.ForeignKeyConstraint(["finding_id"], ["audit_finding.id"], name=op.f("fk_action_finding_id")),
        sa.ForeignKeyConstraint(["unit"], ["org_unit.code"], name=op.f("fk_action_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_action")),
    )
    op.create_index(
        "ix_action_finding_id",
        "action",
        ["finding_id"],
        unique=False,
        postgresql_where=sa.text("finding_id IS NOT NULL"),
    )
    op.create_index(
        "ix_action_open",
        "action",
        ["body", "original_due_on"],
        unique=False,
        postgresql_where=sa.text("status = 'open'"),
    )
    op.create_index("ix_action_original_due_on", "action", ["original_due_on", "id"], unique=False)
    op.create_index("ix_action_unit", "action", ["unit", "raised_on"], unique=False)
    op.create_table(
        "action_due_date",
        sa.Column("action_id", sa.UUID(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["action_id"], ["action.id"], name=op.f("fk_action_due_date_action_id")),
        sa.PrimaryKeyConstraint("action_id", "position", name=op.f("pk_action_due_date")),
    )
    op.create_table(
        "action_evidence",
        sa.Column("action_id", sa.UUID(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('finding', 'indicator', 'feedback', 'research')", name=op.f("ck_action_evidence_kind")
        ),
        sa.CheckConstraint("stage IN ('basis', 'impact')", name=op.f("ck_action_evidence_stage")),
        sa.ForeignKeyConstraint(["action_id"], ["action.id"], name=op.f("fk_action_evidence_action_id")),
        sa.PrimaryKeyConstraint("action_id", "stage", "position", name=op.f("pk_action_evidence")),
    )


def downgrade() -> None:
    op.drop_table("action_evidence")
    op.drop_table("action_due_date")
    op.drop_index("ix_action_unit", table_name="action")
    op.drop_index("ix_action_original_due_on", table_name="action")
    op.drop_index("ix_action_open", table_name="action", postgresql_where=sa.text("status = 'open'"))
    op.drop_index("ix_action_finding_id", table_name="action", postgresql_where=sa.text("finding_id IS NOT NULL"))
    op.drop_table("action")
    op.drop_table("audit_view")
    op.drop_table("audit_participant")
    op.drop_table("audit_finding")
    op.drop_table("audit_answer")
    op.drop_index(
        "uq_audit_slot_id",
        table_name="audit",
        postgresql_where=sa.text("slot_id IS NOT NULL AND status <> 'withdrawn'"),
    )
    op.drop_index("uq_audit_source_ref", table_name="audit", postgresql_where=sa.text("source_ref IS NOT NULL"))
    op.drop_index("ix_audit_unit", table_name="audit")
    op.drop_index("ix_audit_counts_on", table_name="audit", postgresql_where=sa.text("submitted_on IS NOT NULL"))
    op.drop_index("ix_audit_case_reference", table_name="audit")
    op.drop_index("ix_audit_auditor", table_name="audit")
    op.drop_table("audit")
    op.drop_index("ix_audit_slot_unit", table_name="audit_slot")
    op.drop_table("audit_slot")
    op.drop_index("uq_tool_version_in_use", table_name="tool_version", postgresql_where=sa.text("status = 'published'"))
    op.drop_table("tool_version")
    op.drop_index("ix_audit_round_starts_on", table_name="audit_round")
    op.drop_table("audit_round")
