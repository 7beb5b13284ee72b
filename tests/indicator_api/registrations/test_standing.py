"""How a required check stands on a day: pure rules, by example and by property."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.indicator_api.registrations.standing import Check, Held, State, above, checks_on, count, tally
from shared.schemas.framework.workforce import RegistrationKind, RequiredCheck, RoleFamily

ON = date(2026, 11, 23)
BASIC, ENHANCED, REGISTERED = RegistrationKind
SOCIAL_WORKER = RoleFamily(
    code="social_worker",
    name="Social workers",
    requires=(
        RequiredCheck(kind=ENHANCED),
        RequiredCheck(kind=REGISTERED, bodies=("hcpc",), valid_to=date(2019, 12, 1)),
        RequiredCheck(kind=REGISTERED, bodies=("social_work_england",), valid_from=date(2019, 12, 2)),
    ),
)
TEACHER = RoleFamily(code="specialist_teacher", name="Teachers", requires=(RequiredCheck(kind=ENHANCED),))
CLERK = RoleFamily(code="clerk", name="Clerks", requires=(RequiredCheck(kind=BASIC),))
OTHER = RoleFamily(code="other", name="Other staff")
FAMILIES = {one.code: one for one in (SOCIAL_WORKER, TEACHER, CLERK, OTHER)}


def held(kind: RegistrationKind, family: str, body: str = "", **more: date | None) -> Held:
    row = Held("SYN-1", kind, body, "fs_weymouth", family, valid_from=date(2019, 1, 1))
    return replace(row, **more)  # type: ignore[arg-type]


def states(rows: list[Held], on: date = ON) -> list[tuple[RegistrationKind, str, State]]:
    return [(check.kind, check.body, check.state) for check in checks_on(rows, FAMILIES, on)]


def test_R45_a_specialist_teacher_with_a_basic_check_lacks_the_enhanced_one() -> None:
    assert states([held(BASIC, "specialist_teacher")]) == [(ENHANCED, "", State.missing)]
    assert states([held(ENHANCED, "specialist_teacher")]) == [(ENHANCED, "", State.valid)]


def test_R45_a_social_worker_is_registered_with_the_body_of_the_day() -> None:
    hcpc, england = held(REGISTERED, "social_worker", "hcpc"), held(REGISTERED, "social_worker", "social_work_england")
    dbs = (ENHANCED, "", State.missing)
    assert states([hcpc], date(2019, 12, 1)) == [dbs, (REGISTERED, "hcpc", State.valid)]
    assert states([hcpc], date(2019, 12, 2)) == [dbs, (REGISTERED, "social_work_england", State.missing)]
    assert states([hcpc, england]) == [dbs, (REGISTERED, "social_work_england", State.valid)]


def test_an_enhanced_check_covers_a_basic_one_and_not_the_other_way() -> None:
    assert states([held(ENHANCED, "clerk")]) == [(BASIC, "", State.valid)]
    lapsed = held(ENHANCED, "clerk", expires_on=ON - timedelta(1))
    assert states([held(BASIC, "clerk"), lapsed]) == [(BASIC, "", State.valid)]


def test_what_a_family_does_not_rule_on_is_required_because_it_is_listed() -> None:
    rows = [held(BASIC, "other"), held(REGISTERED, "other", "hcpc", valid_from=None)]
    assert states(rows) == [(BASIC, "", State.valid), (REGISTERED, "hcpc", State.missing)]
    assert states([held(BASIC, "unheard_of")]) == [(BASIC, "", State.valid)]


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        ({"valid_from": None}, State.missing),
        ({"valid_from": ON + timedelta(1)}, State.missing),
        ({"valid_from": ON}, State.valid),
        ({"expires_on": ON}, State.valid),
        ({"expires_on": ON - timedelta(1)}, State.lapsed),
        ({"next_check_due": ON - timedelta(1)}, State.lapsed),
        ({"expires_on": ON + timedelta(900), "next_check_due": ON - timedelta(1)}, State.lapsed),
    ],
)
def test_a_check_holds_up_to_and_on_its_last_day(dates: dict[str, date | None], expected: State) -> None:
    assert held(BASIC, "other", **dates).state(ON) is expected


@pytest.mark.parametrize(("days", "expiring"), [(0, (1, 1, 1)), (30, (1, 1, 1)), (31, (0, 1, 1)), (90, (0, 0, 1))])
def test_R45_expiring_within_30_60_and_90_days_counts_the_last_day(days: int, expiring: tuple[int, int, int]) -> None:
    (check,) = checks_on([held(BASIC, "other", next_check_due=ON + timedelta(days))], FAMILIES, ON)
    assert tuple(count(tally([check], ON)).expiring.values()) == expiring


_day = st.dates(date(2019, 6, 1), date(2028, 1, 1))
_row = st.builds(
    lambda person, kind, family, valid, lapse, due: Held(
        f"SYN-{person}", kind, "hcpc" if kind is REGISTERED else "", "u", family, valid, lapse, due
    ),
    st.integers(1, 5), st.sampled_from(RegistrationKind), st.sampled_from(sorted(FAMILIES)),
    st.none() | _day, st.none() | _day, st.none() | _day,
)  # fmt: skip


@given(st.lists(_row, max_size=20), _day)
def test_every_required_check_is_valid_lapsed_or_missing_and_the_horizons_nest(rows: list[Held], on: date) -> None:
    family = {row.staff_ref: row.role_family for row in rows}
    rows = [replace(row, role_family=family[row.staff_ref]) for row in rows]
    checks = checks_on(rows, FAMILIES, on)
    found = count(tally(checks, on))
    assert found.required == len(checks) == found.valid + found.lapsed + found.missing
    soon, later, latest = found.expiring.values()
    assert soon <= later <= latest <= found.valid
    assert {check.staff_ref for check in checks} == {row.staff_ref for row in rows}
    assert [check.key for check in checks] == sorted(check.key for check in checks)


def test_a_percentage_just_below_a_hundred_is_not_a_hundred() -> None:
    check = Check("SYN-1", BASIC, "", "u", "other", State.valid, None, None, None, None)
    counts = count(tally([*[check] * 99_999, replace(check, state=State.missing)], ON))
    assert counts.valid_percentage == 99.999
    assert count({}).valid_percentage is None


def test_the_units_above_end_at_the_top_of_what_is_known() -> None:
    parents = {"team": "service", "service": "council", "council": None}
    assert above("team", parents) == ["team", "service", "council"]
    assert above("team", {"team": "service"}) == ["team"]
    assert above("gone", parents) == []
