"""The wire of complaints: what the complaints system and the complaints manager send."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from services.feedback_api.parameters import RespondRef
from shared.faults import SafeValueError
from shared.schemas.base import Code, Label, LocalDate, NamesOnRecord, Reference, StrictModel, Text

Outcome = Literal["upheld", "partially_upheld", "not_upheld", "withdrawn", "no_finding"]
Themes = Annotated[list[Code], Field(max_length=10, description="codes of the theme taxonomy, each once")]
FurtherDays = Annotated[int, Field(ge=1, le=400, description="further working days, on top of the limit")]
WORDS = ("refusal_reason", "learning", "improvement", "shared_learning")

_EXAMPLE: dict[str, Any] = {
    "respond_ref": "CSC-2026-0118",
    "procedure": "statutory",
    "received_on": "2026-10-05",
    "unit": "fs_weymouth",
    "respondent_group": "parent_carer",
    "themes": ["communication"],
    "eligible": True,
    "consent_given": True,
    "stages": [
        {"stage": "stage_1", "started_on": "2026-10-05", "ended_on": "2026-10-19", "outcome": "partially_upheld"}
    ],
    "learning": "Families were not told when their worker changed.",
    "improvement": "Every family is now rung in the week before a worker leaves.",
}


def _once_each(themes: list[str]) -> list[str]:
    if len(set(themes)) != len(themes):
        raise SafeValueError("a theme stands twice; give each once")
    return themes


class ExtensionIn(StrictModel):
    """Further working days for a stage, with the reason; the sum stays within the extended limit."""

    model_config = StrictModel.model_config | {
        "json_schema_extra": {
            "examples": [{"working_days": 10, "reason": "A key witness is away.", "granted_on": "2026-10-15"}]
        }
    }

    working_days: FurtherDays
    reason: Text
    granted_on: LocalDate


class Interval(StrictModel):
    """Days that do not count, both included."""

    first: LocalDate = Field(alias="from")
    last: LocalDate | None = Field(default=None, alias="to", description="the last such day; open where left out")

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.last is not None and self.last < self.first:
            raise SafeValueError("`to` lies before `from`")
        return self


class FreezeIn(Interval):
    """A decision to set the complaint aside while proceedings make it necessary."""

    model_config = Interval.model_config | {
        "json_schema_extra": {"examples": [{"from": "2026-10-12", "reason": "Care proceedings on the same matter."}]}
    }

    reason: Text
    decided_by: Reference | None = Field(default=None, description="a staff account")
    proceedings_ended_on: LocalDate | None = None


class ResumptionIn(StrictModel):
    """The end of setting aside."""

    model_config = StrictModel.model_config | {"json_schema_extra": {"examples": [{"to": "2026-10-30"}]}}

    to: LocalDate = Field(description="the last day set aside; the clock runs again on the next working day")
    proceedings_ended_on: LocalDate | None = Field(
        default=None, description="from then it may be put again for as long as the procedure says"
    )
    resumed_because: Text | None = Field(default=None, description="why it is taken up although put again too late")


class ProceedingsIn(StrictModel):
    """The end of the proceedings for which a complaint is set aside."""

    model_config = StrictModel.model_config | {
        "json_schema_extra": {"examples": [{"proceedings_ended_on": "2026-10-30"}]}
    }

    proceedings_ended_on: LocalDate


class StageOpenIn(StrictModel):
    """A stage as it begins."""

    model_config = StrictModel.model_config | {
        "json_schema_extra": {
            "examples": [{"stage": "stage_2", "started_on": "2026-11-02", "complaint_finalised_on": "2026-11-06"}]
        }
    }

    stage: Code
    started_on: LocalDate
    requested_on: LocalDate | None = Field(default=None, description="when it was asked for; else started_on")
    complaint_finalised_on: LocalDate | None = Field(
        default=None, description="when the written complaint was agreed: the stage 2 clock starts then"
    )
    accepted_because: Text | None = Field(
        default=None, description="why it is taken up late, or although an earlier stage was left out"
    )


class StageIn(StageOpenIn):
    """A stage as the complaints system has it."""

    model_config = StrictModel.model_config | {
        "json_schema_extra": {"examples": [{"stage": "stage_1", "started_on": "2026-10-05"}]}
    }

    ended_on: LocalDate | None = None
    outcome: Outcome | None = None
    reported_on: LocalDate | None = None
    adjudicated_on: LocalDate | None = None
    ombudsman_told_on: LocalDate | None = None
    extensions: list[ExtensionIn] = Field(default=[], max_length=10)

    @model_validator(mode="after")
    def _ends_well(self) -> Self:
        if self.ended_on is not None and self.ended_on < self.started_on:
            raise SafeValueError("the stage ends before it starts")
        if self.outcome is not None and self.ended_on is None:
            raise SafeValueError("an outcome stands only with ended_on")
        return self


class _Learning(StrictModel):
    learning: Text | None = Field(default=None, description="what was learned; an upheld complaint needs it")
    improvement: Text | None = Field(default=None, description="what is better now; an upheld complaint needs it")
    shared_learning: Text | None = Field(
        default=None,
        description="the learning in words for boards and partners, who get them once another person has approved them",
    )
    learning_owner: Reference | None = Field(default=None, description="the staff account that owes the learning")
    learning_due_on: LocalDate | None = None
    names_on_record: NamesOnRecord = []


class ComplaintIn(_Learning):
    """A complaint as the complaints system has it. Sent again it changes nothing; changed, it is a correction in
    which fields left out stay as they are and `stages` and `set_aside`, where given, are the whole list. What a person
    decided here of a field stands as long as the source says of it what it said before.
    """

    model_config = StrictModel.model_config | {"json_schema_extra": {"examples": [_EXAMPLE]}}

    respond_ref: RespondRef
    procedure: Code
    received_on: LocalDate
    unit: Code
    agency: Code | None = Field(default=None, description="the partner agency it is about (R62)")
    respondent_group: Code | None = None
    themes: Themes = Field(default=[])
    stages: list[StageIn] = Field(
        default=[], max_length=20, description="in order; left out of a new complaint, its first stage is opened"
    )
    set_aside: list[FreezeIn] = Field(default=[], max_length=20)
    eligible: bool | None = None
    eligibility_by: Reference | None = Field(default=None, description="the staff account that decided")
    eligibility_on: LocalDate | None = None
    consent_given: bool | None = None
    consent_by: Reference | None = Field(default=None, description="the staff account that was given or refused it")
    consent_on: LocalDate | None = None
    refusal_code: Code | None = Field(default=None, description="one of the procedure's refusal_reasons")
    refusal_reason: Text | None = None
    matter_on: LocalDate | None = Field(default=None, description="when what it is about happened")

    _themes_once = field_validator("themes")(_once_each)

    @model_validator(mode="after")
    def _refusal_has_a_reason(self) -> Self:
        if (self.eligible is False or self.consent_given is False) and self.refusal_reason is None:
            raise SafeValueError("a complaint that is not taken up needs a refusal_reason")
        return self


class ComplaintEdit(_Learning):
    """What the council adds or corrects; only the fields given are changed, null empties one."""

    model_config = StrictModel.model_config | {
        "json_schema_extra": {"examples": [{"learning": "Letters went to an old address.", "reason": "Added."}]}
    }

    unit: Code | None = None
    agency: Code | None = None
    respondent_group: Code | None = None
    themes: Themes | None = None
    matter_on: LocalDate | None = None
    eligible: bool | None = None
    consent_given: bool | None = None
    refusal_code: Code | None = Field(default=None, description="one of the procedure's refusal_reasons")
    refusal_reason: Text | None = None
    reason: Text | None = Field(default=None, description="why it is changed; kept in its history")

    @field_validator("unit", "themes")
    @classmethod
    def _not_emptied(cls, value: Any) -> Any:
        if value is None:
            raise SafeValueError("this cannot be emptied; leave it out to keep it")
        return value

    @field_validator("themes")
    @classmethod
    def _themes_once(cls, themes: list[str]) -> list[str]:
        return _once_each(themes)


class StageOutcomeIn(_Learning):
    """The end of the open stage. Without an outcome, what follows by itself in the procedure is opened."""

    model_config = StrictModel.model_config | {
        "json_schema_extra": {"examples": [{"stage": "stage_1", "ended_on": "2026-11-20", "outcome": "not_upheld"}]}
    }

    stage: Code
    ended_on: LocalDate
    outcome: Outcome | None = None
    adjudicated_on: LocalDate | None = Field(default=None, description="when the council adjudicated the report")
    ombudsman_told_on: LocalDate | None = Field(
        default=None, description="when the answer with the ombudsman's details was sent"
    )


class BankHolidayIn(StrictModel):
    """A newly proclaimed day off, or a bank holiday that was moved and is worked; open due dates move with it."""

    model_config = StrictModel.model_config | {
        "json_schema_extra": {"examples": [{"day": "2027-06-04", "name": "Proclaimed bank holiday"}]}
    }

    day: LocalDate
    name: Label
    worked: bool = Field(default=False, description="a bank holiday of the calendar on which work is done all the same")
