"""The tables that flat extracts are read from: published figures, and which occurrences changed."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from services.reporting_api.registry import Table, text


class PublishedFigure(Table, table=True):
    """One figure of one copy of a published report, flat; written with the snapshot it stands in and as final.

    `place` is its place in the report, counted over all sections; a team's figure stands behind the council's.
    """

    __tablename__ = "published_figure"

    report: UUID = Field(foreign_key="report.id", primary_key=True)
    disclosure: str = text(primary_key=True)
    place: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    section: str = text()
    section_title: str = text()
    indicator: str = text()
    indicator_title: str = text()
    area: str = text()
    team_name: str | None = text(default=None)
    period: str = text()
    value: float | None = Field(default=None, sa_type=sa.Double)
    value_status: str | None = text(default=None)
    display: str = text()
    unit: str = text()
    measure: str = text()
    good_is: str = text()
    themed_area: str | None = text(default=None)
    direction_of_travel: str = text()
    target: float | None = Field(default=None, sa_type=sa.Double)
    tolerance: float | None = Field(default=None, sa_type=sa.Double)
    rag: str = text()
    previous_period: str | None = text(default=None)
    previous_value: float | None = Field(default=None, sa_type=sa.Double)
    year_end_period: str | None = text(default=None)
    year_end_value: float | None = Field(default=None, sa_type=sa.Double)
    national_value: float | None = Field(default=None, sa_type=sa.Double)
    neighbours_average: float | None = Field(default=None, sa_type=sa.Double)
    neighbours_best: float | None = Field(default=None, sa_type=sa.Double)
    top_quartile: float | None = Field(default=None, sa_type=sa.Double)
    changed_from: str | None = text(default=None)


class OccurrenceChange(Table, table=True):
    """The transaction that changed an occurrence last, kept by triggers: whoever follows misses no late commit."""

    __tablename__ = "occurrence_change"
    __table_args__ = (sa.Index("ix_occurrence_change_changed_in", "changed_in", "occurrence"),)

    occurrence: UUID = Field(foreign_key="occurrence.id", primary_key=True)
    changed_in: int = Field(sa_type=sa.BigInteger)
