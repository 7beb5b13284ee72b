"""Evidence of audits: references, and files with what they hold apart."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_attachment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("audit_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("media_type", sa.Text(), nullable=True),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("sha256", sa.LargeBinary(), nullable=True),
        sa.Column("added_by", sa.Text(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_by", sa.Text(), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_why", sa.Text(), nullable=True),
        sa.CheckConstraint("(kind = 'file') = (ref IS NULL)", name=op.f("ck_audit_attachment_reference")),
        sa.CheckConstraint(
            "kind IN ('record', 'document', 'feedback', 'indicator', 'research', 'file')",
            name=op.f("ck_audit_attachment_kind"),
        ),
        sa.CheckConstraint(
            "num_nonnulls(name, media_type, size, sha256) = CASE kind WHEN 'file' THEN 4 ELSE 0 END",
            name=op.f("ck_audit_attachment_file"),
        ),
        sa.CheckConstraint(
            "num_nonnulls(removed_by, removed_at, removed_why) IN (0, 3)", name=op.f("ck_audit_attachment_removed")
        ),
        sa.ForeignKeyConstraint(["audit_id"], ["audit.id"], name=op.f("fk_audit_attachment_audit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_attachment")),
    )
    op.create_index("ix_audit_attachment_audit_id", "audit_attachment", ["audit_id", "id"], unique=False)
    op.create_table(
        "attachment_content",
        sa.Column("attachment_id", sa.Uuid(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["attachment_id"], ["audit_attachment.id"], name=op.f("fk_attachment_content_attachment_id")
        ),
        sa.PrimaryKeyConstraint("attachment_id", name=op.f("pk_attachment_content")),
    )


def downgrade() -> None:
    op.drop_table("attachment_content")
    op.drop_index("ix_audit_attachment_audit_id", table_name="audit_attachment")
    op.drop_table("audit_attachment")
