"""What is asked of the framework at every post, kept in memory for as long as the framework stands as it was read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

import asyncpg

from shared.work import Work

_Kept = TypeVar("_Kept")
# Another answer as soon as anything of the framework changes, a restored one too.
STATE = "SELECT state FROM framework_state"
# A condition in the statement that stores: the framework still is as it was read.
STILL_STANDS = "EXISTS (SELECT FROM framework_state WHERE state = {place})"


class Kept(Generic[_Kept]):
    """Something made of one row, and kept for each database.

    `stamp` is a statement whose one row changes whenever what `read` gives does. Whoever goes by what is known stores
    only where the stamp is still the same (STILL_STANDS), and refuses nobody before asking for what is current.
    """

    def __init__(self, stamp: str, read: str, make: Callable[[asyncpg.Record], _Kept]) -> None:
        self._stamp, self._read, self._make = stamp, read, make

    async def known(self, work: Work) -> _Kept:
        """As it was last read; it may have changed since."""
        held: tuple[Any, _Kept] | None = work.memory.get(self)
        return await self.current(work) if held is None else held[1]

    async def current(self, work: Work) -> _Kept:
        """As it stands now; read only where it has changed."""
        held: tuple[Any, _Kept] | None = work.memory.get(self)
        if held is not None and tuple(await work.fetchrow(self._stamp)) == held[0]:
            return held[1]
        row = await work.fetchrow(self._read)
        made = self._make(row)
        work.memory[self] = (tuple(row["stamp"]), made)
        return made


def units_below(top: str, parents: Mapping[str, str | None]) -> frozenset[str]:
    """The unit and all below it, of units by what they belong to; none where there is no such unit."""
    found: set[str] = set()
    new = {top} & parents.keys()
    while new:
        found |= new
        new = {code for code, parent in parents.items() if parent in new} - found
    return frozenset(found)
