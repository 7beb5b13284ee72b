"""Legal holds, disposals, and the one way by which rows that never change may leave."""

import sqlalchemy as sa
from alembic import op

# A disposal in this very transaction, which stays for good, is what lets a row go.
_RECORDED = """
CREATE FUNCTION disposal_recorded(wanted text DEFAULT NULL) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (
    SELECT FROM disposal WHERE xact = pg_current_xact_id()::text AND at = transaction_timestamp()
      AND (wanted IS NULL OR why = wanted))
$$
"""
_FINAL = """
CREATE FUNCTION disposal_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'what was disposed of is never changed or forgotten';
END $$
"""
# Of a deed, its salt may always go; with a disposal its reason, its data and whom it names. Whole deeds leave from the
# oldest end alone, up to where the cut says.
_APPEND_ONLY = """
CREATE OR REPLACE FUNCTION activity_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_TABLE_NAME = 'activity' AND TG_OP = 'UPDATE' THEN
    IF NEW.salt IS NULL AND (to_jsonb(NEW) - 'salt') = (to_jsonb(OLD) - 'salt') THEN
      RETURN NEW;
    END IF;
    IF NEW.salt IS NULL AND NEW.reason IS NULL AND NEW.data = '{}' AND NEW.subject_id IN (OLD.subject_id, 'erased')
      AND to_jsonb(NEW) - ARRAY['salt', 'reason', 'data', 'subject_id']
        = to_jsonb(OLD) - ARRAY['salt', 'reason', 'data', 'subject_id']
      AND OLD.subject_type <> 'disposal' AND disposal_recorded() THEN
      RETURN NEW;
    END IF;
  ELSIF TG_TABLE_NAME = 'activity_seal' AND TG_OP = 'DELETE' THEN
    IF OLD.position <= (SELECT max(position) FROM activity_cut) AND disposal_recorded('retention') THEN
      RETURN OLD;
    END IF;
  ELSIF TG_TABLE_NAME = 'activity' AND TG_OP = 'DELETE' THEN
    IF disposal_recorded('retention')
      AND NOT EXISTS (SELECT FROM activity_pending WHERE activity_id = OLD.id)
      AND EXISTS (SELECT FROM activity_cut c JOIN disposal d ON d.id = c.disposal
                  WHERE d.xact = pg_current_xact_id()::text AND d.at = transaction_timestamp()) THEN
      RETURN OLD;
    END IF;
  END IF;
  RAISE EXCEPTION 'the activity log is append-only';
END $$
"""
_AS_BEFORE = """
CREATE OR REPLACE FUNCTION activity_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND NEW.salt IS NULL AND (to_jsonb(NEW) - 'salt') = (to_jsonb(OLD) - 'salt') THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'the activity log is append-only';
END $$
"""
_KEPT_FOR_GOOD = ("disposal", "activity_erased", "activity_cut")


def upgrade() -> None:
    op.create_table(
        "legal_hold",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("placed_by", sa.Text(), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("lifted_by", sa.Text(), nullable=True),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_because", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.CheckConstraint("(scope = 'everything') = (reference IS NULL)", name=op.f("ck_legal_hold_reference")),
        sa.CheckConstraint("(scope = 'record') = (kind IS NOT NULL)", name=op.f("ck_legal_hold_kind")),
        sa.CheckConstraint(
            "num_nonnulls(lifted_by, lifted_at, lifted_because) IN (0, 3)", name=op.f("ck_legal_hold_lifted")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_hold")),
    )
    op.create_table(
        "disposal",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("ground", sa.Text(), nullable=True),
        sa.Column("request_reference", sa.Text(), nullable=True),
        sa.Column("done_by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("transaction_timestamp()"), nullable=False),
        sa.Column("xact", sa.Text(), server_default=sa.text("pg_current_xact_id()::text"), nullable=False),
        sa.CheckConstraint("why IN ('retention', 'erasure')", name=op.f("ck_disposal_why")),
        sa.CheckConstraint("(why = 'erasure') = (ground IS NOT NULL)", name=op.f("ck_disposal_ground")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disposal")),
    )
    op.create_index("ix_disposal_xact", "disposal", ["xact"])
    op.create_table(
        "activity_erased",
        sa.Column("activity_id", sa.UUID(), nullable=False),
        sa.Column("disposal", sa.UUID(), nullable=False),
        sa.Column("rest", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["disposal"], ["disposal.id"], name=op.f("fk_activity_erased_disposal")),
        sa.PrimaryKeyConstraint("activity_id", name=op.f("pk_activity_erased")),
    )
    op.create_table(
        "activity_cut",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("disposal", sa.UUID(), nullable=False),
        sa.ForeignKeyConstraint(["disposal"], ["disposal.id"], name=op.f("fk_activity_cut_disposal")),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_activity_cut")),
    )
    op.create_index("ix_idempotency_key_subject", "idempotency_key", ["subject_type", "subject_id"])
    op.create_index("ix_read_log_actor", "read_log", ["actor", "at"])
    op.create_index("ix_read_log_at", "read_log", ["at", "id"])
    for statement in (_RECORDED, _FINAL, _APPEND_ONLY):
        op.execute(statement)
    for table in _KEPT_FOR_GOOD:
        op.execute(
            f"CREATE TRIGGER final BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION disposal_is_final()"
        )
        op.execute(
            f"CREATE TRIGGER no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION disposal_is_final()"
        )


def downgrade() -> None:
    op.execute(_AS_BEFORE)
    op.drop_index("ix_read_log_at", table_name="read_log")
    op.drop_index("ix_read_log_actor", table_name="read_log")
    op.drop_index("ix_idempotency_key_subject", table_name="idempotency_key")
    for table in ("activity_cut", "activity_erased", "disposal", "legal_hold"):
        op.drop_table(table)
    op.execute("DROP FUNCTION disposal_recorded(text)")
    op.execute("DROP FUNCTION disposal_is_final()")
