"""Rounds made as somebody decides, what is observed or sampled, and audits that are not announced."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("audit_round", sa.Column("regular", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.alter_column("audit_round", "regular", server_default=None)
    for table in ("audit_round", "audit"):
        op.add_column(table, sa.Column("observation_setting", sa.Text(), nullable=True))
        op.add_column(table, sa.Column("sample_kind", sa.Text(), nullable=True))
    op.drop_constraint("uq_audit_round_programme_period", "audit_round", type_="unique")
    op.create_index(
        "uq_audit_round_programme_period",
        "audit_round",
        ["programme", "period"],
        unique=True,
        postgresql_where=sa.text("regular"),
    )
    op.drop_index("ix_audit_round_starts_on", table_name="audit_round")
    op.create_index("ix_audit_round_starts_on", "audit_round", ["programme", "starts_on", "id"])
    open_ones = sa.text("status IN ('allocated', 'in_progress')")
    op.create_index("ix_audit_open", "audit", ["due_on"], postgresql_where=open_ones)
    op.create_index("ix_audit_unannounced", "audit", ["unit"], postgresql_where=sa.text("NOT announced"))
    for column, kind in (("observation_setting", "observation"), ("sample_kind", "sample")):
        op.create_check_constraint(
            op.f(f"ck_audit_{column}"), "audit", f"(audit_type = '{kind}') = ({column} IS NOT NULL)"
        )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_audit_sample_kind"), "audit", type_="check")
    op.drop_constraint(op.f("ck_audit_observation_setting"), "audit", type_="check")
    op.drop_index("ix_audit_open", table_name="audit")
    op.drop_index("ix_audit_unannounced", table_name="audit", postgresql_where=sa.text("NOT announced"))
    op.drop_index("ix_audit_round_starts_on", table_name="audit_round")
    op.create_index("ix_audit_round_starts_on", "audit_round", ["programme", "starts_on"])
    op.drop_index("uq_audit_round_programme_period", table_name="audit_round", postgresql_where=sa.text("regular"))
    op.create_unique_constraint("uq_audit_round_programme_period", "audit_round", ["programme", "period"])
    for table in ("audit", "audit_round"):
        op.drop_column(table, "sample_kind")
        op.drop_column(table, "observation_setting")
    op.drop_column("audit_round", "regular")
