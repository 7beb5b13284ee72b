"""Filling a tool's form as a front end would, knowing nothing of the tool but its form."""

from __future__ import annotations

from typing import Any

Form = dict[str, Any]


def fill(form: Form, **chosen: Any) -> dict[str, Any]:
    """An answer to each required field that is shown: the middling choice, unless chosen otherwise by code."""
    answers: dict[str, Any] = {}
    for field in fields(form):
        condition = field["shown_if"]
        shown = condition is None or answers.get(condition["field"]) in condition["values"]
        if field["widget"] == "view" or not shown:
            continue
        if field["code"] in chosen:
            answers[field["code"]] = chosen[field["code"]]
        elif field["required"]:
            answers[field["code"]] = _middling(field)
    return answers


def fields(form: Form) -> list[dict[str, Any]]:
    """Every field in the order of the form."""
    return [field for section in form["sections"] for field in section["fields"]]


def views(form: Form, reason: str = "no_reply") -> dict[str, Any]:
    """A reason for each view the form asks for."""
    asked = [field["pointer"].removeprefix("/views/") for field in fields(form) if field["widget"] == "view"]
    return {view: {"reason": reason} for view in asked}


def _middling(field: dict[str, Any]) -> Any:
    if field["widget"] == "textarea":
        return "Read on the day, and talked over with the team."
    choices = [choice["value"] for choice in field["choices"]]
    return choices[min(1, len(choices) - 1)] if field["widget"] != "scale" else choices[len(choices) // 2]
