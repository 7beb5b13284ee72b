"""The wire of activities: who was involved, how, in what, or that nobody was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from services.feedback_api.participation.change_schemas import ParticipationChangeOut
from shared.auth.caller import Caller
from shared.faults import SafeValueError
from shared.schemas.base import Code, Label, LocalDate, OutModel, Reference, StrictModel, Text

AgeBand = Literal["under 1", "1-4", "5-9", "10-15", "16+"]

_EXAMPLE: dict[str, Any] = {
    "unit": "fs_weymouth",
    "title": "What should the family hub be like?",
    "method": "group_discussion",
    "began_on": "2026-10-12",
    "ended_on": "2026-10-16",
    "who": [
        {"respondent_group": "young_person", "people": 14, "age_bands": ["10-15", "16+"]},
        {"respondent_group": "parent_carer", "people": 9},
    ],
    "commissioning_stage": "understanding_needs",
    "commission": "Family hubs, west of the county",
    "asked": "What would make you come, and what would keep you away?",
    "themes": ["voice_of_the_child"],
    "evidence": ["DOC-2026-0311"],
}
_NOBODY: dict[str, Any] = {
    "unit": "sen_team",
    "title": "Review of short breaks",
    "took_place": False,
    "began_on": "2026-10-30",
    "why_nobody": "The two evenings offered fell into half term and no family could come.",
    "what_follows": "Families choose the time; the talks are held by phone in November.",
}


class GroupIn(StrictModel):
    """One group of people who took part."""

    respondent_group: Code
    people: Annotated[int, Field(ge=1, le=1_000_000, description="people, each once in this activity")]
    age_bands: Annotated[list[AgeBand], Field(max_length=5, description="which ages were there")] = []


class ActivityIn(StrictModel):
    """An activity in which people took part; or, with `took_place` false, that nobody did, why, and what follows."""

    model_config = StrictModel.model_config | {"json_schema_extra": {"examples": [_EXAMPLE, _NOBODY]}}

    unit: Code = Field(description="the unit that involved people")
    title: Label
    took_place: bool = True
    method: Code | None = None
    began_on: LocalDate
    ended_on: LocalDate | None = Field(default=None, description="else the day it began; it counts for this day")
    who: Annotated[list[GroupIn], Field(max_length=20)] = []
    commissioning_stage: Code | None = None
    commission: Label | None = Field(default=None, description="the service or commission it was for")
    asked: Text | None = Field(default=None, description="what people were asked")
    why_nobody: Text | None = None
    what_follows: Text | None = None
    themes: Annotated[list[Code], Field(max_length=10)] = []
    evidence: Annotated[list[Reference], Field(max_length=10, description="references of documents")] = []

    @model_validator(mode="after")
    def _fits(self) -> Self:
        happened = (self.method, self.asked, self.who)
        instead = (self.why_nobody, self.what_follows)
        if self.took_place and (not all(happened) or any(instead)):
            raise SafeValueError("say by which method, who took part and what they were asked; nothing of nobody")
        if not self.took_place and (not all(instead) or self.who):
            raise SafeValueError("where nobody took part say why and what follows, and count nobody")
        if self.commission is not None and self.commissioning_stage is None:
            raise SafeValueError("name the stage of the commission")
        if self.ended_on is not None and self.ended_on < self.began_on:
            raise SafeValueError("it ended before it began; correct one of the two days")
        groups = [one.respondent_group for one in self.who]
        if any(len(set(each)) < len(each) for each in (groups, self.themes, self.evidence)):
            raise SafeValueError("a group, theme or reference stands twice; give each once")
        return self


class ActivityEdit(ActivityIn):
    """An activity sent whole again."""

    model_config = StrictModel.model_config | {
        "json_schema_extra": {"examples": [_EXAMPLE | {"reason": "Two young people came later and are counted now."}]}
    }

    reason: Text = Field(description="why it is changed; kept in its history")


class ActivityWithdrawalIn(StrictModel):
    """Why an activity does not count."""

    model_config = StrictModel.model_config | {
        "json_schema_extra": {"examples": [{"reason": "Recorded twice, by the team and by the hub."}]}
    }

    reason: Text


class TookPartOut(OutModel):
    respondent_group: str
    people: int
    age_bands: list[str]


class ActivityRow(OutModel):
    """An activity in a list."""

    id: UUID
    unit: str
    title: str
    took_place: bool
    method: str | None
    began_on: date
    ended_on: date
    commissioning_stage: str | None
    commission: str | None
    themes: list[str]
    withdrawn: bool
    version: int
    recorded_at: datetime
    changed_at: datetime

    @classmethod
    def row(cls, row: Mapping[str, Any]) -> dict[str, Any]:
        """The fields of a list's line from those of the table."""
        plain = {name: row[name] for name in ActivityRow.model_fields if name != "withdrawn"}
        return plain | {"withdrawn": row["withdrawn_because"] is not None}


class ParticipationActivityOut(ActivityRow):
    asked: str | None
    who: list[TookPartOut]
    how_many: int = Field(description="of all groups together")
    why_nobody: str | None
    what_follows: str | None
    evidence: list[str]
    withdrawn_because: str | None
    changes: list[ParticipationChangeOut] = Field(description="what they said and what was done, in the order recorded")
    recorded_by: str
    allowed_actions: list[str]

    @classmethod
    def of(
        cls,
        row: Mapping[str, Any],
        who: Sequence[Mapping[str, Any]],
        changes: Sequence[ParticipationChangeOut],
        caller: Caller,
    ) -> Self:
        """The activity, whole, with what this caller may do next."""
        names = ("asked", "why_nobody", "what_follows", "evidence", "withdrawn_because", "recorded_by")
        return cls(
            **cls.row(row),
            **{name: row[name] for name in names},
            who=[TookPartOut.model_validate(dict(one)) for one in who],
            how_many=sum(one["people"] for one in who),
            changes=list(changes),
            allowed_actions=_allowed(row, caller),
        )


def may_change(row: Mapping[str, Any], caller: Caller) -> bool:
    """Whoever recorded it may change it; else those who look after participation."""
    return caller.may("feedback:manage") or (caller.may("feedback:write") and row["recorded_by"] == caller.subject)


def _allowed(row: Mapping[str, Any], caller: Caller) -> list[str]:
    if row["withdrawn_because"] is not None:
        return []
    found = ["edit", "withdraw"] if may_change(row, caller) else []
    return [*found, "add_change"] if row["took_place"] and caller.may("feedback:write") else found
