"""A report on its way to its board: written, submitted, signed in order, published once, superseded if wrong."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import jsonschema
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from shared.schemas.board_report import ENVELOPE
from tests.reporting_api.conftest import CLOSING, Desk, section, slug
from tests.reporting_api.fake_neighbours import a_summary


async def test_a_report_is_written_submitted_signed_and_published(desk: Desk) -> None:
    draft = await desk.draft()
    assert draft["status"] == "draft"
    assert draft["allowed_actions"] == ["edit", "refresh", "submit"]
    report = await desk.publish(draft["id"])
    assert report["status"] == "published"
    assert report["doing_the_right_things"] == CLOSING["doing_the_right_things"]
    signature = report["signatures"][0]
    assert (signature["role"], signature["content_hash"]) == ("head_of_service", report["content_hash"])
    assert report["published_at"] == "2026-11-23T09:00:00Z"
    occurrence = await desk.occurrence()
    assert (occurrence["status"], occurrence["published_on"]) == ("published", "2026-11-23")
    assert occurrence["report_id"] == draft["id"]


async def test_the_published_report_is_found_by_any_name_of_its_board(desk: Desk) -> None:
    report = await desk.publish((await desk.draft())["id"])
    reader = await desk.client("board_reader")
    for board in ("csdg", "SDG", "Children's Services Development Group"):
        query = {"board": board, "status": "published", "period": "2026-10"}
        found = (await reader.get("/v1/reports", params=query)).json()["items"]
        assert [one["id"] for one in found] == [report["id"]]
    assert found[0]["period"]["code"] == "2026-10"
    assert (await reader.get("/v1/reports", params={"board": "nobody"})).status_code == 404


async def test_R01_a_board_s_member_sees_what_was_published_and_no_draft(desk: Desk) -> None:
    draft = await desk.draft()
    reader = await desk.client("board_reader")
    assert (await reader.get("/v1/reports")).json()["items"] == []
    for path in ("", "/state", "/html"):
        assert (await reader.get(f"/v1/reports/{draft['id']}{path}")).status_code == 404
    await desk.publish(draft["id"])
    assert len((await reader.get("/v1/reports", params={"board": "csdg"})).json()["items"]) == 1
    assert (await reader.get("/v1/reports", params={"board": "dscb"})).json()["items"] == []
    assert (await reader.get(f"/v1/reports/{draft['id']}")).status_code == 200


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
    content = {key: value for key, value in report.items() if key not in ENVELOPE}
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
    assert (await desk.occurrence())["published_on"] == "2026-11-23"


async def test_signatures_are_given_in_order_by_role_on_this_content_and_not_by_the_submitter(desk: Desk) -> None:
    draft = await desk.draft("dscb_compliance_quarterly", "FY2026-27-Q2")
    report = draft["id"]
    assert (await desk.step(report, "edit", CLOSING)).status_code == 200
    submitted = await desk.step(report, "submissions", role="qa_manager", subject="ann")
    assert submitted.status_code == 200
    content = submitted.json()["content_hash"]
    body = {"role": "head_of_service", "content_hash": content}
    early = await desk.step(report, "signatures", body, role="head_of_service", subject="hal")
    assert slug(early) == "not-the-next-signature"
    stranger = await desk.step(
        report, "signatures", {**body, "role": "qa_manager"}, role="head_of_service", subject="hal"
    )
    assert slug(stranger) == "role-not-held"
    own = await desk.sign(report, "qa_manager", "ann")
    assert slug(own) == "segregation-of-duties"
    other = await desk.step(
        report, "signatures", {"role": "qa_manager", "content_hash": "0" * 64}, role="qa_manager", subject="ben"
    )
    assert slug(other) == "signed-content-differs"
    assert (await desk.sign(report, "qa_manager", "ben")).json()["next_signature"] == "head_of_service"
    unsigned = await desk.step(report, "publications")
    assert slug(unsigned) == "report-in-another-state"
    last = await desk.sign(report, "head_of_service", "hal")
    assert (last.json()["status"], last.json()["next_signature"]) == ("signed_off", None)
    assert [one["subject"] for one in last.json()["signatures"]] == ["ben", "hal"]


async def test_a_reopened_report_is_signed_anew(desk: Desk) -> None:
    report = (await desk.draft())["id"]
    await desk.step(report, "edit", CLOSING)
    await desk.step(report, "submissions")
    assert (await desk.sign(report, "head_of_service")).json()["status"] == "signed_off"
    reopened = await desk.step(report, "reopenings", {"reason": "A sentence is unclear."}, role="analyst")
    assert (reopened.json()["status"], reopened.json()["signatures"]) == ("draft", [])
    assert (await desk.occurrence())["stage"] == "draft"
    assert (await desk.publish(report))["signatures"][0]["content_hash"]
    async with desk.reporting.database.snapshot() as session:
        kept = await session.execute(sa.text("SELECT count(*) FROM report_signature WHERE voided_at IS NOT NULL"))
        assert kept.scalar_one() == 1


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


@pytest.mark.parametrize(
    ("step", "body", "role"),
    [
        ("edit", CLOSING, "board_reader"), ("submissions", None, "auditor"),
        ("signatures", {"role": "analyst", "content_hash": "0" * 64}, "analyst"),
        ("publications", None, "head_of_service"), ("reopenings", {"reason": "x"}, "team_manager"),
        ("supersessions", {"reason": "x"}, "complaints_manager"),
    ],
)  # fmt: skip
async def test_each_step_needs_its_scope(desk: Desk, step: str, body: dict[str, Any] | None, role: str) -> None:
    answer = await desk.step((await desk.draft())["id"], step, body, role=role)
    assert answer.status_code == 403


async def test_a_report_of_another_unit_is_not_there(desk: Desk) -> None:
    report = (await desk.draft())["id"]
    elsewhere = await desk.reporting.client("head_of_service", unit="family_support")
    for path in ("", "/state", "/html"):
        assert (await elsewhere.get(f"/v1/reports/{report}{path}")).status_code == 404
    headers = {"If-Match": '"1"'}
    assert (await elsewhere.patch(f"/v1/reports/{report}", json=CLOSING, headers=headers)).status_code == 404
    assert (await elsewhere.get("/v1/reports")).json()["items"] == []


async def test_every_step_is_in_the_activity_log(desk: Desk) -> None:
    report = await desk.publish((await desk.draft())["id"])
    await desk.reporting.seal()
    client = await desk.client("admin")
    deeds = (await client.get("/v1/activity", params={"subject_type": "report", "limit": 500})).json()["items"]
    assert [deed["action"] for deed in deeds] == [
        "report.assembled", "report.edited", "report.submitted", "report.signed", "report.published",
    ]  # fmt: skip
    assert {deed["subject_id"] for deed in deeds} == {report["id"]}
    assert deeds[-1]["data"]["content_hash"] == report["content_hash"]
    assert CLOSING["making_a_difference"] not in json.dumps(deeds)
    assert report["activity_head"].count(":") == 2


async def test_a_figure_that_changed_since_the_board_saw_it_says_what_it_was(desk: Desk) -> None:
    await desk.publish((await desk.draft(period="2026-09"))["id"])
    desk.neighbours.points["looked_after_rate"] = [("RY2024", 61.0, 610.0, 1000.0), ("RY2025", 64.0, 640.0, 1000.0)]
    report = await desk.document((await desk.draft(period="2026-10"))["id"])
    figures = {one["indicator"]: one for one in section(report, "key_indicators")["figures"]}
    assert figures["looked_after_rate"]["changed_since_last_report"] == "62"
    assert figures["rereferrals"]["changed_since_last_report"] is None


async def test_lists_of_reports_are_paged_newest_first(desk: Desk) -> None:
    for period in ("2026-08", "2026-09", "2026-10"):
        await desk.draft(period=period)
    client = await desk.client("analyst")
    first = await client.get("/v1/reports", params={"limit": 2, "report": "csdg_monthly"})
    assert [one["period"]["code"] for one in first.json()["items"]] == ["2026-10", "2026-09"]
    rest = await client.get("/v1/reports", params={"limit": 2, "after": first.json()["next"]})
    assert [one["period"]["code"] for one in rest.json()["items"]] == ["2026-08"]
    assert 'rel="next"' in first.headers["link"]
    assert rest.json()["next"] is None
