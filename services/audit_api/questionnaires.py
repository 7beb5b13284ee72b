"""A published edition of a tool, made ready for checking answers; prepared once, since none ever changes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.models import ToolVersion
from services.audit_api.registry import table_of
from shared.canonical import canonical
from shared.schemas.framework.audit import GRADED_DOMAINS, Tool
from shared.schemas.framework.catalogue import parse_item

YES_NO = {"yes": 1, "no": 0, "not_applicable": None}
YES_NO_LABELS = {"yes": "Yes", "no": "No", "not_applicable": "Not applicable"}
SCALE_ENDS = (1, 5)
# Where an audit keeps the grade of each domain.
GRADE_COLUMNS = {
    "quality_of_intervention": "quality_grade",
    "outcomes_achieved": "outcomes_grade",
    "adherence_to_process": "process_grade",
}
_KEPT = 200
_prepared: dict[bytes, Questionnaire] = {}
_editions = table_of(ToolVersion)


@dataclass(frozen=True, slots=True)
class Asked:
    """What checking an answer needs to know of its question."""

    code: str
    kind: str
    required: bool
    options: frozenset[str]
    depends_on: str | None
    depends_on_answers: frozenset[str]
    view_of: str | None


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """One edition: its questions in order, its scale, and which question grades each domain."""

    tool: str
    version: int
    audit_types: tuple[str, ...]
    questions: Mapping[str, Asked]
    ranks: Mapping[str, int]
    overall: Mapping[str, str]
    domains: frozenset[str]
    views: frozenset[str]


def tool_of(content: Mapping[str, Any]) -> Tool:
    """The stored content as the model of a tool."""
    tool = parse_item("tools", content)
    assert isinstance(tool, Tool)
    return tool


def content_hash(tool: Tool) -> bytes:
    """What must stay the same once published: all but the status, which tells whether it is still in use."""
    content = tool.model_dump(mode="json", exclude_defaults=True, exclude={"status"})
    return hashlib.sha256(canonical(content)).digest()


def prepare(content: Mapping[str, Any]) -> Questionnaire:
    """The questionnaire of a stored edition."""
    tool = tool_of(content)
    asked = {
        question.code: Asked(
            code=question.code,
            kind=question.kind.value,
            required=question.required,
            options=frozenset(option.code for option in question.options),
            depends_on=question.only_if.question if question.only_if else None,
            depends_on_answers=frozenset(question.only_if.answers if question.only_if else ()),
            view_of=question.view_of.value if question.view_of else None,
        )
        for _, question in tool.questions()
    }
    overall = {
        section.domain.value: question.code
        for section, question in tool.questions()
        if question.domain_overall and section.domain in GRADED_DOMAINS
    }
    return Questionnaire(
        tool=tool.code,
        version=tool.version,
        audit_types=tuple(kind.value for kind in tool.audit_types),
        questions=asked,
        ranks={grade.code: grade.order for grade in tool.scale.grades},
        overall=overall,
        domains=frozenset(section.domain.value for section in tool.sections),
        views=frozenset(one.view_of for one in asked.values() if one.view_of and one.required),
    )


def prepared(digest: bytes) -> Questionnaire | None:
    """The edition with that hash, if it was asked for before."""
    return _prepared.get(digest)


async def questionnaire(session: AsyncSession, tool: str, version: int, digest: bytes) -> Questionnaire:
    """The edition with that hash; kept by its content, so that databases side by side keep theirs apart."""
    known = prepared(digest)
    if known is not None:
        return known
    statement = sa.select(_editions.c.content).where(_editions.c.tool == tool, _editions.c.version == version)
    found = prepare((await session.execute(statement)).scalar_one())
    if len(_prepared) >= _KEPT:
        _prepared.pop(next(iter(_prepared)))
    _prepared[digest] = found
    return found
