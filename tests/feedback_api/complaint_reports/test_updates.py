"""Managers update the report to show learning and resulting improvement, each change stamped (R60)."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from services.feedback_api.models import ComplaintReportUpdateHistory, table_of
from tests.feedback_api.complaint_reports.conftest import QUARTER

PATH = f"/v1/complaints/reports/updates/{QUARTER}/fs_weymouth"
BODY = {"learning": "Nobody rang back.", "improvement": "A rota answers the telephone."}
EDITIONS = "/v1/complaints/reports/editions"


async def test_R60_a_manager_s_update_is_stamped_and_in_the_next_edition(
    autumn: Any, closed: Any, post: Any, read: Any
) -> None:
    await post(autumn, closed("A"))
    council = await autumn.client("complaints_manager")
    await council.post(EDITIONS, json={"period": QUARTER})
    manager = await autumn.client("team_manager", unit="fs_weymouth", subject="m.weymouth")
    kept = await manager.put(PATH, json=BODY)
    assert (kept.status_code, kept.headers["etag"], kept.json()["updated_by"]) == (201, '"1"', "m.weymouth")
    waiting = await read(autumn)
    assert (waiting["learning"]["updates"], waiting["learning"]["updates_since"]) == ([], ["fs_weymouth"])
    assert [one["unit"] for one in waiting["learning"]["updates_missing"]] == ["fs_weymouth"]
    await council.post(EDITIONS, json={"period": QUARTER})
    learning = (await read(autumn))["learning"]
    (update,) = learning["updates"]
    assert update == {
        "unit": "fs_weymouth", "title": "Family Support, Weymouth", **BODY, "updated_by": "m.weymouth",
        "updated_at": "2026-10-01T09:00:00Z",
    }  # fmt: skip
    assert (learning["updates_missing"], learning["updates_since"]) == ([], [])
    changed = await manager.put(PATH, json=BODY | {"improvement": "Something else."}, headers={"If-Match": '"1"'})
    assert changed.status_code == 200
    (still,) = (await read(autumn))["learning"]["updates"]
    assert (still["improvement"], still["updated_by"]) == ("A rota answers the telephone.", "m.weymouth")
    hidden = await read(autumn, "analyst")
    assert [(one["unit"], one["learning"]) for one in hidden["learning"]["updates"]] == [("fs_weymouth", None)]


async def test_an_update_names_the_version_it_saw_and_keeps_what_was_said(autumn: Any) -> None:
    client = await autumn.client("complaints_manager")
    assert (await client.get(PATH)).status_code == 404
    assert (await client.put(PATH, json=BODY, headers={"If-Match": '"1"'})).status_code == 412
    assert (await client.put(PATH, json=BODY, headers={"If-None-Match": "*"})).status_code == 201
    other = BODY | {"learning": "Calls were not returned."}
    assert (await client.put(PATH, json=other)).status_code == 428
    assert (await client.put(PATH, json=other, headers={"If-Match": '"7"'})).status_code == 412
    same = await client.put(PATH, json=BODY, headers={"If-Match": '"1"'})
    assert (same.status_code, same.json()["version"]) == (200, 1)
    assert (await client.put(PATH, json=other, headers={"If-Match": '"1"'})).json()["version"] == 2
    read = await client.get(PATH)
    assert (read.headers["etag"], read.json()["learning"], read.json()["allowed_actions"]) == (
        '"2"', "Calls were not returned.", ["change"],
    )  # fmt: skip
    async with autumn.database.snapshot() as session:
        (kept,) = (await session.execute(sa.select(table_of(ComplaintReportUpdateHistory)))).all()
    assert (kept.version, kept.content["learning"]) == (1, "Nobody rang back.")
    await autumn.seal()
    deeds = (await (await autumn.client("admin")).get("/v1/activity")).json()["items"]
    assert [deed["action"] for deed in deeds[1:]] == ["complaint_report.updated"] * 2
    assert "returned" not in str(deeds)


async def test_a_manager_writes_for_units_of_their_own_only(autumn: Any) -> None:
    manager = await autumn.client("team_manager", unit="cwd_east")
    for answer in (await manager.put(PATH, json=BODY), await manager.get(PATH)):
        assert answer.status_code == 404
    nowhere = PATH.replace("fs_weymouth", "nowhere")
    assert (await (await autumn.client("admin")).put(nowhere, json=BODY)).status_code == 404
    for role in ("practitioner", "ingest_client", "analyst", "board_reader"):
        assert (await (await autumn.client(role)).put(PATH, json=BODY)).status_code == 403, role
    await (await autumn.client("admin")).put(PATH, json=BODY)
    listing = f"/v1/complaints/reports/updates?period={QUARTER}"
    assert (await manager.get(listing)).json()["items"] == []
    head = await autumn.client("head_of_service", unit="family_support")
    assert [one["unit"] for one in (await head.get(listing)).json()["items"]] == ["fs_weymouth"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (PATH, {}), (PATH, BODY | {"learning": ""}), (PATH, BODY | {"unit": "fs_weymouth"}),
        (PATH.replace(QUARTER, "2026-08"), BODY), (PATH.replace("fs_weymouth", "A-B"), BODY),
    ],
)  # fmt: skip
async def test_an_update_that_cannot_be_is_refused(autumn: Any, path: str, body: dict[str, Any]) -> None:
    client = await autumn.client("admin")
    assert (await client.put(path, json=body)).status_code == 422
