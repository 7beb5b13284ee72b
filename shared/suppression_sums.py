"""Secondary suppression: what else must be hidden so that no published sum gives a small number away.

METHODS 2.11, point 3, for lists with a total, two-way tables and trees: wherever a figure stands in two sums
at most. Such sums form a network, and the range of values a reader can still give a hidden figure is a flow
in it, so the check is exact and needs no linear programme.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from shared.suppression import THRESHOLD, is_small

K = TypeVar("K", bound=Hashable)

# The far end of a figure that stands in one sum only: nothing balances there.
_GROUND = -1


@dataclass(frozen=True, slots=True)
class Sum(Generic[K]):
    """A published total and the figures it is the sum of."""

    total: K
    parts: tuple[K, ...]


def hidden_in_sums(
    counts: Mapping[K, int | None],
    sums: Sequence[Sum[K]],
    *,
    threshold: int = THRESHOLD,
    also: Collection[K] = (),
    official: Collection[K] = (),
) -> frozenset[K]:
    """Everything to hide: the small counts, those in `also`, and what the sums would else give away.

    Where one figure of a sum is hidden the next smallest that is not 0 is hidden too, until each sum hides
    none or at least two, and a reader who knows that what is hidden is not 0 is left with a range wider than
    the threshold for each. A sum whose total is not in `counts` is not published, though its parts still stand in
    the sum that such a total is a part of; `official` figures are never hidden.
    """
    public = {key for key, count in counts.items() if count is not None}
    below = {one.total: one.parts for one in sums if one.total not in counts}
    published = [
        Sum(one.total, tuple(p for p in _told(one.parts, below) if p in public)) for one in sums if one.total in public
    ]
    network = _Network(published)
    free = [key for key in counts if key in public and key not in official]
    hidden = {key for key in free if key in also or is_small(counts[key], threshold)}
    candidates = {key: count for key in free if (count := counts[key])}
    while True:
        before = len(hidden)
        for one in published:
            if len(hidden & {one.total, *one.parts}) == 1:
                _hide_next([one], candidates, hidden)
        if len(hidden) == before:
            for key in [key for key in counts if key in hidden]:
                if network.width(key, hidden, counts, threshold) <= threshold:
                    near = [one for one in published if key == one.total or key in one.parts]
                    _hide_next(near, candidates, hidden) or _hide_next(published, candidates, hidden)
        if len(hidden) == before:
            return frozenset(hidden)


def protect_list(
    parts: Sequence[int | None], total: int | None, *, threshold: int = THRESHOLD
) -> tuple[list[bool], bool]:
    """Which parts of a breakdown to hide, and whether to hide its total; a total of None is not published."""
    counts: dict[int, int | None] = dict(enumerate(parts))
    counts[-1] = total
    hidden = hidden_in_sums(counts, [Sum(-1, tuple(range(len(parts))))], threshold=threshold)
    return [place in hidden for place in range(len(parts))], -1 in hidden


def protect_table(
    cells: Sequence[Sequence[int | None]],
    row_totals: Sequence[int | None],
    column_totals: Sequence[int | None],
    grand_total: int | None,
    *,
    threshold: int = THRESHOLD,
) -> list[list[bool]]:
    """Which figures of a two-way table to hide; the last row and the last column are those of the totals."""
    rows, columns = len(row_totals), len(column_totals)
    whole = [[*row, total] for row, total in zip(cells, row_totals, strict=True)]
    whole.append([*column_totals, grand_total])
    counts = {(r, c): count for r, row in enumerate(whole) for c, count in enumerate(row)}
    across = [Sum((r, columns), tuple((r, c) for c in range(columns))) for r in range(rows + 1)]
    down = [Sum((rows, c), tuple((r, c) for r in range(rows))) for c in range(columns + 1)]
    hidden = hidden_in_sums(counts, [*across, *down], threshold=threshold)
    return [[(r, c) in hidden for c in range(columns + 1)] for r in range(rows + 1)]


def _told(parts: Sequence[K], below: Mapping[K, tuple[K, ...]]) -> Iterator[K]:
    """The parts of a sum; in place of one that is not published what it is itself the sum of."""
    for part in parts:
        if part in below:
            yield from _told(below[part], below)
        else:
            yield part


def _hide_next(sums: Sequence[Sum[K]], candidates: Mapping[K, int], hidden: set[K]) -> bool:
    """Hide the smallest part still shown, a total only where no part is left; says whether there was one."""
    for keys in ([part for one in sums for part in one.parts], [one.total for one in sums]):
        shown = [key for key in keys if key in candidates and key not in hidden]
        if shown:
            hidden.add(min(shown, key=candidates.__getitem__))
            return True
    return False


class _Network(Generic[K]):
    """The sums as nodes and each figure as an arc between two: where every sum holds, flow is conserved."""

    def __init__(self, sums: Sequence[Sum[K]]) -> None:
        self._places: dict[K, list[tuple[int, int]]] = {}
        for node, one in enumerate(sums):
            self._places.setdefault(one.total, []).append((node, -1))
            for part in one.parts:
                self._places.setdefault(part, []).append((node, 1))
        self._signs = self._orient(len(sums))

    def _orient(self, size: int) -> list[int]:
        """A sign for each sum such that a figure in two sums leaves one and enters the other."""
        links: list[list[tuple[int, int]]] = [[] for _ in range(size)]
        for places in self._places.values():
            if len(places) > 2:
                raise ValueError("a figure stands in more than two sums; these are not the sums of a table or tree")
            if len(places) == 2:
                (a, coefficient_a), (b, coefficient_b) = places
                links[a].append((b, -coefficient_a * coefficient_b))
                links[b].append((a, -coefficient_a * coefficient_b))
        signs = [0] * size
        for start in range(size):
            signs[start] = signs[start] or 1
            queue = deque([start])
            while queue:
                node = queue.popleft()
                for other, same in links[node]:
                    if not signs[other]:
                        signs[other] = signs[node] * same
                        queue.append(other)
                    elif signs[other] != signs[node] * same:
                        raise ValueError("these are not the sums of a table or tree")
        return signs

    def _arc(self, key: K) -> tuple[int, int]:
        ends = {self._signs[node] * coefficient: node for node, coefficient in self._places.get(key, [])}
        return ends.get(1, _GROUND), ends.get(-1, _GROUND)

    def width(self, key: K, hidden: Collection[K], counts: Mapping[K, int | None], threshold: int) -> int:
        """How wide the range of a hidden figure is to a reader, counted no further than needed."""
        if key not in self._places:
            return threshold + 1
        values = {other: counts[other] or 0 for other in hidden if other in self._places}
        floor = 0 if 0 in values.values() else 1
        tail, head = self._arc(key)
        arcs = [(*self._arc(other), value - floor) for other, value in values.items() if other != key]
        up = _flow(arcs, head, tail, threshold + 1)
        down = _flow(arcs, tail, head, min(values[key] - floor, threshold + 1))
        return up + down


def _flow(arcs: Sequence[tuple[int, int, int]], source: int, sink: int, enough: int) -> int:
    """The most that can be moved from source to sink, up to `enough`.

    Forwards an arc takes any amount, backwards as much as its figure can fall.
    """
    moved = [0] * len(arcs)
    total = 0
    while total < enough:
        path = _path(arcs, moved, source, sink)
        if path is None:
            return total
        room = [arcs[arc][2] + moved[arc] for arc, forwards in path if not forwards]
        step = min([enough - total, *room])
        for arc, forwards in path:
            moved[arc] += step if forwards else -step
        total += step
    return total


def _path(
    arcs: Sequence[tuple[int, int, int]], moved: Sequence[int], source: int, sink: int
) -> list[tuple[int, bool]] | None:
    reached: dict[int, tuple[int, bool, int] | None] = {source: None}
    queue = deque([source])
    while queue and sink not in reached:
        node = queue.popleft()
        for arc, forwards, other in _ways(arcs, moved, node):
            if other not in reached:
                reached[other] = (arc, forwards, node)
                queue.append(other)
    if sink not in reached:
        return None
    path, node = [], sink
    while (step := reached[node]) is not None:
        path.append(step[:2])
        node = step[2]
    return path


def _ways(arcs: Sequence[tuple[int, int, int]], moved: Sequence[int], node: int) -> Iterator[tuple[int, bool, int]]:
    for arc, (tail, head, room) in enumerate(arcs):
        if tail == node:
            yield arc, True, head
        elif head == node and room + moved[arc] > 0:
            yield arc, False, tail
