"""The epoch of the audits: an identifier that never comes twice, given anew whenever an audit is deleted, so that what
was counted before is not taken for what is left."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_DELETED = """
CREATE FUNCTION audit_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE audit_epoch SET epoch = gen_random_uuid();
  RETURN NULL;
END $$
"""


def upgrade() -> None:
    op.create_table(
        "audit_epoch",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("epoch", sa.UUID(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_audit_epoch_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_epoch")),
    )
    op.execute("INSERT INTO audit_epoch (id) VALUES (1)")
    op.execute(_DELETED)
    op.execute(
        "CREATE TRIGGER audit_deleted AFTER DELETE OR TRUNCATE ON audit "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_deleted()"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER audit_deleted ON audit")
    op.execute("DROP FUNCTION audit_deleted()")
    op.drop_table("audit_epoch")
