"""Words to be shared, once another person has approved them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "quotation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_ref", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("said_on", sa.Date(), nullable=False),
        sa.Column("respondent_group", sa.Text(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("themes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("consent", sa.Text(), nullable=False),
        sa.Column("original", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written_by", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("blocked", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=True),
        sa.Column("approved_by", sa.Text(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(status IN ('refused','withdrawn')) = (ended_at IS NOT NULL) AND (ended_at IS NULL) = (ended_by IS NULL)",
            name=op.f("ck_quotation_ended"),
        ),
        sa.CheckConstraint("audience IN ('team', 'service', 'boards', 'public')", name=op.f("ck_quotation_audience")),
        sa.CheckConstraint("consent IN ('shared','anonymous','own_words')", name=op.f("ck_quotation_consent")),
        sa.CheckConstraint(
            "status <> 'approved' OR (audience IS NOT NULL AND approved_by IS NOT NULL AND approved_at IS NOT NULL"
            " AND expires_on IS NOT NULL AND cardinality(blocked) = 0)",
            name=op.f("ck_quotation_approved"),
        ),
        sa.CheckConstraint("status IN ('proposed','approved','refused','withdrawn')", name=op.f("ck_quotation_status")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_quotation_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quotation")),
    )
    op.create_index(
        "ix_quotation_approved", "quotation", ["said_on"], unique=False, postgresql_where=sa.text("status = 'approved'")
    )
    op.create_index("ix_quotation_proposed_at", "quotation", ["proposed_at", "id"], unique=False)
    op.create_index("ix_quotation_subject", "quotation", ["subject_kind", "subject_ref"], unique=False)
    op.create_table(
        "quotation_event",
        sa.Column("quotation_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("audience", sa.Text(), nullable=True),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('proposed','redacted','approved','refused','withdrawn')", name=op.f("ck_quotation_event_kind")
        ),
        sa.ForeignKeyConstraint(["quotation_id"], ["quotation.id"], name=op.f("fk_quotation_event_quotation_id")),
        sa.PrimaryKeyConstraint("quotation_id", "position", name=op.f("pk_quotation_event")),
    )
    # Learning that was passed on as it stood waits for a second person from now on, as all later learning does.
    op.execute(
        """
        INSERT INTO quotation
          (id, subject_kind, subject_ref, field, unit, said_on, respondent_group, themes, consent, original, text,
           written_by, blocked, status, proposed_at, changed_at, version)
        SELECT gen_random_uuid(), 'complaint', respond_ref, 'shared_learning', unit, received_on, respondent_group,
               themes, 'own_words', shared_learning, shared_learning, ARRAY[coalesce(learning_by, recorded_by)], '{}',
               'proposed', changed_at, changed_at, 1
        FROM complaint WHERE shared_learning IS NOT NULL
        """
    )
    op.execute(
        """
        INSERT INTO quotation_event (quotation_id, position, kind, text, happened_at, done_by)
        SELECT id, 1, 'proposed', text, proposed_at, written_by[1] FROM quotation
        """
    )


def downgrade() -> None:
    op.drop_table("quotation_event")
    op.drop_index("ix_quotation_subject", table_name="quotation")
    op.drop_index("ix_quotation_proposed_at", table_name="quotation")
    op.drop_index("ix_quotation_approved", table_name="quotation", postgresql_where=sa.text("status = 'approved'"))
    op.drop_table("quotation")
