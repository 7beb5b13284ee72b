"""Exceptions kept ready, the series that changed since, and the answers of the owners."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# Each pair once however many rows came; appended without a unique key, so that no import ever waits for another here.
_MARK = """
CREATE FUNCTION observation_mark_stale() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO exception_stale (indicator, area)
  SELECT DISTINCT n.indicator, n.area FROM new_rows n WHERE n.breakdown = '';
  RETURN NULL;
END $$
"""
_TRIGGER = """
CREATE TRIGGER mark_stale_{name} AFTER {event} ON observation REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION observation_mark_stale()
"""


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(collation="C"), nullable=False)


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _moment(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def upgrade() -> None:
    op.create_table(
        "exception_month",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        _text("month"),
        sa.Column("edition", sa.BigInteger(), nullable=False),
        _moment("kept_at"),
        sa.CheckConstraint("id = 1", name=op.f("ck_exception_month_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exception_month")),
    )
    op.create_table(
        "exception_place",
        _key("area"),
        sa.Column("indicators", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("area", name=op.f("pk_exception_place")),
    )
    key = ("indicator", "area", "trigger", "direction")
    op.create_table(
        "exception_row",
        *(_key(name) for name in key),
        _text("status"),
        sa.Column("favourable", sa.Boolean(), nullable=True),
        _moment("raised_at"),
        _text("first_period"),
        _text("row"),
        sa.CheckConstraint("status IN ('new','standing','resolved')", name=op.f("ck_exception_row_status")),
        sa.PrimaryKeyConstraint(*key, name=op.f("pk_exception_row")),
    )
    op.create_index("ix_exception_row_area", "exception_row", ["area"])
    op.create_table(
        "exception_stale",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        _text("indicator"),
        _text("area"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exception_stale")),
    )
    _create_answers(key)
    op.execute(_MARK)
    for event in ("INSERT", "UPDATE"):
        op.execute(_TRIGGER.format(name=event.lower(), event=event))


def _create_answers(key: tuple[str, ...]) -> None:
    op.create_table(
        "exception_answer",
        sa.Column("id", sa.Uuid(), nullable=False),
        _text("key"),
        *(_text(name) for name in key),
        _text("period"),
        _text("inputs_hash"),
        _text("explanation"),
        _text("action", nullable=True),
        sa.Column("expected_until", sa.Date(), nullable=True),
        sa.Column("holds_until", sa.Date(), nullable=False),
        _text("answered_by"),
        _moment("answered_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exception_answer")),
    )
    op.create_index("ix_exception_answer_series", "exception_answer", list(key))


def downgrade() -> None:
    for event in ("insert", "update"):
        op.execute(f"DROP TRIGGER mark_stale_{event} ON observation")
    op.execute("DROP FUNCTION observation_mark_stale()")
    for table in ("exception_answer", "exception_stale", "exception_row", "exception_place", "exception_month"):
        op.drop_table(table)
