"""Answers held to the edition of the tool they were given for: pure functions, every fault at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from services.audit_api.audits.errors import AnswersDoNotFit, GradeOffScale, QuestionUnknown
from services.audit_api.questionnaires import SCALE_ENDS, YES_NO, Asked, Questionnaire
from shared.faults import SafeValueError
from shared.problems import Fault
from shared.schemas.base import clean_text

_LONGEST = 4000
_NAMED: Mapping[str, type[AnswersDoNotFit]] = {
    "grade_off_scale": GradeOffScale,
    "unknown_question": QuestionUnknown,
}


class Answer(NamedTuple):
    """An answer as it is stored: `rank` is its place on a scale, where it has one."""

    value: str
    rank: int | None


class _Unfit(Exception):
    def __init__(self, code: str, detail: str) -> None:
        super().__init__(code)
        self.code, self.detail = code, detail


def check_answers(paper: Questionnaire, given: Mapping[str, Any]) -> tuple[dict[str, Answer], list[str]]:
    """The answers to store and the questions to clear; raises AnswersDoNotFit naming every fault.

    An unknown question points to /answers, since its key may be anything.
    """
    found: dict[str, Answer] = {}
    cleared: list[str] = []
    faults: list[Fault] = []
    for code, value in given.items():
        asked = paper.questions.get(code)
        if asked is None:
            faults.append(Fault("/answers", "unknown_question", "there is an answer to a question not in the tool"))
        elif value is None:
            cleared.append(code)
        else:
            try:
                found[code] = _read(paper, asked, value)
            except _Unfit as unfit:
                faults.append(Fault(f"/answers/{code}", unfit.code, unfit.detail))
    if faults:
        codes = {fault.code for fault in faults}
        kind = _NAMED.get(codes.pop(), AnswersDoNotFit) if len(codes) == 1 else AnswersDoNotFit
        raise kind("See errors for each answer that does not fit.", errors=faults[:100])
    return found, cleared


def _read(paper: Questionnaire, asked: Asked, value: Any) -> Answer:
    if asked.kind == "scale":
        if type(value) is not int or not SCALE_ENDS[0] <= value <= SCALE_ENDS[1]:
            raise _Unfit("not_on_scale", f"give a whole number from {SCALE_ENDS[0]} to {SCALE_ENDS[1]}")
        return Answer(str(value), value)
    if not isinstance(value, str):
        raise _Unfit("not_text", "give this answer as text")
    if asked.kind == "text":
        return _read_text(value)
    if asked.kind == "grade":
        rank = paper.ranks.get(value)
        if rank is None:
            raise _Unfit("grade_off_scale", "this is not a grade of the tool's scale")
        return Answer(value, rank)
    if asked.kind == "yes_no_na":
        if value not in YES_NO:
            raise _Unfit("not_yes_no_na", f"give one of {', '.join(YES_NO)}")
        return Answer(value, YES_NO[value])
    if value not in asked.options:
        raise _Unfit("not_an_option", "this is not one of the question's options")
    return Answer(value, None)


def _read_text(value: str) -> Answer:
    if len(value) > 2 * _LONGEST:
        raise _Unfit("text_length", f"give 1 to {_LONGEST} characters")
    try:
        text = clean_text(value.strip())
    except SafeValueError as error:
        raise _Unfit("text_form", str(error)) from None
    # Measured once composed, as it is stored.
    if not 1 <= len(text) <= _LONGEST:
        raise _Unfit("text_length", f"give 1 to {_LONGEST} characters")
    return Answer(text, None)


def answers_of(paper: Questionnaire, texts: Mapping[str, str]) -> dict[str, Answer]:
    """Answers that were checked before, ranked anew from the texts they are kept as."""
    return {code: Answer(text, _rank(paper, paper.questions[code], text)) for code, text in texts.items()}


def _rank(paper: Questionnaire, asked: Asked, text: str) -> int | None:
    if asked.kind == "scale":
        return int(text)
    if asked.kind == "grade":
        return paper.ranks[text]
    return YES_NO[text] if asked.kind == "yes_no_na" else None


def questions_put(paper: Questionnaire, answers: Mapping[str, str]) -> set[str]:
    """The questions that are asked, given the answers; each depends on earlier ones only."""
    put: set[str] = set()
    for asked in paper.questions.values():
        before = asked.depends_on
        if before is None or (before in put and answers.get(before) in asked.depends_on_answers):
            put.add(asked.code)
    return put


def faults_of_answers(paper: Questionnaire, answers: Mapping[str, str]) -> list[Fault]:
    """What keeps the answers from being complete: required ones missing, and answers to what was not asked."""
    faults = []
    put = questions_put(paper, answers)
    for asked in paper.questions.values():
        answered = asked.code in answers
        if answered and asked.code not in put:
            detail = "this is asked only after another answer than the one given; clear it"
            faults.append(Fault(f"/answers/{asked.code}", "not_asked", detail))
        # A view is given under `views`, as a feedback item or a reason.
        elif asked.code in put and asked.required and not answered and asked.view_of is None:
            faults.append(Fault(f"/answers/{asked.code}", "required", "this question needs an answer"))
    return faults


def grades_of(paper: Questionnaire, answers: Mapping[str, str]) -> dict[str, str]:
    """The grade of each domain, each by itself (R25)."""
    return {domain: answers[code] for domain, code in paper.overall.items() if code in answers}
