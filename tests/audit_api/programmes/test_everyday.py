"""The calendar, and each manager's own audits of supervision (R35)."""

from __future__ import annotations

from datetime import date
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.audit_api.supervising import months_after
from tests.audit_api.framework import apply, programme_of_type, tool_of_type
from tests.audit_api.papers import PROGRAMME, in_round, make_round, send, whole
from tests.conftest import Running

MANAGERS = "/v1/supervision-audits"


@pytest.fixture
async def manager(audit: Running) -> httpx.AsyncClient:
    """Three managers audit supervision every six months, one of them a head of service."""
    admin = await audit.client("admin")
    assert (await apply(admin, "tools", tool_of_type("sample_of_supervision", "supervision"))).status_code == 200
    since = (("fs_chesil", "2026-04-01"), ("fs_portland", "2026-04-01"), ("family_support", "2026-10-01"))
    slots = [{"unit": unit, "effective_from": day} for unit, day in since]
    programme = programme_of_type(
        "supervision_by_managers", "supervision", "sample_of_supervision", cadence="each_manager", every_months=6,
        due_working_days_after_period=None, slots=slots,
    )  # fmt: skip
    applied = await apply(admin, "programmes", programme)
    assert applied.status_code == 200, applied.text
    return await audit.client("qa_manager")


def supervised(auditor_unit: str, on: str, unit: str = "fs_chesil") -> dict[str, Any]:
    return whole(unit, tool="sample_of_supervision", auditor_unit=auditor_unit, submitted_on=on)


async def listed(client: httpx.AsyncClient, **query: Any) -> list[dict[str, Any]]:
    answer = await client.get(MANAGERS, params=query)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def test_R35_managers_are_listed_with_what_they_last_did_and_what_is_due(manager: httpx.AsyncClient) -> None:
    done = await send(manager, supervised("fs_portland", "2026-09-10", unit="fs_chesil"))
    found = await listed(manager)
    assert [(one["unit"], one["last_done"], one["due_on"], one["overdue"]) for one in found] == [
        ("fs_chesil", None, "2026-10-01", True),
        ("fs_portland", "2026-09-10", "2027-03-10", False),
        ("family_support", None, "2027-04-01", False),
    ]
    assert (found[0]["days_overdue"], found[0]["post"]) == (53, "Family Support Manager")
    assert (found[1]["last_audit"], found[1]["auditor"]) == (done["id"], "test-qa_manager")


async def test_R35_somebody_elses_audit_of_a_team_is_not_its_managers(manager: httpx.AsyncClient) -> None:
    await send(manager, supervised("safeguarding_and_standards", "2026-11-10", unit="fs_chesil"))
    await send(manager, whole("fs_portland", auditor_unit="fs_chesil"))
    assert [one["unit"] for one in await listed(manager, overdue=True)] == ["fs_chesil", "fs_portland"]
    await send(manager, supervised("fs_chesil", "2026-11-10", unit="fs_chesil"))
    assert [one["unit"] for one in await listed(manager, overdue=True)] == ["fs_portland"]
    assert [one["unit"] for one in await listed(manager, overdue=False)] == ["family_support", "fs_chesil"]


async def test_R35_a_manager_sees_the_own_line_and_one_above_all_below(
    audit: Running, manager: httpx.AsyncClient
) -> None:
    assert [one["unit"] for one in await listed(await audit.client("team_manager", "fs_chesil"))] == ["fs_chesil"]
    assert len(await listed(await audit.client("head_of_service", "family_support"))) == 3
    assert await listed(await audit.client("team_manager", "sen_team")) == []
    assert [one["unit"] for one in await listed(manager, unit="fs_portland")] == ["fs_portland"]
    assert (await manager.get(MANAGERS, params={"unit": "nowhere"})).status_code == 404
    refused = await manager.post("/v1/programmes/supervision_by_managers/rounds?period=2026-11")
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/query/period")


