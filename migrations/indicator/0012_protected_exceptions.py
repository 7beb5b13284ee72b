"""Exceptions kept ready for callers whose small numbers are hidden, and the indicators whose figures changed since."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

# What is hidden of a total follows from its breakdowns too, so those mark the indicator, and only the indicator.
_MARK = """
CREATE OR REPLACE FUNCTION observation_mark_stale() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  WITH changed AS MATERIALIZED (SELECT DISTINCT n.indicator, n.area, n.breakdown = '' AS total FROM new_rows n),
  indicators AS (
    INSERT INTO exception_protected_stale (indicator) SELECT DISTINCT c.indicator FROM changed c)
  INSERT INTO exception_stale (indicator, area) SELECT c.indicator, c.area FROM changed c WHERE c.total;
  RETURN NULL;
END $$
"""
_MARK_BEFORE = """
CREATE OR REPLACE FUNCTION observation_mark_stale() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO exception_stale (indicator, area)
  SELECT DISTINCT n.indicator, n.area FROM new_rows n WHERE n.breakdown = '';
  RETURN NULL;
END $$
"""


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(collation="C"), nullable=False)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def upgrade() -> None:
    op.create_table(
        "exception_protected",
        _key("indicator"),
        _text("month"),
        sa.Column("edition", sa.BigInteger(), nullable=False),
        sa.Column("threshold", sa.Integer(), nullable=False),
        sa.Column("areas", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("indicator", name=op.f("pk_exception_protected")),
    )
    key = ("indicator", "area", "trigger", "direction")
    op.create_table(
        "exception_protected_row",
        *(_key(name) for name in key),
        _text("status"),
        sa.Column("favourable", sa.Boolean(), nullable=True),
        _text("row"),
        sa.CheckConstraint("status IN ('new','standing','resolved')", name=op.f("ck_exception_protected_row_status")),
        sa.PrimaryKeyConstraint(*key, name=op.f("pk_exception_protected_row")),
    )
    op.create_index("ix_exception_protected_row_area", "exception_protected_row", ["area"])
    op.create_table(
        "exception_protected_stale",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        _text("indicator"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exception_protected_stale")),
    )
    op.execute(_MARK)


def downgrade() -> None:
    op.execute(_MARK_BEFORE)
    for table in ("exception_protected_stale", "exception_protected_row", "exception_protected"):
        op.drop_table(table)
