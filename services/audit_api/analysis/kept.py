"""Tallies that are kept, each held against the audits when it is read: a stale one is never used, only counted anew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Container, Iterable, Mapping
from time import time
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.analysis.counting import Counting, Counts, count_audits
from services.audit_api.analysis.groups import Group, Part, Tally
from services.audit_api.analysis.queries import Chosen
from services.audit_api.analysis.remembered import Counted, Held, Known, Memory, memory_of
from services.audit_api.analysis.states import (
    State,
    all_states,
    group_states,
    hold_epoch,
    read_epoch,
)
from services.audit_api.analysis.tools import Edition, read_editions
from services.audit_api.models import AuditTally
from services.audit_api.registry import table_of
from shared.database import driver_connection

_kept = table_of(AuditTally)
Editions = Mapping[tuple[str, int], Edition]
# Audits are not stored in the order in which they were begun: one may still come that began so long ago.
_UNDER_WAY_SECONDS = 10.0
# Of an earlier state one is of use where it tells up to where it counts.
_KEPT = """
SELECT wanted.place, kept.audits, kept.versions, kept.counts, kept.titles,
  CASE WHEN kept.through_versions = kept.versions THEN kept.through END
FROM unnest($1::date[], $2::text[], $3::text[], $4::int[], $5::int[], $6::bigint[])
  WITH ORDINALITY AS wanted(month, unit, tool, tool_version, audits, versions, place)
JOIN audit_tally kept USING (month, unit, tool, tool_version)
WHERE (kept.audits, kept.versions) = (wanted.audits, wanted.versions)
  OR (kept.through_versions = kept.versions AND kept.audits <= wanted.audits AND kept.versions <= wanted.versions)
"""


async def counted(session: AsyncSession, chosen: Chosen) -> Counted:
    """What the chosen audits say, by group, at the moment of the session's snapshot."""
    memory = memory_of(session, await read_epoch(session))
    states = await group_states(session, chosen.first, chosen.last, chosen.units, chosen.tool)
    before = memory.sums.get(chosen)
    if before is not None and before.states == states:
        return before
    editions = await _editions(session, states, before)
    parts = {group: held.last.part for group, held in (await _known_in(session, memory, states, editions)).items()}
    tally = Tally(parts.values()) if before is None else before.tally.changed(parts)
    found = Counted(states, parts, editions, tally)
    memory.keep_sum(chosen, found)
    return found


async def _editions(session: AsyncSession, groups: Iterable[Group], before: Counted | None) -> Editions:
    wanted = {(one.tool, one.version) for one in groups}
    if before is not None and before.editions.keys() == wanted:
        return before.editions
    return await read_editions(session, wanted) if wanted else {}


async def _known_in(
    session: AsyncSession, memory: Memory, states: Mapping[Group, State], editions: Editions
) -> dict[Group, Held]:
    """What each group adds up to: as it was counted before in this state, as it is kept, or counted now."""
    found = {group: held for group, state in states.items() if (held := memory.known(group, state)) is not None}
    unknown = {group: state for group, state in states.items() if group not in found}
    strange = {group: state for group, state in unknown.items() if memory.settled(group, state) is None}
    for group, known in (await _kept_before(session, strange)).items():
        held = Held(known, known)
        memory.keep(held)
        if known.state == states[group]:
            found[group] = held
    return found | await _counted_now(session, memory, _less(unknown, found), editions)


async def _kept_before(session: AsyncSession, states: Mapping[Group, State]) -> dict[Group, Known]:
    """What is kept of these groups, in these very states or before them."""
    if not states:
        return {}
    groups = list(states)
    connection: Any = await driver_connection(session)
    rows = await connection.fetch(
        _KEPT, [one.month for one in groups], [one.unit for one in groups], [one.tool for one in groups],
        [one.version for one in groups], [states[one][0] for one in groups], [states[one][1] for one in groups],
    )  # fmt: skip
    return {
        (group := groups[place - 1]): Known((audits, versions), Part.read(group, (counts, titles)), through)
        for place, audits, versions, counts, titles, through in rows
    }


async def _counted_now(
    session: AsyncSession, memory: Memory, states: Mapping[Group, State], editions: Editions
) -> dict[Group, Held]:
    """Count these groups: of one that has only grown since it was counted, the audits that came; of any other, all."""
    bases = _bases(memory, states)
    found = await _gone_on(session, memory, states, bases, editions)
    if len(found) < len(states):
        # To count a group whole takes long where it is large: who waited goes on from what was counted meanwhile.
        async with memory.whole:
            left = _less(states, found)
            others = {group: base for group, base in _bases(memory, left).items() if base is not bases.get(group)}
            found |= await _gone_on(session, memory, left, others, editions)
            found |= await _whole(session, memory, _less(states, found), editions)
    return found


