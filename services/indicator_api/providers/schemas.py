"""Providers, their judgements, figures and notes on the wire."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import ConfigDict, Field, Strict, StringConstraints

from services.indicator_api.providers.concern_schemas import ConcernRow
from shared.schemas.base import Code, Label, LocalDate, Number, OutModel, StrictModel, Text
from shared.schemas.base import Reference as SourceReference
from shared.schemas.figures import ValueStatus, ValueStatusIn
from shared.schemas.framework.providers import ProviderKind
from shared.schemas.periods import PeriodCode

NoteKind = Literal["visit", "review", "information"]
ProviderReference = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{0,39}$")]


def _example(**body: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [body]})


class ProviderIn(StrictModel):
    """A school or setting as the council knows it."""

    model_config = StrictModel.model_config | _example(
        name="Example Hill Primary School", kind="school", reference="999001", unit="children_who_are_disabled"
    )

    name: Label
    kind: Annotated[ProviderKind, Strict(False)]
    reference: ProviderReference | None = Field(default=None, description="its regulator's number, such as the URN")
    unit: Code | None = Field(default=None, description="the council's unit that answers for it")
    closed_on: LocalDate | None = None


class JudgementIn(StrictModel):
    """One grade; grades of different frameworks are never compared, so the framework is part of it."""

    model_config = StrictModel.model_config | _example(
        framework="ofsted_report_card_2025", judgement="safeguarding", grade="not_met", judged_on="2026-09-24",
        source_ref="Inspection of September 2026",
    )  # fmt: skip

    framework: Code
    judgement: Code
    grade: Code
    judged_on: LocalDate
    source_ref: SourceReference | None = None


class JudgementOut(OutModel):
    framework: str
    judgement: str
    grade: str
    judged_on: date
    source_ref: str | None
    latest: bool = Field(description="of this judgement under this framework")
    calls_for_support: list[str] = Field(description="the registers whose rules this latest grade meets")


class ProviderFigureIn(StrictModel):
    """A figure of this provider, under a definition of the data dictionary."""

    model_config = StrictModel.model_config | _example(
        indicator="absence", period="AY2024-25", value=7.4, source_ref="School census"
    )

    indicator: Code
    period: PeriodCode
    numerator: Number | None = None
    denominator: Number | None = None
    value: Number | None = Field(default=None, description="null where value_status is c, z or x")
    value_status: ValueStatusIn | None = None
    source_ref: SourceReference | None = None


class FigureOut(OutModel):
    indicator: str
    title: str
    period: str
    numerator: float | None
    denominator: float | None
    value: float | None
    value_status: ValueStatus | None
    display: str
    source_ref: str | None
    recorded_at: datetime | None = Field(description="null where the figure is hidden")


class NoteIn(StrictModel):
    """What was seen or heard; words about the provider, never about a child or a parent."""

    model_config = StrictModel.model_config | _example(
        kind="visit", noted_on="2026-10-13", words="Lessons calm, records of concerns complete; two posts vacant."
    )

    kind: NoteKind
    noted_on: LocalDate
    words: Text


class NoteOut(OutModel):
    id: UUID
    kind: NoteKind
    noted_on: date
    words: str
    recorded_by: str
    recorded_at: datetime


class ProviderRow(OutModel):
    """A provider in a list."""

    code: str = Field(examples=["example_hill_primary"])
    name: str
    kind: ProviderKind
    reference: str | None
    unit: str | None
    closed_on: date | None
    open_concerns: list[str] = Field(description="the registers it stands in")
    at_risk: bool
    version: int
    changed_at: datetime


class ProviderOut(ProviderRow):
    """A provider's page: hard data and soft information side by side (R86)."""

    judgements: list[JudgementOut] = Field(description="the latest first")
    figures: list[FigureOut] = Field(description="by indicator, the latest period first")
    notes: list[NoteOut] = Field(description="the latest fifty; `/notes` has them all")
    concerns: list[ConcernRow] = Field(description="open entries first, then closed ones")
    called_for: list[str] = Field(description="registers whose rules it meets without standing in them")
    allowed_actions: list[str]
