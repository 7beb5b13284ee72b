"""The draw as a function of pool and seed: the same for everybody, fair to every case, true to the shares."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from services.audit_api.selection.drawing import Candidate, digest, draw, following, in_order, pool_hash, shares

REFERENCES = st.lists(st.from_regex(r"[A-Z]{2}-[0-9]{3,6}", fullmatch=True), unique=True, min_size=1, max_size=40)
SEEDS = st.from_regex(r"[A-Za-z0-9._-]{1,64}", fullmatch=True)
SIZES = st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 500), min_size=1)
WEIGHTS = st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 100))


def pool_of(references: Sequence[str]) -> list[Candidate]:
    return [Candidate(one, "abc"[len(one) % 3]) for one in references]


@given(REFERENCES, SEEDS, st.randoms(use_true_random=False), st.integers(1, 40))
def test_the_draw_depends_on_pool_and_seed_and_on_no_order(references, seed, random, count) -> None:  # type: ignore[no-untyped-def]
    shuffled = list(references)
    random.shuffle(shuffled)
    assert draw(seed, pool_of(references), count, {}) == draw(seed, pool_of(shuffled), count, {})
    assert pool_hash(pool_of(references)) == pool_hash(pool_of(shuffled))


@given(REFERENCES, SEEDS, st.integers(1, 40))
def test_without_strata_the_first_of_the_order_are_drawn(references: list[str], seed: str, count: int) -> None:
    pool = [Candidate(one, "") for one in references]
    drawn, (stratum,) = draw(seed, pool, count, {})
    expected = sorted(references, key=lambda one: hashlib.sha256(f"{seed}:{one}".encode()).hexdigest())
    assert [one.case_reference for one in drawn] == expected[:count]
    assert (stratum.cases, stratum.places) == (len(references), min(count, len(references)))
    after = following(seed, pool, "", {one.case_reference for one in drawn})
    assert [one.case_reference for one in [*drawn, *after]] == expected


@given(SIZES, st.integers(0, 900), WEIGHTS)
def test_the_places_add_up_and_no_stratum_gets_more_than_it_has(
    sizes: dict[str, int], count: int, weights: dict[str, int]
) -> None:
    places = shares(sizes, count, weights)
    assert places.keys() == sizes.keys()
    assert sum(places.values()) == min(count, sum(sizes.values()))
    assert all(0 <= places[name] <= sizes[name] for name in sizes)


@given(SIZES, st.integers(1, 900))
def test_without_weights_each_share_is_the_proportion_rounded_up_or_down(sizes: dict[str, int], count: int) -> None:
    total = sum(sizes.values())
    count = min(count, total)
    for name, places in shares(sizes, count, {}).items():
        assert abs(places * total - count * sizes[name]) < total


def test_the_largest_remainders_get_what_is_left() -> None:
    assert shares({"a": 60, "b": 30, "c": 10}, 7, {}) == {"a": 4, "b": 2, "c": 1}
    assert shares({"a": 5, "b": 5}, 3, {}) == {"a": 2, "b": 1}
    assert shares({"a": 60, "b": 30}, 6, {"b": 4}) == {"a": 2, "b": 4}
    assert shares({"a": 2, "b": 100}, 10, {"a": 100}) == {"a": 2, "b": 8}


def test_every_case_has_the_same_chance() -> None:
    pool = [Candidate(f"SYN-{number:04}", "") for number in range(20)]
    draws = 20_000
    drawn = Counter(draw(f"seed-{seed}", pool, 1, {})[0][0].case_reference for seed in range(draws))
    expected = draws / len(pool)
    chi_square = sum((drawn[one.case_reference] - expected) ** 2 / expected for one in pool)
    # 19 degrees of freedom: above 43.8 once in a thousand. The seeds are fixed, so it never varies.
    assert chi_square < 43.8


def test_every_case_of_a_stratum_has_the_chance_of_its_share() -> None:
    pool = [Candidate(f"SYN-{number:04}", "a" if number < 12 else "b") for number in range(18)]
    draws = 4_000
    drawn = Counter(one.case_reference for seed in range(draws) for one in draw(f"seed-{seed}", pool, 3, {})[0])
    expected = draws * 3 / len(pool)
    assert sum((drawn[one.case_reference] - expected) ** 2 / expected for one in pool) < 40.8


def test_a_lot_is_what_any_other_program_computes() -> None:
    assert digest("csdg-2026-11", "CMS-204417") == hashlib.sha256(b"csdg-2026-11:CMS-204417").hexdigest()
    assert [one.case_reference for one in in_order("s", [Candidate("B-2", ""), Candidate("A-1", "")])] == sorted(
        ["B-2", "A-1"], key=lambda one: digest("s", one)
    )
    assert pool_hash([Candidate("B-2", "x"), Candidate("A-1", "")]) == hashlib.sha256(b"A-1\t\nB-2\tx\n").digest()