@given(st.dates(date(2000, 1, 1), date(2099, 1, 1)), st.integers(1, 24))
def test_R35_months_later_is_in_the_month_so_many_later_and_never_a_later_day(day: date, months: int) -> None:
    later = months_after(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day <= day.day
    assert later.day == day.day or (later.month, later.day) in {(2, 28), (2, 29), (4, 30), (6, 30), (9, 30), (11, 30)}


async def days(client: httpx.AsyncClient, **query: Any) -> list[dict[str, Any]]:
    answer = await client.get("/v1/calendar", params=query)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def test_the_calendar_tells_rounds_audits_and_managers_by_day(manager: httpx.AsyncClient) -> None:
    made = await make_round(manager, "2026-11")
    await send(manager, in_round("fs_chesil", "2026-11"))
    alone = await send(manager, {"unit": "fs_chesil", "tool": "case_audit", "case_reference": "CMS-1",
                                 "due_on": "2026-12-04"})  # fmt: skip
    found = await days(manager, first="2026-09-28", last="2026-12-31")
    monthly = [one for one in found if one["programme"] == PROGRAMME]
    assert [(one["day"], one["kind"], one["period"], one["open"]) for one in monthly] == [
        ("2026-10-01", "round_starts", "2026-10", 14), ("2026-10-14", "round_due", "2026-09", 14),
        ("2026-11-01", "round_starts", "2026-11", 13), ("2026-11-13", "round_due", "2026-10", 14),
        ("2026-12-01", "round_starts", "2026-12", 14), ("2026-12-14", "round_due", "2026-11", 13),
    ]  # fmt: skip
    assert [one["round"] for one in monthly if one["period"] == "2026-11"] == [made["id"]] * 2
    (audit,) = [one for one in found if one["kind"] == "audit_due"]
    assert (audit["day"], audit["audit"], audit["unit"]) == ("2026-12-04", alone["id"], "fs_chesil")
    owed = [(one["day"], one["unit"]) for one in found if one["kind"] == "supervision_due"]
    assert owed == [("2026-10-01", "fs_chesil"), ("2026-10-01", "fs_portland")]
    assert [one["day"] for one in found] == sorted(one["day"] for one in found)


async def test_the_calendar_is_one_list_however_it_is_paged(manager: httpx.AsyncClient) -> None:
    for number in range(4):
        await send(manager, {"unit": "fs_chesil", "tool": "case_audit", "case_reference": f"CMS-{number}",
                             "due_on": "2026-12-04"})  # fmt: skip
    await make_round(manager, "2026-11")
    query = {"first": "2026-09-01", "last": "2027-08-31"}
    whole_list, paged, after = await days(manager, **query, limit=500), [], None
    while True:
        page = (
            await manager.get("/v1/calendar", params=query | {"limit": 3} | ({"after": after} if after else {}))
        ).json()
        paged += page["items"]
        after = page["next"]
        if after is None:
            break
    assert paged == whole_list
    assert len({one["key"] for one in paged}) == len(paged) > 20


async def test_a_team_sees_its_own_days_only(audit: Running, manager: httpx.AsyncClient) -> None:
    await send(
        manager, {"unit": "fs_portland", "tool": "case_audit", "case_reference": "CMS-1", "due_on": "2026-12-04"}
    )
    found = await days(await audit.client("team_manager", "fs_chesil"))
    assert {one["kind"] for one in found} == {"round_starts", "round_due"}
    assert {one["open"] for one in found} == {1}
    assert await days(await audit.client("team_manager", "participation")) == []
    assert {one["unit"] for one in await days(manager, unit="fs_portland") if one["unit"]} == {"fs_portland"}


@pytest.mark.parametrize(
    "query", [{"first": "2026-11-02", "last": "2026-11-01"}, {"first": "2026-01-01", "last": "2027-12-31"}]
)
async def test_days_that_make_no_span_are_refused(manager: httpx.AsyncClient, query: dict[str, str]) -> None:
    answer = await manager.get("/v1/calendar", params=query)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/query/last")


@pytest.mark.parametrize("day", ["1900-01-01", "2200-12-31"])
async def test_days_far_away_have_nothing_to_tell(manager: httpx.AsyncClient, day: str) -> None:
    assert await days(manager, first=day, last=day) == []
