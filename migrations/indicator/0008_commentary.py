"""Commentary with its requests, and the past of figures by the moment it was superseded."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(collation="C"), nullable=False)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.create_index("ix_observation_history_superseded_at", "observation_history", ["superseded_at"])
    op.create_table(
        "commentary",
        *(_key(name) for name in ("indicator", "area", "period")),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("value", sa.Numeric(), nullable=True),
        sa.Column("value_status", sa.Text(), nullable=True),
        sa.Column("numerator", sa.Numeric(), nullable=True),
        sa.Column("denominator", sa.Numeric(), nullable=True),
        sa.Column("has_figure", sa.Boolean(), nullable=False),
        sa.Column("written_by", sa.Text(), nullable=False),
        _moment("written_at"),
        sa.CheckConstraint("version >= 1", name=op.f("ck_commentary_version")),
        sa.PrimaryKeyConstraint("indicator", "area", "period", "version", name=op.f("pk_commentary")),
    )
    op.create_table(
        "commentary_request",
        *(_key(name) for name in ("indicator", "area", "period")),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("asked_by", sa.Text(), nullable=True),
        _moment("asked_at"),
        sa.Column("chased", sa.Integer(), nullable=False),
        sa.Column("last_chased_by", sa.Text(), nullable=True),
        _moment("last_chased_at", nullable=True),
        _moment("answered_at", nullable=True),
        sa.CheckConstraint(
            "chased >= 0 AND (chased = 0) = (last_chased_at IS NULL)", name=op.f("ck_commentary_request_chased")
        ),
        sa.PrimaryKeyConstraint("indicator", "area", "period", name=op.f("pk_commentary_request")),
    )
    op.create_index("ix_commentary_request_due_on", "commentary_request", ["due_on"])


def downgrade() -> None:
    op.drop_table("commentary_request")
    op.drop_table("commentary")
    op.drop_index("ix_observation_history_superseded_at", "observation_history")
