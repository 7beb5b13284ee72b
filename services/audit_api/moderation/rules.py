"""What grades and graders must be: of the tool's scale and domains, independent of team, case and earlier gradings."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from services.audit_api.moderation.errors import GraderNotIndependent, GradesDoNotFit
from services.audit_api.moderation.schemas import GradeIn
from services.audit_api.questionnaires import GRADE_COLUMNS, Questionnaire
from shared.problems import Fault

Grade = dict[str, Any]


def first_grades(paper: Questionnaire, audit: Any) -> dict[str, str]:
    """The grades an audit stands with, by domain."""
    grades = {domain: getattr(audit, column) for domain, column in GRADE_COLUMNS.items()}
    return {domain: grade for domain, grade in grades.items() if grade is not None and grade in paper.ranks}


def grades_of(row: Any, part: str) -> dict[str, Grade]:
    """The grades of one part of a moderation read whole, by domain."""
    return {one["domain"]: one for one in row.grades or () if one["part"] == part}


def differing(row: Any) -> list[str]:
    """The domains on which first and second grader differ, in the order of the domains."""
    first, second = grades_of(row, "first"), grades_of(row, "second")
    return [one for one in GRADE_COLUMNS if one in second and first[one]["grade"] != second[one]["grade"]]


def check_grades(
    paper: Questionnaire,
    given: Mapping[str, GradeIn],
    needed: Collection[str],
    allowed: Collection[str],
    *,
    reasons: bool,
) -> None:
    """Raises GradesDoNotFit with every fault: a domain missing or not asked for, a grade off the scale, no reason."""
    faults = [
        Fault(f"/grades/{domain}", "required", "this domain needs a grade")
        for domain in GRADE_COLUMNS
        if domain in needed and domain not in given
    ]
    for domain, grade in given.items():
        if domain not in allowed:
            faults.append(Fault(f"/grades/{domain}", "not_asked", "no grade is asked for this domain; leave it out"))
        elif grade.grade not in paper.ranks:
            faults.append(Fault(f"/grades/{domain}/grade", "grade_off_scale", "this is no grade of the tool's scale"))
        elif reasons and domain in needed and grade.reason is None:
            faults.append(Fault(f"/grades/{domain}/reason", "required", "say why, since the graders differ here"))
    if faults:
        raise GradesDoNotFit("See errors.", errors=faults)


def check_answers(paper: Questionnaire, answers: Mapping[str, Any]) -> None:
    """Raises GradesDoNotFit where an answer is not a grade of the scale for a question of kind grade."""
    faults = []
    for code, value in answers.items():
        asked = paper.questions.get(code)
        if asked is None or asked.kind != "grade":
            faults.append(Fault("/answers", "not_a_grade_question", "an answer is to no question of kind grade"))
        elif not isinstance(value, str) or value not in paper.ranks:
            faults.append(Fault(f"/answers/{code}", "grade_off_scale", "this is no grade of the tool's scale"))
    if faults:
        raise GradesDoNotFit("See errors.", errors=faults[:100])


def why_not(audit: Any, grader: str, unit: str | None, on_case: Collection[str], before: Collection[str]) -> str | None:
    """The reason why somebody cannot grade the audit again, as a code, or None."""
    if grader in (audit.auditor, audit.submitted_by):
        return "first_grader"
    if grader in before:
        return "graded_before"
    if grader in on_case:
        return "on_the_case"
    return "of_the_team" if unit == audit.unit else None


_WHY = {
    "first_grader": "the first grading is this person's own, or was put in by them",
    "graded_before": "this person has graded the audit before",
    "on_the_case": "this person works on the case or supervises that work",
    "of_the_team": "this person belongs to the audited team",
}


def refuse(pointer: str, code: str | None) -> None:
    """Raises GraderNotIndependent where there is a reason."""
    if code is not None:
        raise GraderNotIndependent("See errors.", errors=[Fault(pointer, code, _WHY[code])])
