"""Which figures to hide so that no sum, and no earlier version of a table, gives a hidden count away (METHODS 2.11).

Points 3 and 5, for any sums at all. A pure function: the states a family of figures went through go in, the keys
hidden in the last one come out, the same for every reader and every question.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Sequence
from typing import Generic, TypeVar

from services.indicator_api.small_numbers.figures import Counts, Figure, State
from services.indicator_api.small_numbers.ranges import Row, too_narrow
from services.indicator_api.small_numbers.rests import Member, Rest, with_rests
from shared.suppression import THRESHOLD, is_small
from shared.suppression_sums import Sum

K = TypeVar("K", bound=Hashable)

# The sums that the figures under these keys make, whether or not they add up.
SumsOf = Callable[[Collection[K]], Sequence[Sum[K]]]
# A figure in one of the versions it had.
_Version = tuple[K, Counts]
Sums = Collection[Sum[tuple[K, Counts]]]


def hidden_in_last(states: Sequence[State[K]], sums_of: SumsOf[K], *, threshold: int = THRESHOLD) -> frozenset[K]:
    """The keys to hide in the last state, seen by a reader who knows everything shown in each state before it.

    A figure is hidden that is small itself, or within the threshold of a version of it that was shown, or that
    others would be found out by. The reader is taken to know by how much a sum does not add up; where that is a few,
    they are protected like a figure of their own.
    """
    known: dict[frozenset[K], Sequence[Sum[K]]] = {}

    def sums(state: State[K]) -> Sequence[Sum[K]]:
        keys = frozenset(state)
        if keys not in known:
            known[keys] = sums_of(state.keys())
        return known[keys]

    tables = [with_rests(state, sums(state), threshold) for state in states]
    if not _anything_to_hide([state for state, _ in tables], threshold):
        return frozenset()
    ledger: _Ledger[Member[K]] = _Ledger(threshold)
    hidden: frozenset[Member[K]] = frozenset()
    for state, whole in tables:
        hidden = ledger.enter(state, whole)
    return frozenset(key for key in hidden if not isinstance(key, Rest))


def _anything_to_hide(states: Sequence[State[K]], threshold: int) -> bool:
    """Whether any figure was ever small or came as c, or changed by a little."""
    seen: dict[K, set[Counts]] = {}
    for state in states:
        for key, figure in state.items():
            if figure.official:
                continue
            before = seen.setdefault(key, set())
            if figure.small or figure.withheld or any(_is_near(figure.counts, one, threshold) for one in before):
                return True
            before.add(figure.counts)
    return False


def _is_near(counts: Counts, other: Counts, threshold: int) -> bool:
    pairs = zip(counts, other, strict=True)
    return any(is_small(abs(a - b), threshold) for a, b in pairs if a is not None and b is not None)


class _Ledger(Generic[K]):
    """What was shown and what was not, state by state."""

    def __init__(self, threshold: int) -> None:
        self._threshold = threshold
        self._shown: dict[K, set[Counts]] = {}
        self._veiled: set[_Version[K]] = set()
        self._sums: dict[Sum[_Version[K]], None] = {}

    def enter(self, state: State[K], sums: Sequence[Sum[K]]) -> frozenset[K]:
        """What is hidden of the state; afterwards the rest counts as known to everybody for good."""
        now = dict.fromkeys(_versions(one, state) for one in sums)
        self._sums |= now
        hidden = {key for key, figure in state.items() if self._is_telling(key, figure)}
        if hidden or self._veiled or any(figure.withheld for figure in state.values()):
            _Cover(state, hidden, self._threshold).mend(self, now, self._sums)
        for key, figure in state.items():
            if key in hidden:
                self._veiled.add((key, figure.counts))
            elif not figure.withheld:
                self._shown.setdefault(key, set()).add(figure.counts)
        return frozenset(hidden)

    def knows(self, key: K, counts: Counts) -> bool:
        """Whether the figure was shown as it is in some state before."""
        return counts in self._shown.get(key, ())

    def _is_telling(self, key: K, figure: Figure) -> bool:
        if figure.official or figure.withheld:
            return False
        if figure.small or ((key, figure.counts) in self._veiled and not self.knows(key, figure.counts)):
            return True
        return any(_is_near(figure.counts, other, self._threshold) for other in self._shown.get(key, ()))


def _versions(one: Sum[K], state: State[K]) -> Sum[_Version[K]]:
    total, *parts = ((key, state[key].counts) for key in (one.total, *one.parts))
    return Sum(total, tuple(parts))


class _Cover(Generic[K]):
    """Adds to what is hidden of a state until nothing hidden can be worked out, as far as that can be had."""

    def __init__(self, state: State[K], hidden: set[K], threshold: int) -> None:
        self._state, self._hidden, self._threshold = state, hidden, threshold
        self._quantities = range(max((len(figure.counts) for figure in state.values()), default=0))

    def mend(self, ledger: _Ledger[K], sums: Sums[K], ever: Sums[K]) -> None:
        """First against whoever read every state so far, then, where that is too late, against who reads this one."""
        free = {key for key, figure in self._state.items() if not (figure.official or figure.withheld)}
        unread = {key for key in free if not ledger.knows(key, self._state[key].counts)}
        self._cover_withheld(sums, unread, free)
        shown_once = {version for one in ever for version in _members(one) if ledger.knows(*version)}
        if not self._until_wide(ever, unread, shown_once):
            self._until_wide(sums, free, frozenset())

    def _cover_withheld(self, sums: Sums[K], unread: Collection[K], free: Collection[K]) -> None:
        """A figure that came as c must not follow from the others either, nor two that make a small sum."""
        for one in sums:
            withheld = [key for key, _ in _members(one) if self._state[key].withheld]
            if not withheld or any(key in self._hidden for key, _ in _members(one)):
                continue
            rest = (one.total[1][0] or 0) - sum(counts[0] or 0 for _, counts in one.parts)
            if len(withheld) == 1 or rest - len(withheld) <= self._threshold:
                self._hide_next([one], unread, 0) or self._hide_next([one], free, 0)

    def _until_wide(self, sums: Sums[K], candidates: Collection[K], known: Collection[_Version[K]]) -> bool:
        """Hide more of the candidates until every range is wide; says whether that could be had."""
        while True:
            before, lost = set(self._hidden), False
            for quantity in self._quantities:
                for version in self._narrow(sums, quantity, known):
                    near = [one for one in sums if version in _members(one)]
                    if any(key in self._hidden and key not in before for one in near for key, _ in _members(one)):
                        continue
                    lost |= not self._hide_near(near, sums, candidates, quantity)
            if self._hidden == before:
                return not lost

    def _narrow(self, sums: Sums[K], quantity: int, known: Collection[_Version[K]]) -> list[_Version[K]]:
        """The hidden versions whose number a reader of the sums is left with too small a range for."""
        counts: dict[_Version[K], float] = {}
        rows: list[Row[_Version[K]]] = []
        for one in sums:
            row: dict[_Version[K], int] = {}
            for sign, versions in ((-1, (one.total,)), (1, one.parts)):
                for version in versions:
                    count = version[1][quantity]
                    if count is not None and version not in known and not self._is_shown(version):
                        row[version] = row.get(version, 0) + sign
                        counts[version] = count
            rows.append({version: sign for version, sign in row.items() if sign})
        return [version for version in too_narrow(rows, counts, self._threshold) if counts[version]]

    def _is_shown(self, version: _Version[K]) -> bool:
        key, counts = version
        return key in self._state and self._state[key].counts == counts and key not in self._hidden

    def _hide_near(self, near: Sums[K], sums: Sums[K], candidates: Collection[K], quantity: int) -> bool:
        """Hide the next smallest of the nearest sums that have one left; farther ones join by what they hide."""
        reached: list[Sum[_Version[K]]] = list(near)
        while not self._hide_next(reached, candidates, quantity):
            hidden = {version for one in reached for version in _members(one) if not self._is_shown(version)}
            wider = [one for one in sums if one not in reached and not hidden.isdisjoint(_members(one))]
            if not wider:
                return False
            reached += wider
        return True

    def _hide_next(self, sums: Sums[K], candidates: Collection[K], quantity: int) -> bool:
        """Hide the smallest part still shown that is not 0, a total only where no part is left."""
        for versions in ([part for one in sums for part in one.parts], [one.total for one in sums]):
            shown = [
                (count, key)
                for key, counts in versions
                if key in candidates and self._is_shown((key, counts)) and (count := counts[quantity])
            ]
            if shown:
                self._hidden.add(min(shown, key=lambda one: one[0])[1])
                return True
        return False


def _members(one: Sum[_Version[K]]) -> tuple[_Version[K], ...]:
    return one.total, *one.parts
