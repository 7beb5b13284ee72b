"""Legal holds, disposals, and the one way by which deeds may be unlinked and final rows may leave."""

from alembic import op

from migrations.platform import v0002

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_REFUSE = """
CREATE OR REPLACE FUNCTION reporting_row_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  {unless}
  RAISE EXCEPTION 'rows of % are never changed or deleted', TG_TABLE_NAME;
END $$
"""
_DISPOSED = "IF TG_OP = 'DELETE' AND disposal_recorded() THEN RETURN OLD; END IF;"


def upgrade() -> None:
    v0002.upgrade()
    op.execute(_REFUSE.format(unless=_DISPOSED))


def downgrade() -> None:
    op.execute(_REFUSE.format(unless=""))
    v0002.downgrade()
