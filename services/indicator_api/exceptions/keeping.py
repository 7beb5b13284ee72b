"""Keeps the exceptions of the last complete month ready: all when month, framework or method change, else as they fall.

One keeper works at a time in one database. Whoever cannot be the keeper leaves the marks of what changed where they
are; they are seen by every reader, who then computes those series himself, so nobody is shown what was.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from weakref import WeakKeyDictionary

import asyncpg
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.days import last_complete_month
from services.indicator_api.exceptions.evaluate import Look
from services.indicator_api.exceptions.frame import Frame, Pair, Scope, read_frame, scope_of
from services.indicator_api.exceptions.kept_series import KeptSeries, take_up
from services.indicator_api.exceptions.reading import adds_up, read_alone
from services.indicator_api.exceptions.service import Examined, examine
from services.indicator_api.exceptions.stale import adds_up_now, but_for_sums, touched
from services.indicator_api.exceptions.storing import store_all, store_some
from services.indicator_api.exceptions.survey import survey
from services.indicator_api.series.known import Veil
from services.indicator_api.series.places import Map, read_map
from shared.auth.caller import system_caller
from shared.clock import local_date
from shared.database import driver_connection
from shared.logging import get_logger
from shared.schemas.periods import Period
from shared.tables import framework_item, org_unit

_log = get_logger(__name__)
# What an import judges itself; more than that is left to the keeper in the background.
FEW_MARKS, FEW_PAIRS = 20, 50
# How many series are read and judged before the others in this process have their turn.
_AT_ONCE = 100
_LOCK = 0x45584345
# True figures: callers who may not see them are answered from what they may see, when they ask.
EVERYTHING = Veil(lifted=True, threshold=0)
# To be raised with the rules, the statistics or the words of exceptions, and with what is kept beside them: all is
# then judged anew, once.
METHOD = 3
# An edition is the state of the framework under the method. The latest marks are found at once; before the first of
# them lie those of whole loads that are settled and not yet vacuumed away.
_STATE = """
SELECT (SELECT month FROM exception_month) AS month, (SELECT edition FROM exception_month) AS edition,
       (SELECT hashtextextended(state::text, $2) FROM framework_state) AS edition_now,
       ARRAY (SELECT (id, indicator, area) FROM exception_stale ORDER BY id DESC LIMIT $1) AS marks