def _bases(memory: Memory, states: Mapping[Group, State]) -> dict[Group, Known]:
    return {group: base for group, state in states.items() if (base := memory.settled(group, state)) is not None}


async def _gone_on(
    session: AsyncSession,
    memory: Memory,
    states: Mapping[Group, State],
    bases: Mapping[Group, Known],
    editions: Editions,
) -> dict[Group, Held]:
    """Those of which what they were and what came make what they are: versions only rise, so nothing else can."""
    through = _settled_through()
    after = {group: base.through for group, base in bases.items() if base.through is not None}
    counts = await count_audits(session, after, editions, through, after)
    found = {}
    for group, base in bases.items():
        held = _held(group, base, counts, max(through, after[group]))
        if held.last.state == states[group]:
            found[group] = held
            memory.keep(held)
    return found


async def _whole(
    session: AsyncSession, memory: Memory, states: Mapping[Group, State], editions: Editions
) -> dict[Group, Held]:
    through = _settled_through()
    counts = await count_audits(session, states, editions, through)
    found = {}
    for group in states:
        found[group] = _held(group, Known((0, 0), Part(group, Counter(), {})), counts, through)
        memory.keep(found[group])
    return found


def _held(group: Group, base: Known, counts: Counts, through: UUID) -> Held:
    settled = base.plus(_known(group, counts.settled.get(group)), through)
    recent = _known(group, counts.recent.get(group))
    return Held(settled, settled if recent is None else settled.plus(recent))


def _known(group: Group, told: Counting | None) -> Known | None:
    return None if told is None else Known(told.state, Part.read(group, told.written))


def _settled_through() -> UUID:
    """The identifier of a moment so long ago that whatever was begun before it has been stored."""
    return UUID(int=int((time() - _UNDER_WAY_SECONDS) * 1000) << 80)


def _less(states: Mapping[Group, State], found: Container[Group]) -> dict[Group, State]:
    return {group: state for group, state in states.items() if group not in found}


async def stale_groups(session: AsyncSession) -> dict[Group, State]:
    """The groups whose audits have changed since their tally was kept, or that have none yet."""
    states = await all_states(session)
    by = _kept.c.month, _kept.c.unit, _kept.c.tool, _kept.c.tool_version
    rows = await session.execute(sa.select(*by, _kept.c.audits, _kept.c.versions))
    known = {Group(*row[:4]): (row[4], row[5]) for row in rows}
    return {group: state for group, state in states.items() if known.get(group) != state}


async def count_groups(session: AsyncSession, groups: Collection[Group]) -> tuple[UUID, list[Known]]:
    """What the settled audits of some groups add up to, and the epoch in which they do."""
    epoch = await read_epoch(session)
    months = [one.month for one in groups]
    states = await group_states(session, min(months), max(months), frozenset(one.unit for one in groups))
    wanted = {group: states[group] for group in groups if group in states}
    editions = await _editions(session, wanted, None)
    held = (await _known_in(session, memory_of(session, epoch), wanted, editions)).values()
    return epoch, [one.settled for one in held if one.settled.state != (0, 0)]


async def keep_groups(session: AsyncSession, epoch: UUID, counted: Iterable[Known]) -> int:
    """Keep what was counted, unless an audit was deleted meanwhile: it may be one that was counted.

    What is read after is held against the audits all the same.
    """
    rows: list[dict[str, Any]] = []
    for known in counted:
        group, (audits, versions), (counts, titles) = known.part.group, known.state, known.part.written()
        rows.append({
            "month": group.month, "unit": group.unit, "tool": group.tool, "tool_version": group.version,
            "audits": audits, "versions": versions, "counts": counts, "titles": titles, "through": known.through,
            "through_versions": None if known.through is None else versions,
        })  # fmt: skip
    if not rows or not await hold_epoch(session, epoch):
        return 0
    upsert = insert(_kept)
    new = {
        name: upsert.excluded[name]
        for name in ("audits", "versions", "counts", "titles", "through", "through_versions")
    }
    await session.execute(upsert.on_conflict_do_update(index_elements=list(_kept.primary_key.columns), set_=new), rows)
    return len(rows)
