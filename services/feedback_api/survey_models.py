"""The tables of surveys: published questionnaires, waves, who could answer, and answers that lead back to nobody."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.feedback_api.registry import MOMENT, Table, codes, text
from shared.ids import new_id


class SurveyVersion(Table, table=True):
    """A published version of a questionnaire, which never changes."""

    __tablename__ = "survey_version"
    __table_args__ = (
        sa.CheckConstraint("status IN ('published','retired')", name="status"),
        sa.Index("ix_survey_version_in_use", "survey", unique=True, postgresql_where=sa.text("status = 'published'")),
    )

    survey: str = text(primary_key=True)
    version: int = Field(primary_key=True)
    title: str = text()
    channel: str = text()
    content: dict[str, Any] = Field(sa_type=JSONB)
    hash: bytes = Field(sa_type=sa.LargeBinary)
    status: str = text()
    published_at: datetime = Field(sa_type=MOMENT)


class SurveyWave(Table, table=True):
    """A questionnaire put to some groups of people of a unit from one day to another."""

    __tablename__ = "survey_wave"
    __table_args__ = (
        sa.ForeignKeyConstraint(["survey", "survey_version"], ["survey_version.survey", "survey_version.version"]),
        sa.CheckConstraint("closes_on >= opens_on", name="days"),
        sa.CheckConstraint("cardinality(respondent_groups) > 0", name="respondent_groups"),
        sa.CheckConstraint("cardinality(languages) > 0", name="languages"),
        sa.CheckConstraint("month >= 0", name="month"),
        sa.CheckConstraint("(follows IS NOT NULL) = (month > 0)", name="follows"),
        sa.CheckConstraint("version >= 1", name="version"),
        sa.CheckConstraint("NOT cancelled OR closed_at IS NOT NULL", name="cancelled"),
        sa.Index("ix_survey_wave_part", "follows", "month", unique=True, postgresql_where=sa.text("NOT cancelled")),
        sa.Index("ix_survey_wave_opens_on", "opens_on", "id"),
        sa.Index("ix_survey_wave_survey", "survey", "unit", "closes_on"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    version: int
    recorded_by: str = text()
    recorded_at: datetime = Field(sa_type=MOMENT)
    changed_at: datetime = Field(sa_type=MOMENT)
    survey: str = text()
    survey_version: int
    unit: str = text()
    title: str = text()
    channel: str = text()
    respondent_groups: list[str] = codes()
    # Whether any of the groups is of staff: then nobody sees a number below the threshold.
    of_staff: bool
    languages: list[str] = codes()
    opens_on: date
    closes_on: date
    closed_at: datetime | None = Field(default=None, sa_type=MOMENT, nullable=True)
    cancelled: bool
    month: int = Field(sa_type=sa.SmallInteger)
    follows: UUID | None = Field(default=None, foreign_key="survey_wave.id")
    course: str | None = text(default=None, nullable=True)
    agency: str | None = text(default=None, nullable=True)
    # What pair codes and references are hashed with: the same code is another one in another wave.
    salt: bytes = Field(sa_type=sa.LargeBinary)


class SurveyPopulation(Table, table=True):
    """How many people of a group in a unit could answer."""

    __tablename__ = "survey_population"
    __table_args__ = (sa.CheckConstraint("number >= 0", name="number"),)

    wave_id: UUID = Field(foreign_key="survey_wave.id", primary_key=True)
    unit: str = text(primary_key=True)
    respondent_group: str = text(primary_key=True)
    number: int


class SurveyResponse(Table, table=True):
    """That somebody answered: of which unit and group, on which day, in which language; never who."""

    __tablename__ = "survey_response"
    __table_args__ = (
        sa.CheckConstraint("age_band IN ('under 1','1-4','5-9','10-15','16+')", name="age_band"),
        sa.UniqueConstraint("wave_id", "source_key"),
        sa.Index("ix_survey_response_wave", "wave_id", "unit", "respondent_group"),
        sa.Index(
            "ix_survey_response_answered_on", "answered_on", postgresql_include=["wave_id", "unit", "respondent_group"]
        ),
    )

    # Of no order: a key made of the time would say when it was given.
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    wave_id: UUID = Field(foreign_key="survey_wave.id")
    unit: str = text()
    respondent_group: str = text()
    age_band: str | None = text(default=None, nullable=True)
    language: str = text()
    answered_on: date
    set_aside: int = Field(sa_type=sa.SmallInteger)
    pair_key: bytes | None = Field(default=None, sa_type=sa.LargeBinary, nullable=True)
    source_key: bytes | None = Field(default=None, sa_type=sa.LargeBinary, nullable=True)


class SurveyAnswer(Table, table=True):
    """One mark: a point of a scale, of a row of a matrix, or an option; an empty one could not be read."""

    __tablename__ = "survey_answer"

    response_id: UUID = Field(foreign_key="survey_response.id", primary_key=True)
    question: str = text(primary_key=True)
    item: str = text(primary_key=True)
    option: str = text(primary_key=True)


class SurveyWords(Table, table=True):
    """What somebody wrote, kept apart from what else the same person answered."""

    __tablename__ = "survey_words"
    __table_args__ = (
        sa.Index("ix_survey_words_wave", "wave_id", "id"),
        sa.Index("ix_survey_words_flagged", "wave_id", postgresql_where=sa.text("cardinality(flag_reasons) > 0")),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    version: int
    wave_id: UUID = Field(foreign_key="survey_wave.id")
    question: str = text()
    unit: str = text()
    respondent_group: str = text()
    language: str = text()
    said_on: date
    words: str = text()
    quarantined: bool
    flag_reasons: list[str] = codes()
