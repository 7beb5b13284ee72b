"""The state of the calendar as an identifier that never comes twice: a count would, in a database restored to a moment
before it was changed, under a process that goes on."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

# The former release only counts `version` up.
_CHANGED = """
CREATE FUNCTION calendar_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.state := gen_random_uuid();
  RETURN NEW;
END $$
"""


def upgrade() -> None:
    state = sa.Column("state", sa.UUID(), server_default=sa.text("gen_random_uuid()"), nullable=False)
    op.add_column("calendar_state", state)
    op.execute(_CHANGED)
    op.execute(
        "CREATE TRIGGER calendar_changed BEFORE UPDATE ON calendar_state "
        "FOR EACH ROW EXECUTE FUNCTION calendar_changed()"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER calendar_changed ON calendar_state")
    op.execute("DROP FUNCTION calendar_changed()")
    op.drop_column("calendar_state", "state")
