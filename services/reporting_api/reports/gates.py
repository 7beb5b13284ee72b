"""The gates a report passes before it is submitted, signed and published; nobody can open one by hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from services.reporting_api.definitions import Definitions, as_owed, disclosure_of
from services.reporting_api.document import CLOSING_QUESTIONS
from services.reporting_api.reports import errors
from shared.problems import Fault
from shared.schemas.board_report import BoardReport
from shared.schemas.framework.reporting import Gate, Report, SectionKind
from shared.schemas.periods import Period, PeriodKind

HEAD_OF_SERVICE = "head_of_service"


Check = Callable[[BoardReport, Report], None]


def check_content(report: BoardReport, definition: Report, known: Definitions, row: Any) -> None:
    """Raises the named problem of the first gate that does not hold; asked again at every later step."""
    for _, check in gates_of(definition, known, row):
        check(report, definition)


def gates_of(definition: Report, known: Definitions, row: Any) -> list[tuple[str, Check]]:
    """What the content of this edition is held to, in order, each by name."""

    def for_its_boards(report: BoardReport, definition: Report) -> None:
        """It was assembled for those it is owed to now, none left out, at the level all of them may see."""
        told = [one.code for one in report.audiences]
        level = disclosure_of(as_owed(definition, row), known.boards)
        if (told, row.boards, row.disclosure) != (row.audiences, row.owed_to, level):
            raise errors.BoardsChanged()

    participation = [Gate.participation_statement] if needs_participation(definition, known, row.boards) else []
    asked = dict.fromkeys([*participation, *definition.gates])
    checks = [(gate.value, _CHECKS[gate]) for gate in asked if gate in _CHECKS]
    return [*checks, ("sections_written", _written), ("for_its_boards", for_its_boards)]


def needs_participation(definition: Report, known: Definitions, boards: Sequence[str]) -> bool:
    """By the gate, or because a board that this edition goes to requires it, whatever its definition says."""
    asking = any(known.boards[code].requires_participation_statement for code in boards if code in known.boards)
    return asking or Gate.participation_statement in definition.gates


def check_signatures(definition: Report, submitted_by: str | None, content_hash: str, signed: Sequence[Any]) -> None:
    """R81: a Head of Service who did not submit it has signed exactly this content."""
    if Gate.head_of_service_sign_off not in definition.gates:
        return
    good = any(
        one.role == HEAD_OF_SERVICE and one.content_hash == content_hash and one.subject != submitted_by
        for one in signed
    )
    if not good:
        raise errors.HeadOfServiceSignOffMissing()


def _participation(report: BoardReport, definition: Report) -> None:
    """R11: there is a statement, and it says what the records of the period say: people took part, or none did.

    Of a term the neighbours tell the last month only, which says nothing of the whole.
    """
    statement = report.participation
    if statement is None:
        raise errors.ParticipationMissing()
    if Period.parse(report.period.code).kind in (PeriodKind.term, PeriodKind.half_term):
        return
    sections = [one for one in report.sections if one.kind == SectionKind.participation]
    if not sections:
        raise errors.ParticipationNotOnRecord("The framework gives this report no section of the kind participation.")
    lines = [one.value for section in sections for one in section.summary if one.code == "activities"]
    if not lines:
        raise errors.ParticipationNotOnRecord("The records of the period are not in the report; assemble it again.")
    if statement.took_place and lines[0] == 0:
        raise errors.ParticipationNotOnRecord("The records of the period hold no such activity.")
    if not statement.took_place and lines[0] != 0:
        raise errors.ParticipationNotOnRecord("The records of the period show that people took part.")


def _closing(report: BoardReport, definition: Report) -> None:
    unanswered = [field for field in CLOSING_QUESTIONS.values() if not getattr(report, field)]
    if unanswered:
        faults = [Fault(f"/{field}", "unanswered", "answer this question") for field in unanswered]
        raise errors.ClosingQuestionsOpen(errors=faults)


def _few_key_actions(report: BoardReport, definition: Report) -> None:
    most = definition.key_actions_max or 0
    if len(report.key_actions) > most:
        raise errors.TooManyKeyActions(f"At most {most} are allowed.")
    if not report.key_actions or not all(one.evidence for one in report.key_actions):
        raise errors.KeyActionsMissing()


def _value_for_money(report: BoardReport, definition: Report) -> None:
    sections = [one for one in report.sections if one.kind == SectionKind.value_for_money]
    if not any(one.narrative or any(f.value is not None for f in one.figures) for one in sections):
        raise errors.ValueForMoneyMissing()


def _strengths(report: BoardReport, definition: Report) -> None:
    """Only where audits were found at all: no audit has no strengths, and a lost source hides none."""
    for section in report.sections:
        if section.kind != SectionKind.audit_findings or section.narrative:
            continue
        audits = next((one.value for one in section.summary if one.code == "audits"), None)
        found = any(item.type == "statement" and item.group == "strengths" for item in section.items)
        if audits and not found:
            raise errors.StrengthsMissing()


def _learning(report: BoardReport, definition: Report) -> None:
    """What was learned is written by those who answer for it, whatever the section's own setting (R60, R83)."""
    empty = [
        one.code
        for one in report.sections
        if one.kind == SectionKind.narrative and "learning" in one.code.split("_") and not one.narrative
    ]
    if empty:
        faults = [Fault(f"/sections/{code}/narrative", "unwritten", "say what was learned") for code in empty]
        raise errors.LearningMissing(errors=faults)


def _written(report: BoardReport, definition: Report) -> None:
    needed = {one.code for one in definition.sections if one.required and one.kind is SectionKind.narrative}
    empty = [one.code for one in report.sections if one.code in needed and not one.narrative]
    if empty:
        faults = [Fault(f"/sections/{code}/narrative", "unwritten", "write this section") for code in empty]
        raise errors.SectionsUnwritten(errors=faults)


_CHECKS: dict[Gate, Check] = {
    Gate.participation_statement: _participation,
    Gate.closing_questions: _closing,
    Gate.key_actions_cap: _few_key_actions,
    Gate.value_for_money: _value_for_money,
    Gate.strengths_reported: _strengths,
    Gate.learning_stamped: _learning,
}
