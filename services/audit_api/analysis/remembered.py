"""What this process has counted, so that whoever reads after a change counts what changed and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from sqlalchemy.engine import Engine
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.analysis.groups import Group, Part, Tally
from services.audit_api.analysis.queries import Chosen
from services.audit_api.analysis.states import Members, State
from services.audit_api.analysis.tools import Edition

_GROUPS, _SUMS = 4000, 8
# Readers of one time see moments that lie close together: each finds its own, or one to go on from.
_MOMENTS = 3


@dataclass(frozen=True, slots=True)
class Known:
    """What a group in one state adds up to, and of which audits; of none where it was kept and nobody asked."""

    state: State
    part: Part
    members: Members = field(default_factory=dict)


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
    """Groups in their last few states, and the sums that were read last."""

    groups: dict[Group, list[Known]] = field(default_factory=dict)
    sums: dict[Chosen, Counted] = field(default_factory=dict)

    def part(self, group: Group, state: State) -> Part | None:
        """What the group adds up to in this state."""
        return next((known.part for known in self.groups.get(group, ()) if known.state == state), None)

    def base(self, group: Group, members: Members) -> Known | None:
        """The newest state all of whose audits are among these, unchanged: the group has only grown since."""
        for known in self.groups.get(group, ()):
            if known.members and known.members.items() <= members.items():
                return known
        return None

    def knows_members(self, group: Group) -> bool:
        """Whether there may be a state to go on from."""
        return any(known.members for known in self.groups.get(group, ()))

    def keep(self, known: Known) -> None:
        """Have it at hand for the next reader."""
        if len(self.groups) >= _GROUPS:
            self.groups.clear()
        others = [one for one in self.groups.get(known.part.group, ()) if one.state != known.state]
        self.groups[known.part.group] = [known, *others][:_MOMENTS]

    def keep_sum(self, chosen: Chosen, counted: Counted) -> None:
        """Have the sum at hand for the next reader of the same audits."""
        self.sums.pop(chosen, None)
        if len(self.sums) >= _SUMS:
            self.sums.pop(next(iter(self.sums)))
        self.sums[chosen] = counted


_of_databases: WeakKeyDictionary[Engine, Memory] = WeakKeyDictionary()


def memory_of(session: AsyncSession) -> Memory:
    """The memory of the session's database."""
    return _of_databases.setdefault(session.get_bind().engine, Memory())


def forget() -> None:
    """Start again from what is kept in the database."""
    _of_databases.clear()
