"""The exceptions of a period as one caller may see them: what is kept, and what has to be computed now."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

import asyncpg
from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.days import last_complete_month
from services.indicator_api.definitions import Definition
from services.indicator_api.exceptions.frame import Frame, Pair, Scope, read_frame
from services.indicator_api.exceptions.keeping import State, kept_frame, read_state
from services.indicator_api.exceptions.protected import Protected, read_protected
from services.indicator_api.exceptions.reading import read_alone
from services.indicator_api.exceptions.service import Examined, every_pair, examine
from services.indicator_api.exceptions.stale import touched
from services.indicator_api.exceptions.storing import Raised, Sign, as_text, key_in
from services.indicator_api.exceptions.survey import survey
from services.indicator_api.series.places import Map
from shared.database import driver_connection
from shared.schemas.exceptions import ExceptionOut
from shared.schemas.periods import Period

_ROWS = """
SELECT indicator, area, trigger, direction, status, favourable, raised_at, first_period, row
  FROM exception_row WHERE area = ANY ($1::text[])
"""
_EXAMINED = "SELECT area, indicators FROM exception_place WHERE area = ANY ($1::text[])"
# With more marks than this a reader computes all, as if nothing were kept.
_MOST_MARKS = 2_000
# Of how many indicators protected figures are read and judged before others in this process have their turn.
_VEILED_AT_ONCE = 5
# From so many series on a look over all of them is quicker than judging each.
_MANY = 1_000


class Entry(NamedTuple):
    """One exception: what it is found by, since when it stands, and its row in JSON."""

    indicator: str
    area: str
    trigger: str
    direction: str
    status: str
    favourable: bool | None
    raised: Raised | None
    text: str


@dataclass
class Listing:
    """The exceptions of the places, how many indicators each had, and the definitions they are of.

    Of the indicators in `veiled` it is not told since when an exception stands: that is known of the true figures
    alone, and would say which hidden figure raised it, and when.
    """

    entries: list[Entry]
    examined: dict[str, int]
    definitions: Mapping[str, Definition]
    veiled: Collection[str] = ()

    def tells_since(self, one: Entry) -> bool:
        """Whether the caller is told since when it stands; what is late has no figure that could be hidden."""
        return one.trigger == "DATA_LATE" or one.indicator not in self.veiled

    def standing(self, key: str) -> Entry | None:
        """The exception that stands under a key."""
        return next((one for one in self.entries if one.status != "resolved" and key_in(one.text) == key), None)


@dataclass(frozen=True, slots=True)
class Moment:
    """Which period is asked about, as seen when: by figures as they stand, or as they stood."""

    period: Period
    today: date
    as_at: datetime | None


@dataclass(frozen=True)
class Kept:
    """What is ready for the month: the places it holds for, their indicators, and what of it must not be used."""

    frame: Frame
    examined: dict[str, set[str]]
    entries: list[Entry]
    stale: set[Pair]
    state: State


async def list_all(session: AsyncSession, known: Map, scope: Scope, moment: Moment) -> Listing:
    """Every exception of the places; equal whether it was kept or is computed now."""
    kept = await _kept(session, known, moment)
    if kept is None:
        frame = await read_frame(session, known, as_at=moment.as_at)
        found = await _computed(session, frame, scope, every_pair(frame, known.places), moment.as_at)
        examined = dict.fromkeys(known.places, 0)
        for one in found:
            examined[one.pair[1]] += one.counted
        return Listing(entries_of(found, {}), examined, frame.definitions)
    return await _completed(session, known, scope, kept)


async def _kept(session: AsyncSession, known: Map, moment: Moment) -> Kept | None:
    """What is kept of the places, if it is of the month asked for and of the framework as it stands."""
    if moment.as_at is not None or moment.period != last_complete_month(moment.today):
        return None
    connection = await driver_connection(session)
    state = await read_state(connection, _MOST_MARKS + 1)
    if not state.holds(moment.period) or len(state.marks) > _MOST_MARKS:
        return None
    frame = await kept_frame(session, state.edition_now)
    # Who holds for one unit may not see the sums the council's own area is kept with.
    places = [code for code, place in known.places.items() if frame.known.places.get(code) == place]
    entries = [_kept_entry(row) for row in await connection.fetch(_ROWS, places)]
    examined = {area: set(indicators) for area, indicators in await connection.fetch(_EXAMINED, places)}
    return Kept(frame, examined, entries, touched(frame, (mark[1:] for mark in state.marks)), state)


def _kept_entry(row: asyncpg.Record) -> Entry:
    *named, raised_at, first_period, text = row
    indicator, area, trigger, direction, status, favourable = named
    raised = Raised(raised_at, first_period, status == "resolved")
    return Entry(indicator, area, trigger, direction, status, favourable, raised, text)


async def _completed(session: AsyncSession, known: Map, scope: Scope, kept: Kept) -> Listing:
    definitions, veil = kept.frame.definitions, scope.veil
    hidden = set() if veil.lifted else {code for code in definitions if kept.frame.is_hidden(code)}
    ready = Protected()
    if hidden:
        ready = await read_protected(session, kept.frame, kept.state, veil.threshold, kept.examined)
    live: set[Pair] = {(code, place) for place in kept.examined for code in hidden - ready.indicators}
    live |= {pair for pair in kept.stale if pair[1] in kept.examined and pair[0] not in ready.indicators}
    live |= {(code, place) for place in known.places if place not in kept.examined for code in definitions}
    again: dict[str, set[str]] = {}
    for code, place in live:
        again.setdefault(place, set()).add(code)
    examined = {
        place: len(kept.examined.get(place, set()) - ready.indicators - again.get(place, set()))
        + len(ready.examined.get(place, ()))
        for place in known.places
    }
    raised = {one[:4]: one.raised for one in kept.entries if one.raised}
    entries = [one for one in kept.entries if one[:2] not in live and one.indicator not in ready.indicators]
    entries += [_protected_entry(row, raised) for row in ready.rows]
    if live:
        frame = Frame(definitions, kept.frame.every, known, kept.frame.sets, kept.frame.authorities)
        found = await _computed(session, frame, scope, sorted(live), None)
        for one in found:
            examined[one.pair[1]] += one.counted
        entries += entries_of(found, raised)
    return Listing(entries, examined, definitions, hidden)


async def _computed(
    session: AsyncSession, frame: Frame, scope: Scope, pairs: Sequence[Pair], as_at: datetime | None
) -> list[Examined]:
    if not scope.veil.lifted:
        return await _veiled(session, frame, scope, pairs, as_at)
    if len(pairs) < _MANY or as_at is not None:
        return await examine(session, frame, scope, pairs, as_at=as_at)
    found = await survey(session, frame, scope)
    wanted = set(pairs)
    todo = [one for one in found.pairs if one in wanted]
    judged = await examine(session, frame, scope, todo, looks=found.looks, alone=found.alone)
    quiet = wanted - {one.pair for one in judged}
    counted = {(code, place) for place, codes in found.counted.items() for code in codes}
    return judged + [Examined(pair, True, []) for pair in sorted(quiet & counted)]


async def _veiled(
    session: AsyncSession, frame: Frame, scope: Scope, pairs: Sequence[Pair], as_at: datetime | None
) -> list[Examined]:
    """What is hidden follows from all units' figures of an indicator: a few are read and judged, then others' turn."""
    places: dict[str, list[Pair]] = {}
    for pair in pairs:
        places.setdefault(pair[0], []).append(pair)
    codes, found = list(places), []
    for start in range(0, len(codes), _VEILED_AT_ONCE):
        part = [pair for code in codes[start : start + _VEILED_AT_ONCE] for pair in places[code]]
        alone = await read_alone(session, frame, part) if as_at is None else ()
        found += await examine(session, frame, scope, part, as_at=as_at, alone=alone)
        await asyncio.sleep(0)
    return found


def entries_of(found: Collection[Examined], raised: Mapping[Sign, Raised]) -> list[Entry]:
    """What was computed, with since when it stands as far as that is known."""
    return [_entry(row, raised) for one in found for row in one.rows]


def _entry(row: ExceptionOut, known: Mapping[Sign, Raised]) -> Entry:
    sign = (row.indicator, row.area, row.trigger, row.direction)
    return Entry(*sign, row.status, row.favourable, _since(sign, row.status, known), as_text(row))


def _protected_entry(row: asyncpg.Record, known: Mapping[Sign, Raised]) -> Entry:
    *sign, status, favourable, text = row
    named = (sign[0], sign[1], sign[2], sign[3])
    return Entry(*named, status, favourable, _since(named, status, known), text)


def _since(sign: Sign, status: str, known: Mapping[Sign, Raised]) -> Raised | None:
    raised = known.get(sign)
    return None if raised is not None and raised.over and status != "resolved" else raised
