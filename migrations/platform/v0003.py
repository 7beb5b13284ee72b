"""The state of the applied framework, so that whoever keeps what it says can tell whether it still stands."""

import sqlalchemy as sa
from alembic import op

# Applications wait for one another, so nobody else waits for the row.
_CHANGED = """
CREATE FUNCTION framework_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE framework_state SET state = gen_random_uuid();
  RETURN NULL;
END $$
"""


def watch(table: str) -> None:
    """Let each change of a table give the framework a new state."""
    op.execute(
        f"CREATE TRIGGER framework_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION framework_changed()"
    )


def unwatch(table: str) -> None:
    op.execute(f"DROP TRIGGER framework_changed ON {table}")


def upgrade() -> None:
    op.create_table(
        "framework_state",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("state", sa.UUID(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_framework_state_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_framework_state")),
    )
    op.execute("INSERT INTO framework_state (id) VALUES (1)")
    op.execute(_CHANGED)
    for table in ("framework_item", "org_unit"):
        watch(table)


def downgrade() -> None:
    for table in ("org_unit", "framework_item"):
        unwatch(table)
    op.execute("DROP FUNCTION framework_changed()")
    op.drop_table("framework_state")
