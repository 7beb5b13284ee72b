"""The rounds an analysis tells of: those that count for its period, whether or not anybody made them (R21, R32)."""

from __future__ import annotations

from datetime import UTC, datetime

import httpx
import pytest

from shared.clock import FixedClock
from tests.audit_api.papers import cover, in_round, make_round, send
from tests.conftest import Running, Start


@pytest.fixture
async def august(start: Start) -> Running:
    return await start("audit", clock=FixedClock(datetime(2026, 8, 20, 9, tzinfo=UTC)))


async def slots(client: httpx.AsyncClient, **query: str) -> dict[str, int]:
    answer = await client.get("/v1/analysis", params=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, int] = answer.json()["slots"]
    return found


async def test_R21_R32_a_month_nobody_made_a_round_for_is_missed_in_the_quarter(august: Running) -> None:
    manager = await august.client("qa_manager")
    await make_round(manager, "2026-04")
    await send(manager, in_round("fs_weymouth", "2026-04", submitted_on="2026-05-05"))
    found = await slots(manager, period="FY2026-27-Q1", tool="case_audit")
    months = [await cover(manager, month) for month in ("2026-04", "2026-05", "2026-06")]
    for name in ("expected", "done", "on_time", "late", "missed", "void", "not_yet_due"):
        assert found[name] == sum(month[name] for month in months), name
    assert (found["expected"], found["done"], found["missed"], found["late"]) == (42, 1, 13 + 14 + 14, 0)
    # July is late, August is running, and September has not begun.
    running = await slots(manager, period="FY2026-27-Q2", tool="case_audit")
    assert (running["expected"], running["late"], running["not_yet_due"]) == (28, 14, 14)


async def test_R32_a_team_reads_its_own_places_only(august: Running) -> None:
    found = await slots(await august.client("team_manager", "fs_weymouth"), period="2026-05")
    assert (found["expected"], found["missed"]) == (1, 1)
    service = await august.client("head_of_service", "family_support")
    assert (await slots(service, period="2026-05"))["expected"] == 12
    assert (await slots(service, period="2026-05", unit="fs_chesil"))["expected"] == 1
    assert (await slots(service, period="2026-03", tool="sen_case_audit"))["expected"] == 0


async def test_R30_rounds_the_teams_are_not_told_of_are_counted_for_those_above_alone(august: Running) -> None:
    asked = {"period": "FY2026-27-Q1", "tool": "unannounced_peer_audit"}
    assert (await slots(await august.client("qa_manager"), **asked))["expected"] == 14
    for role, unit in (("head_of_service", None), ("analyst", None), ("team_manager", "fs_weymouth")):
        assert (await slots(await august.client(role, unit), **asked))["expected"] == 0


@pytest.mark.parametrize("made", [False, True])
async def test_R39_a_yearly_round_is_of_the_quarter_its_audits_count_for(august: Running, made: bool) -> None:
    manager = await august.client("qa_manager")
    if made:
        path = "/v1/programmes/sen_outreach_standards/rounds"
        assert (await manager.post(path, params={"period": "FY2026-27"})).status_code == 201
    tool = "sen_support_outreach_standards"
    assert (await slots(manager, period="FY2026-27-Q1", tool=tool))["expected"] == 0
    year = await slots(manager, period="FY2026-27", tool=tool)
    assert (year["expected"], year["not_yet_due"]) == (4, 4)


@pytest.mark.parametrize("period", ["1990-01", "FY1990-91", "2100-12", "FY2099-00"])
async def test_periods_far_away_have_no_rounds(august: Running, period: str) -> None:
    assert (await slots(await august.client("qa_manager"), period=period))["expected"] == 0
