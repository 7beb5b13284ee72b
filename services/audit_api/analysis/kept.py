"""Tallies that are kept, each held against the audits when it is read: a stale one is never used, only counted anew."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from pydantic_core import from_json
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.analysis.counting import count_groups
from services.audit_api.analysis.groups import Group, Part, Tally, Written
from services.audit_api.analysis.queries import Chosen
from services.audit_api.analysis.tools import Edition, read_editions
from services.audit_api.models import Audit, AuditTally
from services.audit_api.registry import table_of

_audits, _kept = table_of(Audit), table_of(AuditTally)
State = tuple[int, int]
_REMEMBERED = 8


@dataclass(frozen=True)
class Counted:
    """The groups of the chosen audits with what each adds up to, and the editions they were made with."""

    parts: list[Part]
    editions: Mapping[tuple[str, int], Edition]

    @cached_property
    def tally(self) -> Tally:
        return Tally(self.parts)


# What was read last, which the next reader of the same audits is spared where they are in the same state.
_read_before: dict[tuple[URL, Chosen, bool], tuple[dict[Group, State], Counted]] = {}


async def counted(session: AsyncSession, chosen: Chosen, *, titles: bool = True) -> Counted:
    """What the chosen audits say, by group; kept tallies are used where they are of this very state."""
    states = await group_states(session, chosen.audits())
    key = (session.get_bind().engine.url, chosen, titles)
    before = _read_before.get(key)
    if before is not None and before[0] == states:
        return before[1]
    found = await _counted(session, chosen, states, titles)
    if len(_read_before) >= _REMEMBERED:
        _read_before.pop(next(iter(_read_before)))
    _read_before[key] = (states, found)
    return found


async def _counted(session: AsyncSession, chosen: Chosen, states: Mapping[Group, State], titles: bool) -> Counted:
    kept = await _usable(session, chosen, states, titles)
    missing = [group for group in states if group not in kept]
    editions = await read_editions(session, {(one.tool, one.version) for one in states}) if states else {}
    fresh = await count_groups(session, missing, editions)
    written = kept | fresh
    return Counted([_read(group, *written[group], titles) for group in written], editions)


def _read(group: Group, counts: str, named: str, titles: bool) -> Part:
    return Part(group, from_json(counts), from_json(named) if titles else {})


async def group_states(session: AsyncSession, conditions: Sequence[sa.ColumnElement[bool]]) -> dict[Group, State]:
    """Each group of submitted audits with how many there are and the sum of their versions."""
    # Of the year and the month rather than of a date cut off, which costs four times as much a row.
    month = (sa.extract("year", _audits.c.counts_on) * 12 + sa.extract("month", _audits.c.counts_on) - 1).cast(
        sa.Integer
    )
    by = month.label("month"), _audits.c.unit, _audits.c.tool, _audits.c.tool_version
    statement = sa.select(*by, sa.func.count(), sa.func.sum(_audits.c.version)).where(*conditions).group_by(*by)
    found = {}
    for number, unit, tool, version, audits, versions in (await session.execute(statement)).all():
        found[Group(date(number // 12, number % 12 + 1, 1), unit, tool, version)] = (audits, versions)
    return found


async def _usable(
    session: AsyncSession, chosen: Chosen, states: Mapping[Group, State], titles: bool
) -> dict[Group, Written]:
    named = _kept.c.titles if titles else sa.literal("{}")
    by = _kept.c.month, _kept.c.unit, _kept.c.tool, _kept.c.tool_version
    statement = sa.select(*by, _kept.c.audits, _kept.c.versions, _kept.c.counts, named.label("named"))
    statement = statement.where(_kept.c.month.between(chosen.first, chosen.last))
    if chosen.units is not None:
        statement = statement.where(_kept.c.unit.in_(sorted(chosen.units)))
    if chosen.tool is not None:
        statement = statement.where(_kept.c.tool == chosen.tool)
    found: dict[Group, Written] = {}
    for month, unit, tool, version, audits, versions, counts, words in (await session.execute(statement)).all():
        group = Group(month, unit, tool, version)
        if states.get(group) == (audits, versions):
            found[group] = (counts, words)
    return found


async def stale_groups(session: AsyncSession) -> dict[Group, State]:
    """The groups whose audits have changed since their tally was kept, or that have none yet."""
    states = await group_states(session, [_audits.c.submitted_on.is_not(None), _audits.c.status != "withdrawn"])
    by = _kept.c.month, _kept.c.unit, _kept.c.tool, _kept.c.tool_version
    rows = await session.execute(sa.select(*by, _kept.c.audits, _kept.c.versions))
    known = {Group(*row[:4]): (row[4], row[5]) for row in rows}
    return {group: state for group, state in states.items() if known.get(group) != state}


async def keep_groups(session: AsyncSession, groups: Iterable[Group]) -> int:
    """Count some groups anew and keep them; what is read after is held against the audits all the same."""
    wanted = sorted(groups)
    editions = await read_editions(session, {(one.tool, one.version) for one in wanted})
    states = await _states_of(session, wanted)
    found = await count_groups(session, states, editions)
    rows: list[dict[str, Any]] = [
        {
            "month": group.month, "unit": group.unit, "tool": group.tool, "tool_version": group.version,
            "audits": states[group][0], "versions": states[group][1],
            "counts": counts, "titles": titles,
        }
        for group, (counts, titles) in found.items()
    ]  # fmt: skip
    if rows:
        upsert = insert(_kept)
        new = {name: upsert.excluded[name] for name in ("audits", "versions", "counts", "titles")}
        await session.execute(
            upsert.on_conflict_do_update(index_elements=list(_kept.primary_key.columns), set_=new), rows
        )
    return len(rows)


async def _states_of(session: AsyncSession, wanted: Sequence[Group]) -> dict[Group, State]:
    if not wanted:
        return {}
    between = _audits.c.counts_on.between(wanted[0].month, max(one.last_day for one in wanted))
    conditions = [_audits.c.submitted_on.is_not(None), _audits.c.status != "withdrawn", between]
    states = await group_states(session, conditions)
    return {group: states[group] for group in wanted if group in states}
