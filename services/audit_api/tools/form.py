"""An edition of a tool as a form: fields in order, each with the widget, words and conditions that draw it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from services.audit_api.questionnaires import SCALE_ENDS, YES_NO_LABELS
from shared.schemas.base import OutModel
from shared.schemas.framework.audit import Question, QuestionKind, Tool

Widget = Literal["radio", "select", "scale", "textarea", "view"]
LONGEST_ANSWER = 4000
_MOST_RADIOS = 7
_SCALE_LABELS = {SCALE_ENDS[0]: "Not at all", SCALE_ENDS[1]: "Fully"}


class ChoiceOut(OutModel):
    value: str | int = Field(description="what is sent as the answer")
    label: str


class ShownIf(OutModel):
    """The field is shown, and its answer accepted, only while another field holds one of these values."""

    field: str
    values: list[str]


class FieldOut(OutModel):
    """One field; `pointer` is its place in the audit, where faults point too."""

    code: str
    pointer: str
    label: str
    help: str | None
    widget: Widget
    required: bool
    choices: list[ChoiceOut]
    max_length: int | None
    shown_if: ShownIf | None
    domain_overall: bool = Field(description="this grade stands for its whole domain (R25)")


class FormSectionOut(OutModel):
    code: str
    title: str
    help: str | None
    domain: str
    fields: list[FieldOut]


class FormOut(OutModel):
    """The form of one edition: draw the sections in order, send what the fields hold."""

    tool: str
    version: int
    title: str
    sections: list[FormSectionOut]


def form_of(tool: Tool) -> FormOut:
    """The form of a tool."""
    sections = [
        FormSectionOut(
            code=section.code,
            title=section.title,
            help=section.guidance,
            domain=section.domain.value,
            fields=[_field(tool, question) for question in section.questions],
        )
        for section in tool.sections
    ]
    return FormOut(tool=tool.code, version=tool.version, title=tool.title, sections=sections)


def _field(tool: Tool, question: Question) -> FieldOut:
    choices = _choices(tool, question)
    condition = question.only_if
    return FieldOut(
        code=question.code,
        pointer=f"/views/{question.view_of.value}" if question.view_of else f"/answers/{question.code}",
        label=question.text,
        help=question.guidance,
        widget=_widget(question, len(choices)),
        required=question.required,
        choices=choices,
        max_length=LONGEST_ANSWER if question.kind is QuestionKind.text and not question.view_of else None,
        shown_if=ShownIf(field=condition.question, values=list(condition.answers)) if condition else None,
        domain_overall=question.domain_overall,
    )


def _widget(question: Question, choices: int) -> Widget:
    if question.view_of:
        return "view"
    if question.kind is QuestionKind.text:
        return "textarea"
    if question.kind is QuestionKind.scale:
        return "scale"
    return "radio" if choices <= _MOST_RADIOS else "select"


def _choices(tool: Tool, question: Question) -> list[ChoiceOut]:
    """What can be answered, best grade first and a scale from its lower end."""
    if question.kind is QuestionKind.grade:
        grades = sorted(tool.scale.grades, key=lambda grade: -grade.order)
        return [ChoiceOut(value=grade.code, label=grade.label) for grade in grades]
    if question.kind is QuestionKind.yes_no_na:
        return [ChoiceOut(value=word, label=label) for word, label in YES_NO_LABELS.items()]
    if question.kind is QuestionKind.scale:
        steps = range(SCALE_ENDS[0], SCALE_ENDS[1] + 1)
        return [ChoiceOut(value=step, label=_SCALE_LABELS.get(step, str(step))) for step in steps]
    return [ChoiceOut(value=option.code, label=option.label) for option in question.options]
