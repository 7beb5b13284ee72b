"""What is hidden with the small figures, tried by an attacker who solves all sums of all states exactly."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.indicator_api.small_numbers.cover import hidden_in_last
from services.indicator_api.small_numbers.figures import Figure, State
from services.indicator_api.small_numbers.ranges import too_narrow
from services.indicator_api.small_numbers.sums import Key, Tree, sums_of
from shared.suppression import is_small
from tests.indicator_api.small_numbers.attack import ranges

counts = st.one_of(st.integers(0, 7), st.integers(0, 60))
COUNCIL = Tree(
    (
        ("E06000059", ("council",)),
        ("council", ("north", "south")),
        ("north", ("n1", "n2", "n3")),
        ("south", ("s1", "s2")),
    )
)
TEAMS = ("n1", "n2", "n3", "s1", "s2")


def figure(count: int | None, *, official: bool = False) -> Figure:
    small = not official and is_small(count)
    return Figure((count,), small=small, official=official, withheld=count is None)


def hidden(*states: dict[str, int | None], official: Sequence[str] = ()) -> list[str]:
    """What is hidden in the last of the states of an area `all` with parts, or of units."""
    tree = Tree((("all", ("a", "b", "c", "d")),))
    given = [{(k, ""): figure(n, official=k in official) for k, n in state.items()} for state in states]
    return sorted(area for area, _ in hidden_in_last(given, lambda keys: sums_of(keys, tree)))


def test_a_parents_22_and_a_teams_20_do_not_give_the_other_teams_2() -> None:
    assert hidden({"all": 22, "a": 20, "b": 2}) == ["a", "b"]


def test_two_small_teams_are_cover_enough_only_if_their_sum_is() -> None:
    assert hidden({"all": 49, "a": 20, "b": 5, "c": 24}) == ["a", "b"]
    assert hidden({"all": 25, "a": 16, "b": 5, "c": 4}) == ["b", "c"]
    assert hidden({"all": 19, "a": 16, "b": 1, "c": 2}) == ["a", "b", "c"]


def test_what_an_official_body_published_stays_and_more_is_hidden_below() -> None:
    assert hidden({"all": 22, "a": 20, "b": 2}, official=["all"]) == ["a", "b"]
    assert hidden({"all": 2, "b": 2}, official=["all"]) == ["b"]


def test_a_figure_that_came_hidden_does_not_follow_from_the_others() -> None:
    assert hidden({"all": 22, "a": 20, "b": None}) == ["a", "all"]
    assert hidden({"all": 90, "a": 20, "b": None, "c": None, "d": 30}) == []
    assert hidden({"all": 56, "a": 20, "b": None, "c": None, "d": 30})[:1] == ["a"]


def test_a_sum_that_does_not_add_up_protects_nobody() -> None:
    assert hidden({"all": 100, "a": 20, "b": 2}) == ["a", "b"]
    assert hidden({"all": 10, "a": 20, "b": 2}) == ["a", "b"]


def test_a_figure_that_changed_by_a_few_is_hidden_until_a_later_change_clears_it() -> None:
    first, second = {"all": 40, "a": 20, "b": 20}, {"all": 42, "a": 20, "b": 22}
    assert hidden(first, second) == ["all", "b"]
    assert hidden(first, second, {"all": 60, "a": 20, "b": 40}) == []
    assert hidden(first, second, {"all": 44, "a": 20, "b": 24}) == ["all", "b"]
    assert hidden(first, second, first) == []


def test_what_was_shown_before_is_no_cover_for_what_is_hidden_now() -> None:
    assert hidden({"all": 40, "a": 20, "b": 20}, {"all": 23, "a": 20, "b": 3}) == ["all", "b"]


def test_what_covered_a_small_figure_stays_hidden_when_that_has_grown() -> None:
    before = {"all": 45, "a": 20, "b": 3, "c": 22}
    assert hidden(before) == ["a", "b"]
    assert "a" in hidden(before, {"all": 95, "a": 20, "b": 53, "c": 22})


def test_a_version_that_stood_for_a_minute_counts_as_read() -> None:
    assert hidden({"all": 90, "a": 20}, {"all": 90, "a": 200}, {"all": 90, "a": 23}) == ["a", "all"]


def test_where_it_is_too_late_for_earlier_readers_those_of_today_are_protected() -> None:
    assert hidden({"all": 22, "a": 20}, {"all": 22, "a": 20, "b": 2}) == ["a", "b"]


def _rows(states: Sequence[State[Key]], tree: Tree, masks: Sequence[frozenset[Key]]) -> tuple[list, dict]:  # type: ignore[type-arg]
    """The sums of every state over what was shown in none of them."""
    shown = {
        (key, figure.counts)
        for state, mask in zip(states, masks, strict=True)
        for key, figure in state.items()
        if key not in mask
    }
    rows, values = [], {}
    for state in states:
        for one in sums_of(state, tree):
            row = {}
            for sign, keys in ((-1, (one.total,)), (1, one.parts)):
                for key in keys:
                    version = (key, state[key].counts)
                    if version not in shown:
                        row[version] = sign
                        values[version] = state[key].counts[0]
            if row:
                rows.append(row)
    return rows, values


def assert_safe(states: Sequence[State[Key]], tree: Tree) -> None:
    """No small figure is shown, and none that is hidden has a range of 5 or less for who read every state."""
    masks = [hidden_in_last(states[: place + 1], lambda keys: sums_of(keys, tree)) for place in range(len(states))]
    for state, mask in zip(states, masks, strict=True):
        assert all(key in mask for key, figure in state.items() if figure.small)
        assert all(state[key].counts[0] or len(states) > 1 for key in mask)
    rows, values = _rows(states, tree, masks)
    for version, (low, high) in ranges(rows, values).items():
        if high is not None and high - low <= 5 and values[version]:
            last, mask = states[-1], masks[-1]
            # Only where nothing was left to hide: all that has not been shown before is hidden, or 0, or published.
            seen = {
                (key, one.counts)
                for state, m in zip(states[:-1], masks[:-1], strict=True)
                for key, one in state.items()
                if key not in m
            }
            left = [
                key
                for key, one in last.items()
                if key not in mask and one.counts[0] and not one.official and (key, one.counts) not in seen
            ]
            assert not left or not _touches(version[0], left, last, tree), (version, low, high, left)


def _touches(key: Key, left: Sequence[Key], state: State[Key], tree: Tree) -> bool:
    """Whether one of the keys left stands in a sum with it, through others or at once."""
    reached = {key}
    while True:
        wider = {
            other
            for one in sums_of(state, tree)
            for members in [{one.total, *one.parts}]
            if members & reached
            for other in members
        } | reached
        if wider == reached:
            return bool(reached & set(left))
        reached = wider


def table(cells: dict[tuple[str, str], int], *, official: bool) -> dict[Key, Figure]:
    """Teams by kind, with every total up the tree and across."""
    found: dict[Key, int] = {}
    kinds = sorted({kind for _, kind in cells})
    for kind in [*kinds, ""]:
        own = {team: sum(n for (t, k), n in cells.items() if t == team and kind in ("", k)) for team in TEAMS}
        north = sum(n for team, n in own.items() if team[0] == "n")
        south = sum(n for team, n in own.items() if team[0] == "s")
        every = own | {"north": north, "south": south, "council": north + south, "E06000059": north + south}
        found |= {(area, f"kind={kind}" if kind else ""): n for area, n in every.items()}
    return {key: figure(n, official=official and key == ("E06000059", "")) for key, n in found.items()}


@settings(deadline=None, max_examples=60)
@given(st.lists(counts, min_size=5, max_size=5), st.booleans())
def test_no_hidden_count_of_a_tree_of_units_can_be_pinned_down(numbers: list[int], official: bool) -> None:
    cells = {(team, "x"): n for team, n in zip(TEAMS, numbers, strict=True)}
    state = {key: one for key, one in table(cells, official=official).items() if not key[1]}
    assert_safe([state], COUNCIL)


@settings(deadline=None, max_examples=25)
@given(st.lists(counts, min_size=10, max_size=10), st.booleans())
def test_no_hidden_count_of_units_by_kind_can_be_pinned_down(numbers: list[int], official: bool) -> None:
    cells = {(team, kind): numbers[at * 2 + by] for at, team in enumerate(TEAMS) for by, kind in enumerate("xy")}
    assert_safe([table(cells, official=official)], COUNCIL)


@settings(deadline=None, max_examples=25)
@given(st.lists(st.lists(counts, min_size=5, max_size=5), min_size=2, max_size=3), st.data())
def test_no_hidden_count_can_be_pinned_down_by_who_read_every_version(
    given: list[list[int]], data: st.DataObject
) -> None:
    numbers, states = given[0], []
    for later in given:
        changed = data.draw(st.sets(st.integers(0, 4), max_size=2))
        numbers = [later[at] if at in changed else n for at, n in enumerate(numbers)]
        cells = {(team, "x"): n for team, n in zip(TEAMS, numbers, strict=True)}
        states.append({key: one for key, one in table(cells, official=False).items() if not key[1]})
    assert_safe(states, COUNCIL)


@pytest.mark.parametrize("seed", range(4))
def test_larger_tables_stay_safe(seed: int) -> None:
    draw = random.Random(seed)
    cells = {(team, kind): draw.choice([0, 1, 2, 3, 5, 9, 14, 30, 80]) for team in TEAMS for kind in "vwxyz"}
    state = table(cells, official=bool(seed % 2))
    mask = hidden_in_last([state], lambda keys: sums_of(keys, COUNCIL))
    rows, values = _rows([state], COUNCIL, [mask])
    assert all(n > 5 or n == 0 for key, one in state.items() if key not in mask for n in one.counts if not one.official)
    found = ranges(rows, values)
    assert all(high is None or high - low > 5 for version, (low, high) in found.items() if values[version])


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.lists(st.sampled_from([-1, 0, 1]), min_size=6, max_size=6), min_size=1, max_size=4),
    st.lists(st.integers(0, 12), min_size=6, max_size=6),
)
def test_the_ranges_are_those_an_exact_solver_finds(signs: list[list[int]], numbers: list[int]) -> None:
    rows = [{at: sign for at, sign in enumerate(row) if sign} for row in signs if sum(map(abs, row)) > 1]
    used = {at for row in rows for at in row}
    values = {at: n for at, n in enumerate(numbers) if at in used}
    exact = ranges(rows, values) if rows else {}
    narrow = [at for at, (low, high) in exact.items() if high is not None and high - low <= 5]
    assert too_narrow(rows, values, 5) == narrow


@settings(deadline=None, max_examples=20)
@given(st.lists(counts, min_size=8, max_size=8))
def test_no_hidden_count_of_two_teams_by_two_breakdowns_can_be_pinned_down(numbers: list[int]) -> None:
    tree = Tree((("south", ("s1", "s2")),))
    found: dict[Key, int] = defaultdict(int)
    for at, n in enumerate(numbers):
        sex, kind = f"a={at & 1}", f"b={at >> 1 & 1}"
        for area in ("south", f"s{1 + (at >> 2)}"):
            for breakdown in ("", sex, kind, f"{sex};{kind}"):
                found[area, breakdown] += n
    sums = sums_of(found, tree)
    assert all(found[one.total] == sum(found[part] for part in one.parts) for one in sums)
    assert_safe([{key: figure(n) for key, n in found.items()}], tree)


@settings(deadline=None, max_examples=25)
@given(st.lists(st.tuples(counts, counts), min_size=5, max_size=5))
def test_neither_those_counted_nor_the_rest_of_a_share_can_be_pinned_down(shares: list[tuple[int, int]]) -> None:
    sides = [
        table({(team, "x"): one[side] for team, one in zip(TEAMS, shares, strict=True)}, official=False)
        for side in (0, 1)
    ]
    state = {}
    for key in (key for key in sides[0] if not key[1]):
        n, rest = (side[key].counts[0] for side in sides)
        state[key] = Figure((n, rest), small=is_small(n) or is_small(rest) or is_small(n + rest))
    mask = hidden_in_last([state], lambda keys: sums_of(keys, COUNCIL))
    assert all(key in mask for key, one in state.items() if one.small)
    for quantity in (0, 1):
        one_side = {key: Figure((one.counts[quantity],)) for key, one in state.items()}
        rows, values = _rows([one_side], COUNCIL, [mask])
        for version, (low, high) in ranges(rows, values).items():
            pinned = high is not None and high - low <= 5 and values[version]
            # Where all of the side are hidden, or nought, no more can be.
            assert not pinned or all(key in mask for key, one in one_side.items() if one.counts[0])


def test_a_breakdown_of_many_parts_takes_no_longer_than_one_of_few() -> None:
    parts = [f"d{at:02}=x" for at in range(25)]
    keys = {("all", ";".join(parts[:count])) for count in (0, 1, 2, 23, 24, 25)}
    assert len(sums_of(keys, Tree(()))) >= 5


def test_a_unit_named_in_a_breakdown_is_the_unit_itself() -> None:
    keys = {("E06000059", ""), ("E06000059", "unit=north"), ("E06000059", "unit=n1"), ("n1", ""), ("n2", "")}
    found = {(one.total, one.parts) for one in sums_of(keys, COUNCIL, {"unit"})}
    assert found == {
        # Neither the team within the service nor the service's own figure, which nobody stored, is counted twice.
        (("E06000059", ""), (("E06000059", "unit=north"),)),
        (("E06000059", ""), (("n1", ""), ("n2", ""))),
        (("E06000059", "unit=north"), (("E06000059", "unit=n1"),)),
        (("E06000059", "unit=north"), (("n1", ""), ("n2", ""))),
        (("E06000059", "unit=n1"), (("n1", ""),)),
    }
