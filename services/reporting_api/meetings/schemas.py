"""A board's meetings on the wire."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, ConfigDict, Field, Strict, WithJsonSchema, model_validator

from services.reporting_api.definitions import Definitions
from services.reporting_api.meeting_days import Meeting, MeetingStatus
from shared.auth.caller import Caller
from shared.faults import SafeValueError
from shared.schemas.base import Label, LocalDate, OutModel, StrictModel, Text


def _clock_time(value: Any) -> Any:
    if not isinstance(value, str) or len(value) != 5 or value[2] != ":":
        raise SafeValueError("give a time of day as HH:MM")
    try:
        return time.fromisoformat(value)
    except ValueError:
        raise SafeValueError("give a time of day as HH:MM") from None


TimeOfDay = Annotated[
    time,
    Strict(False),
    BeforeValidator(_clock_time),
    WithJsonSchema({"type": "string", "pattern": r"^([01]\d|2[0-3]):[0-5]\d$", "examples": ["14:00"]}),
]


class MeetingIn(StrictModel):
    """A meeting the framework does not plan."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"meets_on": "2027-02-10", "starts_at": "14:00", "place": "County Hall", "reason": "An extra meeting."}
            ]
        }
    )

    meets_on: LocalDate
    starts_at: TimeOfDay | None = None
    place: Label | None = None
    reason: Text


class MoveIn(StrictModel):
    """The day a meeting moves to, and why."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"to": "2027-01-27", "reason": "The chair is at the regional conference."}]}
    )

    to: LocalDate
    reason: Text


class ChangeReasonIn(StrictModel):
    """Why a meeting is cancelled or reinstated."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "Too few members can come."}]})

    reason: Text


class ArrangementIn(StrictModel):
    """When and where on its day; a key left out stays as it is, null says it is not known."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"starts_at": "10:00", "place": "Committee Room 1", "reason": "A larger room."}]
        }
    )

    starts_at: TimeOfDay | None = None
    place: Label | None = None
    reason: Text

    @model_validator(mode="after")
    def _arranges_something(self) -> Self:
        if not self.model_fields_set & {"starts_at", "place"}:
            raise SafeValueError("give starts_at, place or both")
        return self


class PaperOut(OutModel):
    """A report whose papers are counted back from the meeting."""

    occurrence: str
    report: str
    title: str
    period: str
    due_on: date
    status: str
    clear_working_days: int = Field(description="whole working days between the due date and the meeting")


class MovedPaperOut(OutModel):
    """A report whose due date the change moved, or made known."""

    occurrence: str
    report: str
    title: str
    period: str
    was: date | None = Field(description="null where it awaited a meeting")
    becomes: date

    @classmethod
    def of(cls, row: Any, becomes: date, known: Definitions) -> MovedPaperOut:
        return cls(
            occurrence=str(row.id), report=row.report, title=known.title(row.report), period=row.period,
            was=row.due_on, becomes=becomes,
        )  # fmt: skip


class MeetingChangeOut(OutModel):
    change: str
    was: date
    becomes: date
    reason: str
    changed_by: str
    changed_at: datetime


class MeetingOut(OutModel):
    """One meeting of a board; its address keeps the day it was first planned for."""

    board: str
    planned_on: date
    meets_on: date
    weekday: str
    starts_at: str | None = Field(description="HH:MM in London")
    place: str | None
    status: MeetingStatus
    papers: list[PaperOut]
    changes: list[MeetingChangeOut] | None = Field(default=None, description="in the answer for one meeting")
    moved_papers: list[MovedPaperOut] | None = Field(default=None, description="in the answer to a change")
    undated_papers: list[MovedPaperOut] | None = Field(
        default=None,
        description="in the answer to a change: reports for which no meeting is left; they keep their date",
    )
    version: int
    allowed_actions: list[str]

    @classmethod
    def of(cls, one: Meeting, papers: list[PaperOut], caller: Caller, today: date) -> MeetingOut:
        return cls(
            board=one.board, planned_on=one.planned_on, meets_on=one.meets_on, weekday=f"{one.meets_on:%A}",
            starts_at=f"{one.starts_at:%H:%M}" if one.starts_at else None, place=one.place, status=one.status,
            papers=papers, version=one.version, allowed_actions=_allowed(one, caller, today),
        )  # fmt: skip


def _allowed(one: Meeting, caller: Caller, today: date) -> list[str]:
    if not caller.may("reporting:clerk") or caller.unit is not None or one.meets_on < today:
        return []
    return ["reinstate"] if one.cancelled else ["move", "cancel", "arrange"]
