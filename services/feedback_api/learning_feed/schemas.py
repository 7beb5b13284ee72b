"""The wire of shared learning."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal, Self
from uuid import UUID

from pydantic import Field, field_validator, model_validator

from shared.faults import SafeValueError
from shared.schemas.base import Code, LocalDate, OutModel, Reference, StrictModel, Text


class AgencyLearningIn(StrictModel):
    """What an agency or the partnership learned from complaints of its own, in words approved for sharing.

    Sent again it changes nothing.
    """

    model_config = StrictModel.model_config | {
        "json_schema_extra": {
            "examples": [
                {
                    "agency": "dorset_police",
                    "source_ref": "LRN-2026-04",
                    "learned_on": "2026-09-30",
                    "themes": ["communication"],
                    "learning": "Families were not told when a strategy discussion had ended.",
                }
            ]
        }
    }

    agency: Code
    source_ref: Reference = Field(description="the agency's own reference for it")
    learned_on: LocalDate
    themes: list[Code] = Field(default=[], max_length=10)
    learning: Text

    @field_validator("themes")
    @classmethod
    def _themes_once(cls, themes: list[str]) -> list[str]:
        if len(set(themes)) != len(themes):
            raise SafeValueError("a theme stands twice; give each once")
        return themes


class LearningWithdrawalIn(StrictModel):
    """Why learning is no longer shared."""

    model_config = StrictModel.model_config | {"json_schema_extra": {"examples": [{"reason": "Shared twice."}]}}

    reason: Text


class EvaluationIn(StrictModel):
    """What a unit made of it. Without `relevant` it is only taken note of; relevant, it says what was done."""

    model_config = StrictModel.model_config | {
        "json_schema_extra": {
            "examples": [{"relevant": True, "what_we_did": "The duty desk now rings the family the same day."}]
        }
    }

    relevant: bool | None = None
    what_we_did: Text | None = None

    @model_validator(mode="after")
    def _says_what_was_done(self) -> Self:
        if self.relevant and self.what_we_did is None:
            raise SafeValueError("relevant learning needs what_we_did")
        if self.relevant is None and self.what_we_did is not None:
            raise SafeValueError("what_we_did stands with relevant")
        return self


class EvaluationOut(OutModel):
    unit: str
    state: Literal["acknowledged", "evaluated"]
    relevant: bool | None
    what_we_did: str | None
    version: int
    evaluated_by: str
    evaluated_at: datetime

    @classmethod
    def of(cls, row: Any) -> Self:
        plain = {name: getattr(row, name) for name in cls.model_fields if name != "state"}
        return cls(**plain, state="acknowledged" if row.relevant is None else "evaluated")


class SharedLearningRow(OutModel):
    """Approved learning, without anything of the complaint it came from but its agency and themes."""

    id: UUID
    origin: Literal["complaint", "agency"]
    agency: str | None = Field(description="null: the council's own service")
    agency_title: str | None
    themes: list[str]
    learning: str
    shared_at: datetime = Field(description="changed words are shared anew and come again in the feed")
    acknowledged: int = Field(description="units of the caller's that have taken note of it or evaluated it")
    evaluated: int
    relevant: int
    allowed_actions: list[str]


class SharedLearningOut(SharedLearningRow):
    evaluations: list[EvaluationOut] = Field(description="those of the units the caller sees")
    learned_on: date | None
