"""The analysis in sentences a board can read; strengths come first, and it is said where there are none (R28)."""

from __future__ import annotations

from shared.schemas.audit_summary import ActionsOut, AuditAnalysis, FindingsOut, SlotsOut, VoicesOut

_VIEWS = {
    "child": "The child's view",
    "parent_carer": "A parent's or carer's view",
    "icrs": "The reviewing service's view",
}
_LEVELS = {
    "practitioner": "practitioners", "team_manager": "team managers", "senior_manager": "senior managers",
    "head_of_service": "heads of service", "director": "directors", "partner": "partner agencies",
}  # fmt: skip
_TOP = 3


def headlines(found: AuditAnalysis) -> list[str]:
    """Sentences in the order a board asks: how many, what is good, what is not, who was heard, what is being done."""
    if not found.audits:
        return ["No audit was submitted for this period.", *_about_slots(found.slots)]
    return [
        f"{_number(found.audits, 'audit')} {'was' if found.audits == 1 else 'were'} submitted{_against(found)}.",
        *_about_slots(found.slots),
        *_about_findings(found.findings),
        *(f"{one.title}: {one.movement}" for one in found.domains if one.graded),
        *(_about_view(one) for one in found.voices if one.heard + one.not_heard),
        *_about_levels(found),
        _about_actions(found.actions),
        *_about_loop(found),
    ]


def _number(number: int, one: str, many: str | None = None) -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _against(found: AuditAnalysis) -> str:
    if found.audits_before is None:
        return ""
    return f", after {found.audits_before:,} in the period before"


def _about_slots(slots: SlotsOut | None) -> list[str]:
    if slots is None or not slots.expected - slots.void:
        return []
    due = slots.expected - slots.void
    missed = f", and {slots.missed} missed" if slots.missed else ""
    done = f"{slots.done} are done, {slots.on_time} of them on time{missed}"
    return [f"Of {_number(due, 'audit')} that rounds asked for, {done}."]


def _about_findings(found: FindingsOut) -> list[str]:
    sentences = ["No strength was recorded in these audits."]
    if found.strengths:
        sentences = [f"{_number(found.strengths, 'strength')} found{_led_by(found, 'strengths')}."]
    if found.areas_for_improvement:
        areas = _number(found.areas_for_improvement, "area")
        sentences.append(f"{areas} for improvement found{_led_by(found, 'areas_for_improvement')}.")
    if found.concerns:
        sentences.append(f"{_number(found.concerns, 'concern')} found{_led_by(found, 'concerns')}.")
    return sentences


def _led_by(found: FindingsOut, kind: str) -> str:
    themes = sorted(
        (one for one in found.themes if one.theme is not None and getattr(one, kind)),
        key=lambda one: (-getattr(one, kind), one.title),
    )[:_TOP]
    named = ", ".join(f"{one.title} ({getattr(one, kind)})" for one in themes)
    return f", most often about {named}" if named else ""


def _about_view(one: VoicesOut) -> str:
    return f"{_VIEWS[one.view_of]} was heard in {one.heard} of {_number(one.heard + one.not_heard, 'audit')}."


def _about_levels(found: AuditAnalysis) -> list[str]:
    missing = [_LEVELS[one.level] for one in found.levels if one.missing]
    return [f"Nobody took part from these levels: {', '.join(missing)}."] if missing else []


def _about_actions(found: ActionsOut) -> str:
    if not found.open + found.completed + found.closed:
        return "No action was alive in the period."
    raised = f"{_number(found.raised or 0, 'action')} raised in the period; "
    return (
        f"{raised}of all alive in it {found.open} open ({found.overdue} overdue), {found.completed} awaiting"
        f" the evidence of impact, {found.closed} closed ({found.with_impact_evidence} with evidence of impact)."
    )


def _about_loop(found: AuditAnalysis) -> list[str]:
    if found.loop is None:
        return []
    return [
        f"The loop is closed, with learning passed on, for {found.loop.closed} of {_number(found.audits, 'audit')};"
        f" learning was passed on from {found.loop.with_learning}."
    ]
