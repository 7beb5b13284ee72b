"""The wire of compliments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Self
from uuid import UUID

from pydantic import Field, field_validator

from services.feedback_api.cases import reads_cases
from services.feedback_api.parameters import RespondRef
from shared.auth.caller import Caller
from shared.faults import SafeValueError
from shared.free_text import find_identifiers
from shared.schemas.base import Code, LocalDate, NamesOnRecord, OutModel, StrictModel, Text

_EXAMPLE: dict[str, Any] = {
    "respond_ref": "CPL-2026-0051",
    "received_on": "2026-10-09",
    "unit": "hearing_support",
    "respondent_group": "parent_carer",
    "themes": ["quality_of_service"],
    "words": "The visits gave us confidence before the move to secondary school.",
}


class ComplimentIn(StrictModel):
    """A compliment as the complaints system has it; sent again it changes nothing, changed it is a correction,
    in which what a person decided here of a field stands as long as the source says of it what it said before."""

    model_config = StrictModel.model_config | {"json_schema_extra": {"examples": [_EXAMPLE]}}

    respond_ref: RespondRef
    received_on: LocalDate
    unit: Code
    agency: Code | None = Field(default=None, description="the partner agency it is about")
    respondent_group: Code | None = None
    themes: list[Code] = Field(default=[], max_length=10)
    words: Text | None = None
    names_on_record: NamesOnRecord = []

    @field_validator("themes")
    @classmethod
    def _themes_once(cls, themes: list[str]) -> list[str]:
        if len(set(themes)) != len(themes):
            raise SafeValueError("a theme stands twice; give each once")
        return themes


class ComplimentRow(OutModel):
    """A compliment in a list, without its words."""

    id: UUID
    respond_ref: str
    received_on: date
    unit: str
    agency: str | None
    respondent_group: str | None
    themes: list[str]
    version: int
    recorded_at: datetime
    changed_at: datetime


class WarningOut(OutModel):
    """Something in a text that could identify a person; where it stands, never what it is."""

    pointer: str
    code: str


class ComplimentMergeIn(StrictModel):
    """Another reference of the same compliment."""

    model_config = StrictModel.model_config | {
        "json_schema_extra": {"examples": [{"respond_ref": "CPL-2026-0052", "reason": "Keyed in twice."}]}
    }

    respond_ref: RespondRef
    reason: Text


class ComplimentOut(ComplimentRow):
    references: list[str] = Field(description="every reference it is known by: its own, and those merged into it")
    recategorised: bool = Field(description="it turned out to be a complaint, and no longer counts as a compliment")
    words: str | None
    words_withheld: bool = Field(description="the caller may not read single cases, so the words are left out")
    warnings: list[WarningOut]
    allowed_actions: list[str]

    @classmethod
    def of(
        cls,
        row: Mapping[str, Any],
        caller: Caller,
        references: Sequence[str] = (),
        recategorised: bool = False,
        names: Sequence[str] = (),
    ) -> Self:
        """The compliment as this caller may have it; `names` are those just sent with it."""
        withheld = not reads_cases(caller)
        return cls(
            **{name: row[name] for name in ComplimentRow.model_fields},
            references=sorted([row["respond_ref"], *references]),
            recategorised=recategorised,
            words=None if withheld else row["words"],
            words_withheld=withheld,
            warnings=[
                WarningOut(pointer=one.pointer, code=one.code)
                for one in find_identifiers({"/words": row["words"]}, names)
            ],
            allowed_actions=_actions(row, caller, references, recategorised),
        )


def _actions(row: Mapping[str, Any], caller: Caller, references: Sequence[str], recategorised: bool) -> list[str]:
    actions = ["correct"] if may_correct(row, caller) else []
    if caller.may("feedback:complaints"):
        actions += ["merge", *(["separate"] if references else []), *([] if recategorised else ["recategorise"])]
    return actions


def may_correct(row: Mapping[str, Any], caller: Caller) -> bool:
    """Whoever passed it on may correct it by sending it anew; else those who handle complaints."""
    return caller.may("feedback:complaints") or (caller.may("feedback:write") and row["recorded_by"] == caller.subject)
