"""The tables every service keeps of its own: activity, framework, organisation, idempotency keys, jobs.

Defined once here and copied into each service's metadata; the rows are each service's own, in its own database.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, UUID

platform = sa.MetaData(
    naming_convention={
        "ix": "ix_%(column_0_N_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
_now = sa.text("clock_timestamp()")


def _moment(name: str, *, default: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=not default, server_default=_now if default else None)


activity = sa.Table(
    "activity",
    platform,
    sa.Column("id", UUID(as_uuid=True), primary_key=True),
    _moment("at", default=True),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("subject_type", sa.Text, nullable=False),
    sa.Column("subject_id", sa.Text, nullable=False),
    sa.Column("unit", sa.Text),
    sa.Column("reason", sa.Text),
    sa.Column("request_id", sa.Text),
    sa.Column("salt", sa.LargeBinary),
    sa.Column("digest", sa.LargeBinary, nullable=False),
    sa.Column("data", JSONB, nullable=False, server_default=sa.text("'{}'::jsonb")),
)
sa.Index("ix_activity_subject", activity.c.subject_type, activity.c.subject_id, activity.c.id)

activity_pending = sa.Table(
    "activity_pending",
    platform,
    sa.Column("activity_id", UUID(as_uuid=True), sa.ForeignKey("activity.id"), primary_key=True),
)

activity_seal = sa.Table(
    "activity_seal",
    platform,
    sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("activity_id", UUID(as_uuid=True), sa.ForeignKey("activity.id"), nullable=False, unique=True),
    sa.Column("hash", sa.LargeBinary, nullable=False),
)

activity_head = sa.Table(
    "activity_head",
    platform,
    sa.Column("id", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("epoch", UUID(as_uuid=True), nullable=False, server_default=sa.text("gen_random_uuid()")),
    sa.Column("position", sa.BigInteger, nullable=False, server_default=sa.text("0")),
    sa.Column("hash", sa.LargeBinary, nullable=False, server_default=sa.text("'\\x'::bytea")),
    _moment("sealed_at"),
    sa.CheckConstraint("id = 1", name="one_row"),
)

read_log = sa.Table(
    "read_log",
    platform,
    sa.Column("id", UUID(as_uuid=True), primary_key=True),
    _moment("at", default=True),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("operation", sa.Text, nullable=False),
    sa.Column("subject_type", sa.Text, nullable=False),
    sa.Column("subject_id", sa.Text),
    sa.Column("request_id", sa.Text),
)
sa.Index("ix_read_log_subject", read_log.c.subject_type, read_log.c.subject_id, read_log.c.at)
sa.Index("ix_read_log_actor", read_log.c.actor, read_log.c.at)
sa.Index("ix_read_log_at", read_log.c.at, read_log.c.id)

legal_hold = sa.Table(
    "legal_hold",
    platform,
    sa.Column("id", UUID(as_uuid=True), primary_key=True),
    sa.Column("scope", sa.Text, nullable=False),
    sa.Column("kind", sa.Text),
    sa.Column("reference", sa.Text),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("placed_by", sa.Text, nullable=False),
    _moment("placed_at", default=True),
    sa.Column("lifted_by", sa.Text),
    _moment("lifted_at"),
    sa.Column("lifted_because", sa.Text),
    sa.Column("version", sa.Integer, nullable=False, server_default=sa.text("1")),
    sa.CheckConstraint("(scope = 'everything') = (reference IS NULL)", name="reference"),
    sa.CheckConstraint("(scope = 'record') = (kind IS NOT NULL)", name="kind"),
    sa.CheckConstraint("num_nonnulls(lifted_by, lifted_at, lifted_because) IN (0, 3)", name="lifted"),
)

# Every time rows leave that otherwise never do. The triggers of such tables let a row go only in the transaction that
# wrote its disposal here, by number and moment: numbers alone begin anew in a restored database.
disposal = sa.Table(
    "disposal",
    platform,
    sa.Column("id", UUID(as_uuid=True), primary_key=True),
    sa.Column("why", sa.Text, nullable=False),
    sa.Column("ground", sa.Text),
    sa.Column("request_reference", sa.Text),
    sa.Column("done_by", sa.Text, nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("transaction_timestamp()")),
    sa.Column("xact", sa.Text, nullable=False, server_default=sa.text("pg_current_xact_id()::text")),
    sa.CheckConstraint("why IN ('retention', 'erasure')", name="why"),
    sa.CheckConstraint("(why = 'erasure') = (ground IS NOT NULL)", name="ground"),
)
sa.Index("ix_disposal_xact", disposal.c.xact)

# What is left of a sealed deed after its reason and data went: the digest that `qapf verify` holds it to.
activity_erased = sa.Table(
    "activity_erased",
    platform,
    sa.Column("activity_id", UUID(as_uuid=True), primary_key=True),
    sa.Column("disposal", UUID(as_uuid=True), sa.ForeignKey("disposal.id"), nullable=False),
    sa.Column("rest", sa.LargeBinary, nullable=False),
)

# Up to where the oldest end of the log has left, and the hash the rest goes on from.
activity_cut = sa.Table(
    "activity_cut",
    platform,
    sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("hash", sa.LargeBinary, nullable=False),
    sa.Column("disposal", UUID(as_uuid=True), sa.ForeignKey("disposal.id"), nullable=False),
)

idempotency_key = sa.Table(
    "idempotency_key",
    platform,
    sa.Column("scope", sa.LargeBinary, primary_key=True),
    sa.Column("body_hash", sa.LargeBinary, nullable=False),
    sa.Column("status", sa.SmallInteger, nullable=False),
    sa.Column("headers", JSONB, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("subject_type", sa.Text),
    sa.Column("subject_id", sa.Text),
    _moment("created_at", default=True),
)
sa.Index("ix_idempotency_key_created_at", idempotency_key.c.created_at)
sa.Index("ix_idempotency_key_subject", idempotency_key.c.subject_type, idempotency_key.c.subject_id)

framework_item = sa.Table(
    "framework_item",
    platform,
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("code", sa.Text, primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("content", JSONB, nullable=False),
    sa.Column("hash", sa.LargeBinary, nullable=False),
    sa.Column("retired", sa.Boolean, nullable=False, server_default=sa.text("false")),
    _moment("applied_at", default=True),
    sa.Column("applied_by", sa.Text, nullable=False),
)

framework_item_version = sa.Table(
    "framework_item_version",
    platform,
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("code", sa.Text, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("content", JSONB, nullable=False),
    sa.Column("retired", sa.Boolean, nullable=False),
    _moment("applied_at", default=True),
    sa.Column("applied_by", sa.Text, nullable=False),
    sa.ForeignKeyConstraint(["kind", "code"], ["framework_item.kind", "framework_item.code"]),
)

# One row. Triggers give it a new state with each change of the items, the units and what services make of them.
framework_state = sa.Table(
    "framework_state",
    platform,
    sa.Column("id", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("state", UUID(as_uuid=True), nullable=False, server_default=sa.text("gen_random_uuid()")),
    sa.CheckConstraint("id = 1", name="one_row"),
)

org_unit = sa.Table(
    "org_unit",
    platform,
    sa.Column("code", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("parent", sa.Text, sa.ForeignKey("org_unit.code", deferrable=True, initially="DEFERRED")),
    sa.Column("valid_from", sa.Date, nullable=False),
    sa.Column("valid_to", sa.Date),
    sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="validity"),
    sa.CheckConstraint("parent IS NULL OR parent <> code", name="no_self_parent"),
)
sa.Index("ix_org_unit_parent", org_unit.c.parent)

org_unit_succession = sa.Table(
    "org_unit_succession",
    platform,
    sa.Column("code", sa.Text, sa.ForeignKey("org_unit.code"), primary_key=True),
    sa.Column(
        "successor",
        sa.Text,
        sa.ForeignKey("org_unit.code", deferrable=True, initially="DEFERRED"),
        primary_key=True,
    ),
)

job = sa.Table(
    "job",
    platform,
    sa.Column("id", UUID(as_uuid=True), primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False, server_default="queued"),
    sa.Column("payload", JSONB, nullable=False, server_default=sa.text("'{}'::jsonb")),
    sa.Column("result", JSONB),
    sa.Column("done", sa.BigInteger, nullable=False, server_default=sa.text("0")),
    sa.Column("total", sa.BigInteger),
    sa.Column("attempt", sa.Integer, nullable=False, server_default=sa.text("0")),
    sa.Column("max_attempts", sa.Integer, nullable=False, server_default=sa.text("5")),
    _moment("not_before", default=True),
    sa.Column("owner", UUID(as_uuid=True)),
    _moment("lease_until"),
    sa.Column("last_fault", sa.Text),
    sa.Column("created_by", sa.Text, nullable=False),
    _moment("created_at", default=True),
    _moment("finished_at"),
    sa.UniqueConstraint("kind", "key"),
    sa.CheckConstraint("status IN ('queued','running','succeeded','failed','cancelled')", name="status"),
    sa.CheckConstraint("(status = 'running') = (owner IS NOT NULL AND lease_until IS NOT NULL)", name="lease"),
)
sa.Index(
    "ix_job_due",
    job.c.kind,
    job.c.not_before,
    postgresql_where=sa.text("status IN ('queued','running')"),
)


def copy_into(metadata: sa.MetaData) -> None:
    """Give a service's metadata its own copy of the platform's tables."""
    for table in platform.sorted_tables:
        table.to_metadata(metadata)
