"""How each commitment of the participation strategy stood, from report to report."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "commitment_status",
        sa.Column("commitment", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("stood_on", sa.Date(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("evidence", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "status <> 'done' OR jsonb_array_length(evidence) > 0", name=op.f("ck_commitment_status_evidence_of_done")
        ),
        sa.CheckConstraint(
            "status IN ('not_started','on_track','at_risk','late','done')", name=op.f("ck_commitment_status_status")
        ),
        sa.CheckConstraint("version >= 1", name=op.f("ck_commitment_status_version")),
        sa.PrimaryKeyConstraint("commitment", "version", name=op.f("pk_commitment_status")),
    )


def downgrade() -> None:
    op.drop_table("commitment_status")
