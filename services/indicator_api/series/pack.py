"""Many indicators in one answer, all read in one statement: what a board pack asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from pydantic_core import to_json
from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.definitions import Definition, read_definition, read_definitions
from services.indicator_api.memo import Memo
from services.indicator_api.series.area import write_area
from services.indicator_api.series.asked import Window
from services.indicator_api.series.derived import with_parts
from services.indicator_api.series.known import Known, Veil, latest_recorded, prepared
from services.indicator_api.series.marks import Told, hidden_figures
from services.indicator_api.series.places import Place, read_map
from services.indicator_api.series.points import PointWriter
from services.indicator_api.series.queries import TOTAL, read_figures
from services.indicator_api.series.roll_up import Ground
from services.indicator_api.series.service import caveats_of, head_of, within
from shared.auth.caller import Caller
from shared.etags import content_etag

# Some kilobytes each.
_areas: Memo[bytes] = Memo(room=4_000)
_Editions = Mapping[tuple[str, int], Definition]


@dataclass(frozen=True)
class PackQuestion:
    """What a caller asks of many indicators at once; `newest` cuts what is shown, never what limits rest on.

    `marked`: whoever sees true figures is told which of them others are not shown.
    """

    indicators: Sequence[str]
    areas: Sequence[str]
    window: Window
    newest: int | None
    as_at: datetime | None
    marked: bool = False


@dataclass(frozen=True)
class _One:
    """One indicator with its figures in every place."""

    definition: Definition
    series: Mapping[Place, Sequence[Known]]

    @property
    def versions(self) -> set[int]:
        return {one.version for figures in self.series.values() for one in figures} | {self.definition.version}

    @property
    def recorded(self) -> datetime | None:
        return latest_recorded(one for figures in self.series.values() for one in figures)


class Written(NamedTuple):
    """An answer and its tag: a weak one where two answers that say the same differ in when they were asked for."""

    body: bytes
    etag: str


async def write_pack(
    session: AsyncSession, caller: Caller, question: PackQuestion, veil: Veil, now: datetime
) -> Written:
    """The answer as `SeriesPack` describes it; raises NotFound for a place, never for an indicator."""
    definitions = await read_definitions(session, question.indicators, retired=True)
    every = await with_parts(session, definitions)
    known = await read_map(session, caller, question.areas)
    stored = await read_figures(session, every, known.codes(), as_at=question.as_at)
    veil = await prepared(session, veil, every, stored)

    def one_of(code: str) -> _One:
        ground = Ground.of(definitions[code], every, known, stored, veil)
        places = known.places.values()
        return _One(definitions[code], {place: within(question.window, ground.series(place)) for place in places})

    found = [one_of(code) for code in question.indicators if code in definitions]
    editions = await _editions(session, found)
    hidden: dict[str, list[dict[str, Any]]] = {}
    if question.marked and veil.lifted:
        told = Told(every, known, stored, question.newest)
        hidden = await hidden_figures(session, told, {one.definition.code: one.series for one in found}, veil.threshold)
    items = [_item(one, editions, question.newest, hidden) for one in found]
    recorded = max(filter(None, (one.recorded for one in found)), default=None)
    return whole(question, items, [code for code in question.indicators if code not in definitions], recorded, now)


def whole(
    question: PackQuestion, items: Sequence[bytes], unknown: Sequence[str], recorded: datetime | None, now: datetime
) -> Written:
    """The answer of its items, the end of each left open for when it was asked for."""
    asked = b',"as_at":' + to_json(question.as_at or now) + b"}"
    tail = to_json({"unknown": unknown, "latest_recorded_at": recorded})[1:-1]
    body = b'{"items":[' + b",".join(item + asked for item in items) + b"]," + tail + asked
    return Written(body, content_etag(body) if question.as_at else f"W/{content_etag(*items, tail)}")


async def _editions(session: AsyncSession, found: Sequence[_One]) -> _Editions:
    """The definition each figure was recorded under: an old figure keeps its own arithmetic."""
    known: dict[tuple[str, int], Definition] = {}
    for one in found:
        code = one.definition.code
        for version in sorted(one.versions):
            current = version == one.definition.version
            earlier = None if current else await read_definition(session, code, version)
            known[code, version] = earlier or one.definition
    return known


def _item(one: _One, editions: _Editions, newest: int | None, hidden: Mapping[str, list[dict[str, Any]]]) -> bytes:
    writers = {version: editions[one.definition.code, version] for version in one.versions}
    areas = [_area(one, writers, place, figures, newest) for place, figures in one.series.items()]
    return item(one.definition, areas, one.recorded, hidden.get(one.definition.code))


def item(
    definition: Definition,
    areas: Sequence[bytes],
    recorded: datetime | None,
    hidden: Sequence[Mapping[str, Any]] | None,
) -> bytes:
    """What is said of one indicator, its end left open for when it was asked for."""
    tail = {"comparators": [], "caveats": caveats_of(definition, []), "latest_recorded_at": recorded, "hidden": hidden}
    return to_json(head_of(definition))[:-1] + b',"areas":[' + b",".join(areas) + b"]," + to_json(tail)[1:-1]


def _area(
    one: _One, editions: Mapping[int, Definition], place: Place, figures: Sequence[Known], newest: int | None
) -> bytes:
    def make() -> bytes:
        writers = {version: PointWriter(edition) for version, edition in editions.items()}
        return write_area(writers, one.definition, place, figures, TOTAL, newest)

    return _areas.made((one.definition.code, place.code), (editions, one.definition, place, figures, newest), make)
