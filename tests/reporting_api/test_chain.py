"""Whatever the chain, the delegations and those before: nobody barred signs, and no right reaches beyond its bounds."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.reporting_api.chain import Power, authority, barred_from_signing, chain_of, open_step
from shared.auth.caller import Caller

PEOPLE, ROLES = st.sampled_from("abcde"), st.sampled_from(["qa_manager", "head_of_service"])
UNITS = st.sampled_from(["children_in_care", "fostering"])
REPORTS = st.sampled_from(["csdg_monthly", "dscb_annual_report"])
POWERS = st.builds(
    Power,
    id=st.just(UUID(int=7)),
    role=ROLES,
    delegator=PEOPLE,
    delegate=PEOPLE,
    ends_on=st.just(date(2026, 11, 30)),
    units=st.none() | st.frozensets(UNITS),
    covers=st.frozensets(REPORTS),
)
SIGNED = st.lists(st.builds(SimpleNamespace, subject=PEOPLE, on_behalf_of=st.none() | PEOPLE), max_size=3)


@given(PEOPLE, st.frozensets(ROLES), ROLES, st.lists(POWERS, max_size=6), REPORTS, st.none() | UNITS, st.sets(PEOPLE))
def test_a_right_is_the_own_or_one_that_was_handed_to_this_person_for_just_this(
    subject: str,
    roles: frozenset[str],
    role: str,
    powers: list[Power],
    report: str,
    unit: str | None,
    barred: set[str],
) -> None:
    right = authority(Caller(subject, roles), role, powers, report, unit, barred)
    if role in roles:
        assert right is not None and right.on_behalf_of is None
        return
    handed = [one for one in powers if (one.delegate, one.role) == (subject, role) and one.reaches(report, unit)]
    assert (right is None) == (not handed)
    if right is not None:
        assert right.on_behalf_of in {one.delegator for one in handed}
        # Somebody barred only where there is nobody else.
        assert right.on_behalf_of not in barred or all(one.delegator in barred for one in handed)


@given(st.none() | PEOPLE, st.lists(PEOPLE), SIGNED)
def test_everybody_who_had_a_hand_in_it_is_barred_and_nobody_else(
    submitter: str | None, writers: list[str], signed: list[SimpleNamespace]
) -> None:
    found = barred_from_signing(submitter, writers, signed)
    hands = {submitter, *writers, *(one.subject for one in signed), *(one.on_behalf_of for one in signed)}
    assert set(found) == hands - {None}


@given(st.lists(st.integers(1, 10), unique=True, min_size=1), st.sets(st.integers(1, 10)))
def test_the_open_step_is_the_lowest_that_is_not_signed(orders: list[int], done: set[int]) -> None:
    chain = chain_of([{"role": "qa_manager", "order": one} for one in orders], None)
    step = open_step(chain, [SimpleNamespace(sign_order=one) for one in done])
    assert (step.order if step else None) == min(set(orders) - done, default=None)
