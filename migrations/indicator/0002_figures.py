"""Areas, comparators, figures with their history, and the imports they came by."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# Statement level with transition tables: one insert however many rows changed, of the row versions truly overwritten,
# whatever ran beside. A nested loop, planned for one row and kept, would take hours over a hundred thousand.
_KEEP_HISTORY = """
CREATE FUNCTION observation_keep_history() RETURNS trigger LANGUAGE plpgsql SET enable_nestloop = off AS $$
BEGIN
  INSERT INTO observation_history (
    indicator, area, period, breakdown, revision, numerator, denominator, value, value_status, provisional, revised,
    source_ref, definition_version, import_id, recorded_at, superseded_at, superseded_by)
  SELECT o.indicator, o.area, o.period, o.breakdown, o.revision, o.numerator, o.denominator, o.value, o.value_status,
    o.provisional, o.revised, o.source_ref, o.definition_version, o.import_id, o.recorded_at,
    n.recorded_at, n.import_id
  FROM old_rows o JOIN new_rows n USING (indicator, area, period, breakdown);
  RETURN NULL;
END $$
"""
_TRIGGER = """
CREATE TRIGGER keep_history AFTER UPDATE ON observation REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION observation_keep_history()
"""


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(collation="C"), nullable=False)


def _figure() -> list[sa.Column[object]]:
    return [
        sa.Column("numerator", sa.Numeric(), nullable=True),
        sa.Column("denominator", sa.Numeric(), nullable=True),
        sa.Column("value", sa.Numeric(), nullable=True),
        sa.Column("value_status", sa.Text(), nullable=True),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("revised", sa.Boolean(), nullable=False),
        sa.Column("source_ref", sa.Text(), nullable=True),
        sa.Column("definition_version", sa.Integer(), nullable=False),
    ]


def _provenance() -> list[sa.Column[object]]:
    return [
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
    ]


def upgrade() -> None:
    _create_places()
    _create_imports()
    key = ("indicator", "area", "period", "breakdown")
    op.create_table(
        "observation",
        *(_key(name) for name in key),
        *_figure(),
        sa.Column("revision", sa.Integer(), nullable=False),
        *_provenance(),
        sa.CheckConstraint("value BETWEEN -9999999999999 AND 9999999999999", name=op.f("ck_observation_value_bounds")),
        sa.CheckConstraint(
            "numerator BETWEEN -9999999999999 AND 9999999999999", name=op.f("ck_observation_numerator_bounds")
        ),
        sa.CheckConstraint(
            "denominator BETWEEN -9999999999999 AND 9999999999999",
            name=op.f("ck_observation_denominator_bounds"),
        ),
        sa.CheckConstraint("value_status IN ('c','z','x','k','u')", name=op.f("ck_observation_value_status")),
        sa.CheckConstraint(
            "(value IS NULL) = coalesce(value_status IN ('c','z','x'), false)",
            name=op.f("ck_observation_value_or_status"),
        ),
        sa.PrimaryKeyConstraint(*key, name=op.f("pk_observation")),
    )
    op.create_table(
        "observation_history",
        *(_key(name) for name in key),
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        *_figure(),
        *_provenance(),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("superseded_at > recorded_at", name=op.f("ck_observation_history_stood_for_a_time")),
        sa.PrimaryKeyConstraint(*key, "revision", name=op.f("pk_observation_history")),
    )
    op.execute(_KEEP_HISTORY)
    op.execute(_TRIGGER)


def _create_places() -> None:
    op.create_table(
        "area",
        _key("code"),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("la_number", sa.Text(), nullable=True),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("former_codes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.CheckConstraint("code ~ '^[A-Z][0-9]{8}$'", name=op.f("ck_area_code")),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_from IS NULL OR valid_to >= valid_from", name=op.f("ck_area_validity")
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_area")),
    )
    op.create_table(
        "area_succession",
        _key("code"),
        _key("successor"),
        sa.Column("same_footprint", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("code", "successor", name=op.f("pk_area_succession")),
    )
    op.create_table(
        "comparator_member",
        _key("comparator_set"),
        _key("area"),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("comparator_set", "area", name=op.f("pk_comparator_member")),
    )


def _create_imports() -> None:
    counts = ("rows", "created", "changed", "unchanged", "rejected")
    op.create_table(
        "observation_import",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("body_hash", sa.LargeBinary(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in counts),
        sa.Column("report", postgresql.JSONB(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('single','json','ndjson','csv')", name=op.f("ck_observation_import_kind")),
        sa.CheckConstraint("mode IN ('atomic','partial')", name=op.f("ck_observation_import_mode")),
        sa.CheckConstraint(
            "rows = created + changed + unchanged + rejected", name=op.f("ck_observation_import_counts")
        ),
        sa.CheckConstraint(
            "least(rows, created, changed, unchanged, rejected) >= 0",
            name=op.f("ck_observation_import_not_negative"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_observation_import")),
    )


def downgrade() -> None:
    for table in (
        "observation_history", "observation", "observation_import", "comparator_member", "area_succession", "area"
    ):  # fmt: skip
        op.drop_table(table)
    op.execute("DROP FUNCTION observation_keep_history()")
