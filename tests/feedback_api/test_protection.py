"""What is hidden of small numbers, and that what is shown does not give it away."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from services.feedback_api.protection import Open, Shield

WHOLE = Shield(5)
PARTS = some.dictionaries(some.sampled_from("abcdef"), some.integers(0, 12), min_size=1)


def test_a_small_part_is_hidden_together_with_the_next_smallest() -> None:
    total, (shown,) = WHOLE.lists(40, {"one": {"a": 3, "b": 0, "c": 10, "d": 27}})
    assert (total, shown) == (40, {"a": None, "b": 0, "c": None, "d": 27})


def test_a_total_is_not_shown_as_the_only_part_of_another_breakdown() -> None:
    total, (_, other) = WHOLE.lists(6, {"one": {"a": 3, "b": 3}, "other": {"x": 6, "y": 0}})
    assert (total, other["x"]) == (None, None)


def test_a_count_whose_rest_is_small_is_hidden() -> None:
    assert WHOLE.one(38, 40) is None
    assert WHOLE.one(40, 40) == 40
    assert WHOLE.one(30, 40) == 30


@pytest.mark.parametrize(
    ("given", "points", "tells"),
    [
        (6, 29, True), (9, 38, True), (9, 37, False), (9, 12, True), (6, 30, False), (9, 9, False), (20, 60, False),
        (20, 28, False),
    ],
)  # fmt: skip
def test_a_mean_that_tells_how_few_gave_another_rating_than_the_best_or_the_worst_is_known(
    given: int, points: int, tells: bool
) -> None:
    assert WHOLE.gives_away(given, points) is tells
    assert not Open().gives_away(given, points)


def test_whoever_may_see_true_figures_does() -> None:
    assert Open().lists(3, {"one": {"a": 3}}) == (3, [{"a": 3}])
    assert Open().one(1, 2) == 1


@given(parts=PARTS)
def test_no_small_number_is_shown_or_follows_from_the_total(parts: dict[str, int]) -> None:
    total, (shown,) = WHOLE.lists(sum(parts.values()), {"one": parts})
    hidden = [parts[code] for code, count in shown.items() if count is None]
    assert all(count is None or count == 0 or count > 5 for count in [total, *shown.values()])
    assert all(shown[code] in (None, count) for code, count in parts.items())
    if total is not None:
        assert len(hidden) != 1
        assert not hidden or sum(hidden) > 5


@given(lists=some.lists(PARTS, min_size=2, max_size=3), total=some.integers(1, 30))
def test_a_hidden_total_cannot_be_added_up_from_any_breakdown(lists: list[dict[str, int]], total: int) -> None:
    whole = [parts | {"rest": max(0, total - sum(parts.values()))} for parts in lists]
    same = [parts for parts in whole if sum(parts.values()) == total]
    shown_total, shown = WHOLE.lists(total, {str(place): parts for place, parts in enumerate(same)})
    if shown_total is None:
        assert all(None in parts.values() for parts in shown)
