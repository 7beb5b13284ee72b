"""Protected copies of real reports, held against every count that was told before."""

from __future__ import annotations

import json
from typing import Any

from services.reporting_api.telling import WITHHELD
from shared.schemas.feedback_summary import Tally
from tests.reporting_api.conftest import CLOSING, Desk, section, slug
from tests.reporting_api.fake_evidence import a_summary
from tests.reporting_api.framework_changes import apply_change, framework_item


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


async def correct(desk: Desk, report: str) -> str:
    newer = await desk.step(report, "supersessions", {"reason": "A view was counted under another group."})
    assert newer.status_code == 201, newer.text
    assert (await desk.assemble()).status_code == 201
    found: str = newer.json()["id"]
    return found


async def test_a_correction_does_not_tell_the_protected_reader_what_the_first_edition_hid(desk: Desk) -> None:
    await tell(desk, (18, 13, 3))
    first = await desk.publish((await desk.draft())["id"])
    copy = await desk.document(first["id"], "board_reader")
    assert groups(copy) == {"parents": 18, "children": None, "staff": None}
    await tell(desk, (18, 13, 0))
    second = await desk.publish(await correct(desk, first["id"]))
    assert groups(second) == {"parents": 18, "children": 13, "staff": 0}
    copy = await desk.document(second["id"], "board_reader")
    # 13 is what it was: shown now, it would tell that 3 were hidden then.
    assert groups(copy) == {"parents": 18, "children": None, "staff": None}
    told = section(copy, "feedback")
    assert WITHHELD in told["caveats"]
    assert "31" not in json.dumps([told["headline"], *copy["headlines"][:2]])
    state = (await (await desk.client("board_reader")).get(f"/v1/reports/{second['id']}/state")).json()
    assert state["content_hash"] == copy["content_hash"]


async def test_a_correction_that_hides_the_same_is_told_as_it_is(desk: Desk) -> None:
    await tell(desk, (18, 13, 3))
    first = await desk.publish((await desk.draft())["id"])
    await tell(desk, (19, 13, 3))
    second = await desk.publish(await correct(desk, first["id"]))
    copy = await desk.document(second["id"], "board_reader")
    assert groups(copy) == {"parents": 19, "children": None, "staff": None}
    assert WITHHELD not in section(copy, "feedback")["caveats"]


async def test_a_draft_that_was_signed_before_another_report_told_its_numbers_is_not_published_as_it_stands(
    desk: Desk,
) -> None:
    admin = await desk.client("admin")
    item = framework_item("reports", "csdg_monthly")
    await apply_change(admin, "reports", {**item, "audiences": ["csdg", "csoc"]})
    await apply_change(admin, "reports", {**item, "code": "csdg_again", "audiences": ["csdg"]})
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
