"""Series as the bytes that go out, for callers who see every figure; an area is written once of the same figures."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from fastapi import FastAPI, Request
from pydantic_core import to_json

from services.indicator_api.definitions import Definition, read_definition, read_definitions
from services.indicator_api.memo import Memo
from services.indicator_api.series.area import write_area
from services.indicator_api.series.columns import FRAMEWORK, Rows, fetch_columns, figures_of, versions_in
from services.indicator_api.series.derived import part_codes
from services.indicator_api.series.known import Veil, latest_recorded
from services.indicator_api.series.places import Atlas, Map, Place, read_atlas
from services.indicator_api.series.points import PointWriter
from services.indicator_api.series.roll_up import Ground
from services.indicator_api.series.service import Question, caveats_of, head_of, within
from shared.auth.caller import Caller
from shared.database import Database
from shared.problems import Malformed, NotFound

LIFTED = Veil(lifted=True, threshold=0)
# An area's part of an answer and when the last of its figures was recorded.
_Area = tuple[bytes, datetime | None]
_Writers = Mapping[int, PointWriter]


@dataclass(frozen=True)
class Edition:
    """The framework as it stands, and what was written under it: when it changes, all of this is forgotten."""

    state: UUID
    definitions: Mapping[str, Definition]
    atlas: Atlas
    # By the code of the indicator and the version of its definition.
    writers: dict[tuple[str, int], PointWriter] = field(default_factory=dict)
    # By the codes asked for; nobody bound to a unit is answered here, so that it is the same map for all.
    maps: Memo[Map] = field(default_factory=lambda: Memo(room=500))
    # Some ten kilobytes each.
    areas: Memo[_Area] = field(default_factory=lambda: Memo(room=4_000))


@dataclass(frozen=True)
class Asked:
    """A question with what the framework says of it."""

    question: Question
    definition: Definition
    definitions: Mapping[str, Definition]
    known: Map


class Writer:
    """Writes the series of one application's database."""

    def __init__(self) -> None:
        self._edition: Edition | None = None

    async def edition(self, database: Database) -> Edition:
        """The framework as it was read last; whoever finds it to be of another state must `forget` it."""
        self._edition = self._edition or await _read_edition(database)
        return self._edition

    def forget(self) -> None:
        self._edition = None

    async def write(self, database: Database, caller: Caller, question: Question, now: datetime) -> bytes | None:
        """The whole answer; None where `service.answer` must say more, or why there is none."""
        if question.comparators or caller.unit is not None:
            return None
        edition = await self.edition(database)
        asked = understood(edition, question)
        if asked is None:
            return None
        state, rows = await fetch_columns(
            database, asked.definitions, asked.known.codes(), question.breakdown, question.as_at
        )
        if state != edition.state:
            self.forget()
            return None
        writers = await writers_of(database, edition, asked.definition, rows)
        areas = [area_of(edition, writers, asked, place, rows) for place in asked.known.places.values()]
        tail = {
            "comparators": [],
            "caveats": caveats_of(asked.definition, []),
            "as_at": question.as_at or now,
            "latest_recorded_at": max((at for _, at in areas if at is not None), default=None),
        }
        written = b",".join([area for area, _ in areas])
        return to_json(head_of(asked.definition))[:-1] + b',"areas":[' + written + b"]," + to_json(tail)[1:]


async def _read_edition(database: Database) -> Edition:
    async with database.snapshot() as session:
        state = (await session.execute(FRAMEWORK)).scalar_one()
        return Edition(state, await read_definitions(session, retired=True), await read_atlas(session))


def understood(edition: Edition, question: Question) -> Asked | None:
    definition = edition.definitions.get(question.indicator)
    if definition is None:
        return None
    parts = {code: edition.definitions[code] for code in part_codes(definition) if code in edition.definitions}
    codes = tuple(question.areas)
    try:
        known = edition.maps.made(codes, None, lambda: edition.atlas.map(codes))
        return Asked(question, definition, {definition.code: definition, **parts}, known)
    except (NotFound, Malformed):
        return None


async def writers_of(database: Database, edition: Edition, definition: Definition, rows: Rows) -> _Writers:
    """One for each definition the figures were recorded under: an old figure keeps its own arithmetic."""
    own = (columns for (indicator, _), columns in rows.items() if indicator == definition.code)
    found = {}
    for version in {definition.version}.union(*map(versions_in, own)):
        key = (definition.code, version)
        if key not in edition.writers:
            edition.writers[key] = PointWriter(await _definition(database, definition, version))
        found[version] = edition.writers[key]
    return found


async def _definition(database: Database, definition: Definition, version: int) -> Definition:
    if version == definition.version:
        return definition
    async with database.snapshot() as session:
        return await read_definition(session, definition.code, version) or definition


def area_of(edition: Edition, writers: _Writers, asked: Asked, place: Place, rows: Rows) -> _Area:
    question, codes = asked.question, asked.known.codes_of(place)
    own = {key: rows[key] for code in codes for part in asked.definitions if (key := (part, code)) in rows}
    slot = (asked.definition.code, place.code, question.breakdown, question.newest)
    of = (question.window.days, question.continued, own)
    return edition.areas.made(slot, of, lambda: _written(writers, asked, place, own))


def _written(writers: _Writers, asked: Asked, place: Place, rows: Rows) -> _Area:
    question, definition = asked.question, asked.definition
    stored = {key: figures_of(columns) for key, columns in rows.items()}
    ground = Ground.of(definition, asked.definitions, asked.known, stored, LIFTED, question.breakdown)
    figures = within(question.window, ground.lives(place) if question.continued else ground.series(place))
    area = write_area(writers, definition, place, figures, question.breakdown, question.newest)
    return area, latest_recorded(figures)


@asynccontextmanager
async def writer_of(app: FastAPI) -> AsyncIterator[None]:
    """Gives the application its writer of series."""
    app.state.series_writer = Writer()
    yield


def writer(request: Request) -> Writer:
    found: Writer = request.app.state.series_writer
    return found
