"""The document of a report: what people wrote laid over what was assembled, its hash and its bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from shared.canonical import canonical
from shared.schemas.board_report import ENVELOPE, BoardReport, KeyAction, ParticipationStatement
from shared.schemas.figures import ValueStatus
from shared.suppression import is_small

# A narrative section with one of these codes is the framework's own question and answered at the report's end (R09).
CLOSING_QUESTIONS = {
    "right_things": "doing_the_right_things",
    "making_a_difference": "making_a_difference",
}


def content_hash(report: BoardReport) -> str:
    """SHA-256 of the canonical content: what is signed, without what stands round it."""
    content = report.model_dump(mode="json", exclude=set(ENVELOPE))
    for section in content["sections"]:
        for source in section["sources"]:
            del source["fetched_at"]
    return hashlib.sha256(canonical(content)).hexdigest()


def document(base: Mapping[str, Any], edits: Mapping[str, Any], threshold: int) -> BoardReport:
    """The assembled content with what people wrote laid over it, and its hash."""
    report = BoardReport.model_validate(base)
    if "headlines" in edits:
        report.headlines = list(edits["headlines"])
    for field in CLOSING_QUESTIONS.values():
        if field in edits:
            setattr(report, field, edits[field])
    if "participation" in edits:
        report.participation = _participation(edits["participation"], report.disclosure, threshold)
    report.key_actions = [KeyAction.model_validate(one) for one in edits.get("key_actions", ())]
    written = edits.get("sections", {})
    for section in report.sections:
        for field, text in written.get(section.code, {}).items():
            setattr(section, field, text)
    report.content_hash = content_hash(report)
    return report


def _participation(written: Mapping[str, Any], disclosure: str, threshold: int) -> ParticipationStatement:
    statement = ParticipationStatement.model_validate(written)
    if disclosure == "protected" and is_small(statement.how_many, threshold):
        statement.how_many, statement.value_status = None, ValueStatus.c
    return statement


def merge_edits(held: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """A merge patch: a key with null goes back to what was assembled, a key left out stays."""
    merged = dict(held)
    for key, value in change.items():
        if key == "sections" and value is not None:
            sections = {code: dict(texts) for code, texts in merged.get("sections", {}).items()}
            for code, texts in value.items():
                kept = {**sections.get(code, {}), **texts}
                sections[code] = {name: text for name, text in kept.items() if text is not None}
            merged["sections"] = {code: texts for code, texts in sections.items() if texts}
        elif value is None:
            merged.pop(key, None)
        else:
            merged[key] = value
    return merged


def body_of(report: BoardReport) -> bytes:
    """The bytes that are stored and served."""
    return report.model_dump_json().encode()
