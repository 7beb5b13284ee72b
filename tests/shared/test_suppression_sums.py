"""What the sums of a table would give away is hidden too (METHODS 2.11, point 3)."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.suppression import is_small
from shared.suppression_sums import Sum, hidden_in_sums, protect_list, protect_table

counts = st.one_of(st.integers(0, 7), st.integers(0, 200))
tables = st.tuples(st.integers(1, 4), st.integers(1, 4)).flatmap(
    lambda size: st.lists(st.lists(counts, min_size=size[1], max_size=size[1]), min_size=size[0], max_size=size[0])
)


def margins(cells: list[list[int]]) -> tuple[list[int], list[int], int]:
    rows, columns = [sum(row) for row in cells], [sum(column) for column in zip(*cells, strict=True)]
    return rows, columns, sum(rows)


def test_a_lone_small_count_takes_the_next_smallest_with_it() -> None:
    assert protect_list([3, 40, 20, 0], 63) == ([True, False, True, False], False)


def test_two_small_counts_of_enough_together_need_no_third() -> None:
    assert protect_list([4, 5, 30, 12], 51) == ([True, True, False, False], False)


def test_two_small_counts_that_add_up_to_little_take_a_third() -> None:
    assert protect_list([1, 1, 30, 12], 44) == ([True, True, False, True], False)


def test_a_nought_is_never_hidden() -> None:
    assert protect_list([3, 0, 0], 3) == ([True, False, False], True)


def test_nothing_is_hidden_where_nothing_is_small() -> None:
    assert protect_list([6, 0, 30], 36) == ([False, False, False], False)


def test_a_total_that_is_not_published_gives_nothing_away() -> None:
    assert protect_list([3, 40, 20], None) == ([True, False, False], False)


def test_the_total_is_hidden_where_no_other_part_is_left() -> None:
    sums = [Sum("all", ("boys", "girls"))]
    found = hidden_in_sums({"boys": 0, "girls": 30, "all": 30}, sums, also={"girls"})
    assert found == {"girls", "all"}


def test_an_official_figure_is_never_hidden() -> None:
    sums = [Sum("all", ("a", "b", "c"))]
    found = hidden_in_sums({"a": 2, "b": 9, "c": 30, "all": 41}, sums, official={"b", "all"})
    assert found == {"a", "c"}


def test_a_margin_that_follows_from_the_other_margins_is_covered_as_if_it_were_published() -> None:
    cells = {("a", "x"): 3, ("a", "y"): 40, ("b", "x"): 20, ("b", "y"): 50}
    margins = {("a", "all"): 43, ("b", "all"): 70, ("all", "y"): 90, ("all", "all"): 113}
    sums = [Sum((row, "all"), ((row, "x"), (row, "y"))) for row in ("a", "b", "all")]
    sums += [Sum(("all", column), (("a", column), ("b", column))) for column in ("x", "y", "all")]
    assert hidden_in_sums({**cells, **margins}, sums) == set(cells)


def test_a_missing_part_is_neither_hidden_nor_taken_for_cover() -> None:
    assert protect_list([3, None, 20, 40], 63) == ([True, False, True, False], False)


def test_a_table_is_covered_along_its_rows_and_columns() -> None:
    cells = [[2, 30, 40], [50, 60, 70], [80, 90, 100]]
    mask = protect_table(cells, *margins(cells))
    assert [place for row in mask for place in row].count(True) == 4
    assert mask[0][0]
    assert mask[0][1]
    assert not any(row[3] for row in mask)
    assert not any(mask[3])


def test_two_squares_joined_by_one_hidden_cell_do_not_give_that_cell_away() -> None:
    # Every row and column hides two or more, yet the cell that joins the squares would follow by subtraction.
    cells = [[9, 9, 50, 50], [9, 9, 9, 50], [50, 50, 9, 9], [50, 50, 9, 9]]
    keys = {(r, c): count for r, row in enumerate(cells) for c, count in enumerate(row)}
    rows, columns, whole = margins(cells)
    keys |= {(r, 4): total for r, total in enumerate(rows)} | {(4, c): total for c, total in enumerate(columns)}
    keys[4, 4] = whole
    sums = [Sum((r, 4), tuple((r, c) for c in range(4))) for r in range(5)]
    sums += [Sum((4, c), tuple((r, c) for r in range(4))) for c in range(5)]
    joined = {key for key, count in keys.items() if count == 9}
    assert hidden_in_sums(keys, sums, also=joined) > joined


def test_a_tree_is_covered_at_each_level() -> None:
    sums = [Sum("service", ("north", "south")), Sum("council", ("service", "other"))]
    numbers = {"north": 3, "south": 30, "service": 33, "other": 50, "council": 83}
    assert hidden_in_sums(numbers, sums) == {"north", "south"}


def test_sums_that_make_no_table_are_refused() -> None:
    numbers = dict.fromkeys("abcxyz", 9)
    with pytest.raises(ValueError, match="table or tree"):
        hidden_in_sums(numbers, [Sum("x", ("a",)), Sum("y", ("a",)), Sum("z", ("a",))])
    with pytest.raises(ValueError, match="table or tree"):
        hidden_in_sums(numbers, [Sum("x", ("a", "b")), Sum("y", ("b", "c")), Sum("z", ("a", "c"))])


@given(st.lists(counts, min_size=1, max_size=6))
def test_a_reader_of_a_list_is_left_with_a_range_wider_than_the_threshold(parts: list[int]) -> None:
    mask, total_hidden = protect_list(parts, sum(parts))
    hidden = [part for part, out in zip(parts, mask, strict=True) if out]
    assert all(out for part, out in zip(parts, mask, strict=True) if is_small(part))
    if hidden and not total_hidden:
        assert len(hidden) >= 2
        # Each of the others is at least 1, so none can exceed what is left; all begin at 1.
        assert sum(hidden) - len(hidden) > 5


@given(tables)
def test_each_sum_of_a_table_hides_none_or_at_least_two(cells: list[list[int]]) -> None:
    mask = protect_table(cells, *margins(cells))
    for line in [*mask, *zip(*mask, strict=True)]:
        assert sum(line) != 1


@given(tables)
def test_every_small_count_is_hidden_and_no_nought(cells: list[list[int]]) -> None:
    rows, columns, whole = margins(cells)
    mask = protect_table(cells, rows, columns, whole)
    figures = [[*row, total] for row, total in zip(cells, rows, strict=True)] + [[*columns, whole]]
    for row, out in zip(figures, mask, strict=True):
        for count, hidden in zip(row, out, strict=True):
            assert hidden or not is_small(count)
            assert count or not hidden


@given(tables)
def test_no_hidden_figure_of_a_table_follows_from_the_others(cells: list[list[int]]) -> None:
    mask = protect_table(cells, *margins(cells))
    places = [(r, c) for r, row in enumerate(mask) for c, out in enumerate(row) if out]
    last = len(mask) - 1, len(mask[0]) - 1
    lines = [[(r, c) for c in range(last[1] + 1)] for r in range(last[0] + 1)]
    lines += [[(r, c) for r in range(last[0] + 1)] for c in range(last[1] + 1)]
    equations = [[Fraction(place in line) * _sign(place, line) for place in places] for line in lines]
    for solved in _reduced(equations):
        assert sum(1 for coefficient in solved if coefficient) != 1


def test_a_small_table_leaves_the_range_an_exhaustive_reader_finds() -> None:
    for cells in ([[1, 1], [1, 9]], [[2, 3], [4, 12]], [[1, 7], [7, 7]]):
        rows, columns, whole = margins(cells)
        mask = protect_table(cells, rows, columns, whole)
        fitting = _tables_that_fit(cells, rows, columns, whole, mask)
        for r, c in product(range(2), range(2)):
            if mask[r][c]:
                possible = {table[r][c] for table in fitting}
                assert max(possible) - min(possible) > 5


def _tables_that_fit(
    cells: list[list[int]], rows: list[int], columns: list[int], whole: int, mask: list[list[bool]]
) -> list[list[list[int]]]:
    fitting = []
    span = [range(1, 25) if mask[r][c] else [cells[r][c]] for r in range(2) for c in range(2)]
    for a, b, c, d in product(*span):
        sums = [[a + b, c + d], [a + c, b + d]]
        across = all(mask[r][2] or sums[0][r] == rows[r] for r in range(2))
        down = all(mask[2][k] or sums[1][k] == columns[k] for k in range(2))
        if across and down and (mask[2][2] or a + b + c + d == whole):
            fitting.append([[a, b], [c, d]])
    return fitting


def _sign(place: tuple[int, int], line: list[tuple[int, int]]) -> int:
    return -1 if place == line[-1] else 1


def _reduced(rows: list[list[Fraction]]) -> list[list[Fraction]]:
    """Gauss-Jordan elimination: a figure that follows from the others is left alone in a row."""
    rows, done = [row[:] for row in rows], 0
    for column in range(len(rows[0])):
        pivot = next((place for place in range(done, len(rows)) if rows[place][column]), None)
        if pivot is None:
            continue
        rows[done], rows[pivot] = rows[pivot], rows[done]
        rows[done] = [value / rows[done][column] for value in rows[done]]
        for place, row in enumerate(rows):
            if place != done and row[column]:
                by = row[column]
                rows[place] = [value - by * own for value, own in zip(row, rows[done], strict=True)]
        done += 1
    return rows
