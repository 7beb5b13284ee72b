"""What a respondent answered, read against the questionnaire: marks, words, and what could not be read. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from shared.problems import Fault
from shared.schemas.base import clean_text
from shared.schemas.framework.surveys import Question, QuestionKind, Survey

LONGEST_WORDS = 4_000
# The group of somebody without a login who did not say it, and may have been asked anything.
NOT_GIVEN = "not_given"


@dataclass(frozen=True, slots=True)
class Mark:
    """A point or an option that was chosen; `item` is the row of a matrix. Without an option it could not be read."""

    question: str
    item: str
    option: str


@dataclass
class Reading:
    """One respondent's answers: what can be counted, what was written, and what is wrong with the rest."""

    marks: list[Mark] = field(default_factory=list)
    words: dict[str, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def set_aside(self) -> None:
        """Take what could not be read as an answer of that sort, where the question is known."""
        unread = {fault.pointer.split("/")[2] for fault in self.faults if fault.code != "not_asked"}
        counted = {(mark.question, mark.item) for mark in self.marks}
        self.marks += [Mark(code, "", "") for code in sorted(unread) if (code, "") not in counted]


def read_answers(survey: Survey, month: int, group: str, answers: Mapping[str, Any]) -> Reading:
    """Read every answer by itself: one that is wrong spoils no other. Its pointer is below `/answers`."""
    reading = Reading()
    asked = {question.code: question for question in survey.questions}
    for code, answer in answers.items():
        question = asked.get(code)
        pointer = f"/answers/{_escaped(code)}"
        if question is None or not _is_asked(question, month, group):
            words = "this question is not asked of this group at this time, or not at all"
            reading.faults.append(Fault(pointer, "not_asked", words))
        elif answer is not None:
            _READERS[question.kind](survey, question, answer, pointer, reading)
    return reading


def _escaped(code: str) -> str:
    return code.replace("~", "~0").replace("/", "~1")


def _is_asked(question: Question, month: int, group: str) -> bool:
    in_time = not question.months or month in question.months
    return in_time and (not question.groups or group in (*question.groups, NOT_GIVEN))


def _point(survey: Survey, question: Question, answer: Any) -> str | None:
    values = {point.value for point in survey.scale_of(question).points}
    return str(answer) if isinstance(answer, int) and not isinstance(answer, bool) and answer in values else None


def _scale(survey: Survey, question: Question, answer: Any, pointer: str, reading: Reading) -> None:
    point = _point(survey, question, answer)
    if point is None:
        reading.faults.append(Fault(pointer, "point", "give one of the points of the scale, a whole number"))
    else:
        reading.marks.append(Mark(question.code, "", point))


def _matrix(survey: Survey, question: Question, answer: Any, pointer: str, reading: Reading) -> None:
    if not isinstance(answer, dict):
        reading.faults.append(Fault(pointer, "rows", "give a point for each row, by the code of the row"))
        return
    rows = {row.code for row in question.rows}
    for code, value in answer.items():
        point = _point(survey, question, value)
        if code not in rows:
            reading.faults.append(Fault(f"{pointer}/{_escaped(code)}", "row", "there is no such row"))
        elif point is not None:
            reading.marks.append(Mark(question.code, code, point))
        elif value is not None:
            words = "give one of the points of the scale, a whole number"
            reading.faults.append(Fault(f"{pointer}/{_escaped(code)}", "point", words))


def _choice(survey: Survey, question: Question, answer: Any, pointer: str, reading: Reading) -> None:
    options = {option.code for option in question.options}
    if question.multiple:
        given = answer if isinstance(answer, list) else []
        if given and all(isinstance(one, str) and one in options for one in given) and len(set(given)) == len(given):
            reading.marks += [Mark(question.code, "", one) for one in given]
        else:
            reading.faults.append(Fault(pointer, "options", "give a list of codes of its options, each once"))
    elif isinstance(answer, str) and answer in options:
        reading.marks.append(Mark(question.code, "", answer))
    else:
        reading.faults.append(Fault(pointer, "option", "give the code of one of its options"))


def _text(survey: Survey, question: Question, answer: Any, pointer: str, reading: Reading) -> None:
    if not isinstance(answer, str):
        reading.faults.append(Fault(pointer, "text", "give words"))
    elif answer.strip():
        reading.words[question.code] = answer.strip()


_Reader = Callable[[Survey, Question, Any, str, Reading], None]
_READERS: dict[QuestionKind, _Reader] = {
    QuestionKind.scale: _scale,
    QuestionKind.matrix: _matrix,
    QuestionKind.choice: _choice,
    QuestionKind.text: _text,
}


def word_faults(reading: Reading) -> Iterator[Fault]:
    """What a recorder, who can send it again, is told of words that are too long or hold what cannot be shown."""
    for code, words in reading.words.items():
        if len(words) > LONGEST_WORDS:
            yield Fault(f"/answers/{code}", "string_too_long", f"give at most {LONGEST_WORDS} characters")
        else:
            try:
                clean_text(words)
            except ValueError:
                yield Fault(f"/answers/{code}", "characters", "there is a control or override character in this text")
