"""Channels, respondent groups and complaint procedures: how views reach the council and what it then owes."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from shared.faults import SafeValueError
from shared.schemas.base import Code, Label, Text
from shared.schemas.figures import SourceFamily
from shared.schemas.framework.fields import Item, Lasting, Part, Reference, repeated

WorkingDays = Annotated[int, Field(ge=0, le=400)]


class Family(StrEnum):
    """Whose voice it is."""

    children_and_families = "children_and_families"
    staff = "staff"
    partners = "partners"


class Channel(Lasting, Item):
    """A way in which views are heard."""

    name: Label
    family: Family
    source_family: SourceFamily
    description: Text | None = None
    # What else is heard through it than views that are recorded.
    fed_by: Literal["ssda903_reviews"] | None = None


class RespondentGroup(Lasting, Item):
    """A group of people whose views are asked for; `stakeholder` ones are in the yearly surveys (R63)."""

    name: Label
    family: Family
    stakeholder: bool = False


class ClockStart(StrEnum):
    """The event after which a stage's clock runs, from the next working day."""

    received = "received"
    complaint_finalised = "complaint_finalised"
    stage_requested = "stage_requested"
    stage_ended = "stage_ended"
    report_sent = "report_sent"


class Limit(Part):
    """A number of working days, and the longest it may be extended to."""

    working_days: WorkingDays
    extended_to: WorkingDays | None = None

    @model_validator(mode="after")
    def _extension_is_longer(self) -> Self:
        if self.extended_to is not None and self.extended_to <= self.working_days:
            raise SafeValueError("extended_to is no longer than working_days; leave it out or correct it")
        return self


class StagePerson(Part):
    """Somebody the stage must have."""

    title: Label
    number: Annotated[int, Field(ge=1, le=9)]
    independent: bool
    not_from_stage: Code | None = None


class Stage(Part):
    """One stage of a procedure with what the law allows and what the council has set itself."""

    code: Code
    order: Annotated[int, Field(ge=0, le=20)]
    title: Label
    clock_starts: ClockStart
    statutory_limit: Limit | None = None
    local_target: Limit | None = None
    request_within: WorkingDays | None = None
    people: Annotated[tuple[StagePerson, ...], Field(max_length=5)] = ()
    after: Code | None = None

    @model_validator(mode="after")
    def _target_is_no_looser_than_the_law(self) -> Self:
        law, target = self.statutory_limit, self.local_target
        if law is None and target is None:
            raise SafeValueError("a stage has a statutory_limit, a local_target or both")
        longest = (law.extended_to or law.working_days) if law else None
        if longest is not None and target and (target.extended_to or target.working_days) > longest:
            raise SafeValueError("the local_target is longer than the statutory_limit allows")
        return self


class ComplaintProcedure(Lasting, Item):
    """One procedure: its stages, its clocks and its outcomes."""

    title: Label
    legal_basis: Text
    applies_to: Text
    excluded: Annotated[tuple[Text, ...], Field(max_length=20)] = ()
    excluded_go_to: Code | None = None
    decline_after_days: Annotated[int, Field(ge=1, le=4000)] | None = None
    stages: Annotated[tuple[Stage, ...], Field(min_length=1, max_length=20)]
    outcomes: Annotated[
        tuple[Literal["upheld", "partially_upheld", "not_upheld", "withdrawn", "no_finding"], ...],
        Field(min_length=1),
    ]

    @model_validator(mode="after")
    def _stages_follow_each_other(self) -> Self:
        codes = [stage.code for stage in self.stages]
        if repeated(codes) or repeated([str(stage.order) for stage in self.stages]):
            raise SafeValueError("two stages have the same code or order; give each its own")
        for stage in self.stages:
            if any(name not in codes for name in (stage.after, *(p.not_from_stage for p in stage.people)) if name):
                raise SafeValueError("a stage names another stage that this procedure does not have")
        return self

    def references(self) -> Iterator[Reference]:
        if self.excluded_go_to:
            yield Reference("complaint_procedures", self.excluded_go_to, "/excluded_go_to")


class Contact(Item):
    """Whom somebody who may be in trouble can call now; with `units` it is only for those who are served there."""

    name: Label
    phone: Annotated[str, Field(pattern=r"^\+?[0-9][0-9 ]{2,19}$")]
    when_to_call: Text
    hours: Label
    order: Annotated[int, Field(ge=1, le=100)]
    emergency: bool = False
    units: Annotated[tuple[Code, ...], Field(max_length=50)] = ()
    placeholder: bool = False

    @model_validator(mode="after")
    def _an_emergency_is_everybodys(self) -> Self:
        if self.emergency and (self.units or self.placeholder):
            raise SafeValueError("a number for emergencies is a real one and for everybody")
        return self

    def references(self) -> Iterator[Reference]:
        for place, unit in enumerate(self.units):
            yield Reference("units", unit, f"/units/{place}")
