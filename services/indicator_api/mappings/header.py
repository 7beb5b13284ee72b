"""Finds the columns a mapping names in the header of a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from shared.problems import Fault

MOST_FAULTS = 20
K = TypeVar("K", bound=str)


class HeaderFaults(Exception):
    """The header is not the one the mapping is made for."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(len(faults))
        self.faults = faults


def folded(text: str) -> str:
    """A header or cell as it is compared: without capitals or spaces around it."""
    return " ".join(text.split()).casefold()


class Header:
    """The columns of a file by their names; keeps what is wrong until it is asked."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = [folded(name) for name in names]
        self._used: set[int] = set()
        self._faults: list[Fault] = []

    def place(self, name: str, pointer: str) -> int:
        """Where a column stands, from 0; 0 too where it is not there, which is a fault."""
        wanted = folded(name)
        places = [at for at, one in enumerate(self._names) if one == wanted]
        self._used.update(places)
        if not places:
            self._faults.append(Fault(pointer, "missing_column", "the file has no column with the header named here"))
        for at in places[1:]:
            detail = f"column {at + 1} has the same header as column {places[0] + 1}, which the mapping names"
            self._faults.append(Fault(f"/columns/{at}", "column_twice", detail))
        return places[0] if places else 0

    def places(self, names: Mapping[K, str], pointer: str) -> dict[K, int]:
        return {column: self.place(name, f"{pointer}/{column}") for column, name in names.items()}

    def check(self, *, refuse_others: bool) -> None:
        """Raises HeaderFaults naming every fault found so far, and every column nobody asked for."""
        if refuse_others:
            detail = "the mapping does not name this column; it can say that other columns are ignored"
            self._faults += [
                Fault(f"/columns/{at}", "unknown_column", f"column {at + 1}: {detail}")
                for at in range(len(self._names))
                if at not in self._used
            ]
        if self._faults:
            raise HeaderFaults(self._faults[:MOST_FAULTS])
