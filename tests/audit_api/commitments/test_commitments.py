"""R23: at least 18 multi-agency cases a year, counted as cases and not as audits, with what the year will come to."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.audit_api.commitments.forecast import forecast
from shared.clock import FixedClock
from tests.audit_api.framework import apply, tool_of_type
from tests.audit_api.papers import send, whole
from tests.conftest import Running, Start

PATH = "/v1/commitments/multi-agency"
YEAR = {"year": "FY2026-27"}
FIRST, LAST = date(2026, 4, 1), date(2027, 3, 31)


@pytest.fixture
async def manager(audit: Running) -> httpx.AsyncClient:
    tools = [tool_of_type("joint_audit", "multi_agency"), tool_of_type("serious_audit", "serious_case")]
    assert (await apply(await audit.client("admin"), "tools", *tools)).status_code == 200
    return await audit.client("qa_manager")


def joint(case: str, on: str, **changed: Any) -> dict[str, Any]:
    return whole("fs_weymouth", tool="joint_audit", case_reference=case, submitted_on=on) | changed


def allocated(case: str, **changed: Any) -> dict[str, Any]:
    return {"unit": "fs_weymouth", "tool": "joint_audit", "case_reference": case} | changed


async def read(client: httpx.AsyncClient, **query: str) -> dict[str, Any]:
    answer = await client.get(PATH, params=YEAR | query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_R23_a_case_audited_by_several_agencies_or_twice_counts_once(manager: httpx.AsyncClient) -> None:
    await send(manager, joint("CMS-1", "2026-05-06"))
    await send(manager, joint("CMS-1", "2026-05-06", unit="fs_chesil"))
    await send(manager, joint("CMS-1", "2026-09-01"))
    await send(manager, joint("CMS-2", "2026-09-01"))
    found = await read(manager)
    assert (found["target"], found["completed"], found["audits"]) == (18, 2, 4)
    assert [(one["quarter"], one["cases"], one["cases_so_far"]) for one in found["quarters"]] == [
        ("FY2026-27-Q1", 1, 1), ("FY2026-27-Q2", 1, 2), ("FY2026-27-Q3", 0, 2), ("FY2026-27-Q4", 0, 2),
    ]  # fmt: skip
    assert [(one["case"], one["first_of_case"]) for one in found["counted"]] == [
        (1, True), (1, False), (1, False), (2, True),
    ]  # fmt: skip


async def test_R23_serious_case_audits_count_where_the_data_says_so_and_others_do_not(
    manager: httpx.AsyncClient,
) -> None:
    await send(manager, joint("CMS-1", "2026-05-06", tool="serious_audit"))
    await send(manager, joint("CMS-2", "2026-05-06", tool="case_audit"))
    found = await read(manager)
    assert (found["completed"], [one["audit_type"] for one in found["counted"]]) == (1, ["serious_case"])


async def test_R23_the_year_of_a_case_is_the_year_its_audit_was_done_in(manager: httpx.AsyncClient) -> None:
    await send(manager, joint("CMS-1", "2026-03-31"))
    await send(manager, joint("CMS-1", "2026-04-01"))
    assert (await read(manager))["completed"] == 1
    last = await read(manager, year="FY2025-26")
    assert (last["completed"], last["forecast"], last["rag"]) == (1, 1, "red")


async def test_R23_what_is_allocated_is_forecast_and_a_draft_is_not_done(manager: httpx.AsyncClient) -> None:
    for number in range(10):
        await send(manager, joint(f"CMS-{number}", "2026-10-01"))
    await send(manager, allocated("CMS-9", due_on="2026-12-01"))
    await send(manager, allocated("CMS-20", due_on="2027-04-01"))
    for number in range(10, 17):
        await send(manager, allocated(f"CMS-{number}", due_on="2027-03-31"))
    found = await read(manager)
    assert (found["completed"], found["scheduled"], found["forecast"], found["rag"]) == (10, 7, 17, "red")
    await send(manager, allocated("CMS-17"))
    found = await read(manager)
    assert (found["scheduled"], found["forecast"], found["rag"]) == (8, 18, "amber")
    assert found["expected_by_now"] == 11
    assert "allocated" in found["forecast_method"]
    assert "Amber" in found["rag_rule"]


async def test_R23_eighteen_cases_are_green_and_seventeen_are_not_when_the_year_has_ended(start: Start) -> None:
    audit = await start("audit", clock=FixedClock(datetime(2027, 4, 1, 9, 0, tzinfo=UTC)))
    assert (await apply(await audit.client("admin"), "tools", tool_of_type("joint_audit", "multi_agency"))).is_success
    manager = await audit.client("qa_manager")
    for number in range(17):
        await send(manager, joint(f"CMS-{number}", "2027-03-01"))
    await send(manager, joint("CMS-16", "2027-03-31"))
    found = await read(manager)
    assert (found["completed"], found["audits"], found["rag"]) == (17, 18, "red")
    await send(manager, joint("CMS-17", "2027-03-31"))
    assert (await read(manager))["rag"] == "green"
    assert (await read(manager, year="FY2027-28"))["rag"] == "amber"
    assert (await read(manager, year="FY2028-29"))["rag"] == "not_started"


async def test_R23_a_pace_alone_is_never_green_and_none_is_told_of_the_first_weeks(start: Start) -> None:
    audit = await start("audit", clock=FixedClock(datetime(2026, 4, 3, 9, 0, tzinfo=UTC)))
    assert (await apply(await audit.client("admin"), "tools", tool_of_type("joint_audit", "multi_agency"))).is_success
    manager = await audit.client("qa_manager")
    await send(manager, joint("CMS-1", "2026-04-01"))
    found = await read(manager)
    assert (found["forecast"], found["rag"]) == (1, "amber")
    for number in range(2, 18):
        await send(manager, joint(f"CMS-{number}", "2026-04-02"))
    assert ((await read(manager))["completed"], (await read(manager))["rag"]) == (17, "amber")
    await send(manager, allocated("CMS-18", due_on="2027-03-01"))
    found = await read(manager)
    assert (found["completed"], found["scheduled"], found["rag"]) == (17, 1, "green")


async def test_R23_an_audit_in_a_round_is_forecast_for_the_year_its_round_counts_for(start: Start) -> None:
    audit = await start("audit", clock=FixedClock(datetime(2027, 2, 22, 9, 0, tzinfo=UTC)))
    manager = await audit.client("qa_manager")
    asked: dict[str, Any] = {"params": {"period": "2027-03"}, "json": {"title": "March", "units": ["fs_weymouth"]}}
    made = (await manager.post("/v1/programmes/multi_agency_audit/rounds", **asked)).json()
    body = {"slot": made["slots"][0]["id"], "case_reference": "CMS-1", "auditor_unit": "safeguarding_and_standards"}
    # It is due in April, and counts for March.
    assert (await send(manager, body))["due_on"] == "2027-04-14"
    assert [(await read(manager, year=year))["scheduled"] for year in ("FY2026-27", "FY2027-28")] == [1, 0]


async def test_R23_what_is_late_by_itself_is_forecast_for_the_year_it_can_still_be_done_in(start: Start) -> None:
    audit = await start("audit", clock=FixedClock(datetime(2027, 3, 1, 9, 0, tzinfo=UTC)))
    assert (await apply(await audit.client("admin"), "tools", tool_of_type("joint_audit", "multi_agency"))).is_success
    manager = await audit.client("qa_manager")
    await send(manager, allocated("CMS-1", due_on="2027-03-15"))
    assert [(await read(manager, year=year))["scheduled"] for year in ("FY2026-27", "FY2027-28")] == [1, 0]
    audit.clock.advance(timedelta(days=60))
    assert [(await read(manager, year=year))["scheduled"] for year in ("FY2026-27", "FY2027-28")] == [0, 1]


async def test_R23_case_references_are_for_those_who_manage_audits(audit: Running, manager: httpx.AsyncClient) -> None:
    await send(manager, joint("CMS-1", "2026-05-06"))
    assert [one["case_reference"] for one in (await read(manager))["counted"]] == ["CMS-1"]
    for role in ("practitioner", "head_of_service", "reporting_service"):
        assert "CMS-1" not in (await (await audit.client(role)).get(PATH)).text


async def test_R23_a_part_of_the_council_reads_its_own_cases_without_a_target(
    audit: Running, manager: httpx.AsyncClient
) -> None:
    await send(manager, joint("CMS-1", "2026-05-06"))
    mine = await read(await audit.client("team_manager", "fs_weymouth"))
    other = await read(await audit.client("team_manager", "cwd_east"))
    assert (mine["completed"], mine["target"], mine["rag"], mine["unit"]) == (1, None, None, "fs_weymouth")
    assert (other["completed"], other["counted"]) == (0, [])


async def test_R30_an_unannounced_audit_is_in_no_forecast_but_that_of_those_who_plan_it(
    audit: Running, manager: httpx.AsyncClient
) -> None:
    await send(manager, allocated("CMS-1", announced=False, auditor="p", auditor_unit="safeguarding_and_standards"))
    assert (await read(manager))["scheduled"] == 1
    assert (await read(await audit.client("head_of_service")))["scheduled"] == 0


async def test_the_commitments_are_listed_and_an_unknown_one_is_not_found(manager: httpx.AsyncClient) -> None:
    (listed,) = (await manager.get("/v1/commitments")).json()["items"]
    assert (listed["code"], listed["cases_a_year"]) == ("multi-agency", 18)
    assert (await manager.get("/v1/commitments/other")).status_code == 404
    answer = await manager.get(PATH, params={"year": "2026-04"})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/query/year")


@given(st.integers(1, 50), st.integers(0, 60), st.integers(0, 60), st.dates(date(2026, 3, 1), date(2027, 5, 1)))
def test_R23_a_forecast_is_never_less_than_what_is_done_and_green_only_where_the_target_is_in_sight(
    target: int, done: int, scheduled: int, today: date
) -> None:
    told = forecast(target, done, scheduled, FIRST, LAST, today)
    assert told.cases >= done
    assert (told.rag == "green") <= (told.cases >= target)
    assert (told.rag == "red") <= (done < target)
    assert told.by_now <= target
    if today > LAST:
        assert (told.cases, told.rag == "green") == (done, done >= target)
