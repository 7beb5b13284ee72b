"""The wire of handling a complaint: decisions, moves, escalation, people, advocacy, merging, recategorising."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import Field, model_validator

from services.feedback_api.parameters import RespondRef
from shared.faults import SafeValueError
from shared.schemas.base import Code, Id, Label, LocalDate, Reference, StrictModel, Text


def _example(**fields: Any) -> Any:
    return StrictModel.model_config | {"json_schema_extra": {"examples": [fields]}}


class EligibilityIn(StrictModel):
    """Whether a complaint is taken up (eligibility), or whether the child or other person consents to it."""

    model_config = _example(about="consent", accepted=True, decided_by="complaints-officer-2", decided_on="2026-10-07")

    about: Literal["eligibility", "consent"]
    accepted: bool
    decided_by: Reference = Field(description="a staff account")
    decided_on: LocalDate
    refusal_code: Code | None = Field(default=None, description="one of the procedure's refusal_reasons")
    reason: Text | None = Field(
        default=None, description="needed for a refusal, and for taking up a complaint that had been refused"
    )
    matter_on: LocalDate | None = Field(default=None, description="when what it is about happened")

    @model_validator(mode="after")
    def _refusal_has_a_reason(self) -> Self:
        if not self.accepted and self.reason is None:
            raise SafeValueError("a refusal needs its reason in words")
        if self.accepted and self.refusal_code is not None:
            raise SafeValueError("a refusal_code stands only with a refusal")
        return self


class MoveIn(StrictModel):
    """Take a matter that the procedure leaves out into the one it belongs to; the day of receipt stays."""

    model_config = _example(reason="About a report to court under section 7.", decided_by="complaints-officer-2")

    reason: Text
    decided_by: Reference
    procedure: Code | None = Field(
        default=None, description="where the present procedure sends what it leaves out; or back to where it was"
    )


class EscalationIn(StrictModel):
    """The next stage while this one is open: by agreement of both sides, or asked for because this one is overdue."""

    model_config = _example(
        stage="stage_2", because="agreed", started_on="2026-10-08", reason="Both sides agreed on an investigation."
    )

    stage: Code
    because: Literal["agreed", "overdue"]
    started_on: LocalDate
    requested_on: LocalDate | None = Field(default=None, description="when it was asked for; else started_on")
    complaint_finalised_on: LocalDate | None = None
    reason: Text


class StageEdit(StrictModel):
    """Days on the way of a stage; only the fields given are changed, null empties one."""

    model_config = _example(complaint_finalised_on="2026-10-09")

    complaint_finalised_on: LocalDate | None = Field(
        default=None, description="when the written complaint was agreed: the clock of stage 2 starts then"
    )
    reported_on: LocalDate | None = Field(default=None, description="when the investigation reported")
    adjudicated_on: LocalDate | None = Field(default=None, description="when the council adjudicated the report")
    ombudsman_told_on: LocalDate | None = Field(
        default=None, description="when the answer with the ombudsman's details was sent"
    )
    reason: Text | None = None


class PersonIn(StrictModel):
    """Somebody appointed to a role of the open stage, with what decides whether the rules bar them."""

    model_config = _example(
        stage="stage_2", role="independent_person", person="ip-014", employed_by_council=False,
        in_line_of_service=False, appointed_on="2026-10-20",
    )  # fmt: skip

    stage: Code
    role: Code = Field(description="a code of the stage's `people` in the procedure")
    person: Reference = Field(description="a staff account or another pseudonymous reference, never a name")
    employed_by_council: bool = Field(description="or a member of the council, or the partner of either")
    in_line_of_service: bool = Field(description="in the management of the service complained about")
    appointed_on: LocalDate
    replaces: Id | None = Field(default=None, description="whom they stand in for from that day on")
    reason: Text | None = Field(default=None, description="why the other one is replaced")

    @model_validator(mode="after")
    def _replacement_has_a_reason(self) -> Self:
        if (self.replaces is None) != (self.reason is None):
            raise SafeValueError("replaces and reason stand together")
        return self


class DepartureIn(StrictModel):
    model_config = _example(left_on="2026-10-30", reason="Ill for longer.")

    left_on: LocalDate
    reason: Text


class AdvocacyIn(StrictModel):
    """An advocate offered to whoever complains, and the answer."""

    model_config = _example(offered_on="2026-10-06", answer="accepted", provider="Independent advocacy service")

    offered_on: LocalDate
    answer: Literal["accepted", "declined", "not_applicable", "awaited"]
    provider: Label | None = Field(default=None, description="the organisation; needed where it is accepted")
    reason: Text | None = Field(default=None, description="needed where it is not applicable")

    @model_validator(mode="after")
    def _answer_is_whole(self) -> Self:
        if self.answer == "accepted" and self.provider is None:
            raise SafeValueError("say in `provider` who provides the advocate that was accepted")
        if self.answer == "not_applicable" and self.reason is None:
            raise SafeValueError("say in `reason` why no advocate is offered")
        return self


class ComplaintMergeIn(StrictModel):
    """Another reference of the same complaint, received on the same day or later."""

    model_config = _example(respond_ref="CSC-2026-0131", reason="The same complaint, keyed in twice.")

    respond_ref: RespondRef
    reason: Text


class RecategorisationIn(StrictModel):
    """A view or a compliment that is a complaint: the complaint it becomes, or that exists already."""

    model_config = _example(
        kind="compliment", ref="CPL-2026-0051", respond_ref="CSC-2026-0140", procedure="statutory",
        reason="It thanks one worker and complains about another.",
    )  # fmt: skip

    kind: Literal["view", "compliment"]
    ref: RespondRef = Field(description="a compliment's reference, or a view's id")
    respond_ref: RespondRef
    procedure: Code
    received_on: LocalDate | None = Field(default=None, description="else the day the view or compliment was given")
    reason: Text


class RestorationIn(StrictModel):
    """What was recategorised as this complaint by mistake."""

    model_config = _example(kind="compliment", ref="CPL-2026-0054", reason="It was a compliment after all.")

    kind: Literal["view", "compliment"]
    ref: RespondRef = Field(description="a compliment's reference, or a view's id")
    reason: Text
