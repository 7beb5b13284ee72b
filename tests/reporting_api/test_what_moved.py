"""A draft that is refreshed says what moved since it was last assembled, at the level its reader may see."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from services.reporting_api import editions
from services.reporting_api.assembly.history import read_assemblies
from services.reporting_api.occurrences import c, table
from shared.auth.caller import Caller
from tests.reporting_api.conftest import CLOSING, Desk, slug
from tests.reporting_api.fake_evidence import a_summary, an_exception


async def history(desk: Desk, report: str, role: str = "analyst") -> list[dict[str, Any]]:
    answer = await (await desk.client(role)).get(f"/v1/reports/{report}/assemblies")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def test_a_first_assembly_moved_nothing_and_says_that_it_is_the_first(desk: Desk) -> None:
    draft = await desk.draft()
    assert (draft["first"], draft["moved"]) == (True, [])


async def test_assembled_again_from_the_same_evidence_nothing_has_moved(desk: Desk) -> None:
    await desk.draft()
    again = await desk.draft()
    assert (again["first"], again["moved"]) == (False, [])


async def test_a_refreshed_draft_names_the_totals_figures_and_rows_that_moved(desk: Desk) -> None:
    await desk.draft()
    desk.neighbours.summary = a_summary(views=35)
    desk.neighbours.points["looked_after_rate"] = [("RY2025", 63.0, 630.0, 10000.0)]
    desk.neighbours.exceptions = [an_exception(), an_exception(key="another", sentence="Rereferrals rose sharply.")]
    moved = (await desk.draft())["moved"]
    said = {one["sentence"] for one in moved}
    assert "What people told us: Views recorded, 34 before, 35 now." in said
    figure = next(one for one in moved if one["what"] == "figure")
    assert (figure["subject"], figure["before"], figure["now"]) == (
        "looked_after_rate", "62 for year to 31 March 2025", "63 for year to 31 March 2025",
    )  # fmt: skip
    rows = next(one for one in moved if one["what"] == "rows" and one["section"] == "exceptions")
    assert (rows["came"], rows["went"]) == (["Rereferrals rose sharply."], [])


async def test_a_figure_that_reads_the_same_beside_a_restated_period_has_moved(desk: Desk) -> None:
    desk.neighbours.points["looked_after_rate"] = [
        ("RY2024", 60.0, 600.0, 10000.0), ("RY2025", 62.0, 620.0, 10000.0),
    ]  # fmt: skip
    await desk.draft()
    desk.neighbours.points["looked_after_rate"][0] = ("RY2024", 58.0, 580.0, 10000.0)
    moved = [one for one in (await desk.draft())["moved"] if one["subject"] == "looked_after_rate"]
    assert any("year to 31 March 2024, 60 before, 58 now" in one["sentence"] for one in moved), moved


async def test_a_source_that_is_lost_is_said_to_have_moved_and_so_is_its_coming_back(desk: Desk) -> None:
    draft = await desk.draft()
    desk.neighbours.audit.mode = "wrong_schema"
    lost = (await desk.draft())["moved"]
    assert {(one["what"], one["before"], one["now"]) for one in lost} == {("availability", "available", "stale")}
    desk.neighbours.audit.mode = "up"
    back = (await desk.draft())["moved"]
    assert {(one["before"], one["now"]) for one in back} == {("stale", "available")}
    told = await history(desk, draft["id"])
    assert [(one["revision"], one["first"], bool(one["moved"])) for one in told] == [
        (3, False, True), (2, False, True), (1, True, False),
    ]  # fmt: skip


async def test_what_people_wrote_between_two_assemblies_is_no_movement_and_stays(desk: Desk) -> None:
    draft = await desk.draft()
    assert (await desk.step(draft["id"], "edit", CLOSING)).status_code == 200
    assert (await desk.draft())["moved"] == []
    assert (await desk.document(draft["id"]))["doing_the_right_things"] == CLOSING["doing_the_right_things"]


async def test_whoever_sees_no_small_numbers_is_told_none_in_what_moved(desk: Desk) -> None:
    draft = await desk.draft()
    desk.neighbours.summary = a_summary(
        respondent_groups=[one.model_copy(update={"count": 4}) if one.count == 3 else one
                           for one in a_summary().respondent_groups]
    )  # fmt: skip
    await desk.draft()
    assert "Staff" in str(await history(desk, draft["id"]))
    writer = Caller("somebody", scopes=frozenset({"reporting:read", "reporting:write"}))
    async with desk.reporting.database.snapshot() as session:
        row = await editions.read_edition(session, writer, UUID(draft["id"]))
        seen = await read_assemblies(session, writer, row, fetch=1)
    assert (seen[0].first, seen[0].moved) == (False, [])


async def test_a_member_of_a_board_is_told_nothing_of_drafts(desk: Desk) -> None:
    report = await desk.publish((await desk.draft())["id"])
    answer = await (await desk.client("board_reader")).get(f"/v1/reports/{report['id']}/assemblies")
    assert (answer.status_code, slug(answer)) == (404, "not-found")


async def test_a_draft_that_shows_a_source_as_it_was_is_tried_again_and_ever_more_seldom(desk: Desk) -> None:
    async def waits() -> timedelta | None:
        async with desk.reporting.database.snapshot() as session:
            statement = sa.select(table.c.refresh_after).where(c.report == "csdg_monthly", c.period == "2026-10")
            again = (await session.execute(statement)).scalar_one()
        return None if again is None else again - desk.reporting.clock.now()

    await desk.draft()
    assert await waits() is None
    desk.neighbours.audit.mode = "wrong_schema"
    found = []
    for _ in range(5):
        await desk.draft()
        found.append(await waits())
    assert found == [timedelta(minutes=minutes) for minutes in (30, 60, 120, 120, 120)]
    desk.neighbours.audit.mode = "up"
    await desk.draft()
    assert await waits() is None
