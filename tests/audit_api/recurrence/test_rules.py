"""Which themes recur: pure functions."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from services.audit_api.recurrence.rules import Counted, Place, alerts_of, place_of
from shared.schemas.framework.recurrences import RecurrenceFindings, RecurrenceLevel, RecurrenceRule

TREE = {
    "council": Place(None, "council", "Council"),
    "north": Place("council", "service", "North"),
    "south": Place("council", "service", "South"),
    "n1": Place("north", "team", "N1"),
    "n2": Place("north", "team", "N2"),
    "s1": Place("south", "team", "S1"),
}
DAY = date(2026, 11, 30)
SCOPES = {"delay": "national", "plans": "local"}


def _rule(level: str, audits: int = 3, findings: str = "to_improve") -> RecurrenceRule:
    return RecurrenceRule(
        code="rule",
        name="Rule",
        level=RecurrenceLevel(level),
        findings=RecurrenceFindings(findings),
        audits=audits,
    )


counted = st.builds(
    Counted,
    theme=st.sampled_from(sorted(SCOPES)),
    unit=st.sampled_from(["n1", "n2", "s1"]),
    strength=st.booleans(),
    audits=st.integers(1, 5),
)
counts = st.lists(counted, unique_by=lambda one: (one.theme, one.unit, one.strength), max_size=12)


def test_a_unit_is_counted_at_its_service_and_at_the_top() -> None:
    assert place_of(TREE, "n1", RecurrenceLevel.unit, DAY) == "n1"
    assert place_of(TREE, "n1", RecurrenceLevel.service, DAY) == "north"
    assert place_of(TREE, "n1", RecurrenceLevel.organisation, DAY) == "council"
    assert place_of(TREE, "council", RecurrenceLevel.service, DAY) is None


def test_a_team_that_was_merged_is_counted_with_the_one_it_became_and_one_that_was_split_by_itself() -> None:
    last = date(2026, 11, 10)
    tree = TREE | {
        "n1": Place("north", "team", "N1", last, "n2"), "n0": Place("north", "team", "N0", date(2026, 5, 1), "n1"),
        "split": Place("north", "team", "Split", last),
    }  # fmt: skip
    on = {one: place_of(tree, one, RecurrenceLevel.unit, DAY) for one in ("n0", "n1", "n2", "split")}
    assert on == {"n0": "n2", "n1": "n2", "n2": "n2", "split": "split"}
    # On its last day it is there still.
    assert [place_of(tree, one, RecurrenceLevel.unit, last) for one in ("n0", "n1")] == ["n1", "n1"]
    found = [Counted("delay", "n1", False, 2), Counted("delay", "n2", False, 1)]
    (alert,) = alerts_of(_rule("unit"), found, tree, SCOPES, DAY)
    assert (alert.place, alert.audits, alert.units) == ("n2", 3, (("n1", 2), ("n2", 1)))
    assert alerts_of(_rule("unit"), found, tree, SCOPES, last) == []


@given(counts, st.integers(2, 8))
def test_R43_a_wider_place_recurs_wherever_a_part_of_it_does(found: list[Counted], needed: int) -> None:
    narrow = {(one.theme, "council") for one in alerts_of(_rule("service", needed), found, TREE, SCOPES, DAY)}
    wide = {(one.theme, one.place) for one in alerts_of(_rule("organisation", needed), found, TREE, SCOPES, DAY)}
    assert narrow <= wide


@given(counts, st.randoms())
def test_R43_the_order_of_counting_changes_nothing(found: list[Counted], random: object) -> None:
    mixed = found.copy()
    random.shuffle(mixed)  # type: ignore[attr-defined]
    rule = _rule("service")
    assert alerts_of(rule, mixed, TREE, SCOPES, DAY) == alerts_of(rule, found, TREE, SCOPES, DAY)


@given(counts)
def test_R43_strengths_never_raise_a_concern(found: list[Counted]) -> None:
    only = [one for one in found if one.strength]
    assert alerts_of(_rule("organisation", 2), only, TREE, SCOPES, DAY) == []
    good = alerts_of(_rule("organisation", 2, "strengths"), found, TREE, SCOPES, DAY)
    assert sum(one.audits for one in good) <= sum(one.audits for one in only)
