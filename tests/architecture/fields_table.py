"""Who may read and write which field: rows for those that only some may, and a list of the words that all may read.

`fields.txt` holds what a role that may call an operation may still not read or write there; each row names the test
that tries it as one who may and as one who may not. `words.txt` holds every other field in which somebody writes of a
person or names one: whoever may call the operation reads it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent / "access"
Deed = Literal["read", "write"]
# As long as the shortest text in which one can write what one likes.
_LONG = 4_000
# What names a person though it has a form.
PERSONS = {
    "auditor", "case_reference", "complaint", "consent_by", "decided_by", "delegate", "eligibility_by", "grader",
    "learning_owner", "owner", "owner_subject", "person", "respond_ref", "seed", "signed_by", "source_ref",
    "staff_ref", "subject", "subject_ref",
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    service: str
    place: str
    deed: Deed
    who: str
    test: str


def read_rows() -> list[Row]:
    """The rows of `fields.txt`: service, model and field (or a model alone), read or write, who may, the test."""
    found = []
    for line in (HERE / "fields.txt").read_text(encoding="utf-8").splitlines():
        service, place, deed, who, test = line.split()
        assert deed in get_args(Deed), line
        found.append(Row(service, place, deed, who, test))
    return found


def read_words() -> list[tuple[str, str]]:
    """The rows of `words.txt`: service, model and field."""
    lines = (HERE / "words.txt").read_text(encoding="utf-8").splitlines()
    return [(service, place) for service, place in (line.split() for line in lines)]


@cache
def models(service: str, side: Literal["requestBody", "responses"]) -> dict[str, dict[str, Any]]:
    """The models that a service takes, or answers with, each with its fields."""
    document = json.loads((ROOT / "docs" / "openapi" / f"{service}.json").read_text(encoding="utf-8"))
    known, found = document["components"]["schemas"], {}
    waiting = [
        operation.get(side, {})
        for path in document["paths"].values()
        for operation in path.values()
        if isinstance(operation, dict)
    ]
    while waiting:
        for name in _named(waiting.pop()):
            if name not in found:
                found[name] = known[name].get("properties", {})
                waiting.append(known[name])
    return found


def _named(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if part.get("$ref", "").startswith("#/components/schemas/"):
            yield part["$ref"].rsplit("/", 1)[-1]
        for one in part.values():
            yield from _named(one)
    elif isinstance(part, list):
        for one in part:
            yield from _named(one)


def _texts(fields: dict[str, dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The fields that hold texts, alone or in a list, which are no day, id or choice."""
    for name, field in fields.items():
        for one in field.get("anyOf", [field]):
            one = one.get("items", one)
            if one.get("type") == "string" and not {"format", "enum", "const"} & set(one):
                yield name, one


def words_told(service: str) -> set[str]:
    """Every field of an answer of the kind that somebody writes in, or that names a person."""
    taken = models(service, "requestBody").values()
    written = {name for fields in taken for name, one in _texts(fields) if one.get("maxLength", 0) >= _LONG}
    told = models(service, "responses").items()
    return {f"{model}.{name}" for model, fields in told for name, _ in _texts(fields) if name in written | PERSONS}