"""
_MARK = "INSERT INTO exception_stale (indicator, area) VALUES ($1, $2)"
_frames: WeakKeyDictionary[sa.Engine, tuple[int, Frame]] = WeakKeyDictionary()


class State(NamedTuple):
    """What is kept, the edition now, and the marks of what changed since."""

    month: str | None
    edition: int | None
    edition_now: int
    marks: Sequence[tuple[int, str, str]]

    def holds(self, month: Period) -> bool:
        """Whether what is kept is of the month, the framework and the method as they stand, but for the marks."""
        return self.month == month.code and self.edition == self.edition_now


async def read_state(connection: asyncpg.Connection, most: int) -> State:
    return State(*await connection.fetchrow(_STATE, most, METHOD))


async def keep_up(session: AsyncSession, now: datetime, *, at_least: int = 0) -> None:
    """Judge the few series whose figures changed, in the transaction that changed them; many are left marked.

    `at_least` so many are known to have changed. No figure is ever lost for what is made of it: after a fault the
    marks stay too.
    """
    if at_least > FEW_MARKS:
        return
    try:
        async with (await driver_connection(session)).transaction():
            await _keep_few(session, now)
    except Exception as error:
        _log.error("exceptions_left_marked", exc_info=error)


async def _keep_few(session: AsyncSession, now: datetime) -> None:
    connection = await driver_connection(session)
    if not await _is_keeper(connection):
        return
    state = await read_state(connection, FEW_MARKS + 1)
    month = last_complete_month(local_date(now))
    if not state.holds(month) or not 0 < len(state.marks) <= FEW_MARKS:
        return
    frame = await kept_frame(session, state.edition_now)
    changed = [mark[1:] for mark in state.marks]
    direct = but_for_sums(frame, changed)
    if len(direct) > FEW_PAIRS:
        return
    above = touched(frame, changed) - direct
    kept = await take_up(connection, direct | above | set(changed), [mark[0] for mark in state.marks])
    alone = await read_alone(session, frame, direct)
    await _keep_some(session, frame, month, sorted(alone), alone, kept, now)
    # A sum of many units is not made here: its place is marked instead of the unit that changed.
    later = direct - alone | {pair for pair in above if adds_up_now(frame, pair, changed, kept)}
    if later:
        await connection.executemany(_MARK, sorted(later))


async def keep(session: AsyncSession, now: datetime) -> bool:
    """Bring everything up to date, whatever it takes; False where another keeper is at work."""
    connection = await driver_connection(session)
    if not await _is_keeper(connection):
        return False
    most = 10 * FEW_MARKS
    state = await read_state(connection, most + 1)
    month = last_complete_month(local_date(now))
    if state.holds(month) and not state.marks:
        return True
    frame = await kept_frame(session, state.edition_now)
    if state.holds(month) and len(state.marks) <= most:
        pairs = sorted(touched(frame, (mark[1:] for mark in state.marks)))
        kept = await take_up(connection, pairs, [mark[0] for mark in state.marks])
        await _keep_some(session, frame, month, pairs, await read_alone(session, frame, pairs), kept, now)
    else:
        await keep_all(session, frame, month, state.edition_now, now)
    return True


async def keep_all(session: AsyncSession, frame: Frame, month: Period, edition: int, now: datetime) -> None:
    """The full pass. A figure that commits while it runs has left a mark that the pass has not seen and stays."""
    connection = await driver_connection(session)
    seen = await connection.fetchval("SELECT coalesce(array_agg(id), '{}') FROM exception_stale")
    scope = _scope(month, now)
    found = await survey(session, frame, scope)
    examined = [one async for one in _in_turns(session, frame, scope, found.pairs, found.looks, found.alone)]
    for one in examined:
        if one.counted:
            found.counted.setdefault(one.pair[1], set()).add(one.pair[0])
    await store_all(connection, (month.code, edition, now), frame.known.places, found, examined, seen)


async def _keep_some(
    session: AsyncSession,
    frame: Frame,
    month: Period,
    pairs: Sequence[Pair],
    alone: Collection[Pair],
    kept: Mapping[Pair, KeptSeries],
    now: datetime,
) -> None:
    examined = [one async for one in _in_turns(session, frame, _scope(month, now), pairs, None, alone)]
    sums = {pair for pair in pairs if pair not in alone and adds_up(frame.definitions[pair[0]])}
    await store_some(await driver_connection(session), kept, examined, sums, now)


async def _in_turns(
    session: AsyncSession,
    frame: Frame,
    scope: Scope,
    pairs: Sequence[Pair],
    looks: Mapping[Pair, Look] | None,
    alone: Collection[Pair],
) -> AsyncIterator[Examined]:
    for start in range(0, len(pairs), _AT_ONCE):
        if start:
            await asyncio.sleep(0)
        part = pairs[start : start + _AT_ONCE]
        for one in await examine(session, frame, scope, part, looks=looks, alone=alone):
            yield one


def _scope(month: Period, now: datetime) -> Scope:
    return scope_of(month, local_date(now), EVERYTHING)


async def _is_keeper(connection: asyncpg.Connection) -> bool:
    """Held until the transaction ends, so that the next keeper sees all this one did."""
    return bool(await connection.fetchval("SELECT pg_try_advisory_xact_lock($1)", _LOCK))


async def kept_frame(session: AsyncSession, edition: int) -> Frame:
    """All units and the areas of the council; read once for each edition of a database's framework."""
    engine = session.get_bind().engine
    held = _frames.get(engine)
    if held is None or held[0] != edition:
        statement = sa.select(org_unit.c.code, framework_item.c.content["ons_code"].astext).join_from(
            org_unit,
            framework_item,
            sa.and_(framework_item.c.kind == "units", framework_item.c.code == org_unit.c.code),
            isouter=True,
        )
        # A council's sums are those of its area, which stands for both.
        codes = sorted({ons_code or code for code, ons_code in await session.execute(statement)})
        known = await read_map(session, system_caller("exceptions"), codes) if codes else Map({}, {})
        frame = await read_frame(session, known)
        held = _frames[engine] = (edition, frame)
    return held[1]
