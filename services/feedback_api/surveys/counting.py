"""Counting a wave's answers: by unit and group in two statements, then added up to the parts a reader may ask for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.surveys.answering import NOT_GIVEN
from services.feedback_api.surveys.wave_queries import Held, read_populations
from shared.schemas.framework.surveys import AnswerScale, Question, QuestionKind
from shared.tables import org_unit

CHOSEN, NOT_CHOSEN = "chosen", "not_chosen"


class Cell(NamedTuple):
    """The people of one unit and group."""

    unit: str
    group: str


class Asked(NamedTuple):
    """What is counted by itself: a question, a row of a matrix, or an option of a question with several."""

    question: str
    item: str
    option: str


@dataclass(frozen=True)
class Item:
    """How one thing that was asked can be answered, and which answers are favourable."""

    asked: Asked
    question: Question
    answers: tuple[str, ...]
    scale: AnswerScale | None
    groups: frozenset[str]

    @property
    def top(self) -> tuple[str, ...]:
        return tuple(str(value) for value in self.scale.top) if self.scale else ()


@dataclass
class Counted:
    """What was counted in a wave, cell by cell."""

    responses: dict[Cell, int] = field(default_factory=dict)
    populations: dict[Cell, int] = field(default_factory=dict)
    marks: dict[Asked, dict[Cell, dict[str, int]]] = field(default_factory=dict)
    set_aside: int = 0
    parents: Mapping[str, str | None] = field(default_factory=dict)


_RESPONSES = sa.text(
    """
    SELECT unit, respondent_group, count(*) AS n, sum(set_aside) AS set_aside
    FROM survey_response WHERE wave_id = :wave GROUP BY 1, 2
    """
)
_MARKS = sa.text(
    """
    SELECT r.unit, r.respondent_group, a.question, a.item, a.option, count(*) AS n
    FROM survey_response r JOIN survey_answer a ON a.response_id = r.id
    WHERE r.wave_id = :wave AND a.option <> '' GROUP BY 1, 2, 3, 4, 5
    """
)
_SEVERAL = sa.text(
    """
    SELECT r.unit, r.respondent_group, a.question, count(DISTINCT r.id) AS n
    FROM survey_response r JOIN survey_answer a ON a.response_id = r.id
    WHERE r.wave_id = :wave AND a.question = ANY(:several) AND a.option <> '' GROUP BY 1, 2, 3
    """
)


def items_of(held: Held) -> list[Item]:
    """What the wave asks that can be counted, in the order of the questionnaire."""
    groups = frozenset(held.wave["respondent_groups"])
    found = []
    for question in held.survey.questions:
        if question.kind is QuestionKind.text or (question.months and held.wave["month"] not in question.months):
            continue
        asked = groups & set(question.groups) if question.groups else groups
        found += [
            Item(key, question, answers, scale, asked | {NOT_GIVEN}) for key, answers, scale in _parts(held, question)
        ]
    return found


def _parts(held: Held, question: Question) -> Iterator[tuple[Asked, tuple[str, ...], AnswerScale | None]]:
    if question.kind is QuestionKind.choice:
        options = tuple(option.code for option in question.options)
        if not question.multiple:
            yield Asked(question.code, "", ""), options, None
            return
        for option in options:
            yield Asked(question.code, "", option), (CHOSEN, NOT_CHOSEN), None
        return
    scale = held.survey.scale_of(question)
    points = tuple(str(point.value) for point in scale.points)
    for row in [row.code for row in question.rows] or [""]:
        yield Asked(question.code, row, ""), points, scale


async def count_wave(session: AsyncSession, held: Held, items: Sequence[Item]) -> Counted:
    """Everything counted of the wave."""
    counted = Counted(parents=await _parents(session, held.units))
    for row in await session.execute(_RESPONSES, {"wave": held.id}):
        counted.responses[Cell(row.unit, row.respondent_group)] = row.n
        counted.set_aside += row.set_aside
    for row in await read_populations(session, held.id):
        counted.populations[Cell(row.unit, row.respondent_group)] = row.number
    several = {item.question.code for item in items if item.question.multiple}
    for row in await session.execute(_MARKS, {"wave": held.id}):
        several_options = row.question in several
        asked = Asked(row.question, row.item, row.option if several_options else "")
        cell = counted.marks.setdefault(asked, {}).setdefault(Cell(row.unit, row.respondent_group), {})
        cell[CHOSEN if several_options else row.option] = row.n
    if several:
        bound = {"wave": held.id, "several": sorted(several)}
        _add_not_chosen(counted, items, (await session.execute(_SEVERAL, bound)).all())
    return counted


def _add_not_chosen(counted: Counted, items: Sequence[Item], rows: Sequence[Any]) -> None:
    """Whoever chose some option, but not this one, did not choose it."""
    for row in rows:
        for item in items:
            if item.question.code == row.question:
                cells = counted.marks.setdefault(item.asked, {})
                cell = cells.setdefault(Cell(row.unit, row.respondent_group), {})
                cell[NOT_CHOSEN] = row.n - cell.get(CHOSEN, 0)


async def _parents(session: AsyncSession, units: frozenset[str]) -> dict[str, str | None]:
    statement = sa.select(org_unit.c.code, org_unit.c.parent).where(
        org_unit.c.code == sa.any_(sa.literal(sorted(units), sa.ARRAY(sa.Text)))
    )
    return {row.code: row.parent for row in await session.execute(statement)}


_PREVIOUS = sa.text(
    """
    SELECT id FROM survey_wave
    WHERE survey = :survey AND unit = :unit AND month = :month AND course IS NULL AND NOT cancelled
      AND closes_on < :opens_on
    ORDER BY closes_on DESC, id DESC LIMIT 1
    """
)


async def previous_wave(session: AsyncSession, held: Held) -> UUID | None:
    """The last wave of the same survey in the same unit that had closed before this one opened."""
    if held.wave["course"] is not None:
        return None
    bound = {name: held.wave[name] for name in ("survey", "unit", "month", "opens_on")}
    found: UUID | None = (await session.execute(_PREVIOUS, bound)).scalar_one_or_none()
    return found
