"""Safeguarding flags and all that happens to them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "safeguarding_flag",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_ref", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("reasons", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_by", sa.Text(), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("outcome_note", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(status = 'decided') = (outcome IS NOT NULL) AND (outcome IS NULL) = (decided_at IS NULL)"
            " AND (decided_at IS NULL) = (decided_by IS NULL) AND (status = 'decided') = (due_at IS NULL)",
            name=op.f("ck_safeguarding_flag_decided"),
        ),
        sa.CheckConstraint(
            "(status = 'waiting') = (acknowledged_at IS NULL)"
            " AND (acknowledged_at IS NULL) = (acknowledged_by IS NULL)",
            name=op.f("ck_safeguarding_flag_acknowledged"),
        ),
        sa.CheckConstraint(
            "outcome IN ('referred','already_known','contacted','no_concern')",
            name=op.f("ck_safeguarding_flag_outcome"),
        ),
        sa.CheckConstraint("status IN ('waiting','acknowledged','decided')", name=op.f("ck_safeguarding_flag_status")),
        sa.CheckConstraint(
            "subject_kind IN ('view','complaint','compliment','survey_response','public_submission',"
            "'challenge','activity')",
            name=op.f("ck_safeguarding_flag_subject_kind"),
        ),
        sa.CheckConstraint("cardinality(reasons) > 0", name=op.f("ck_safeguarding_flag_reasons")),
        sa.CheckConstraint("level >= 1 AND version >= 1", name=op.f("ck_safeguarding_flag_numbers")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_safeguarding_flag")),
        sa.UniqueConstraint("subject_kind", "subject_ref", name=op.f("uq_safeguarding_flag_subject_kind_subject_ref")),
    )
    op.create_index(
        "ix_safeguarding_flag_due",
        "safeguarding_flag",
        ["due_at", "id"],
        unique=False,
        postgresql_where=sa.text("status <> 'decided'"),
    )
    op.create_index("ix_safeguarding_flag_told_at", "safeguarding_flag", ["told_at", "id"], unique=False)
    op.create_index(
        "ix_safeguarding_flag_waiting",
        "safeguarding_flag",
        ["told_at", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'waiting'"),
    )
    op.create_table(
        "safeguarding_event",
        sa.Column("flag_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("reasons", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('raised','raised_again','escalated','acknowledged','decided','reopened')",
            name=op.f("ck_safeguarding_event_kind"),
        ),
        sa.ForeignKeyConstraint(["flag_id"], ["safeguarding_flag.id"], name=op.f("fk_safeguarding_event_flag_id")),
        sa.PrimaryKeyConstraint("flag_id", "position", name=op.f("pk_safeguarding_event")),
    )
    # What was flagged before there was a queue waits in it from now on.
    op.execute(
        """
        INSERT INTO safeguarding_flag
          (id, subject_kind, subject_ref, unit, reasons, raised_at, told_at, status, level, due_at, version)
        SELECT gen_random_uuid(), 'view', id::text, unit, flag_reasons, recorded_at, now(), 'waiting', 1,
               now() + interval '1 hour', 1
        FROM view WHERE safeguarding_flag
        """
    )
    op.execute(
        """
        INSERT INTO safeguarding_event (flag_id, position, kind, level, reasons, due_at, happened_at, done_by)
        SELECT id, 1, 'raised', 1, reasons, due_at, told_at, 'system:safeguarding' FROM safeguarding_flag
        """
    )


def downgrade() -> None:
    op.drop_table("safeguarding_event")
    op.drop_index(
        "ix_safeguarding_flag_waiting", table_name="safeguarding_flag", postgresql_where=sa.text("status = 'waiting'")
    )
    op.drop_index("ix_safeguarding_flag_told_at", table_name="safeguarding_flag")
    op.drop_index(
        "ix_safeguarding_flag_due", table_name="safeguarding_flag", postgresql_where=sa.text("status <> 'decided'")
    )
    op.drop_table("safeguarding_flag")
