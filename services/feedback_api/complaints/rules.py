"""Which stages may follow which, and which dates can be: pure questions about a complaint."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from datetime import date
from itertools import pairwise

from services.feedback_api.complaints.case import Case, stage_of
from services.feedback_api.complaints.clock import SetAside, days_allowed, days_of
from services.feedback_api.complaints.errors import (
    AlreadySetAside,
    ExtensionBeyondLimit,
    ExtensionTooLate,
    OutcomeNotOfProcedure,
    StageAskedForTooLate,
    StageMayNotBeSkipped,
    StageOutOfOrder,
)
from services.feedback_api.complaints.schemas import ComplaintIn, StageIn
from services.feedback_api.models import ComplaintExtension, ComplaintFreeze, ComplaintStage
from shared.problems import Fault, Malformed
from shared.schemas.framework.feedback import ComplaintProcedure
from shared.working_days import add_working_days

_DAYS = ("received_on", "eligibility_on", "consent_on", "matter_on")
_DAYS_OF_STAGE = tuple(name for name in StageIn.model_fields if name.endswith("_on"))


def refuse_earlier(pointer: str, day: date | None, than: date, words: str) -> None:
    """Raises Malformed for a day before another."""
    if day is not None and day < than:
        raise Malformed("A date cannot be; see errors.", errors=[Fault(pointer, "too_early", words)])


def refuse_future(dates: Iterable[tuple[str, date | None]], today: date) -> None:
    """Raises Malformed for each day that has not come yet."""
    faults = [
        Fault(pointer, "in_future", "this day has not come yet")
        for pointer, day in dates
        if day is not None and day > today
    ]
    if faults:
        raise Malformed("A date cannot be; see errors.", errors=faults)


def check_dates(body: ComplaintIn, today: date) -> None:
    """Raises Malformed for each day sent that has not come yet, or lies before the complaint."""
    refuse_future(_dates_in(body), today)
    early = [at for at, one in enumerate(body.set_aside) if one.first < body.received_on]
    if early:
        faults = [Fault(f"/set_aside/{at}/from", "too_early", "this lies before the complaint") for at in early]
        raise Malformed("A date cannot be; see errors.", errors=faults)


def _dates_in(body: ComplaintIn) -> Iterator[tuple[str, date | None]]:
    """The days given, by their pointers."""
    for name in _DAYS:
        yield f"/{name}", getattr(body, name)
    for at, stage in enumerate(body.stages):
        for name in _DAYS_OF_STAGE:
            yield f"/stages/{at}/{name}", getattr(stage, name)
        for n, one in enumerate(stage.extensions):
            yield f"/stages/{at}/extensions/{n}/granted_on", one.granted_on
    for at, freeze in enumerate(body.set_aside):
        yield f"/set_aside/{at}/from", freeze.first
        yield f"/set_aside/{at}/proceedings_ended_on", freeze.proceedings_ended_on


def check_sequence(
    procedure: ComplaintProcedure, received_on: date, stages: Sequence[ComplaintStage], prefix: str
) -> None:
    """Raises Malformed for a stage the procedure does not have, StageOutOfOrder where one cannot follow."""
    for at, stage in enumerate(stages):
        pointer = f"{prefix}/{at}" if prefix else ""
        rules = stage_of(procedure, stage.stage)
        if rules is None:
            fault = Fault(f"{pointer}/stage", "unknown_code", "this is not a stage of the complaint's procedure")
            raise Malformed("The stage is not known; see errors.", errors=[fault])
        if stage.outcome is not None and stage.outcome not in procedure.outcomes:
            raise OutcomeNotOfProcedure(errors=[Fault(f"{pointer}/outcome", "outcome", "not of this procedure")])
        words = _why_not(rules.after, received_on, stages[:at], stage)
        if words:
            raise StageOutOfOrder(words, errors=[Fault(pointer or "/stage", "order", words)])


def _why_not(
    after: str | None, received_on: date, earlier: Sequence[ComplaintStage], stage: ComplaintStage
) -> str | None:
    last = earlier[-1] if earlier else None
    same = [one for one in earlier if one.stage == stage.stage]
    if last is not None and last.ended_on is None:
        return "The stage before it has not ended."
    if stage.started_on < (last.ended_on if last and last.ended_on else received_on):
        return "It starts before the complaint was received or the stage before it ended."
    if same and not (last in same and last is not None and last.outcome in ("withdrawn", None)):
        return "The complaint has been through this stage; only one that was withdrawn is opened again."
    if same or stage.accepted_because is not None:
        return None
    if after is not None and after not in {one.stage for one in earlier}:
        return "The stage it follows in the procedure has not been."
    if after is None and earlier:
        return "The complaint is past this stage."
    return None


def check_skip(procedure: ComplaintProcedure, earlier: Sequence[ComplaintStage], stage: ComplaintStage) -> None:
    """Raises StageMayNotBeSkipped where the stage before this one was left out and the procedure forbids that."""
    rules = stage_of(procedure, stage.stage)
    before = stage_of(procedure, rules.after) if rules and rules.after else None
    if before is not None and not before.may_be_skipped and before.code not in {one.stage for one in earlier}:
        raise StageMayNotBeSkipped()


def check_refusal_code(procedure: ComplaintProcedure, code: str | None) -> None:
    """Raises Malformed for a reason the procedure does not have."""
    if code is not None and code not in {reason.code for reason in procedure.refusal_reasons}:
        fault = Fault("/refusal_code", "unknown_code", "this is not one of the refusal_reasons of the procedure")
        raise Malformed("The reason is not known; see errors.", errors=[fault])


def check_request(case: Case, procedure: ComplaintProcedure, stage: ComplaintStage, off: Set[date]) -> None:
    """Raises StageAskedForTooLate where the time for asking is over and no reason is given."""
    rules = stage_of(procedure, stage.stage)
    ended = case.stages[-1].ended_on if case.stages else None
    if rules is None or rules.request_within is None or ended is None or stage.accepted_because is not None:
        return
    asked = stage.requested_on or stage.started_on
    # Days set aside do not count here either, with an open end those up to the day of asking.
    aside = days_of(SetAside(one.first, one.last or max(asked, one.first)) for one in case.intervals)
    if asked > add_working_days(ended, rules.request_within, off | aside):
        raise StageAskedForTooLate(f"It may be asked for within {rules.request_within} working days.")


def check_extension(
    case: Case, procedure: ComplaintProcedure, stage: ComplaintStage, extension: ComplaintExtension
) -> None:
    """Raises ExtensionBeyondLimit or ExtensionTooLate."""
    rules = stage_of(procedure, stage.stage)
    limit = (rules.statutory_limit or rules.local_target) if rules else None
    if limit is None:
        return
    given = sum(one.working_days for one in case.extensions_of(stage))
    total = given + extension.working_days
    if days_allowed(limit, total) < limit.working_days + total:
        left = days_allowed(limit, 400) - limit.working_days - given
        raise ExtensionBeyondLimit(f"At most {max(left, 0)} further working days can be given.")
    due = stage.statutory_due_on or stage.local_due_on
    if due is not None and extension.granted_on > due:
        raise ExtensionTooLate()


def check_intervals(freezes: Sequence[ComplaintFreeze]) -> None:
    """Raises AlreadySetAside where two intervals share a day or one after an open end begins."""
    ordered = sorted(freezes, key=lambda one: one.from_on)
    for one, following in pairwise(ordered):
        if one.to_on is None or following.from_on <= one.to_on:
            raise AlreadySetAside()
