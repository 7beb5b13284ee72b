"""Protected copies of real reports, held against every count that was told before."""

from __future__ import annotations

import json
from typing import Any

from services.reporting_api.telling import QUARTERS_ONLY, WITHHELD
from shared.schemas.feedback_summary import Tally
from tests.reporting_api.conftest import CLOSING, Desk, section, slug
from tests.reporting_api.fake_evidence import a_summary
from tests.reporting_api.framework_changes import apply_change, framework_item
from tests.reporting_api.test_published import recomputed


def groups(document: dict[str, Any]) -> dict[str, float | None]:
    found = section(document, "feedback")["items"]
    return {one["code"]: one["value"] for one in found if one.get("group") == "respondent_groups"}


def heard(parents: int, children: int, staff: int) -> list[Tally]:
    return [
        Tally(code="parents", title="Parents and carers", count=parents),
        Tally(code="children", title="Children and young people", count=children),
        Tally(code="staff", title="Staff", count=staff),
    ]


async def tell(desk: Desk, counts: tuple[int, int, int]) -> None:
    desk.neighbours.summary = a_summary(views=sum(counts), respondent_groups=heard(*counts))


async def go_outside(desk: Desk) -> None:
    """The report goes to a board outside the council as well: it is protected itself."""
    item = framework_item("reports", "csdg_monthly")
    await apply_change(await desk.client("admin"), "reports", {**item, "audiences": ["csdg", "csoc"]})


async def correct(desk: Desk, report: str) -> str:
    newer = await desk.step(report, "supersessions", {"reason": "A view was counted under another group."})
    assert newer.status_code == 201, newer.text
    assert (await desk.assemble()).status_code == 201
    found: str = newer.json()["id"]
    return found


async def test_a_correction_does_not_tell_a_protected_board_what_the_first_edition_hid(desk: Desk) -> None:
    await go_outside(desk)
    await tell(desk, (18, 13, 3))
    first = await desk.publish((await desk.draft())["id"])
    assert groups(first) == {"parents": 18, "children": None, "staff": None}
    await tell(desk, (18, 13, 0))
    second = await desk.publish(await correct(desk, first["id"]))
    # 13 is what it was: shown now, it would tell that 3 were hidden then.
    assert groups(second) == {"parents": 18, "children": None, "staff": None}
    told = section(second, "feedback")
    assert WITHHELD in told["caveats"]
    assert "31 views" not in json.dumps([told["headline"], *second["headlines"]])
    assert second["content_hash"] == recomputed(second)


async def test_a_correction_that_hides_the_same_is_told_as_it_is(desk: Desk) -> None:
    await go_outside(desk)
    await tell(desk, (18, 13, 3))
    first = await desk.publish((await desk.draft())["id"])
    await tell(desk, (19, 13, 3))
    second = await desk.publish(await correct(desk, first["id"]))
    assert groups(second) == {"parents": 19, "children": None, "staff": None}
    assert WITHHELD not in section(second, "feedback")["caveats"]


async def test_the_copy_of_an_internal_report_counts_people_by_whole_quarters_and_leaves_the_quarter_to_be_told(
    desk: Desk,
) -> None:
    await tell(desk, (18, 13, 3))
    report = await desk.publish((await desk.draft(period="2026-10"))["id"])
    assert groups(report) == {"parents": 18, "children": 13, "staff": 3}
    copy = await desk.document(report["id"], "board_reader")
    assert groups(copy) == {"parents": None, "children": None, "staff": None}
    assert QUARTERS_ONLY in section(copy, "feedback")["caveats"]
    assert copy["content_hash"] == recomputed(copy)
    state = (await (await desk.client("board_reader")).get(f"/v1/reports/{report['id']}/state")).json()
    assert state["content_hash"] == copy["content_hash"]
    item = framework_item("reports", "csdg_monthly")
    quarterly = {**item, "code": "outside", "audiences": ["csoc"], "cadence": "quarterly"}
    await apply_change(await desk.client("admin"), "reports", {**quarterly, "period_kind": "financial_quarter"})
    desk.materialised = False
    await tell(desk, (50, 40, 4))
    # What its own board is told of the quarter is hidden as this table alone asks for.
    outside = await desk.document((await desk.draft("outside", "FY2026-27-Q2"))["id"])
    assert groups(outside) == {"parents": 50, "children": None, "staff": None}


async def test_a_draft_that_was_signed_before_another_report_told_its_numbers_is_not_published_as_it_stands(
    desk: Desk,
) -> None:
    await go_outside(desk)
    item = framework_item("reports", "csdg_monthly")
    await apply_change(await desk.client("admin"), "reports", {**item, "code": "csdg_again", "audiences": ["csoc"]})
    await tell(desk, (18, 13, 0))
    waiting = await desk.draft()
    await desk.step(waiting["id"], "edit", CLOSING)
    await desk.step(waiting["id"], "submissions")
    assert (await desk.sign(waiting["id"], "head_of_service")).status_code == 200
    await tell(desk, (18, 13, 3))
    await desk.publish((await desk.draft("csdg_again"))["id"])
    refused = await desk.step(waiting["id"], "publications")
    assert (refused.status_code, slug(refused)) == (409, "told-meanwhile")
    await desk.step(waiting["id"], "reopenings", {"reason": "Another report told numbers beside these."})
    assert (await desk.assemble()).status_code == 201
    report = await desk.publish(waiting["id"])
    assert groups(report) == {"parents": 18, "children": None, "staff": None}
