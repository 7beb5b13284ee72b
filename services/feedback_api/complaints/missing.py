"""What a complaint still lacks: an outcome, learning, people, an advocate offered, the ombudsman's details."""

from __future__ import annotations

from dataclasses import dataclass

from services.feedback_api.complaints.case import Case, stage_of
from services.feedback_api.models import ComplaintStage
from shared.schemas.framework.feedback import ComplaintProcedure


@dataclass(frozen=True, slots=True)
class Lack:
    """A role of a stage that is not filled, or not by enough."""

    role: str
    title: str
    number: int


def missing_of(outcome: str | None, status: str, learning: str | None, improvement: str | None) -> list[str]:
    """What a closed complaint still lacks: its outcome, or what an upheld one taught and changed (R60)."""
    if status != "closed":
        return []
    if outcome is None:
        return ["outcome"]
    if outcome not in ("upheld", "partially_upheld"):
        return []
    return [name for name, text in (("learning", learning), ("improvement", improvement)) if not text]


def lacking(case: Case, stage: ComplaintStage, procedure: ComplaintProcedure) -> list[Lack]:
    """The roles of a stage that nobody fills; of an ended stage, that nobody filled when it ended."""
    rules = stage_of(procedure, stage.stage)
    if rules is None:
        return []
    there = [
        one.role
        for one in case.handling.people
        if (one.stage, one.run) == (stage.stage, stage.run)
        and (one.left_on is None or (stage.ended_on is not None and one.left_on >= stage.ended_on))
    ]
    counts = {role.code: role.number - there.count(role.code) for role in rules.people}
    return [Lack(role.code, role.title, counts[role.code]) for role in rules.people if counts[role.code] > 0]


def missing_in(case: Case, procedure: ComplaintProcedure) -> list[str]:
    """Everything the complaint lacks as it stands."""
    complaint = case.complaint
    missing = missing_of(complaint.outcome, complaint.status, complaint.learning, complaint.improvement)
    if complaint.status in ("refused", "merged"):
        return missing
    if complaint.respondent_group in procedure.advocacy_for and not case.handling.advocacy:
        missing.append("advocacy_offer")
    if case.current is not None and lacking(case, case.current, procedure):
        missing.append("people")
    for stage in case.stages:
        rules = stage_of(procedure, stage.stage)
        if rules is None or stage.ended_on is None or stage.outcome in (None, "withdrawn"):
            continue
        if rules.tells_of_ombudsman and stage.ombudsman_told_on is None:
            missing.append("ombudsman_details")
        if rules.adjudicated and stage.adjudicated_on is None:
            missing.append("adjudication")
    return list(dict.fromkeys(missing))
