"""Who serves in a stage, whom the rules bar, and the advocate offered."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from shared.clock import FixedClock

IO = {
    "stage": "stage_2", "role": "investigating_officer", "person": "io-1", "employed_by_council": True,
    "in_line_of_service": False, "appointed_on": "2026-11-18",
}  # fmt: skip
IP = IO | {"role": "independent_person", "person": "ip-1", "employed_by_council": False}
AGREED = {"stage": "stage_2", "because": "agreed", "started_on": "2026-11-16", "reason": "Both sides agreed."}


@pytest.fixture
async def investigated(feedback: Any, begin: Any) -> Any:
    case = await begin(feedback)
    await case.must("escalations", **AGREED, complaint_finalised_on="2026-11-18")
    return case


async def test_R59_a_stage_that_lacks_its_people_says_whom(investigated: Any) -> None:
    found = investigated.answer.json()
    assert "people" in found["missing"]
    assert found["current"]["people_missing"] == [
        {"role": "investigating_officer", "title": "Investigating officer", "number": 1},
        {"role": "independent_person", "title": "Independent person", "number": 1},
    ]
    await investigated.must("people", **IO)
    whole = await investigated.must("people", **IP)
    assert (whole["missing"], whole["current"]["people_missing"]) == ([], [])
    assert [(one["role"], one["person"]) for one in whole["current"]["people"]] == [
        ("investigating_officer", "io-1"), ("independent_person", "ip-1"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "pointer", "rule"),
    [
        ({"employed_by_council": True}, "/employed_by_council", "employed_by_council"),
        ({"in_line_of_service": True}, "/in_line_of_service", "in_line_of_service"),
        ({"person": "io-1"}, "/person", "serves_already"),
        ({"person": "io-1"}, "/person", "declared_as_employed"),
        ({"role": "investigating_officer", "in_line_of_service": True}, "/in_line_of_service", "in_line_of_service"),
    ],
)
async def test_whom_the_rules_bar_is_refused_with_the_rule(
    investigated: Any, changes: dict[str, Any], pointer: str, rule: str
) -> None:
    await investigated.must("people", **IO)
    problem = await investigated.cannot("people", "person-barred", **(IP | changes))
    assert (pointer, rule) in {(fault["pointer"], fault["code"]) for fault in problem["errors"]}
    assert "io-1" not in str(problem), "a refused value is never echoed"


async def test_nobody_from_stage_2_sits_on_the_panel_not_even_who_left(start: Any, begin: Any) -> None:
    feedback = await start("feedback", clock=FixedClock(datetime(2027, 2, 26, 9, tzinfo=UTC)))
    case = await begin(feedback)
    await case.must("escalations", **AGREED, complaint_finalised_on="2026-11-18")
    found = await case.must("people", **IP)
    gone = found["current"]["people"][0]["id"]
    await case.must(f"people/{gone}/departures", left_on="2026-11-25", reason="Ill.")
    ended = {"ended_on": "2026-12-21", "adjudicated_on": "2026-12-20", "outcome": "not_upheld"}
    await case.must("outcomes", stage="stage_2", **ended)
    await case.must("stages", stage="stage_3", started_on="2027-01-11", requested_on="2027-01-08")
    member = IP | {"stage": "stage_3", "role": "panel_member", "appointed_on": "2027-01-12"}
    problem = await case.cannot("people", "person-barred", **member)
    assert [fault["code"] for fault in problem["errors"]] == ["served_in_earlier_stage"]
    for number in range(3):
        seated = await case.must("people", **(member | {"person": f"panel-{number}"}))
        assert seated["current"]["people_missing"] == (
            [] if number == 2 else [{"role": "panel_member", "title": "Independent panel member", "number": 2 - number}]
        )
    await case.cannot("people", "role-filled", **(member | {"person": "panel-9"}))


async def test_who_is_replaced_stays_on_record(investigated: Any) -> None:
    first = await investigated.must("people", **IP)
    old = first["current"]["people"][0]["id"]
    new = IP | {"person": "ip-2", "appointed_on": "2026-11-20", "replaces": old}
    assert (await investigated.do("people", **new)).status_code == 422
    found = await investigated.must("people", **new, reason="Moved away.")
    people = [
        (one["person"], one["left_on"], one["left_because"], one["replaces"]) for one in found["current"]["people"]
    ]
    assert people == [("ip-1", "2026-11-20", "Moved away.", None), ("ip-2", None, None, old)]
    await investigated.cannot("people", "person-has-left", **(new | {"person": "ip-3"}), reason="Again.")
    await investigated.cannot(f"people/{old}/departures", "person-has-left", left_on="2026-11-21", reason="x")
    history = (await investigated.client.get(f"{investigated.path}/history")).json()["items"]
    assert (history[0]["changed"], history[0]["reason"]) == (["people"], "Moved away.")


async def test_a_departure_leaves_the_role_empty(investigated: Any) -> None:
    person = (await investigated.must("people", **IP))["current"]["people"][0]["id"]
    early = await investigated.do(f"people/{person}/departures", left_on="2026-11-17", reason="x")
    assert early.status_code == 422
    found = await investigated.must(f"people/{person}/departures", left_on="2026-11-20", reason="Ill.")
    assert "independent_person" in [one["role"] for one in found["current"]["people_missing"]]
    unknown = await investigated.do(f"people/{found['id']}/departures", left_on="2026-11-20", reason="x")
    assert unknown.status_code == 404


async def test_roles_and_stages_that_are_not_there_are_refused(investigated: Any) -> None:
    answer = await investigated.do("people", **(IP | {"role": "panel_member"}))
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/role"]
    await investigated.cannot("people", "stage-not-open", **(IP | {"stage": "stage_1"}))
    assert (await investigated.do("people", **(IP | {"appointed_on": "2026-11-24"}))).status_code == 422


async def test_people_outlive_a_correction_by_the_source(investigated: Any, a_complaint: Any) -> None:
    await investigated.must("people", **IP)
    stages = [
        {"stage": "stage_1", "started_on": "2026-11-12", "ended_on": "2026-11-16", "outcome": "not_upheld"},
        {"stage": "stage_2", "started_on": "2026-11-16", "complaint_finalised_on": "2026-11-18"},
    ]
    found = (await investigated.client.post("/v1/complaints", json=a_complaint(stages=stages))).json()
    assert [one["person"] for one in found["current"]["people"]] == ["ip-1"]


@pytest.mark.parametrize(("group", "owed"), [("child", True), ("care_leaver", True), ("parent_carer", False)])
async def test_R59_an_advocate_is_owed_to_children(feedback: Any, begin: Any, group: str, owed: bool) -> None:
    case = await begin(feedback, respondent_group=group)
    assert ("advocacy_offer" in case.answer.json()["missing"]) is owed
    offered = await case.must("advocacy", offered_on="2026-11-13", answer="awaited")
    assert "advocacy_offer" not in offered["missing"]
    taken = await case.must("advocacy", offered_on="2026-11-13", answer="accepted", provider="Advocacy service")
    assert [(one["answer"], one["provider"]) for one in taken["advocacy"]] == [
        ("awaited", None), ("accepted", "Advocacy service"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "body",
    [
        {"offered_on": "2026-11-13", "answer": "accepted"},
        {"offered_on": "2026-11-13", "answer": "not_applicable"},
        {"offered_on": "2026-11-11", "answer": "declined"},
        {"offered_on": "2026-11-24", "answer": "declined"},
    ],
)
async def test_an_offer_that_cannot_be_is_refused(feedback: Any, begin: Any, body: dict[str, Any]) -> None:
    case = await begin(feedback)
    assert (await case.do("advocacy", **body)).status_code == 422
