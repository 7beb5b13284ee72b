"""What readers are given of a complaint: its stages with both clocks, and what it still lacks."""

from __future__ import annotations

from collections.abc import Sequence, Set
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import ConfigDict, Field
from pydantic_core import to_json

from services.feedback_api.complaints.case import Case, stages_by_order
from services.feedback_api.complaints.missing import missing_in, missing_of
from services.feedback_api.complaints.periods import lies_too_far_back, put_again_by
from services.feedback_api.complaints.schemas import WORDS
from services.feedback_api.complaints.stage_answers import ComplaintStageOut, stage_out
from services.feedback_api.models import ComplaintAdvocacy, ComplaintFreeze
from shared.auth.caller import Caller
from shared.free_text import find_identifiers
from shared.schemas.base import OutModel
from shared.schemas.framework.feedback import ComplaintProcedure

Status = Literal["open", "closed", "refused", "merged"]


class WarningOut(OutModel):
    """Something in a text that could identify a person; where it stands, never what it is."""

    pointer: str
    code: str


class SetAsideOut(OutModel):
    model_config = OutModel.model_config | ConfigDict(serialize_by_alias=True)

    first: date = Field(alias="from")
    last: date | None = Field(alias="to")
    reason: str | None
    decided_by: str | None
    proceedings_ended_on: date | None
    put_again_by: date | None = Field(description="until when it may be put again once the proceedings have ended")
    resumed_because: str | None = Field(description="why it was taken up again although put again too late")


class AdvocacyOut(OutModel):
    """An advocate offered, and the answer."""

    offered_on: date
    answer: Literal["accepted", "declined", "not_applicable", "awaited"]
    provider: str | None
    reason: str | None


class OriginOut(OutModel):
    """The view or compliment that turned out to be this complaint."""

    kind: Literal["view", "compliment"]
    ref: str


class ComplaintRow(OutModel):
    """A complaint in a list, without its words."""

    id: UUID
    respond_ref: str
    procedure: str
    received_on: date
    unit: str
    agency: str | None
    respondent_group: str | None
    themes: list[str]
    status: Status
    current_stage: str | None
    statutory_due_on: date | None
    local_due_on: date | None
    overdue: bool = Field(description="past its statutory limit, or its target where no limit is laid down")
    past_target: bool
    set_aside: bool
    outcome: str | None
    closed_on: date | None
    incomplete: bool = Field(description="closed without what it needs (R60)")
    missing: list[str] = Field(description="outcome, learning, improvement: whichever a closed one lacks")
    learning_owner: str | None
    learning_due_on: date | None
    version: int
    recorded_at: datetime
    changed_at: datetime


class ComplaintOut(OutModel):
    id: UUID
    respond_ref: str
    references: list[str] = Field(description="every reference it is known by: its own, and those merged into it")
    became_from: list[OriginOut] = Field(description="the views and compliments that were recategorised as it")
    procedure: str
    moved_from: str | None = Field(description="the procedure it came from: this matter belongs elsewhere")
    received_on: date
    matter_on: date | None = Field(description="when what it is about happened")
    may_be_declined_as_old: bool = Field(description="the matter lies further back than the procedure has to look")
    unit: str
    agency: str | None
    respondent_group: str | None
    themes: list[str]
    eligible: bool | None
    eligibility_by: str | None = Field(description="who decided")
    eligibility_on: date | None
    consent_given: bool | None
    consent_by: str | None
    consent_on: date | None
    refusal_code: str | None
    refusal_reason: str | None
    status: Status
    current: ComplaintStageOut | None = Field(description="the open stage with its clocks")
    stages: list[ComplaintStageOut]
    set_aside: list[SetAsideOut]
    advocacy: list[AdvocacyOut]
    outcome: str | None
    closed_on: date | None
    learning: str | None
    improvement: str | None
    shared_learning: str | None
    learning_updated_at: datetime | None
    learning_owner: str | None
    learning_due_on: date | None
    incomplete: bool = Field(description="closed without outcome, or upheld without learning and improvement (R60)")
    missing: list[str] = Field(
        description="outcome, learning, improvement, advocacy_offer, people, ombudsman_details, adjudication: "
        "whichever it lacks"
    )
    words_withheld: bool = Field(description="the caller lacks feedback:complaints, so the words are left out")
    warnings: list[WarningOut]
    version: int
    recorded_at: datetime
    changed_at: datetime
    allowed_actions: list[str]


