"""A pack as the bytes that go out, for callers who see every figure: an area is written once of the same figures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.series.columns import Rows, figures_of, read_columns
from services.indicator_api.series.known import Known
from services.indicator_api.series.marks import Told, hidden_figures
from services.indicator_api.series.pack import PackQuestion, Written, item, whole
from services.indicator_api.series.places import Place
from services.indicator_api.series.queries import TOTAL, Figures
from services.indicator_api.series.roll_up import Ground
from services.indicator_api.series.service import Question, within
from services.indicator_api.series.written import LIFTED, Asked, Edition, Writer, area_of, understood, writers_of
from shared.auth.caller import Caller
from shared.database import Database


async def write_known_pack(
    writer: Writer, database: Database, caller: Caller, question: PackQuestion, threshold: int, now: datetime
) -> Written | None:
    """The whole answer; None where `write_pack` must say more, or why there is none."""
    if caller.unit is not None:
        return None
    edition = await writer.edition(database)
    every = [_one(edition, question, code) for code in question.indicators if code in edition.definitions]
    asked = [one for one in every if one is not None]
    if not asked or len(asked) < len(every):
        return None
    definitions = {code for one in asked for code in one.definitions}
    async with database.snapshot() as session:
        state, rows = await read_columns(session, definitions, asked[0].known.codes(), TOTAL, question.as_at)
        if state != edition.state:
            writer.forget()
            return None
        hidden = await _hidden(session, asked, rows, threshold) if question.marked else {}
    items, recorded = [], []
    for one in asked:
        writers = await writers_of(database, edition, one.definition, rows)
        areas = [area_of(edition, writers, one, place, rows) for place in one.known.places.values()]
        last = max((at for _, at in areas if at is not None), default=None)
        items.append(item(one.definition, [area for area, _ in areas], last, hidden.get(one.definition.code)))
        recorded.append(last)
    unknown = [code for code in question.indicators if code not in edition.definitions]
    return whole(question, items, unknown, max(filter(None, recorded), default=None), now)


def _one(edition: Edition, question: PackQuestion, code: str) -> Asked | None:
    return understood(
        edition, Question(code, question.areas, question.window, (), TOTAL, question.as_at, newest=question.newest)
    )


async def _hidden(
    session: AsyncSession, asked: Sequence[Asked], rows: Rows, threshold: int
) -> dict[str, list[dict[str, Any]]]:
    """Of each indicator the figures that others are not shown; none of one that neither it nor its parts make people's.

    What is read for them is of the same moment as the figures.
    """
    of_people = [one for one in asked if any(each.people for each in one.definitions.values())]
    definitions = {code: each for one in of_people for code, each in one.definitions.items()}
    stored = {key: figures_of(columns) for key, columns in rows.items() if key[0] in definitions}
    series = {one.definition.code: _series(one, stored) for one in of_people}
    told = Told(definitions, asked[0].known, stored, asked[0].question.newest)
    return {one.definition.code: [] for one in asked} | await hidden_figures(session, told, series, threshold)


def _series(asked: Asked, stored: Figures) -> dict[Place, list[Known]]:
    ground = Ground.of(asked.definition, asked.definitions, asked.known, stored, LIFTED)
    return {place: within(asked.question.window, ground.series(place)) for place in asked.known.places.values()}
