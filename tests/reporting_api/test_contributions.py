"""Contributions of agencies and units: asked when the period ends, received, chased until they come (R85)."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.reporting_api.contributions.asking import chase_day, due_day
from services.reporting_api.contributions.clock import tick
from shared.schemas.framework.contributing import Asking
from shared.working_days import is_working_day
from tests.conftest import Running
from tests.reporting_api.conftest import CLOSING, Desk, section, slug
from tests.reporting_api.framework_changes import apply_change, framework_item
from tests.reporting_api.schedule_calls import materialise

QUARTERLY, QUARTER = "agency_reports_quarterly", "FY2026-27-Q3"
NOTHING = "No audit fell into the quarter."


def move_to(running: Running, day: str) -> None:
    wanted = datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC) + timedelta(hours=9)
    running.clock.advance(wanted - running.clock.now())


async def ask(desk: Desk, day: str = "2027-01-04", report: str = QUARTERLY, period: str = QUARTER) -> None:
    """Until the period is over, and a tick of the clock."""
    await desk.occurrence(report, period)
    move_to(desk.reporting, day)
    await tick(desk.reporting.database, desk.reporting.clock)


async def listed(desk: Desk, **query: str) -> list[dict[str, Any]]:
    client = await desk.client("qa_manager")
    found: list[dict[str, Any]] = (await client.get("/v1/contributions", params={"limit": 500, **query})).json()[
        "items"
    ]
    return found


async def one(desk: Desk, agency: str = "dorset_police") -> dict[str, Any]:
    (found,) = await listed(desk, report=QUARTERLY, agency=agency)
    answer = await (await desk.client("qa_manager")).get(f"/v1/contributions/{found['id']}")
    detail: dict[str, Any] = answer.json()
    return detail


def body(attended: int = 111, of: int = 120, **more: Any) -> dict[str, Any]:
    figure = {"label": "Conferences attended", "measure": "count", "value": attended, "denominator": of}
    return {
        "parts": [
            {"part": "core_data", "figures": [figure], "text": "Attendance rose after the rota was shared.", **more},
            {"part": "audit_contributions", "nothing_to_report": NOTHING},
        ]
    }


async def step(desk: Desk, contribution: str, what: str, content: dict[str, Any], client: Any = None) -> Any:
    client = client or await desk.client("qa_manager")
    version = (await (await desk.client("qa_manager")).get(f"/v1/contributions/{contribution}")).json()["version"]
    headers = {"If-Match": f'"{version}"'}
    return await client.post(f"/v1/contributions/{contribution}/{what}", json=content, headers=headers)


async def send(desk: Desk, agency: str = "dorset_police", content: dict[str, Any] | None = None) -> Any:
    client = await desk.reporting.client("agency_contributor", unit=agency)
    return await step(desk, (await one(desk, agency))["id"], "submissions", content or body(), client)


async def test_R85_every_agency_is_asked_the_day_after_the_period_and_once_whoever_ticks(desk: Desk) -> None:
    await ask(desk, "2026-12-31")
    assert await listed(desk, report=QUARTERLY, period=QUARTER) == []
    move_to(desk.reporting, "2027-01-01")
    await asyncio.gather(*(tick(desk.reporting.database, desk.reporting.clock) for _ in range(3)))
    asked = await listed(desk, report=QUARTERLY, period=QUARTER)
    assert len(asked) == len(framework_item("reports", QUARTERLY)["contributors"]) == 13
    police = await one(desk)
    assert (police["standing"], police["asked_on"], police["name"]) == ("asked", "2027-01-01", "Dorset Police")
    assert police["due_on"] < police["report_due_on"]
    assert [part["code"] for part in police["parts"]] == ["core_data", "audit_contributions"]
    assert [event["kind"] for event in police["trail"]] == ["asked"]
    assert await tick(desk.reporting.database, desk.reporting.clock) == 0


async def test_R85_an_agency_s_own_token_reads_and_sends_its_own_and_nobody_else_s(desk: Desk) -> None:
    await ask(desk)
    police, icb = await one(desk), await one(desk, "nhs_dorset_icb")
    client = await desk.reporting.client("agency_contributor", unit="dorset_police")
    seen = (await client.get("/v1/contributions", params={"limit": 500})).json()["items"]
    assert {row["contributor"] for row in seen} == {"dorset_police"}
    assert seen[0]["allowed_actions"] == ["submit"]
    assert (await client.get(f"/v1/contributions/{icb['id']}")).status_code == 404
    assert (await step(desk, icb["id"], "submissions", body(), client)).status_code == 404
    assert (await step(desk, police["id"], "waivers", {"reason": "Not needed."}, client)).status_code == 403
    sent = await step(desk, police["id"], "submissions", body(), client)
    assert (sent.status_code, sent.json()["standing"]) == (200, "received")
    for path in ("/v1/reports", "/v1/compliance?period=2026-10", "/v1/occurrences", "/v1/decisions"):
        assert (await client.get(path)).status_code == 403


@pytest.mark.parametrize(("role", "unit"), [("agency_contributor", None), ("agency_contributor", "fs_weymouth")])
async def test_R85_a_token_without_an_agency_is_no_agency_s(desk: Desk, role: str, unit: str | None) -> None:
    await ask(desk)
    client = await desk.reporting.client(role, unit=unit)
    assert (await client.get("/v1/contributions")).json()["items"] == []
    assert (await client.get(f"/v1/contributions/{(await one(desk))['id']}")).status_code == 404


async def test_R85_a_unit_sends_its_part_of_another_unit_s_report(desk: Desk) -> None:
    report, period = "schools_causing_concern_half_termly", "AY2026-27-HT2"
    await ask(desk, "2026-12-19", report, period)
    manager = await desk.reporting.client("team_manager", unit="early_years")
    (own,) = (await manager.get("/v1/contributions", params={"report": report})).json()["items"]
    assert (own["contributor_kind"], own["contributor"]) == ("unit", "early_years")
    part = {"part": "contribution", "text": "Two settings were visited; both have a plan."}
    sent = await step(desk, own["id"], "submissions", {"parts": [part]}, manager)
    assert sent.json()["standing"] == "received"
    head = await desk.reporting.client("head_of_service", unit="early_years")
    assert slug(await step(desk, own["id"], "refusals", {"reason": "Ours."}, head)) == "not-the-coordinator"
    owner = await desk.reporting.client("head_of_service", unit="school_improvement")
    assert (await step(desk, own["id"], "refusals", {"reason": "Last term's."}, owner)).json()["standing"] == "asked"


async def test_R85_who_is_late_is_chased_with_a_dated_trail_until_it_comes_or_the_report_is_due(desk: Desk) -> None:
    group = framework_item("boards", "dscb_qa")
    await apply_change(await desk.client("admin"), "boards", {**group, "meeting_dates": ["2027-02-16", "2027-03-02"]})
    await ask(desk)
    await send(desk, "cafcass")
    day = date(2027, 1, 5)
    while day <= date(2027, 3, 1):
        move_to(desk.reporting, day.isoformat())
        await tick(desk.reporting.database, desk.reporting.clock)
        day += timedelta(days=1)
    police = await one(desk)
    assert police["standing"] == "missing"
    trail = [(event["kind"], event["happened_on"]) for event in police["trail"]]
    due, report_due = police["due_on"], police["report_due_on"]
    reminded = [on for kind, on in trail if kind == "reminded"]
    chased = [on for kind, on in trail if kind == "chased"]
    assert len(reminded) == 2 and max(reminded) < due
    assert len(chased) >= 3 and due < min(chased) <= max(chased) <= report_due
    assert all(is_working_day(date.fromisoformat(on)) for on in (*reminded, *chased))
    assert police["chases"] == len(reminded) + len(chased)
    assert max(chased) < police["board_meets_on"] == "2027-02-16"
    assert [event["kind"] for event in (await one(desk, "cafcass"))["trail"]] == ["asked", "received"]


async def test_R85_after_thirty_days_without_a_clock_each_is_asked_once_and_chased_once(desk: Desk) -> None:
    await ask(desk, "2027-02-08")
    asked = await listed(desk, report=QUARTERLY, period=QUARTER)
    assert {row["due_on"] for row in asked} == {"2027-02-08"}, "nobody is late for what was not asked"
    move_to(desk.reporting, "2027-02-12")
    await tick(desk.reporting.database, desk.reporting.clock)
    await tick(desk.reporting.database, desk.reporting.clock)
    assert {row["chases"] for row in await listed(desk, report=QUARTERLY, period=QUARTER)} == {1}


async def test_R85_nobody_is_chased_for_a_report_that_left_the_schedule(desk: Desk) -> None:
    await ask(desk)
    due = date.fromisoformat((await one(desk))["due_on"])
    left = {**framework_item("reports", QUARTERLY), "valid_to": "2026-10-01"}
    move_to(desk.reporting, (due + timedelta(days=1)).isoformat())
    await apply_change(await desk.client("admin"), "reports", left)
    await materialise(await desk.client("analyst"))
    move_to(desk.reporting, (due + timedelta(days=4)).isoformat())
    await tick(desk.reporting.database, desk.reporting.clock)
    assert {event["kind"] for event in (await one(desk))["trail"]} == {"asked"}


async def test_R85_late_is_measured_by_the_first_that_was_not_sent_back(desk: Desk) -> None:
    await ask(desk)
    assert (await send(desk)).json()["received_on"] == "2027-01-04"
    move_to(desk.reporting, "2027-01-06")
    again = (await send(desk, content=body(attended=112))).json()
    assert (again["received_on"], len(again["submissions"])) == ("2027-01-04", 2)
    refused = await step(desk, again["id"], "refusals", {"reason": "The figures are those of last quarter."})
    assert (refused.json()["standing"], refused.json()["received_on"]) == ("asked", None)
    move_to(desk.reporting, "2027-02-10")
    late = (await send(desk)).json()
    assert (late["standing"], late["received_on"]) == ("received_late", "2027-02-10")
    assert [event["kind"] for event in late["trail"]] == ["asked", "received", "received", "refused", "received"]
    assert len({one["content_hash"] for one in late["submissions"]}) == 2


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ({"parts": body()["parts"][:1]}, "part_missing"),
        ({"parts": [*body()["parts"], body()["parts"][0]]}, "not_asked"),
        ({"parts": [*body()["parts"], {"part": "section_11", "text": "Ours."}]}, "not_asked"),
    ],
)
async def test_R85_each_part_asked_for_is_sent_once(desk: Desk, content: dict[str, Any], code: str) -> None:
    await ask(desk)
    answer = await send(desk, content=content)
    assert answer.status_code == 422
    assert code in {fault["code"] for fault in answer.json()["errors"]}


async def test_R85_a_part_says_something_or_why_there_is_nothing(desk: Desk) -> None:
    await ask(desk)
    empty = {"parts": [{"part": "core_data"}, {"part": "audit_contributions", "nothing_to_report": NOTHING}]}
    assert (await send(desk, content=empty)).status_code == 422


async def test_R85_what_is_owed_is_settled_on_the_day_it_is_due(desk: Desk) -> None:
    await ask(desk)
    waived = await step(desk, (await one(desk))["id"], "waivers", {"reason": "The force reports through the region."})
    assert waived.json()["standing"] == "waived"
    assert slug(await send(desk)) == "contribution-waived"
    wanted = {"occurrence": waived.json()["occurrence"], "agency": "dorset_police", "reason": "It is wanted after all."}
    again = await (await desk.client("qa_manager")).post("/v1/contributions", json=wanted)
    assert (again.status_code, again.json()["standing"], again.json()["waived_reason"]) == (201, "asked", None)
    move_to(desk.reporting, "2027-02-10")
    late = await one(desk, "cafcass")
    assert "waive" not in late["allowed_actions"]
    assert slug(await step(desk, late["id"], "waivers", {"reason": "Too late."})) == "waived-too-late"
    called = await step(desk, late["id"], "chases", {"how": "phone", "words": "Back on Monday."})
    assert (called.json()["trail"][-1]["kind"], called.json()["trail"][-1]["how"]) == ("chased", "phone")


async def test_R85_one_more_contributor_is_asked_by_hand_once(desk: Desk) -> None:
    await ask(desk)
    found = await desk.occurrence(QUARTERLY, QUARTER)
    wanted = {"occurrence": found["id"], "unit": "early_years", "due_on": "2027-01-29", "reason": "The group asked."}
    client = await desk.client("qa_manager")
    made = await client.post("/v1/contributions", json=wanted)
    assert (made.status_code, made.json()["due_on"]) == (201, "2027-01-29")
    assert made.headers["location"] == f"/v1/contributions/{made.json()['id']}"
    assert slug(await client.post("/v1/contributions", json=wanted)) == "contributor-already-asked"
    assert (await step(desk, made.json()["id"], "waivers", {"reason": "It has none."})).status_code == 200
    again = await client.post("/v1/contributions", json={**wanted, "due_on": "2027-01-28"})
    assert (again.status_code, again.json()["id"]) == (201, made.json()["id"])
    await tick(desk.reporting.database, desk.reporting.clock)
    kept = (await client.get(f"/v1/contributions/{made.json()['id']}")).json()
    assert kept["due_on"] == "2027-01-28", "the clock moves no day that was set by hand"
    outside = await client.post("/v1/contributions", json={**wanted, "unit": "fs_weymouth", "due_on": "2028-01-29"})
    assert (outside.status_code, outside.json()["errors"][0]["pointer"]) == (422, "/due_on")
    nobody = await client.post("/v1/contributions", json={**wanted, "unit": "not_there"})
    assert nobody.status_code == 422


async def test_R85_the_day_follows_the_report_s_own_and_what_was_agreed_first_stays(desk: Desk) -> None:
    await ask(desk)
    before = await one(desk)
    item = framework_item("reports", QUARTERLY)
    await apply_change(await desk.client("admin"), "reports", {**item, "due": {**item["due"], "days": 40}})
    await (await desk.client("analyst")).post(
        "/v1/schedule/materialisations", json={"from": "2026-03-31", "to": "2027-08-31"}
    )
    await tick(desk.reporting.database, desk.reporting.clock)
    after = await one(desk)
    assert after["due_on"] > before["due_on"] == after["originally_due_on"]
    assert after["trail"][-1]["kind"] == "moved"
    await apply_change(await desk.client("admin"), "reports", {**item, "valid_to": "2026-10-01"})
    await (await desk.client("analyst")).post(
        "/v1/schedule/materialisations", json={"from": "2026-03-31", "to": "2027-08-31"}
    )
    await tick(desk.reporting.database, desk.reporting.clock)
    assert (await one(desk))["standing"] == "waived"
    await apply_change(await desk.client("admin"), "reports", item)
    await materialise(await desk.client("analyst"))
    await tick(desk.reporting.database, desk.reporting.clock)
    back = await one(desk)
    assert (back["standing"], back["trail"][-1]["kind"], back["due_on"]) == ("asked", "asked", before["due_on"])


async def test_R85_who_is_no_contributor_any_more_is_not_asked_again_when_the_report_is_back_but_who_was_by_hand_is(
    desk: Desk,
) -> None:
    await ask(desk)
    item, admin = framework_item("reports", QUARTERLY), await desk.client("admin")
    by_hand = {"occurrence": (await one(desk))["occurrence"], "unit": "early_years", "due_on": "2027-01-29"}
    asked = await admin.post("/v1/contributions", json={**by_hand, "reason": "The group asked."})
    assert asked.status_code == 201, asked.text
    await apply_change(admin, "reports", {**item, "valid_to": "2026-10-01"})
    await materialise(await desk.client("analyst"))
    await tick(desk.reporting.database, desk.reporting.clock)
    others = [each for each in item["contributors"] if each != {"agency": "dorset_police"}]
    await apply_change(admin, "reports", {**item, "contributors": others})
    await materialise(await desk.client("analyst"))
    assert await tick(desk.reporting.database, desk.reporting.clock) == len(others) + 1 == 13
    assert (await one(desk))["standing"] == "waived"
    again = (await admin.get(f"/v1/contributions/{asked.json()['id']}")).json()
    assert (again["standing"], again["due_on"]) == ("asked", "2027-01-29")
    assert (await one(desk, "cafcass"))["standing"] == "asked"
    assert await tick(desk.reporting.database, desk.reporting.clock) == 0


async def test_R85_the_report_shows_what_came_and_names_who_is_missing(desk: Desk) -> None:
    await ask(desk)
    await send(desk)
    draft = await desk.draft(QUARTERLY, QUARTER)
    found = section(await desk.document(draft["id"]), "contributions")
    assert found["headline"].startswith("1 of 13 contributions received, 1 on time")
    asked_again = await (await desk.client("qa_manager")).get(found["sources"][0]["path"])
    assert len(asked_again.json()["items"]) == 13
    standing = {row["contributor"]: row["standing"] for row in found["items"] if row["type"] == "contribution"}
    assert (standing["dorset_police"], standing["cafcass"]) == ("received", "asked")
    (figure,) = (row for row in found["items"] if row["type"] == "contributed_figure")
    assert (figure["display"], figure["part_title"]) == ("111", "Core data")
    assert NOTHING in {row["text"] for row in found["items"] if row["type"] == "contributed_text"}
    move_to(desk.reporting, "2027-02-10")
    await send(desk, "cafcass")
    waiting = await desk.occurrence(QUARTERLY, QUARTER)
    assert waiting["stage"] == "draft"
    refreshed = section(await desk.document((await desk.draft(QUARTERLY, QUARTER))["id"]), "contributions")
    lines = {row["code"]: row["value"] for row in refreshed["summary"]}
    assert (lines["came"], lines["on_time"], lines["late"], lines["overdue"]) == (2, 1, 1, 11)
    assert "Dorset HealthCare" in refreshed["headline"]


@pytest.mark.parametrize("attended", [3, 118])
async def test_R85_small_numbers_of_people_are_hidden_from_a_protected_board(desk: Desk, attended: int) -> None:
    await ask(desk)
    await send(desk, content=body(attended, text="Three families were not seen."))
    document = await desk.document((await desk.draft(QUARTERLY, QUARTER))["id"])
    assert document["disclosure"] == "protected"
    items = section(document, "contributions")["items"]
    (figure,) = (row for row in items if row["type"] == "contributed_figure")
    assert (figure["value"], figure["display"]) == (None, "c")
    assert "Three families" not in str(items)


async def test_R85_what_was_published_is_not_changed_by_what_comes_later(desk: Desk) -> None:
    await ask(desk)
    await send(desk)
    await desk.publish((await desk.draft(QUARTERLY, QUARTER))["id"], CLOSING)
    assert slug(await send(desk, content=body(100))) == "contribution-published"
    move_to(desk.reporting, "2027-02-10")
    assert (await one(desk, "cafcass"))["standing"] == "missing"
    assert (await send(desk, "cafcass")).json()["standing"] == "received_late"


async def test_an_agency_with_the_code_of_a_unit_may_not_contribute(desk: Desk) -> None:
    item = framework_item("reports", QUARTERLY)
    content = {**item, "contributors": [{"agency": "early_years"}]}
    body = {"items": [{"kind": "reports", "code": QUARTERLY, "content": content}]}
    answer = await (await desk.client("admin")).post("/v1/framework/applications", json=body)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "agency_is_unit")


days = st.dates(date(2026, 4, 1), date(2028, 3, 31))


@given(days, st.integers(0, 30), days)
def test_a_contribution_is_never_due_before_it_is_asked_for(report_due: date, before: int, today: date) -> None:
    asking = Asking(due_days_before_report=before)
    assert due_day(report_due, asking, today, frozenset()) >= today


@given(days, st.integers(1, 40), st.integers(1, 10))
def test_nobody_is_chased_twice_a_day_nor_after_the_report_is_due(due: date, left: int, every: int) -> None:
    asking, report_due = Asking(chase_every_days=every), due + timedelta(days=left)
    last, chased = due - timedelta(days=20), []
    for ahead in range(left + 40):
        today = due - timedelta(days=20) + timedelta(days=ahead)
        if chase_day(due, report_due, asking, last, today, frozenset()):
            chased.append(today)
            last = today
    assert len(chased) == len(set(chased))
    assert all(day <= report_due for day in chased)
    assert any(day > due for day in chased) or not any(
        is_working_day(due + timedelta(days=n)) for n in range(1, left + 1)
    )
