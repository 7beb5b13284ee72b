"""The register of staff checks, with its past."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(collation="C"), nullable=False)


def _content() -> list[sa.Column[object]]:
    dates = ("valid_from", "expires_on", "next_check_due", "joined_on", "left_on")
    return [
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("role_family", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Date(), nullable=True) for name in dates),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
    ]


def _checks(table: str) -> list[sa.CheckConstraint]:
    rules = {
        "kind": "kind IN ('dbs_basic','dbs_enhanced','professional_registration')",
        "body": "(kind = 'professional_registration') = (body <> '')",
        "ends_after_it_begins": "least(expires_on, next_check_due) >= valid_from",
        "held_to_end": "valid_from IS NOT NULL OR (expires_on IS NULL AND next_check_due IS NULL)",
        "left_after_joining": "left_on >= joined_on",
    }
    return [sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}")) for name, rule in rules.items()]


def upgrade() -> None:
    op.create_table(
        "registration",
        *(_key(name) for name in ("staff_ref", "kind", "body")),
        *_content(),
        sa.Column("revision", sa.Integer(), nullable=False),
        *_checks("registration"),
        sa.PrimaryKeyConstraint("staff_ref", "kind", "body", name=op.f("pk_registration")),
    )
    op.create_index("ix_registration_unit", "registration", ["unit"])
    op.create_table(
        "registration_history",
        *(_key(name) for name in ("staff_ref", "kind", "body")),
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        *_content(),
        sa.Column("superseded_by", sa.Text(), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=False),
        *_checks("registration_history"),
        sa.PrimaryKeyConstraint("staff_ref", "kind", "body", "revision", name=op.f("pk_registration_history")),
    )


def downgrade() -> None:
    op.drop_table("registration_history")
    op.drop_table("registration")
