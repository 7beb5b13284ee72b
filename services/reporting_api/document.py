"""The document of a report: what people wrote laid over what was assembled, its hash and its bytes."""

from __future__ import annotations

import hashlib
import re
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


# What a protected copy says of itself, and in the place of a text that tells a number.
COPY = (
    "This is the protected copy of the report: small numbers are hidden and written texts that tell a number are held"
    " back. A member of the board reads the report itself with a role that may see figures as they are."
)
HELD_BACK = "Held back here: written for readers who see all figures."
_WRITTEN = {
    *CLOSING_QUESTIONS.values(), "headline", "narrative", "text", "who", "what_changed", "why_not", "what_follows",
}  # fmt: skip
_NUMBER_WORD = re.compile(
    r"\b(one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozen|single|couple|both)\b", re.IGNORECASE
)


def held_back(text: str | None) -> str | None:
    """A written text as a protected copy has it: replaced where it tells a number, in digits or in words."""
    if text is None or not (_NUMBER_WORD.search(text) or any(sign.isnumeric() for sign in text)):
        return text
    return HELD_BACK


def content_hash(report: BoardReport) -> str:
    """SHA-256 of the canonical content: what is signed, without what stands round it."""
    content = report.model_dump(mode="json", exclude=set(ENVELOPE))
    for section in content["sections"]:
        for source in section["sources"]:
            del source["fetched_at"]
    return hashlib.sha256(canonical(content)).hexdigest()


def document(base: Mapping[str, Any], edits: Mapping[str, Any], threshold: int, *, copy: bool = False) -> BoardReport:
    """The assembled content with what people wrote laid over it, and its hash.

    `copy` makes the protected copy of a full report. Who wrote saw the figures it hides, and a written number may
    give a hidden one away: the copy keeps the assembled headlines, and holds back each text that tells a number.
    """
    return lay_over(BoardReport.model_validate(base), edits, threshold, copy=copy)


def lay_over(report: BoardReport, edits: Mapping[str, Any], threshold: int, *, copy: bool = False) -> BoardReport:
    """The same of a content that was read already, and is changed into the document."""
    if copy:
        edits = _protected(edits)
        report.supersession_reason = held_back(report.supersession_reason)
        report.caveats.insert(0, COPY)
    if "headlines" in edits and not copy:
        report.headlines = list(edits["headlines"])
    for field in CLOSING_QUESTIONS.values():
        if field in edits:
            setattr(report, field, edits[field])
    if "participation" in edits:
        written = ParticipationStatement.model_validate(edits["participation"])
        report.participation = _participation(written, report, threshold, copy=copy)
    report.key_actions = [KeyAction.model_validate(one) for one in edits.get("key_actions", ())]
    written = edits.get("sections", {})
    for section in report.sections:
        for field, text in written.get(section.code, {}).items():
            setattr(section, field, text)
    report.content_hash = content_hash(report)
    return report


def _protected(written: Any) -> Any:
    """Every text in the edits held back that tells a number; codes, references and days stay."""
    if isinstance(written, list):
        return [_protected(one) for one in written]
    if not isinstance(written, Mapping):
        return written
    return {
        name: held_back(value) if name in _WRITTEN and isinstance(value, str) else _protected(value)
        for name, value in written.items()
    }


def _participation(
    written: ParticipationStatement, report: BoardReport, threshold: int, *, copy: bool
) -> ParticipationStatement:
    """What was written; a copy tells how many from the records alone, as everybody is told it."""
    if copy and written.took_place:
        assembled = report.participation
        written.how_many = assembled.how_many if assembled else None
        written.value_status = ValueStatus.c if written.how_many is None else None
    elif report.disclosure == "protected" and is_small(written.how_many, threshold):
        written.how_many, written.value_status = None, ValueStatus.c
    return written


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
