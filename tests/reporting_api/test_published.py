"""Published reports: immutable bytes, a hash anyone can recompute, a published schema, and supersession."""

from __future__ import annotations

import copy
import hashlib
import json
from typing import Any

import jsonschema
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from shared.schemas.board_report import ENVELOPE
from tests.reporting_api.conftest import Desk, section, slug
from tests.reporting_api.fake_evidence import a_summary


async def test_the_published_bytes_have_the_content_hash_as_etag_and_never_change(desk: Desk) -> None:
    draft = await desk.draft()
    report = await desk.publish(draft["id"])
    client = await desk.client("analyst")
    first = await client.get(f"/v1/reports/{draft['id']}")
    assert first.headers["etag"] == f'"{report["content_hash"]}"'
    unchanged = await client.get(f"/v1/reports/{draft['id']}", headers={"If-None-Match": first.headers["etag"]})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    desk.neighbours.summary = a_summary(views=1)
    assert (await client.get(f"/v1/reports/{draft['id']}")).content == first.content
    assert (await desk.assemble()).status_code == 409


def recomputed(report: dict[str, Any]) -> str:
    """The hash by the rule that the schema states, from the document alone."""
    content = copy.deepcopy({key: value for key, value in report.items() if key not in ENVELOPE})
    for one in content["sections"]:
        for source in one["sources"]:
            source.pop("fetched_at")
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


async def test_anyone_can_recompute_the_content_hash_of_a_draft_and_of_a_published_report(desk: Desk) -> None:
    draft = await desk.draft()
    document = await desk.document(draft["id"])
    assert document["content_hash"] == draft["content_hash"] == recomputed(document)
    report = await desk.publish(draft["id"])
    assert report["content_hash"] == recomputed(report)


async def test_the_report_fits_its_published_json_schema(desk: Desk) -> None:
    client = await desk.client("board_reader")
    answer = await client.get("/v1/schemas/board-report")
    assert answer.headers["content-type"] == "application/schema+json"
    schema = answer.json()
    jsonschema.Draft202012Validator.check_schema(schema)
    check = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    draft = await desk.draft()
    check.validate(await desk.document(draft["id"]))
    check.validate(await desk.publish(draft["id"]))
    headers = {"If-None-Match": answer.headers["etag"]}
    assert (await client.get("/v1/schemas/board-report", headers=headers)).status_code == 304


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE report_snapshot SET body = ''::bytea",
        "DELETE FROM report_snapshot",
        "TRUNCATE report_snapshot",
        "UPDATE report_revision SET content = '{}'::jsonb",
        "DELETE FROM report_revision",
    ],
)
async def test_the_database_itself_refuses_to_change_what_was_published_or_signed(desk: Desk, statement: str) -> None:
    await desk.publish((await desk.draft())["id"])
    with pytest.raises(DBAPIError, match="never changed"):
        async with desk.reporting.database.transaction() as session:
            await session.execute(sa.text(statement))


async def test_a_correction_is_a_new_edition_that_supersedes_with_its_reason(desk: Desk) -> None:
    first = await desk.publish((await desk.draft())["id"])
    answer = await desk.step(first["id"], "supersessions", {"reason": "A view was counted twice."}, role="analyst")
    assert answer.status_code == 201
    newer = answer.json()
    assert (newer["edition"], newer["supersedes"]) == (2, first["id"])
    assert answer.headers["location"] == f"/v1/reports/{newer['id']}"
    again = await desk.step(first["id"], "supersessions", {"reason": "Once more."})
    assert slug(again) == "edition-open"
    desk.neighbours.summary = a_summary(views=33)
    refreshed = await desk.draft()
    assert refreshed["id"] == newer["id"]
    second = await desk.publish(newer["id"])
    assert (second["version"], second["supersession_reason"]) == (2, "A view was counted twice.")
    assert section(second, "feedback")["headline"].startswith("33 views")
    client = await desk.client("board_reader")
    old = await client.get(f"/v1/reports/{first['id']}")
    assert old.json()["status"] == "published"  # its bytes are what they were
    assert old.headers["link"] == f'</v1/reports/{newer["id"]}>; rel="successor-version"'
    listed = (await client.get("/v1/reports", params={"status": "published"})).json()["items"]
    assert [one["id"] for one in listed] == [newer["id"]]
    assert (await desk.state(first["id"]))["status"] == "superseded"
    await desk.reporting.seal()
    deeds = (await (await desk.client("admin")).get("/v1/activity", params={"subject_type": "report"})).json()["items"]
    assert [one["action"] for one in deeds if one["subject_id"] == first["id"]][-2:] == [
        "report.supersession_begun",
        "report.superseded",
    ]
    assert (await desk.occurrence())["published_on"] == "2026-11-23"


async def test_a_figure_that_changed_since_the_board_saw_it_says_what_it_was(desk: Desk) -> None:
    await desk.publish((await desk.draft(period="2026-09"))["id"])
    desk.neighbours.points["looked_after_rate"] = [("RY2024", 61.0, 610.0, 1000.0), ("RY2025", 64.0, 640.0, 1000.0)]
    report = await desk.document((await desk.draft(period="2026-10"))["id"])
    figures = {one["indicator"]: one for one in section(report, "key_indicators")["figures"]}
    assert figures["looked_after_rate"]["changed_since_last_report"] == "62"
    assert figures["rereferrals"]["changed_since_last_report"] is None


async def test_a_report_read_again_has_the_same_bytes_and_each_level_its_own(desk: Desk) -> None:
    report = (await desk.publish((await desk.draft())["id"]))["id"]
    readers = [await desk.client(role) for role in ("head_of_service", "board_reader")]
    first, again = [[(await one.get(f"/v1/reports/{report}")).content for one in readers] for _ in range(2)]
    assert first == again
    assert [json.loads(body)["disclosure"] for body in again] == ["full", "protected"]
