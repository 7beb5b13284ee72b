"""Which themes recur: pure functions."""

from __future__ import annotations

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
    assert place_of(TREE, "n1", RecurrenceLevel.unit) == "n1"
    assert place_of(TREE, "n1", RecurrenceLevel.service) == "north"
    assert place_of(TREE, "n1", RecurrenceLevel.organisation) == "council"
    assert place_of(TREE, "council", RecurrenceLevel.service) is None


@given(counts, st.integers(2, 8))
def test_R43_a_wider_place_recurs_wherever_a_part_of_it_does(found: list[Counted], needed: int) -> None:
    narrow = {(one.theme, "council") for one in alerts_of(_rule("service", needed), found, TREE, SCOPES)}
    wide = {(one.theme, one.place) for one in alerts_of(_rule("organisation", needed), found, TREE, SCOPES)}
    assert narrow <= wide


@given(counts, st.randoms())
def test_R43_the_order_of_counting_changes_nothing(found: list[Counted], random: object) -> None:
    mixed = found.copy()
    random.shuffle(mixed)  # type: ignore[attr-defined]
    rule = _rule("service")
    assert alerts_of(rule, mixed, TREE, SCOPES) == alerts_of(rule, found, TREE, SCOPES)


@given(counts)
def test_R43_strengths_never_raise_a_concern(found: list[Counted]) -> None:
    only = [one for one in found if one.strength]
    assert alerts_of(_rule("organisation", 2), only, TREE, SCOPES) == []
    good = alerts_of(_rule("organisation", 2, "strengths"), found, TREE, SCOPES)
    assert sum(one.audits for one in good) <= sum(one.audits for one in only)
