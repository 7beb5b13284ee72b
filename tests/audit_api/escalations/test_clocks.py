"""The clocks of an escalation's levels, whatever the policy and whenever somebody looks."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from services.audit_api.escalating import Known, level_due, match_concerns, moves_due
from shared.clock import local_date
from shared.ids import new_id
from shared.schemas.framework.escalation import EscalationLevel, EscalationPolicy
from shared.working_days import is_working_day

LEVELS = st.one_of(
    st.builds(lambda n: {"working_days": n}, st.integers(1, 30)), st.builds(lambda n: {"hours": n}, st.integers(1, 90))
)
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))


def policy(clocks: list[dict[str, int]], **changed: Any) -> EscalationPolicy:
    levels = [
        {"role": f"role_{at}", "call": "Somebody", "closed_by": [f"role_{at}"], **clock}
        for at, clock in enumerate(clocks)
    ]
    content = {"code": "any", "title": "Any", "about": ["case"], "levels": levels, **changed}
    return EscalationPolicy.model_validate_json(json.dumps(content))


# The first look at a year works out its bank holidays, which takes its time.
@settings(deadline=None)
@given(st.lists(LEVELS, min_size=1, max_size=5), MOMENTS, st.integers(0, 4000))
def test_however_late_somebody_looks_the_levels_follow_one_another(
    clocks: list[dict[str, int]], since: datetime, hours: int
) -> None:
    rules = policy(clocks)
    due = level_due(rules.levels[0], since)
    now = since + timedelta(hours=hours)
    moves = moves_due(rules, None, 1, due, now)
    ends = [due, *(one.due_at for one in moves)]
    assert [one.level for one in moves] == list(range(2, 2 + len(moves)))
    assert [one.since for one in moves] == ends[: len(moves)]
    assert ends == sorted(ends)
    assert all(end <= now for end in ends[:-1])
    assert ends[-1] > now or len(moves) + 1 == len(clocks)


@settings(deadline=None)
@given(st.integers(1, 30), MOMENTS)
def test_a_level_of_working_days_ends_with_a_working_day(days: int, since: datetime) -> None:
    level = EscalationLevel(role="any", call="Somebody", working_days=days, closed_by=("any",))
    last = local_date(level_due(level, since) - timedelta(seconds=1))
    assert is_working_day(last) and last > local_date(since)


def test_the_post_it_is_against_is_passed_over() -> None:
    rules = policy([{"hours": 1}, {"hours": 1}, {"hours": 1}])
    at = datetime(2026, 11, 23, tzinfo=UTC)
    assert [one.level for one in moves_due(rules, "role_1", 1, at, at)] == [3]
    assert moves_due(policy([{"hours": 1}, {"hours": 1}], moves_by_clock=False), None, 1, at, at) == []


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"immediate_concerns": True, "subject_sees": "at_once"}, "immediate concerns"),
        ({"immediate_concerns": True, "withdrawable": False}, "immediate concerns"),
        ({"about": ["case", "case"]}, "stand twice"),
        ({"levels": [{"role": "a", "call": "A", "closed_by": ["a"]}]}, "one of both"),
        (
            {
                "levels": [
                    {"role": "a", "call": "A", "hours": 1, "closed_by": ["a"]},
                    {"role": "b", "call": "B", "hours": 1, "closed_by": ["b", "a"]},
                ]
            },
            "lower level",
        ),
    ],
)
def test_a_policy_that_could_not_be_kept_is_refused(changed: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        policy([{"hours": 1}], **{"about": ["finding"], **changed})


TITLES = st.sampled_from(["A bruise", "A burn", "Left alone", "No food"])


@given(
    st.lists(TITLES, max_size=5),
    st.lists(st.tuples(TITLES, st.booleans(), st.none() | st.integers(0, 4)), max_size=5, unique_by=lambda one: one[2]),
)
def test_each_concern_meets_one_escalation_and_each_escalation_one_concern(
    concerns: list[str], held: list[tuple[str, bool, int | None]]
) -> None:
    known = [Known(new_id(), title, is_open, place) for title, is_open, place in held]
    same, reworded = match_concerns(dict(enumerate(concerns)), known)
    met = [*same.values(), *reworded.values()]
    assert len(met) == len(set(met)) and not same.keys() & reworded.keys()
    titles = {one.escalation: one.title for one in known}
    assert all(titles[one] == concerns[place] for place, one in same.items())
    closed = {one.escalation for one in known if not one.open}
    assert not closed & set(reworded.values())
    # A concern whose words nobody knows, in a place where none stood, is always new.
    places = {one.position for one in known}
    assert all(
        place not in same and place not in reworded
        for place, title in enumerate(concerns)
        if title not in titles.values() and place not in places
    )