def write_answer(
    case: Case, procedure: ComplaintProcedure, today: date, off: Set[date], caller: Caller, names: Sequence[str] = ()
) -> bytes:
    """A ComplaintOut in JSON: the complaint as this caller may have it, its clocks as they stand today.

    Written without making a model of what is right by itself; `names` are those just sent with it.
    """
    complaint, withheld = case.complaint, not caller.may("feedback:complaints")
    held = complaint.as_row()
    words = {name: held[name] for name in WORDS}
    stages = [stage_out(case, stage, procedure, today, off, withheld) for stage in case.stages]
    found = find_identifiers({f"/{name}": text for name, text in words.items()} | _reasons(case), names)
    became = [] if withheld else [{"kind": one["kind"], "ref": one["ref"]} for one in case.handling.became_from]
    fields = held | (dict.fromkeys(words) if withheld else {}) | {
        "current": next((one for one in stages if one["ended_on"] is None), None),
        "stages": stages,
        "references": sorted([complaint.respond_ref, *case.handling.references]),
        "became_from": became,
        "may_be_declined_as_old": lies_too_far_back(complaint, procedure),
        "set_aside": [_set_aside(one, procedure, withheld) for one in case.freezes],
        "advocacy": [] if withheld else [_advocacy(one) for one in case.handling.advocacy],
        "learning_updated_at": held["learning_at"],
        "incomplete": bool(missing_of(held["outcome"], held["status"], held["learning"], held["improvement"])),
        "missing": missing_in(case, procedure),
        "words_withheld": withheld,
        "warnings": [{"pointer": one.pointer, "code": one.code} for one in found],
        "allowed_actions": [] if withheld else _actions(case, procedure),
    }  # fmt: skip
    return to_json({name: fields[name] for name in ComplaintOut.model_fields})


def _reasons(case: Case) -> dict[str, str | None]:
    """The reasons of stages, extensions and setting aside by where they stand in the answer."""
    texts: dict[str, str | None] = {f"/set_aside/{at}/reason": one.reason for at, one in enumerate(case.freezes)}
    for at, stage in enumerate(case.stages):
        texts[f"/stages/{at}/accepted_because"] = stage.accepted_because
        extensions = enumerate(case.extensions_of(stage))
        texts |= {f"/stages/{at}/extensions/{nth}/reason": one.reason for nth, one in extensions}
    return texts


def _set_aside(freeze: ComplaintFreeze, procedure: ComplaintProcedure, withheld: bool) -> dict[str, Any]:
    return {
        "from": freeze.from_on,
        "to": freeze.to_on,
        "reason": None if withheld else freeze.reason,
        "decided_by": freeze.decided_by,
        "proceedings_ended_on": freeze.proceedings_ended_on,
        "put_again_by": put_again_by(freeze, procedure),
        "resumed_because": None if withheld else freeze.resumed_because,
    }


def _advocacy(offer: ComplaintAdvocacy) -> dict[str, Any]:
    return {name: getattr(offer, name) for name in AdvocacyOut.model_fields}


def _actions(case: Case, procedure: ComplaintProcedure) -> list[str]:
    """What the complaints manager may do next, by the names of the operations' last words."""
    status = case.complaint.status
    if status == "merged":
        return []
    actions = ["correct", "merge"] + (["separate"] if case.handling.references else [])
    actions += ["restore"] if case.handling.became_from else []
    # An offer is recorded as it becomes known, after the last stage too.
    actions.append("offer_advocacy")
    # What was set aside is told to have ended also where its stage has ended meanwhile: the next counts from there.
    if case.set_aside is not None:
        actions.append("resume")
    if status == "open" and case.current is not None:
        actions += ["end_stage", "extend", "correct_stage", "decide", "appoint"]
        actions += ["set_aside"] if case.set_aside is None else []
        if any(stage.after == case.current.stage for stage in procedure.stages):
            actions.append("escalate")
    elif status == "refused":
        actions.append("decide")
    elif case.stages:
        # Consent that is recorded late is recorded; only declined a closed complaint is no more.
        actions.append("decide")
        last = stages_by_order(procedure)[-1].code
        if case.stages[-1].stage != last or case.stages[-1].outcome in ("withdrawn", None):
            actions.append("open_stage")
    if status != "closed" and procedure.excluded_go_to is not None:
        actions.append("move")
    return actions
