"""More ways in for figures: workbooks, imports that run as jobs, and files read through a saved mapping."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _take_kinds("'single','json','ndjson','csv','xlsx'")
    op.add_column("observation_import", sa.Column("mapping", sa.Text(), nullable=True))
    op.add_column("observation_import", sa.Column("mapping_version", sa.Integer(), nullable=True))
    _create_jobs()
    for name, key in (("source_mapping", ("code",)), ("source_mapping_version", ("code", "version"))):
        op.create_table(
            name,
            sa.Column("code", sa.Text(collation="C"), nullable=False),
            sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
            sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
            sa.Column("deleted", sa.Boolean(), nullable=False),
            sa.Column("changed_by", sa.Text(), nullable=False),
            sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
            sa.PrimaryKeyConstraint(*key, name=op.f(f"pk_{name}")),
        )


def downgrade() -> None:
    for table in ("source_mapping_version", "source_mapping", "import_body_chunk", "import_job"):
        op.drop_table(table)
    op.drop_column("observation_import", "mapping_version")
    op.drop_column("observation_import", "mapping")
    _take_kinds("'single','json','ndjson','csv'")


def _take_kinds(kinds: str) -> None:
    name = op.f("ck_observation_import_kind")
    op.drop_constraint(name, "observation_import", type_="check")
    op.create_check_constraint(name, "observation_import", sa.text(f"kind IN ({kinds})"))


def _create_jobs() -> None:
    op.create_table(
        "import_job",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("dry_run", sa.Boolean(), nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("mapping", sa.Text(), nullable=True),
        sa.Column("mapping_version", sa.Integer(), nullable=True),
        sa.Column("body_hash", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("import_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("kind IN ('json','ndjson','csv','xlsx')", name=op.f("ck_import_job_kind")),
        sa.CheckConstraint("mode IN ('atomic','partial')", name=op.f("ck_import_job_mode")),
        sa.CheckConstraint("(mapping IS NULL) = (mapping_version IS NULL)", name=op.f("ck_import_job_mapping")),
        sa.ForeignKeyConstraint(["id"], ["job.id"], name=op.f("fk_import_job_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_job")),
    )
    op.create_table(
        "import_body_chunk",
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["import_job.id"], name=op.f("fk_import_body_chunk_job_id")),
        sa.PrimaryKeyConstraint("job_id", "number", name=op.f("pk_import_body_chunk")),
    )
