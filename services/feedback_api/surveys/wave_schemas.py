"""Waves of a survey on the wire."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import Field, field_validator, model_validator

from shared.auth.caller import Caller
from shared.faults import SafeValueError
from shared.schemas.base import Code, Id, Label, LocalDate, OutModel, StrictModel
from shared.schemas.framework.surveys import ENGLISH, Language

Status = Literal["planned", "open", "closed", "cancelled"]
Groups = Annotated[list[Code], Field(min_length=1, max_length=20)]
Languages = Annotated[list[Language], Field(min_length=1, max_length=40)]
_EXAMPLE: dict[str, Any] = {
    "survey": "parents_questionnaire",
    "unit": "family_support",
    "title": "Parents and carers, autumn 2026",
    "respondent_groups": ["parent_carer"],
    "languages": ["en", "pl"],
    "opens_on": "2026-11-02",
    "closes_on": "2026-12-11",
    "populations": [
        {"unit": "fs_weymouth", "respondent_group": "parent_carer", "number": 84},
        {"unit": "fs_bridport", "respondent_group": "parent_carer", "number": 61},
    ],
}


class PopulationIn(StrictModel):
    """How many people of a group could answer, in one unit at or below the wave's."""

    unit: Code
    respondent_group: Code
    number: Annotated[int, Field(ge=0, le=1_000_000)]


Populations = Annotated[list[PopulationIn], Field(max_length=2_000)]


def _once_each(values: list[str] | None) -> list[str] | None:
    if values is not None and len(set(values)) != len(values):
        raise SafeValueError("a code stands twice; give each once")
    return values


def _one_number_each(given: list[PopulationIn] | None) -> list[PopulationIn] | None:
    if given is not None and len({(one.unit, one.respondent_group) for one in given}) != len(given):
        raise SafeValueError("a unit and group stand twice; give each pair one number")
    return given


class WaveIn(StrictModel):
    """A wave to come, of the survey's version in use; a later part of an evaluation `follows` the first."""

    model_config = StrictModel.model_config | {"json_schema_extra": {"examples": [_EXAMPLE]}}

    survey: Code
    unit: Code = Field(description="the unit it is about; answers come from it and those below")
    title: Label | None = Field(default=None, description="the survey's own unless given")
    respondent_groups: Groups | None = Field(default=None, description="all groups of the survey unless given")
    languages: Languages = Field(default=[ENGLISH])
    opens_on: LocalDate
    closes_on: LocalDate = Field(description="the last day on which answers are taken")
    populations: Populations = Field(default=[], description="who could answer: without it there is no response rate")
    course: Label | None = Field(default=None, description="of an evaluation: which course, with its date")
    agency: Code | None = Field(default=None, description="of an evaluation: the agency whose course it was")
    follows: Id | None = Field(default=None, description="the wave of the first part; its course, groups and salt hold")
    month: Annotated[int, Field(ge=0, le=36)] = Field(default=0, description="which part it is, in months after")

    _groups = field_validator("respondent_groups", "languages")(_once_each)
    _numbers = field_validator("populations")(_one_number_each)

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.closes_on < self.opens_on:
            raise SafeValueError("closes_on lies before opens_on; correct one of the two")
        if (self.follows is not None) != (self.month > 0):
            raise SafeValueError("a later part has `month` and the wave it `follows`; the first has neither")
        return self


class WaveEdit(StrictModel):
    """What changes in a wave; once it has begun, only its title, its end and who could answer."""

    model_config = StrictModel.model_config | {"json_schema_extra": {"examples": [{"closes_on": "2026-12-18"}]}}

    title: Label | None = None
    respondent_groups: Groups | None = None
    languages: Languages | None = None
    opens_on: LocalDate | None = None
    closes_on: LocalDate | None = None
    populations: Populations | None = None

    @field_validator("*")
    @classmethod
    def _not_emptied(cls, value: Any) -> Any:
        if value is None:
            raise SafeValueError("this cannot be emptied; leave it out to keep it")
        return value

    _groups = field_validator("respondent_groups", "languages")(_once_each)
    _numbers = field_validator("populations")(_one_number_each)


class PopulationOut(OutModel):
    unit: str
    respondent_group: str
    number: int


class WaveRow(OutModel):
    id: UUID
    survey: str
    survey_version: int
    unit: str
    title: str
    channel: str
    respondent_groups: list[str]
    of_staff: bool = Field(description="some of the groups are staff: nobody sees their small numbers, with no scope")
    languages: list[str]
    opens_on: date
    closes_on: date
    closed_at: datetime | None = Field(description="when it was closed by hand; its last day is then that day")
    status: Status
    month: int
    follows: UUID | None
    course: str | None
    agency: str | None
    version: int
    changed_at: datetime

    @classmethod
    def of_row(cls, row: Mapping[str, Any], today: date) -> Self:
        fields = {name: row[name] for name in WaveRow.model_fields if name != "status"}
        return cls(**fields, status=status_of(row, today))


class WaveOut(WaveRow):
    populations: list[PopulationOut] | None = Field(
        description="null for callers without feedback:figures, unless they may change the wave"
    )
    allowed_actions: list[str]

    @classmethod
    def of(
        cls, row: Mapping[str, Any], numbers: Sequence[Any], today: date, caller: Caller, *, own: bool
    ) -> Self:  # fmt: skip
        """The wave as this caller may have it; `own` says that it is of a unit the caller may write for."""
        plain = WaveRow.of_row(row, today)
        writes = own and caller.may("feedback:write")
        told = writes or caller.may("feedback:figures")
        actions = {
            "planned": ["edit", "close", "issue_tokens"],
            "open": ["edit", "close", "record_response", "issue_tokens"],
            "closed": ["follow_up"] if row["month"] == 0 and row["course"] else [],
        }
        return cls(
            **plain.model_dump(),
            populations=[PopulationOut.model_validate(one) for one in numbers] if told else None,
            allowed_actions=actions.get(plain.status, []) if writes else [],
        )


def status_of(row: Mapping[str, Any], today: date) -> Status:
    """Where a wave stands on a day; closed before it opened, it never was."""
    if row["cancelled"]:
        return "cancelled"
    if row["closed_at"] is not None or today > row["closes_on"]:
        return "closed"
    return "open" if row["opens_on"] <= today else "planned"
