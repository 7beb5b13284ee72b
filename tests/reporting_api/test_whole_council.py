"""What is made for the whole council: refused to a token for one unit, and never made out of a part's figures."""

from __future__ import annotations

import sqlalchemy as sa

from services.reporting_api.occurrences import table
from tests.conftest import Running
from tests.reporting_api.conftest import Desk, slug
from tests.reporting_api.schedule_calls import YEAR

OWNER = "planning_and_performance"  # the unit that owns the group's monthly report


async def test_a_caller_for_one_unit_assembles_no_report_not_even_his_own_units(desk: Desk) -> None:
    found = await desk.occurrence()
    owner = await desk.reporting.client("head_of_service", unit=OWNER)
    answer = await owner.post(f"/v1/occurrences/{found['id']}/assemblies")
    assert (answer.status_code, slug(answer)) == (403, "whole-council-needed")
    assert [fake.asked for fake in desk.neighbours] == [[], [], []]
    draft = await desk.draft()
    again = await owner.post(f"/v1/occurrences/{found['id']}/assemblies")
    assert (again.status_code, slug(again)) == (403, "whole-council-needed")
    assert (await desk.state(draft["id"]))["version"] == draft["version"]


async def test_a_caller_for_one_unit_is_not_offered_an_assembly(desk: Desk) -> None:
    found = await desk.occurrence()
    owner = await desk.reporting.client("head_of_service", unit=OWNER)
    assert (await owner.get(f"/v1/occurrences/{found['id']}")).json()["allowed_actions"] == ["explain_lateness"]
    draft = await desk.draft()
    state = (await owner.get(f"/v1/reports/{draft['id']}/state")).json()
    assert state["allowed_actions"] == ["edit", "submit"]
    assert draft["allowed_actions"] == ["edit", "refresh", "submit"]


async def test_a_caller_for_one_unit_makes_no_occurrences(reporting: Running) -> None:
    owner = await reporting.client("head_of_service", unit=OWNER)
    answer = await owner.post("/v1/schedule/materialisations", json=YEAR)
    assert (answer.status_code, slug(answer)) == (403, "whole-council-needed")
    async with reporting.database.snapshot() as session:
        assert (await session.execute(sa.select(sa.func.count()).select_from(table))).scalar_one() == 0
