"""What this process has counted, so that whoever reads after a change counts what changed and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID
from weakref import WeakKeyDictionary

from sqlalchemy.engine import Engine
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.analysis.groups import Group, Part, Tally
from services.audit_api.analysis.queries import Chosen
from services.audit_api.analysis.states import State
from services.audit_api.analysis.tools import Edition

# Room for three years of forty units with five tools, and for the sums that were read last.
_GROUPS, _SUMS = 8000, 8


@dataclass(frozen=True, slots=True)
class Known:
    """What audits of a group add up to, in one state; `through` is the identifier up to which they were counted, none
    where that is not known."""

    state: State
    part: Part
    through: UUID | None = None

    def plus(self, came: Known | None, through: UUID | None = None) -> Known:
        """With others that were counted after it."""
        if came is None:
            return Known(self.state, self.part, through)
        state = self.state[0] + came.state[0], self.state[1] + came.state[1]
        return Known(state, self.part.plus(came.part), through)


class Held(NamedTuple):
    """Of one group what was read last, and what stood before it: of that nothing is to come any more, so that it is
    gone on from by whoever reads a little earlier or later."""

    settled: Known
    last: Known


@dataclass(frozen=True, slots=True)
class Counted:
    """The groups of the chosen audits with what each adds up to, and the editions they were made with."""

    states: Mapping[Group, State]
    parts: Mapping[Group, Part]
    editions: Mapping[tuple[str, int], Edition]
    tally: Tally


NOTHING = Counted({}, {}, {}, Tally([]))


@dataclass(slots=True, eq=False)
class Memory:
    """What was counted of groups, and the sums that were read last, all of one epoch: after an audit was deleted the
    same state may be that of other audits."""

    epoch: UUID
    groups: dict[Group, Held] = field(default_factory=dict)
    sums: dict[Chosen, Counted] = field(default_factory=dict)
    # Whoever counts groups whole, one at a time.
    whole: asyncio.Lock = field(default_factory=asyncio.Lock)

    def known(self, group: Group, state: State) -> Held | None:
        """What the group adds up to in this state."""
        held = self.groups.get(group)
        return held if held is not None and held.last.state == state else None

    def settled(self, group: Group, state: State) -> Known | None:
        """What the group can be counted on from to come to this state; None where nothing tells."""
        held = self.groups.get(group)
        if held is None or held.settled.through is None:
            return None
        (audits, versions), (most, most_versions) = held.settled.state, state
        return held.settled if audits <= most and versions <= most_versions else None

    def keep(self, held: Held) -> None:
        """Have it at hand for the next reader."""
        self.groups.pop(held.last.part.group, None)
        if len(self.groups) >= _GROUPS:
            del self.groups[next(iter(self.groups))]
        self.groups[held.last.part.group] = held

    def keep_sum(self, chosen: Chosen, counted: Counted) -> None:
        """Have the sum at hand for the next reader of the same audits."""
        self.sums.pop(chosen, None)
        if len(self.sums) >= _SUMS:
            self.sums.pop(next(iter(self.sums)))
        self.sums[chosen] = counted


_of_databases: WeakKeyDictionary[Engine, Memory] = WeakKeyDictionary()


def memory_of(session: AsyncSession, epoch: UUID) -> Memory:
    """The memory of the session's database in this epoch; that of any other is forgotten."""
    engine = session.get_bind().engine
    held = _of_databases.get(engine)
    if held is None or held.epoch != epoch:
        held = _of_databases[engine] = Memory(epoch)
    return held


def forget() -> None:
    """Start again from what is kept in the database."""
    _of_databases.clear()
