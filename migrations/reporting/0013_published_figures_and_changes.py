"""Published figures laid flat, and which transaction changed an occurrence last."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_CHANGED = """
CREATE FUNCTION reporting_occurrence_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO occurrence_change (occurrence, changed_in)
  SELECT id, pg_current_xact_id()::text::bigint FROM changed
  ON CONFLICT (occurrence) DO UPDATE SET changed_in = excluded.changed_in;
  RETURN NULL;
END $$
"""
# What was published before this table was there, and before its documents told more than this.
_FIGURES = """
INSERT INTO published_figure (report, disclosure, place, section, section_title, indicator, indicator_title, area,
  period, value, value_status, display, unit, measure, good_is, themed_area, direction_of_travel, target, rag,
  changed_from)
SELECT s.report, s.disclosure, row_number() OVER (PARTITION BY s.report, s.disclosure ORDER BY a.nr, f.nr) - 1,
  a.section->>'code', a.section->>'title', f.one->>'indicator', f.one->>'title', f.one->>'area', f.one->>'period',
  (f.one->>'value')::float8, f.one->>'value_status', f.one->>'display', f.one->>'unit', f.one->>'measure',
  f.one->>'good_is', f.one->>'themed_area', f.one->>'direction_of_travel', (f.one->>'target')::float8, f.one->>'rag',
  f.one->>'changed_since_last_report'
FROM report_snapshot s,
  jsonb_array_elements(convert_from(s.body, 'UTF8')::jsonb->'sections') WITH ORDINALITY AS a(section, nr),
  jsonb_array_elements(a.section->'figures') WITH ORDINALITY AS f(one, nr)
"""


def upgrade() -> None:
    op.create_table(
        "published_figure",
        sa.Column("report", sa.Uuid(), nullable=False),
        sa.Column("disclosure", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("section", sa.Text(), nullable=False),
        sa.Column("section_title", sa.Text(), nullable=False),
        sa.Column("indicator", sa.Text(), nullable=False),
        sa.Column("indicator_title", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("team_name", sa.Text(), nullable=True),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("value_status", sa.Text(), nullable=True),
        sa.Column("display", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("good_is", sa.Text(), nullable=False),
        sa.Column("themed_area", sa.Text(), nullable=True),
        sa.Column("direction_of_travel", sa.Text(), nullable=False),
        sa.Column("target", sa.Double(), nullable=True),
        sa.Column("tolerance", sa.Double(), nullable=True),
        sa.Column("rag", sa.Text(), nullable=False),
        sa.Column("previous_period", sa.Text(), nullable=True),
        sa.Column("previous_value", sa.Double(), nullable=True),
        sa.Column("year_end_period", sa.Text(), nullable=True),
        sa.Column("year_end_value", sa.Double(), nullable=True),
        sa.Column("national_value", sa.Double(), nullable=True),
        sa.Column("neighbours_average", sa.Double(), nullable=True),
        sa.Column("neighbours_best", sa.Double(), nullable=True),
        sa.Column("top_quartile", sa.Double(), nullable=True),
        sa.Column("changed_from", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["report"], ["report.id"], name=op.f("fk_published_figure_report")),
        sa.PrimaryKeyConstraint("report", "disclosure", "place", name=op.f("pk_published_figure")),
    )
    op.create_table(
        "occurrence_change",
        sa.Column("occurrence", sa.Uuid(), nullable=False),
        sa.Column("changed_in", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["occurrence"], ["occurrence.id"], name=op.f("fk_occurrence_change_occurrence")),
        sa.PrimaryKeyConstraint("occurrence", name=op.f("pk_occurrence_change")),
    )
    op.create_index("ix_occurrence_change_changed_in", "occurrence_change", ["changed_in", "occurrence"])
    op.execute(_FIGURES)
    op.execute(
        "CREATE TRIGGER final BEFORE UPDATE OR DELETE ON published_figure "
        "FOR EACH ROW EXECUTE FUNCTION reporting_row_is_final()"
    )
    op.execute(
        "CREATE TRIGGER no_truncate BEFORE TRUNCATE ON published_figure "
        "FOR EACH STATEMENT EXECUTE FUNCTION reporting_row_is_final()"
    )
    op.execute("INSERT INTO occurrence_change SELECT id, pg_current_xact_id()::text::bigint FROM occurrence")
    op.execute(_CHANGED)
    for event in ("INSERT", "UPDATE"):
        op.execute(
            f"CREATE TRIGGER told_on_{event.lower()} AFTER {event} ON occurrence REFERENCING NEW TABLE AS changed "
            "FOR EACH STATEMENT EXECUTE FUNCTION reporting_occurrence_changed()"
        )


def downgrade() -> None:
    op.execute("DROP TRIGGER told_on_insert ON occurrence")
    op.execute("DROP TRIGGER told_on_update ON occurrence")
    op.execute("DROP FUNCTION reporting_occurrence_changed()")
    op.drop_index("ix_occurrence_change_changed_in", table_name="occurrence_change")
    op.drop_table("occurrence_change")
    op.drop_table("published_figure")
