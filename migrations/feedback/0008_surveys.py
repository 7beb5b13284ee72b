"""Questionnaires with their versions, waves, who could answer, and answers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "survey_version",
        sa.Column("survey", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("status IN ('published','retired')", name=op.f("ck_survey_version_status")),
        sa.PrimaryKeyConstraint("survey", "version", name=op.f("pk_survey_version")),
    )
    op.create_index(
        "ix_survey_version_in_use",
        "survey_version",
        ["survey"],
        unique=True,
        postgresql_where=sa.text("status = 'published'"),
    )
    op.create_table(
        "survey_wave",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("survey", sa.Text(), nullable=False),
        sa.Column("survey_version", sa.Integer(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("respondent_groups", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("of_staff", sa.Boolean(), nullable=False),
        sa.Column("languages", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled", sa.Boolean(), nullable=False),
        sa.Column("month", sa.SmallInteger(), nullable=False),
        sa.Column("follows", sa.Uuid(), nullable=True),
        sa.Column("course", sa.Text(), nullable=True),
        sa.Column("agency", sa.Text(), nullable=True),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("(follows IS NOT NULL) = (month > 0)", name=op.f("ck_survey_wave_follows")),
        sa.CheckConstraint("NOT cancelled OR closed_at IS NOT NULL", name=op.f("ck_survey_wave_cancelled")),
        sa.CheckConstraint("cardinality(languages) > 0", name=op.f("ck_survey_wave_languages")),
        sa.CheckConstraint("cardinality(respondent_groups) > 0", name=op.f("ck_survey_wave_respondent_groups")),
        sa.CheckConstraint("closes_on >= opens_on", name=op.f("ck_survey_wave_days")),
        sa.CheckConstraint("month >= 0", name=op.f("ck_survey_wave_month")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_survey_wave_version")),
        sa.ForeignKeyConstraint(["follows"], ["survey_wave.id"], name=op.f("fk_survey_wave_follows")),
        sa.ForeignKeyConstraint(
            ["survey", "survey_version"],
            ["survey_version.survey", "survey_version.version"],
            name=op.f("fk_survey_wave_survey_survey_version"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_wave")),
    )
    op.create_index("ix_survey_wave_opens_on", "survey_wave", ["opens_on", "id"], unique=False)
    op.create_index(
        "ix_survey_wave_part",
        "survey_wave",
        ["follows", "month"],
        unique=True,
        postgresql_where=sa.text("NOT cancelled"),
    )
    op.create_index("ix_survey_wave_survey", "survey_wave", ["survey", "unit", "closes_on"], unique=False)
    op.create_table(
        "survey_population",
        sa.Column("wave_id", sa.Uuid(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("respondent_group", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.CheckConstraint("number >= 0", name=op.f("ck_survey_population_number")),
        sa.ForeignKeyConstraint(["wave_id"], ["survey_wave.id"], name=op.f("fk_survey_population_wave_id")),
        sa.PrimaryKeyConstraint("wave_id", "unit", "respondent_group", name=op.f("pk_survey_population")),
    )
    op.create_table(
        "survey_response",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("wave_id", sa.Uuid(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("respondent_group", sa.Text(), nullable=False),
        sa.Column("age_band", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("answered_on", sa.Date(), nullable=False),
        sa.Column("set_aside", sa.SmallInteger(), nullable=False),
        sa.Column("pair_key", sa.LargeBinary(), nullable=True),
        sa.Column("source_key", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "age_band IN ('under 1','1-4','5-9','10-15','16+')", name=op.f("ck_survey_response_age_band")
        ),
        sa.ForeignKeyConstraint(["wave_id"], ["survey_wave.id"], name=op.f("fk_survey_response_wave_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_response")),
        sa.UniqueConstraint("wave_id", "source_key", name=op.f("uq_survey_response_wave_id_source_key")),
    )
    op.create_index(
        "ix_survey_response_answered_on",
        "survey_response",
        ["answered_on"],
        unique=False,
        postgresql_include=["wave_id", "unit", "respondent_group"],
    )
    op.create_index("ix_survey_response_wave", "survey_response", ["wave_id", "unit", "respondent_group"], unique=False)
    op.create_table(
        "survey_words",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("wave_id", sa.Uuid(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("respondent_group", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("said_on", sa.Date(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("quarantined", sa.Boolean(), nullable=False),
        sa.Column("flag_reasons", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["wave_id"], ["survey_wave.id"], name=op.f("fk_survey_words_wave_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_words")),
    )
    op.create_index(
        "ix_survey_words_flagged",
        "survey_words",
        ["wave_id"],
        unique=False,
        postgresql_where=sa.text("cardinality(flag_reasons) > 0"),
    )
    op.create_index("ix_survey_words_wave", "survey_words", ["wave_id", "id"], unique=False)
    op.create_table(
        "survey_answer",
        sa.Column("response_id", sa.Uuid(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("option", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["response_id"], ["survey_response.id"], name=op.f("fk_survey_answer_response_id")),
        sa.PrimaryKeyConstraint("response_id", "question", "item", "option", name=op.f("pk_survey_answer")),
    )


def downgrade() -> None:
    op.drop_table("survey_answer")
    op.drop_index("ix_survey_words_wave", table_name="survey_words")
    op.drop_index(
        "ix_survey_words_flagged", table_name="survey_words", postgresql_where=sa.text("cardinality(flag_reasons) > 0")
    )
    op.drop_table("survey_words")
    op.drop_index("ix_survey_response_wave", table_name="survey_response")
    op.drop_index(
        "ix_survey_response_answered_on",
        table_name="survey_response",
        postgresql_include=["wave_id", "unit", "respondent_group"],
    )
    op.drop_table("survey_response")
    op.drop_table("survey_population")
    op.drop_index("ix_survey_wave_survey", table_name="survey_wave")
    op.drop_index("ix_survey_wave_part", table_name="survey_wave", postgresql_where=sa.text("NOT cancelled"))
    op.drop_index("ix_survey_wave_opens_on", table_name="survey_wave")
    op.drop_table("survey_wave")
    op.drop_index(
        "ix_survey_version_in_use", table_name="survey_version", postgresql_where=sa.text("status = 'published'")
    )
    op.drop_table("survey_version")
