"""What people write into a draft: laid over what was assembled, taken back with null, refused when bad."""

from __future__ import annotations

from typing import Any

import pytest

from tests.reporting_api.conftest import CLOSING, Desk, section, slug


async def test_nothing_is_changed_without_the_version_that_was_read(desk: Desk) -> None:
    report = (await desk.draft())["id"]
    client = await desk.client("analyst")
    assert (await client.patch(f"/v1/reports/{report}", json=CLOSING)).status_code == 428
    stale = await client.patch(f"/v1/reports/{report}", json=CLOSING, headers={"If-Match": '"9"'})
    assert (stale.status_code, stale.headers["etag"]) == (412, '"1"')
    good = await client.patch(f"/v1/reports/{report}", json=CLOSING, headers={"If-Match": '"1"'})
    assert (good.status_code, good.headers["etag"]) == (200, '"2"')
    for step in ("submissions", "publications"):
        assert (await (await desk.client("admin")).post(f"/v1/reports/{report}/{step}")).status_code == 428


async def test_what_was_written_goes_back_with_null_and_stays_when_left_out(desk: Desk) -> None:
    report = (await desk.draft())["id"]
    edit: dict[str, Any] = {
        "headlines": ["One thing to know."],
        "sections": [{"code": "exceptions", "headline": "Ours", "narrative": "Why."}],
    }
    await desk.step(report, "edit", edit)
    await desk.step(report, "edit", CLOSING)
    written = await desk.document(report)
    assert written["headlines"] == ["One thing to know."]
    assert section(written, "exceptions")["headline"] == "Ours"
    await desk.step(report, "edit", {"headlines": None, "sections": [{"code": "exceptions", "headline": None}]})
    back = await desk.document(report)
    assert len(back["headlines"]) > 1
    assert section(back, "exceptions")["headline"].startswith("1 new exception")
    assert section(back, "exceptions")["narrative"] == "Why."
    assert back["doing_the_right_things"] == CLOSING["doing_the_right_things"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"status": "published"},
        {"headlines": ["x" * 5000]},
        {"headlines": "one"},
        {"doing_the_right_things": 1},
        {"doing_the_right_things": "a\u0000b"},
        {"sections": [{"code": "not_there", "narrative": "x"}]},
        {"sections": [{"code": "exceptions"}, {"code": "exceptions"}]},
        {"participation": {"took_place": True}},
        {"participation": {"took_place": False, "why_not": "x", "what_follows": "y", "how_many": 3}},
        {"key_actions": [{"text": "Do it", "evidence": []}]},
    ],
)
async def test_a_bad_edit_is_refused_and_changes_nothing(desk: Desk, body: dict[str, Any]) -> None:
    draft = await desk.draft()
    answer = await desk.step(draft["id"], "edit", body)
    assert answer.status_code == 422, answer.text
    assert "not_there" not in answer.text
    assert (await desk.state(draft["id"]))["version"] == draft["version"]


async def test_a_submitted_report_is_neither_edited_nor_refreshed(desk: Desk) -> None:
    report = (await desk.draft())["id"]
    await desk.step(report, "edit", CLOSING)
    await desk.step(report, "submissions")
    assert slug(await desk.step(report, "edit", CLOSING)) == "report-in-another-state"
    assert slug(await desk.assemble()) == "report-no-longer-draft"
