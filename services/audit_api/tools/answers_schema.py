"""An edition of a tool as a JSON Schema of its answers, for checking them before they are sent."""

from __future__ import annotations

from typing import Any

from services.audit_api.questionnaires import SCALE_ENDS, YES_NO_LABELS
from shared.schemas.framework.audit import Question, QuestionKind, Section, Tool


def answers_schema(tool: Tool) -> dict[str, Any]:
    """JSON Schema 2020-12 of the `answers` of a complete audit; `x-` keys carry order and domains."""
    asked = [(section, question) for section, question in tool.questions()]
    schema: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": tool.title,
        "type": "object",
        "additionalProperties": False,
        "properties": {question.code: _property(tool, section, question) for section, question in asked},
        "required": [
            question.code
            for _, question in asked
            if question.required and not question.only_if and not question.view_of
        ],
        "x-tool": tool.code,
        "x-version": tool.version,
        "x-sections": [_section(section) for section in tool.sections],
        "x-views": [question.view_of.value for _, question in asked if question.view_of],
    }
    if conditions := [_condition(question) for _, question in asked if question.only_if]:
        schema["allOf"] = conditions
    return schema


def _section(section: Section) -> dict[str, Any]:
    return {
        "code": section.code,
        "title": section.title,
        "domain": section.domain.value,
        "guidance": section.guidance,
        "questions": [question.code for question in section.questions],
    }


def _property(tool: Tool, section: Section, question: Question) -> dict[str, Any]:
    found: dict[str, Any] = {
        "title": question.text,
        "x-kind": question.kind.value,
        "x-domain": section.domain.value,
        "x-weight": question.weight,
    }
    if question.guidance:
        found["description"] = question.guidance
    if question.domain_overall:
        found["x-domain-overall"] = True
    if question.view_of:
        found["x-view-of"] = question.view_of.value
    if question.kind is QuestionKind.scale:
        return found | {"type": "integer", "minimum": SCALE_ENDS[0], "maximum": SCALE_ENDS[1]}
    if question.kind is QuestionKind.text:
        return found | {"type": "string", "minLength": 1, "maxLength": 4000}
    if question.kind is QuestionKind.grade:
        grades = sorted(tool.scale.grades, key=lambda grade: grade.order)
        choices = [
            {"const": grade.code, "title": grade.label, "x-ofsted": grade.ofsted and grade.ofsted.value}
            for grade in grades
        ]
    elif question.kind is QuestionKind.yes_no_na:
        choices = [{"const": word, "title": label} for word, label in YES_NO_LABELS.items()]
    else:
        choices = [{"const": option.code, "title": option.label} for option in question.options]
    return found | {"type": "string", "oneOf": choices}


def _condition(question: Question) -> dict[str, Any]:
    """Asked only after certain answers: required there if it is required, refused everywhere else."""
    assert question.only_if is not None
    fits: dict[str, Any] = {"enum": list(question.only_if.answers)}
    condition = {"properties": {question.only_if.question: fits}, "required": [question.only_if.question]}
    needed = question.required and not question.view_of
    return {
        "if": condition,
        "then": {"required": [question.code]} if needed else {},
        "else": {"properties": {question.code: False}},
    }
