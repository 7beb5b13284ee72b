"""Which counts may be told beside what was told before: no difference gives a hidden one away (METHODS 2.11, 5).

Counts of one period lie between two days. What was told of a key draws lines between such days; a reader knows the
count between any two days that the lines connect. A telling that would add to what he knows of a hidden number keeps to
what he knows already.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from shared.suppression import is_small

# From a day up to another, which is the first that is no longer in it.
Span = tuple[date, date]


@dataclass(frozen=True)
class Telling:
    """The counts of one table in one report: None where a count is hidden. Keys of one list share all but their last
    part; what a list leaves out is nought there."""

    start: date
    end: date
    cells: Mapping[str, float | None]

    @property
    def span(self) -> Span:
        return self.start, self.end + timedelta(days=1)

    @property
    def hidden(self) -> frozenset[str]:
        return frozenset(key for key, value in self.cells.items() if value is None)

    def value(self, key: str) -> float | None:
        """The count of a key; nought where its list is told and it is not in it, None where nothing is known."""
        if key in self.cells:
            return self.cells[key]
        return 0 if _list_of(key) in {_list_of(other) for other in self.cells} else None


def _list_of(key: str) -> str:
    return key.rpartition("/")[0]


def tellable(
    new: Telling, told: Sequence[Telling], threshold: int, stocks: frozenset[str] = frozenset()
) -> frozenset[str] | None:
    """The keys whose counts may be told; None where all may be that are not hidden anyway.

    `told` is in the order of telling. `stocks` are keys that stand at the end of a period and add up to nothing.
    """
    near = [one for one in told if one.start <= new.end and new.start <= one.end]
    if not near or all(one.span == new.span and _same_again(new, one) for one in near):
        return None
    if not new.hidden and not any(one.hidden for one in near):
        # What lies farther off does not go into any sum with this one.
        first, last = min(one.start for one in near), max(one.end for one in near)
        beside = [one for one in told if one.start <= last and first <= one.end]
        if not any(_gives_small(key, new, beside, threshold) for key in new.cells.keys() - stocks):
            return None
    return frozenset(key for key, value in new.cells.items() if value is not None and _is_known(key, value, new, told))


def _same_again(new: Telling, old: Telling) -> bool:
    """Whether two tellings of one period hide the same: each sum of hidden counts is then as uncertain as before."""
    common = new.cells.keys() & old.cells.keys()
    if new.hidden & common != old.hidden & common:
        return False
    return new.cells.keys() == old.cells.keys() or all(new.cells[key] == old.cells[key] for key in common)


def _is_known(key: str, value: float, new: Telling, told: Sequence[Telling]) -> bool:
    """Whether a reader of what was told knows this count."""
    if any(one.span == new.span and one.value(key) == value for one in told):
        return True
    first, last = new.span
    places = _places(first, _lines(key, told))
    return last in places and places[last] == value


def _gives_small(key: str, new: Telling, told: Sequence[Telling], threshold: int) -> bool:
    """Whether, this count told as well, a small one follows from what was told last or from an earlier version."""
    last = _lines(key, [*told, new])
    earlier = [{**last, one.span: value} for one in told if (value := one.value(key)) not in (None, last.get(one.span))]
    return any(_has_small(lines, threshold) for lines in [last, *earlier])


def _has_small(lines: Mapping[Span, float], threshold: int) -> bool:
    """Whether a count between two days that are known of is small, or what is left of one beside those within it."""
    known = dict(lines)
    for start in {day for span in lines for day in span}:
        known |= {(start, end): value for end, value in _places(start, lines).items() if end > start}
    return any(
        is_small(value, threshold) or is_small(value - _most_within(span, known), threshold)
        for span, value in known.items()
    )


def _most_within(whole: Span, known: Mapping[Span, float]) -> float:
    """The most that counts of periods that do not overlap make up of a whole."""
    inner = sorted((one for one in known if one != whole and whole[0] <= one[0] and one[1] <= whole[1]), key=_end)
    days, most = [whole[0]], [0.0]
    for first, last in inner:
        before = most[bisect_right(days, first) - 1]
        days.append(last)
        most.append(max(most[-1], before + known[first, last]))
    return most[-1]


def _end(span: Span) -> date:
    return span[1]


def _lines(key: str, told: Sequence[Telling]) -> dict[Span, float]:
    """What was told last of each period."""
    return {one.span: value for one in told if (value := one.value(key)) is not None}


def _places(start: date, lines: Mapping[Span, float]) -> dict[date, float]:
    """The days that lines connect with `start`, each with the count from there; negative where it lies before."""
    ways: dict[date, list[tuple[date, float]]] = defaultdict(list)
    for (first, last), value in lines.items():
        ways[first].append((last, value))
        ways[last].append((first, -value))
    found, queue = {start: 0.0}, [start]
    while queue:
        day = queue.pop()
        for other, value in _untrodden(ways[day], found):
            found[other] = found[day] + value
            queue.append(other)
    return found


def _untrodden(ways: Sequence[tuple[date, float]], found: Mapping[date, float]) -> Iterator[tuple[date, float]]:
    return ((day, value) for day, value in ways if day not in found)
