"""Boards and the report schedule: who is told what, how often, by whom, and how it is signed off."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from shared.faults import SafeValueError
from shared.schemas.base import Code, Label, LocalDate, Text
from shared.schemas.figures import SourceFamily
from shared.schemas.framework.cadences import PERIOD_KINDS, Cadence
from shared.schemas.framework.contributing import Asking, Contributor
from shared.schemas.framework.fields import Item, Lasting, Part, Reference, repeated
from shared.schemas.framework.organisation import Aliases
from shared.schemas.periods import PeriodKind

Row = Annotated[str, StringConstraints(pattern=r"^R[0-9]{2}$")]


class DisclosureLevel(StrEnum):
    """Whether a body inside the council sees true figures, or small numbers are protected (METHODS 2.11)."""

    full = "full"
    protected = "protected"


class Challenging(Part):
    """How a partnership board challenges performance: the time to answer, and the channel its voice counts under."""

    response_working_days: Annotated[int, Field(ge=1, le=260)]
    channel: Code | None = None


class MemberRole(Part):
    """Who sits on a board, and the role with which they read its reports; a name alone says only who."""

    title: Label
    role: Code | None = None

    @model_validator(mode="before")
    @classmethod
    def _named_alone(cls, value: Any) -> Any:
        return {"title": value} if isinstance(value, str) else value


class Board(Lasting, Item):
    """A body or audience that reports go to; with `challenges` it is one that challenges performance (R19)."""

    name: Label
    aliases: Aliases = ()
    disclosure: DisclosureLevel
    parent: Code | None = None
    member_roles: Annotated[tuple[MemberRole, ...], Field(max_length=40)] = ()
    meets: Cadence | None = None
    meeting_dates: Annotated[tuple[LocalDate, ...], Field(max_length=400)] = ()
    requires_participation_statement: bool = False
    challenges: Challenging | None = None

    def references(self) -> Iterator[Reference]:
        if self.parent:
            yield Reference("boards", self.parent, "/parent")
        for place, member in enumerate(self.member_roles):
            if member.role:
                yield Reference("roles", member.role, f"/member_roles/{place}/role")
        if self.challenges and self.challenges.channel:
            yield Reference("channels", self.challenges.channel, "/challenges/channel")


class Service(StrEnum):
    """The service a report draws evidence from."""

    audit = "audit"
    indicator = "indicator"
    feedback = "feedback"
    reporting = "reporting"


class SectionKind(StrEnum):
    """How a section is filled: `narrative` by a person, the others from the services."""

    exceptions = "exceptions"
    indicators = "indicators"
    benchmarking = "benchmarking"
    audit_round = "audit_round"
    audit_findings = "audit_findings"
    feedback = "feedback"
    complaints = "complaints"
    actions = "actions"
    participation = "participation"
    compliance = "compliance"
    contributions = "contributions"
    providers = "providers"
    returns = "returns"
    schedule = "schedule"
    value_for_money = "value_for_money"
    narrative = "narrative"
    focus = "focus"
    workforce = "workforce"
    restatements = "restatements"
    commitments = "commitments"
    recurrences = "recurrences"
    learning = "learning"
    challenges = "challenges"
    surveys = "surveys"
    workforce_voice = "workforce_voice"
    source_coverage = "source_coverage"
    aims = "aims"
    last_year = "last_year"
    grounds = "grounds"
    matters_arising = "matters_arising"


class ReportSection(Part):
    """One section; the codes it names narrow what it shows."""

    code: Code
    title: Label
    kind: SectionKind
    required: bool = True
    prompt: Text | None = None
    indicators: Annotated[tuple[Code, ...], Field(max_length=200)] = ()
    plans: Annotated[tuple[Code, ...], Field(max_length=10)] = ()
    focus_areas: Annotated[tuple[Code, ...], Field(max_length=40)] = ()
    programme: Code | None = None
    # Each figure team by team as well.
    teams: bool = False
    tool: Code | None = None
    commitments: Annotated[tuple[Code, ...], Field(max_length=10)] = ()


class DueRule(Part):
    """When an occurrence is due: so many working days after its period or a request, or before a meeting.

    Clear days count neither the day of the papers nor that of the meeting: five clear days before a Wednesday is the
    Tuesday of the week before.
    """

    rule: Literal[
        "working_days_after_period_end",
        "working_days_before_meeting",
        "clear_working_days_before_meeting",
        "working_days_after_request",
    ]
    days: Annotated[int, Field(ge=0, le=260)]
    board: Code | None = None

    @property
    def before_meeting(self) -> bool:
        return self.rule in ("working_days_before_meeting", "clear_working_days_before_meeting")

    @model_validator(mode="after")
    def _names_the_meeting(self) -> Self:
        if self.before_meeting != (self.board is not None):
            raise SafeValueError("a rule that counts back from a meeting names the board that meets; no other does")
        return self


class SignOff(Part):
    """One signature, in order."""

    role: Code
    order: Annotated[int, Field(ge=1, le=10)]


class Gate(StrEnum):
    """A condition that must hold before a report may be published."""

    participation_statement = "participation_statement"
    closing_questions = "closing_questions"
    value_for_money = "value_for_money"
    key_actions_cap = "key_actions_cap"
    head_of_service_sign_off = "head_of_service_sign_off"
    learning_stamped = "learning_stamped"
    strengths_reported = "strengths_reported"


class Report(Lasting, Item):
    """One line of the reporting schedule."""

    row: Annotated[tuple[Row, ...], Field(min_length=1, max_length=5)]
    title: Label
    cadence: Cadence
    period_kind: PeriodKind | None = None
    calendar: Code | None = None
    audiences: Annotated[tuple[Code, ...], Field(min_length=1, max_length=20)]
    via: Code | None = None
    owner_role: Code
    owner_unit: Code | None = None
    contributors: Annotated[tuple[Contributor, ...], Field(max_length=60)] = ()
    asking: Asking = Asking()
    sources: Annotated[tuple[Service, ...], Field(min_length=1, max_length=4)]
    source_families: Annotated[tuple[SourceFamily, ...], Field(min_length=1, max_length=5)]
    sections: Annotated[tuple[ReportSection, ...], Field(min_length=1, max_length=40)]
    due: DueRule
    sign_off: Annotated[tuple[SignOff, ...], Field(min_length=1, max_length=10)]
    catch_up: Literal["all", "latest", "none"]
    gates: Annotated[tuple[Gate, ...], Field(max_length=10)] = ()
    key_actions_max: Annotated[int, Field(ge=1, le=50)] | None = None

    @model_validator(mode="after")
    def _its_periods_can_be_found(self) -> Self:
        allowed = PERIOD_KINDS.get(self.cadence, ())
        if (self.period_kind in allowed) if allowed else (self.period_kind is None):
            pass
        else:
            raise SafeValueError("period_kind does not fit the cadence; periodic and on_request reports have none")
        schooling = self.period_kind in (PeriodKind.term, PeriodKind.half_term)
        if schooling and self.calendar is None:
            raise SafeValueError("a termly or half-termly report names the calendar its terms come from")
        if not allowed and self.due.rule == "working_days_after_period_end":
            raise SafeValueError("a report without periods is due after a request or before a meeting")
        return self

    @model_validator(mode="after")
    def _names_each_thing_once(self) -> Self:
        if repeated([section.code for section in self.sections]):
            raise SafeValueError("two sections have the same code; give each its own")
        if repeated([str(sign.order) for sign in self.sign_off]):
            raise SafeValueError("two signatures have the same order; number them 1, 2, 3")
        if (Gate.key_actions_cap in self.gates) != (self.key_actions_max is not None):
            raise SafeValueError("the gate key_actions_cap goes with key_actions_max, and the other way round")
        return self

    def references(self) -> Iterator[Reference]:
        for place, code in enumerate(self.audiences):
            yield Reference("boards", code, f"/audiences/{place}")
        optional = (
            ("boards", "via"),
            ("calendars", "calendar"),
            ("units", "owner_unit"),
            ("roles", "owner_role"),
        )
        for kind, name in optional:
            if code := getattr(self, name):
                yield Reference(kind, code, f"/{name}")
        for place, who in enumerate(self.contributors):
            if who.unit:
                yield Reference("units", who.unit, f"/contributors/{place}/unit")
            if who.agency:
                yield Reference("agencies", who.agency, f"/contributors/{place}/agency")
        for place, section in enumerate(self.sections):
            for at, code in enumerate(section.indicators):
                yield Reference("indicators", code, f"/sections/{place}/indicators/{at}")
            for at, code in enumerate(section.focus_areas):
                yield Reference("focus_areas", code, f"/sections/{place}/focus_areas/{at}")
            for at, code in enumerate(section.commitments):
                yield Reference("commitments", code, f"/sections/{place}/commitments/{at}")
            if section.tool:
                yield Reference("tools", section.tool, f"/sections/{place}/tool")
            if section.programme:
                yield Reference("programmes", section.programme, f"/sections/{place}/programme")
        if self.due.board:
            yield Reference("boards", self.due.board, "/due/board")
        for place, sign in enumerate(self.sign_off):
            yield Reference("roles", sign.role, f"/sign_off/{place}/role")
