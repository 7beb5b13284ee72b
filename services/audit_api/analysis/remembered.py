"""What this process has counted, so that whoever reads after a change counts what changed and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from time import monotonic
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
# Beside the newest moment of a group stand one that is older than what anybody still reads, and the one that will take
# its place: whoever began earlier than the newest has one to go on from, however many read at once.
_MOMENTS, _SECONDS = 3, 10.0


@dataclass(frozen=True, slots=True)
class Known:
    """What a group in one state adds up to, and its newest audit; none where that was not kept."""

    state: State
    part: Part
    through: UUID | None = None
    at: float = field(default_factory=monotonic, compare=False)

    def plus(self, came: Known) -> Known:
        """With the audits that came after its newest one."""
        state = self.state[0] + came.state[0], self.state[1] + came.state[1]
        return Known(state, self.part.plus(came.part), came.through)


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
    """Groups in the few states they were kept in last, and the sums that were read last, all of one epoch: after an
    audit was deleted the same state may be that of other audits."""

    epoch: UUID
    groups: dict[Group, list[Known]] = field(default_factory=dict)
    sums: dict[Chosen, Counted] = field(default_factory=dict)

    def known(self, group: Group, state: State) -> Known | None:
        """What the group adds up to in this state."""
        return next((known for known in self.groups.get(group, ()) if known.state == state), None)

    def before(self, group: Group, state: State) -> tuple[Known, UUID] | None:
        """What the group was last, with its newest audit, in this state or before it; None where nothing tells."""
        audits, versions = state
        for known in self.groups.get(group, ()):
            if known.through is not None and known.state[0] <= audits and known.state[1] <= versions:
                return known, known.through
        return None

    def keep(self, known: Known) -> None:
        """Have it at hand for the next reader."""
        others = [one for one in self.groups.pop(known.part.group, ()) if one.state != known.state and one.through]
        if len(others) > 1 and known.at < others[1].at + _SECONDS:
            del others[0]
        if len(self.groups) >= _GROUPS:
            del self.groups[next(iter(self.groups))]
        self.groups[known.part.group] = [known, *others][:_MOMENTS]

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
