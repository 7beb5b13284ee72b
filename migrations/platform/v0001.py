"""First edition of the tables every service keeps: activity, framework, organisation, idempotency keys, jobs."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

# The log is append-only to everyone; only a row's salt may go, which is how erasure unlinks a digest.
_APPEND_ONLY = """
CREATE FUNCTION activity_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND NEW.salt IS NULL AND (to_jsonb(NEW) - 'salt') = (to_jsonb(OLD) - 'salt') THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'the activity log is append-only';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON activity
  FOR EACH ROW EXECUTE FUNCTION activity_is_append_only();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON activity_seal
  FOR EACH ROW EXECUTE FUNCTION activity_is_append_only();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON activity
  FOR EACH STATEMENT EXECUTE FUNCTION activity_is_append_only();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON activity_seal
  FOR EACH STATEMENT EXECUTE FUNCTION activity_is_append_only();
"""


def upgrade() -> None:
    op.create_table(
        "activity",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject_type", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("request_id", sa.Text(), nullable=True),
        sa.Column("salt", sa.LargeBinary(), nullable=True),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("data", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity")),
    )
    op.create_index("ix_activity_subject", "activity", ["subject_type", "subject_id", "id"], unique=False)
    op.create_table(
        "activity_head",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("epoch", sa.UUID(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("position", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("hash", sa.LargeBinary(), server_default=sa.text("'\\x'::bytea"), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_activity_head_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity_head")),
    )
    op.create_table(
        "framework_item",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("retired", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column(
            "applied_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("applied_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "code", name=op.f("pk_framework_item")),
    )
    op.create_table(
        "idempotency_key",
        sa.Column("scope", sa.LargeBinary(), nullable=False),
        sa.Column("body_hash", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("headers", postgresql.JSONB(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("subject_type", sa.Text(), nullable=True),
        sa.Column("subject_id", sa.Text(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("scope", name=op.f("pk_idempotency_key")),
    )
    op.create_index("ix_idempotency_key_created_at", "idempotency_key", ["created_at"], unique=False)
    op.create_table(
        "job",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="queued", nullable=False),
        sa.Column("payload", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("result", postgresql.JSONB(), nullable=True),
        sa.Column("done", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=True),
        sa.Column("attempt", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("max_attempts", sa.Integer(), server_default=sa.text("5"), nullable=False),
        sa.Column(
            "not_before",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("owner", sa.UUID(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_fault", sa.Text(), nullable=True),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(status = 'running') = (owner IS NOT NULL AND lease_until IS NOT NULL)",
            name=op.f("ck_job_lease"),
        ),
        sa.CheckConstraint(
            "status IN ('queued','running','succeeded','failed','cancelled')", name=op.f("ck_job_status")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
        sa.UniqueConstraint("kind", "key", name=op.f("uq_job_kind_key")),
    )
    op.create_index(
        "ix_job_due",
        "job",
        ["kind", "not_before"],
        unique=False,
        postgresql_where=sa.text("status IN ('queued','running')"),
    )
    op.create_table(
        "org_unit",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("parent", sa.Text(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.CheckConstraint("parent IS NULL OR parent <> code", name=op.f("ck_org_unit_no_self_parent")),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_org_unit_validity")),
        sa.ForeignKeyConstraint(
            ["parent"],
            ["org_unit.code"],
            name=op.f("fk_org_unit_parent"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_org_unit")),
    )
    op.create_index("ix_org_unit_parent", "org_unit", ["parent"], unique=False)
    op.create_table(
        "read_log",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("subject_type", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=True),
        sa.Column("request_id", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_read_log")),
    )
    op.create_index("ix_read_log_subject", "read_log", ["subject_type", "subject_id", "at"], unique=False)
    op.create_table(
        "activity_pending",
        sa.Column("activity_id", sa.UUID(), nullable=False),
        sa.ForeignKeyConstraint(["activity_id"], ["activity.id"], name=op.f("fk_activity_pending_activity_id")),
        sa.PrimaryKeyConstraint("activity_id", name=op.f("pk_activity_pending")),
    )
    op.create_table(
        "activity_seal",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("activity_id", sa.UUID(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["activity_id"], ["activity.id"], name=op.f("fk_activity_seal_activity_id")),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_activity_seal")),
        sa.UniqueConstraint("activity_id", name=op.f("uq_activity_seal_activity_id")),
    )
    op.create_table(
        "framework_item_version",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.Column(
            "applied_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("applied_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["kind", "code"],
            ["framework_item.kind", "framework_item.code"],
            name=op.f("fk_framework_item_version_kind_code"),
        ),
        sa.PrimaryKeyConstraint("kind", "code", "version", name=op.f("pk_framework_item_version")),
    )
    op.create_table(
        "org_unit_succession",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("successor", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["code"], ["org_unit.code"], name=op.f("fk_org_unit_succession_code")),
        sa.ForeignKeyConstraint(
            ["successor"],
            ["org_unit.code"],
            name=op.f("fk_org_unit_succession_successor"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("code", "successor", name=op.f("pk_org_unit_succession")),
    )
    for statement in _split(_APPEND_ONLY):
        op.execute(statement)
    op.execute("INSERT INTO activity_head (id) VALUES (1)")


def downgrade() -> None:
    op.drop_table("org_unit_succession")
    op.drop_table("framework_item_version")
    op.drop_table("activity_seal")
    op.drop_table("activity_pending")
    op.drop_index("ix_read_log_subject", table_name="read_log")
    op.drop_table("read_log")
    op.drop_index("ix_org_unit_parent", table_name="org_unit")
    op.drop_table("org_unit")
    op.drop_index("ix_job_due", table_name="job", postgresql_where=sa.text("status IN ('queued','running')"))
    op.drop_table("job")
    op.drop_index("ix_idempotency_key_created_at", table_name="idempotency_key")
    op.drop_table("idempotency_key")
    op.drop_table("framework_item")
    op.drop_table("activity_head")
    op.drop_index("ix_activity_subject", table_name="activity")
    op.drop_table("activity")
    op.execute("DROP FUNCTION activity_is_append_only()")


def _split(script: str) -> list[str]:
    """The driver takes one statement at a time; the function's body holds semicolons of its own."""
    function, rest = script.split("$$;", 1)
    return [function + "$$", *(part for part in rest.split(";") if part.strip())]
