"""A hidden number does not follow from two versions of a table, nor from the totals of two periods."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from services.reporting_api.differencing import Telling, tellable
from shared.suppression import is_small
from shared.suppression_sums import protect_list
from tests.indicator_api.small_numbers.attack import ranges

THRESHOLD = 5
MONTHS = [
    (date(2026, 4, 1), date(2026, 4, 30)),
    (date(2026, 5, 1), date(2026, 5, 31)),
    (date(2026, 6, 1), date(2026, 6, 30)),
]
QUARTER = (MONTHS[0][0], MONTHS[2][1])
TOTAL = "summary/all"
Counts = Mapping[str, int]


def telling(span: tuple[date, date], counts: Counts) -> Telling:
    """A list of parts with its total, as a protected copy tells it by itself."""
    keys = list(counts)
    parts, total = protect_list([counts[key] for key in keys], sum(counts.values()), threshold=THRESHOLD)
    cells: dict[str, float | None] = {k: None if hide else counts[k] for k, hide in zip(keys, parts, strict=True)}
    return Telling(*span, {**cells, TOTAL: None if total else sum(counts.values())})


class Reader:
    """Reads every copy, keeps them all, and solves for what is hidden."""

    def __init__(self, *, careless: bool = False) -> None:
        self.told: list[Telling] = []
        self.careless = careless
        self._rows: list[dict[Any, int]] = []
        self._counts: dict[Any, int] = {}
        self._not_nought: set[Any] = set()
        self.small: set[Any] = set()

    def read(self, span: tuple[date, date], atoms: Mapping[str, list[tuple[Any, int]]]) -> Telling:
        """What is told of a period whose counts are the sums of these atoms, each with a name that is the same for
        as long as its count is."""
        counts = {key: sum(count for _, count in parts) for key, parts in atoms.items()}
        new = telling(span, counts)
        keys = None if self.careless else tellable(new, self.told, THRESHOLD)
        if keys is not None:
            new = Telling(*span, {key: value if key in keys else None for key, value in new.cells.items()})
        self.told.append(new)
        told_in_part = any(value is not None for value in new.cells.values())
        every = [atom for parts in atoms.values() for atom in parts]
        for key, parts in [*atoms.items(), (TOTAL, every)]:
            self._counts.update(parts)
            if new.cells[key] is not None:
                self._rows.append({name: 1 for name, _ in parts})
                continue
            name = (key, span, len(self.told))
            self._counts[name] = sum(count for _, count in parts)
            self._rows.append({**{atom: 1 for atom, _ in parts}, name: -1})
            if told_in_part and key != TOTAL:
                self._not_nought.add(name)
            if key != TOTAL and is_small(self._counts[name], THRESHOLD):
                self.small.add(name)
        return new

    def found_out(self) -> dict[Any, tuple[Fraction, Fraction]]:
        """The small counts that are known to within the threshold.

        Whoever solves takes each count for at least 1; of one that may be nought for all that is known he is given one
        more, which leaves its range as wide as it is.
        """
        counts = {name: count + (name not in self._not_nought) for name, count in self._counts.items()}
        known = ranges(self._rows, counts)
        found = {name: (low, high) for name in self.small for low, high in [known[name]] if high is not None}
        return {name: (low, high) for name, (low, high) in found.items() if high - low <= THRESHOLD}


def named(month: int, counts: Counts, version: Mapping[str, int] | None = None) -> dict[str, list[tuple[Any, int]]]:
    return {key: [((month, key, (version or {}).get(key, 0)), count)] for key, count in counts.items()}


def together(*months: dict[str, list[tuple[Any, int]]]) -> dict[str, list[tuple[Any, int]]]:
    return {key: [atom for month in months for atom in month[key]] for key in months[0]}


APRIL = {"who/parents": 18, "who/children": 13, "who/staff": 3}
MAY = {"who/parents": 20, "who/children": 9, "who/staff": 8}
JUNE = {"who/parents": 12, "who/children": 8, "who/staff": 7}


@pytest.mark.parametrize("careless", [True, False])
def test_the_total_of_a_quarter_does_not_tell_the_month_that_was_hidden(careless: bool) -> None:
    reader = Reader(careless=careless)
    months = [named(at, counts) for at, counts in enumerate((APRIL, MAY, JUNE))]
    for span, month in zip(MONTHS, months, strict=True):
        reader.read(span, month)
    quarter = reader.read(QUARTER, together(*months))
    assert bool(reader.found_out()) is careless
    if not careless:
        assert quarter.cells == {"who/parents": 50, "who/children": None, "who/staff": None, TOTAL: 98}


@pytest.mark.parametrize("careless", [True, False])
@pytest.mark.parametrize("later", [{"who/staff": 2}, {"who/staff": 3, "who/parents": 19}, {"who/parents": 4}])
def test_a_corrected_version_does_not_tell_what_either_hides(careless: bool, later: Counts) -> None:
    first = {"who/parents": 18, "who/children": 13, "who/staff": 0}
    reader = Reader(careless=careless)
    reader.read(MONTHS[0], named(0, first))
    changed = dict.fromkeys(later, 1)
    second = reader.read(MONTHS[0], named(0, {**first, **later}, changed))
    assert bool(reader.found_out()) is careless
    if not careless:
        assert second.cells["who/children"] in (13, None)


def test_what_is_told_again_unchanged_or_hides_the_same_is_told_whole() -> None:
    first = telling(MONTHS[0], APRIL)
    assert tellable(first, [first], THRESHOLD) is None
    more = telling(MONTHS[0], {**APRIL, "who/parents": 19})
    assert more.hidden == first.hidden
    assert tellable(more, [first], THRESHOLD) is None
    assert tellable(telling(MONTHS[1], MAY), [first], THRESHOLD) is None


def test_what_is_left_of_a_quarter_that_was_told_first_is_not_small() -> None:
    quarter = telling(QUARTER, {"who/parents": 40, "who/staff": 20})
    assert tellable(telling(MONTHS[0], {"who/parents": 20, "who/staff": 10}), [quarter], THRESHOLD) is None
    assert tellable(telling(MONTHS[0], {"who/parents": 38, "who/staff": 10}), [quarter], THRESHOLD) == frozenset()
    # What stands at the end of a period adds up to nothing.
    stock = frozenset({"who/parents", TOTAL})
    assert tellable(telling(MONTHS[0], {"who/parents": 38, "who/staff": 10}), [quarter], THRESHOLD, stock) is None


def test_a_list_that_leaves_out_its_noughts_is_read_as_a_reader_reads_it() -> None:
    told = [telling(MONTHS[0], {"who/parents": 18}), telling(MONTHS[1], {"who/parents": 9, "who/staff": 8})]
    assert tellable(telling(QUARTER, {"who/parents": 40, "who/staff": 11}), told, THRESHOLD) == frozenset()
    assert tellable(telling(QUARTER, {"who/parents": 40, "who/staff": 16}), told, THRESHOLD) is None


def _story(seed: int, careless: bool) -> Reader:
    """Months, the quarter and corrections told in any order, each count from none to many."""
    chance = random.Random(seed)
    keys = [f"who/{name}" for name in "abcd"[: chance.randint(2, 4)]]
    sizes = [0, 0, 1, 2, 3, 5, 6, 7, 9, 12, 20, 40]
    truth = [{key: chance.choice(sizes) for key in keys} for _ in MONTHS]
    versions: list[dict[str, int]] = [dict.fromkeys(keys, 0) for _ in MONTHS]
    reader = Reader(careless=careless)
    for _ in range(chance.randint(3, 6)):
        at = chance.randint(0, 3)
        if chance.random() < 0.3:
            month, key = chance.randint(0, 2), chance.choice(keys)
            truth[month][key], versions[month][key] = chance.choice(sizes), versions[month][key] + 1
        months = [named(one, truth[one], versions[one]) for one in range(3)]
        reader.read(QUARTER if at == 3 else MONTHS[at], together(*months) if at == 3 else months[at])
    return reader


@pytest.mark.parametrize("block", range(3))
def test_a_reader_of_everything_finds_no_hidden_number_by_linear_programming(block: int) -> None:
    found = {seed: out for seed in range(block * 25, block * 25 + 25) if (out := _story(seed, False).found_out())}
    assert found == {}


def test_the_same_reader_does_find_them_where_each_copy_is_protected_by_itself() -> None:
    assert sum(bool(_story(seed, True).found_out()) for seed in range(25)) > 3
