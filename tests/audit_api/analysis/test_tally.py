"""What audits add up to is the same however it came about: at once, by what came and went, or audit by audit."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from services.audit_api.analysis.groups import Group, Part, Tally

_GROUPS = [Group(date(2026, month, 1), unit, "case_audit", 1) for month in (9, 10, 11) for unit in ("a", "b")]
_FACTS = st.sampled_from([
    ("status", "submitted", ""), ("status", "closed", ""), ("grade", "outcomes_achieved", "good"),
    ("answer", "safer", "4"), ("answer", "safer", "5"), ("view", "child", "declined"), ("view", "child", ""),
    ("view", "parent_carer", "unsafe"), ("finding", "concern", ""), ("level", "partner", ""),
])  # fmt: skip
_KINDS = st.sampled_from(["strength", "concern"])
_COUNTS = st.dictionaries(_FACTS, st.integers(1, 7), max_size=6)
_TITLES = st.dictionaries(_KINDS, st.lists(st.sampled_from("klmnop"), min_size=1, max_size=6))


@st.composite
def parts(draw: st.DrawFn, group: Group) -> Part:
    counts = [[*fact, number] for fact, number in draw(_COUNTS).items()]
    return Part.read(group, (json.dumps(counts), json.dumps(draw(_TITLES))))


_YEARS = st.lists(st.sampled_from(_GROUPS), unique=True).flatmap(
    lambda groups: st.fixed_dictionaries({group: parts(group) for group in groups})
)


def _told(tally: Tally) -> object:
    return (
        tally.audits, tally.grades(), tally.answers(),
        {fact: tally.of(fact) for fact in ("status", "view", "finding", "level")},
        [tally.titles(kind, most) for kind in ("strength", "concern") for most in (1, 3, 30)],
    )  # fmt: skip


@given(st.lists(_YEARS, min_size=2, max_size=4), st.data())
def test_a_tally_that_was_changed_says_what_one_that_is_added_up_anew_says(
    years: list[dict[Group, Part]], data: st.DataObject
) -> None:
    tally = Tally(years[0].values())
    before = years[0]
    for year in years[1:]:
        # Most groups stay as they were from one reading to the next.
        stayed = {group: part for group, part in before.items() if data.draw(st.booleans())}
        now = year | stayed
        told = _told(tally)
        changed = tally.changed(now)
        assert _told(changed) == _told(Tally(now.values()))
        assert _told(tally) == told
        tally, before = changed, now


@given(parts(_GROUPS[0]), parts(_GROUPS[0]))
def test_audits_that_came_add_to_those_that_were_there(some: Part, others: Part) -> None:
    both = some.plus(others)
    assert dict(both.counts) == {
        fact: some.counts[fact] + others.counts[fact] for fact in some.counts.keys() | others.counts.keys()
    }
    kinds = some.titles.keys() | others.titles.keys()
    assert {kind: sorted(titles.elements()) for kind, titles in both.titles.items()} == {
        kind: sorted([*some.titles.get(kind, Counter()).elements(), *others.titles.get(kind, Counter()).elements()])
        for kind in kinds
    }


def test_the_most_frequent_titles_come_first_and_the_newest_of_those_as_frequent() -> None:
    newer, older = Group(date(2026, 11, 1), "a", "case_audit", 1), Group(date(2026, 9, 1), "a", "case_audit", 1)
    tally = Tally([
        Part.read(newer, ("[]", '{"concern": ["k", "m"]}')), Part.read(older, ("[]", '{"concern": ["k", "l", "a"]}')),
    ])  # fmt: skip
    assert tally.titles("concern", 30) == ["k", "m", "a", "l"]
    assert tally.titles("concern", 2) == ["k", "m"]
    assert tally.titles("strength", 2) == []
