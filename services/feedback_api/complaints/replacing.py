"""The stages and days set aside as a source sends them, whole, with what the council added to them here."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from services.feedback_api.complaints.case import Case
from services.feedback_api.complaints.schemas import ComplaintIn, StageIn
from services.feedback_api.complaints.sent_again import ADDED_HERE, ADDED_TO_DAYS
from services.feedback_api.models import ComplaintExtension, ComplaintFreeze, ComplaintStage
from shared.auth.caller import Caller

_FACTS_OF_STAGE = tuple(name for name in StageIn.model_fields if name not in ("stage", "extensions"))


def replace_stages(case: Case, body: ComplaintIn, caller: Caller, now: datetime) -> None:
    """Put the stages sent in the place of those held; a stage is known again by its name and run."""
    stages, extensions, runs = [], [], dict[str, int]()
    had = {(one.stage, one.run): one for one in case.stages}
    for position, sent in enumerate(body.stages, 1):
        run = runs[sent.stage] = runs.get(sent.stage, 0) + 1
        key: dict[str, Any] = {"complaint_id": case.complaint.id, "stage": sent.stage, "run": run}
        facts = {name: getattr(sent, name) for name in _FACTS_OF_STAGE}
        stages.append(ComplaintStage.unstored(**key, position=position, **facts))
        _carry_over(had.get((sent.stage, run)), stages[-1])
        extensions += [
            ComplaintExtension(**key, **one.model_dump(), recorded_by=caller.subject, recorded_at=now)
            for one in sent.extensions
        ]
    case.stages, case.extensions = stages, extensions


def _carry_over(had: ComplaintStage | None, stage: ComplaintStage) -> None:
    for name in ADDED_HERE if had is not None else ():
        if getattr(stage, name) is None and (name != "ended_because" or (stage.ended_on and not stage.outcome)):
            setattr(stage, name, getattr(had, name))


def replace_freezes(case: Case, body: ComplaintIn, caller: Caller, now: datetime) -> None:
    """Put the days sent in the place of those held."""
    had = _had(case, body)
    freezes = []
    for sent in body.set_aside:
        freeze = ComplaintFreeze(
            complaint_id=case.complaint.id, from_on=sent.first, to_on=sent.last, reason=sent.reason,
            decided_by=sent.decided_by, proceedings_ended_on=sent.proceedings_ended_on, recorded_by=caller.subject,
            recorded_at=now,
        )  # fmt: skip
        held = had.get(sent.first)
        if held is not None:
            for name in ADDED_TO_DAYS:
                setattr(freeze, name, getattr(freeze, name) or getattr(held, name))
            # Why they were taken up again belongs to their end; a source that sends none has them still set aside.
            freeze.resumed_because = held.resumed_because if sent.last else None
        freezes.append(freeze)
    case.freezes = freezes


def _had(case: Case, body: ComplaintIn) -> dict[date, ComplaintFreeze]:
    """The days held, by the first of those sent: they begin on it, or are the only ones left as those sent are."""
    had = {one.from_on: one for one in case.freezes}
    sent = {one.first for one in body.set_aside}
    new, gone = sent - had.keys(), had.keys() - sent
    return had | ({new.pop(): had[gone.pop()]} if len(new) == len(gone) == 1 else {})
