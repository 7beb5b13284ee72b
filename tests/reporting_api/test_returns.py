"""Returns to the department: exactly what the Head of Service reviewed goes, and by another hand (R81)."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from tests.reporting_api.conftest import Desk, section, slug

FILE = {"name": "ssda903-2026.zip", "sha256": hashlib.sha256(b"the file as it goes").hexdigest()}
OTHER = {"name": "ssda903-2026-mended.zip", "sha256": hashlib.sha256(b"the file, mended").hexdigest()}
FIGURES = [{"code": "B2", "value": 3}, {"code": "A1", "value": 412.5}, {"code": "C3", "value": None}]


async def person(desk: Desk, role: str, subject: str, unit: str | None = None) -> httpx.AsyncClient:
    key = f"{role}:{subject}:{unit}"
    if key not in desk.clients:
        desk.clients[key] = await desk.reporting.client(role, unit=unit, subject=subject)
    return desk.clients[key]


async def prepared(desk: Desk, code: str = "ssda903", subject: str = "ann", **changes: Any) -> dict[str, Any]:
    body = {"return": code, "period": "RY2026", "file": FILE, **changes}
    answer = await (await person(desk, "analyst", subject)).post("/v1/returns", json=body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def step(client: httpx.AsyncClient, found: dict[str, Any], what: str, body: dict[str, Any]) -> httpx.Response:
    address = f"/v1/returns/{found['id']}"
    version = (await client.get(address)).json()["version"]
    headers = {"If-Match": f'"{version}"'}
    if what == "content":
        return await client.put(f"{address}/content", json=body, headers=headers)
    return await client.post(f"{address}/{what}", json=body, headers=headers)


async def signed(desk: Desk, found: dict[str, Any], subject: str = "hal", role: str = "head_of_service") -> Any:
    client = await person(desk, role, subject)
    return await step(client, found, "signatures", {"content_hash": found["content_hash"]})


async def test_R81_a_return_is_submitted_after_its_head_of_service_reviewed_exactly_that_content(desk: Desk) -> None:
    found = await prepared(desk)
    assert (found["status"], found["unit"], found["reviewer_role"]) == (
        "prepared",
        "children_in_care",
        "head_of_service",
    )
    assert (found["content_hash"], found["due_on"], found["on_time"]) == (FILE["sha256"], "2026-06-30", False)
    ann = await person(desk, "analyst", "ann")
    content = {"content_hash": found["content_hash"], "receipt": "COLLECT 26-4711"}
    early = await step(ann, found, "submissions", content)
    assert (early.status_code, slug(early)) == (409, "return-review-missing")
    review = await signed(desk, found)
    assert (review.json()["status"], review.json()["signed_by"]) == ("signed", "hal")
    other = await step(ann, found, "submissions", {"content_hash": OTHER["sha256"]})
    assert slug(other) == "return-content-differs"
    gone = (await step(ann, found, "submissions", content)).json()
    assert (gone["status"], gone["submitted_by"], gone["receipt"]) == ("submitted", "ann", "COLLECT 26-4711")
    assert [one["step"] for one in gone["steps"]] == ["prepared", "signed", "submitted"]
    assert gone["allowed_actions"] == ["resubmit"]


async def test_R81_preparer_and_submitter_are_not_the_reviewer(desk: Desk) -> None:
    found = await prepared(desk)
    hal = await person(desk, "head_of_service", "hal")
    mended = (await step(hal, found, "content", {"file": OTHER})).json()
    assert "sign" not in mended["allowed_actions"]
    assert slug(await signed(desk, mended)) == "review-not-independent"
    ida = await signed(desk, mended, "ida")
    assert ida.status_code == 200
    reviewer = await person(desk, "head_of_service", "ida")
    own = await step(reviewer, mended, "submissions", {"content_hash": OTHER["sha256"]})
    assert slug(own) == "review-not-independent"
    assert "submit" not in ida.json()["allowed_actions"]


async def test_R81_a_content_changed_after_the_review_is_reviewed_again(desk: Desk) -> None:
    found = await prepared(desk)
    await signed(desk, found)
    ann = await person(desk, "analyst", "ann")
    changed = (await step(ann, found, "content", {"file": OTHER})).json()
    assert (changed["status"], changed["signed_by"]) == ("prepared", None)
    assert slug(await step(ann, changed, "submissions", {"content_hash": OTHER["sha256"]})) == "return-review-missing"
    assert slug(await signed(desk, found)) == "return-content-differs"
    assert (await signed(desk, changed)).status_code == 200


async def test_R81_only_the_appropriate_head_of_service_reviews(desk: Desk) -> None:
    found = await prepared(desk)
    fostering = await person(desk, "head_of_service", "fay", "fostering")
    assert (await fostering.get(f"/v1/returns/{found['id']}")).status_code == 404
    assert (await fostering.get("/v1/returns")).json()["items"] == []
    body, address = {"content_hash": found["content_hash"]}, f"/v1/returns/{found['id']}/signatures"
    assert (await fostering.post(address, json=body, headers={"If-Match": '"1"'})).status_code == 404
    assert slug(await signed(desk, found, "quinn", "qa_manager")) == "not-the-reviewer"
    care = await person(desk, "head_of_service", "cat", "children_in_care")
    assert (await step(care, found, "signatures", body)).json()["signed_by"] == "cat"


async def test_R81_a_delegate_reviews_for_the_head_of_service_and_neither_of_them_submits(desk: Desk) -> None:
    found = await prepared(desk)
    hal = await person(desk, "head_of_service", "hal")
    body = {"role": "head_of_service", "delegate": "dee", "starts_on": "2026-11-23", "ends_on": "2026-11-30",
            "covers": ["ssda903"], "reason": "Leave."}  # fmt: skip
    assert (await hal.post("/v1/delegations", json=body)).status_code == 201
    review = (await signed(desk, found, "dee", "qa_manager")).json()
    assert (review["signed_by"], review["signed_for"]) == ("dee", "hal")
    content = {"content_hash": found["content_hash"]}
    for client in (hal, await person(desk, "qa_manager", "dee")):
        assert slug(await step(client, found, "submissions", content)) == "review-not-independent"
    assert (await step(await person(desk, "analyst", "bob"), found, "submissions", content)).status_code == 200


async def test_R81_each_resubmission_is_signed_anew_even_with_the_same_content(desk: Desk) -> None:
    found = await prepared(desk)
    await signed(desk, found)
    ann = await person(desk, "analyst", "ann")
    content = {"content_hash": found["content_hash"]}
    await step(ann, found, "submissions", content)
    assert slug(await step(ann, found, "content", {"file": OTHER})) == "return-in-another-state"
    again = (await step(ann, found, "resubmissions", {"reason": "Sent to the wrong place.", "file": FILE})).json()
    assert (again["submission"], again["status"], again["signed_by"]) == (2, "prepared", None)
    assert slug(await step(ann, again, "submissions", content)) == "return-review-missing"
    assert slug(await step(ann, found, "resubmissions", {"reason": "x", "file": FILE})) == "return-open"
    await signed(desk, again, "ida")
    assert (await step(ann, again, "submissions", content)).status_code == 200
    listed = (await ann.get("/v1/returns", params={"code": "ssda903", "status": "submitted"})).json()["items"]
    assert [one["submission"] for one in listed] == [2, 1]
    assert [one["allowed_actions"] for one in listed] == [["resubmit"], []]
    # Who prepared what is taken up again does not review it, whoever takes it up.
    bob = await person(desk, "analyst", "bob")
    third = (await step(bob, again, "resubmissions", {"reason": "A row was missing.", "file": FILE})).json()
    assert slug(await signed(desk, third, "ann")) == "review-not-independent"
    assert (await signed(desk, third)).status_code == 200


async def test_the_reviewer_sends_a_return_back_and_the_review_is_void(desk: Desk) -> None:
    found = await prepared(desk)
    await signed(desk, found)
    hal = await person(desk, "head_of_service", "hal")
    back = (await step(hal, found, "send-backs", {"reason": "Two placements have no end."})).json()
    assert (back["status"], back["signed_by"], back["steps"][-1]["words"]) == (
        "prepared",
        None,
        "Two placements have no end.",
    )
    stranger = await person(desk, "qa_manager", "quinn")
    assert slug(await step(stranger, found, "send-backs", {"reason": "x"})) == "not-the-reviewer"


async def test_figures_are_hashed_by_code_and_shown_only_to_those_who_see_figures(desk: Desk) -> None:
    found = await prepared(desk, file=None, figures=FIGURES)
    plain = b'[{"code":"A1","value":412.5},{"code":"B2","value":3.0},{"code":"C3","value":null}]'
    assert found["content_hash"] == hashlib.sha256(plain).hexdigest()
    assert [one["code"] for one in found["figures"]] == ["A1", "B2", "C3"]
    reader = await person(desk, "board_reader", "bea")
    seen = (await reader.get(f"/v1/returns/{found['id']}")).json()
    assert (seen["figures"], seen["content_hash"], seen["steps"][0]["content_hash"]) == (None, None, None)
    assert (await signed(desk, found)).status_code == 200


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"return": "no_such_return"}, "/return"),
        ({"period": "2026-03"}, "/period"),
        ({"figures": FIGURES}, ""),
        ({"file": None}, ""),
        ({"file": None, "figures": [FIGURES[0], FIGURES[0]]}, ""),
        ({"file": {"name": "x", "sha256": "12"}}, "/file/sha256"),
    ],
)
async def test_an_unfit_return_is_refused(desk: Desk, changes: dict[str, Any], pointer: str) -> None:
    body = {"return": "ssda903", "period": "RY2026", "file": FILE, **changes}
    answer = await (await person(desk, "analyst", "ann")).post("/v1/returns", json=body)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert "no_such_return" not in answer.text


async def test_a_period_has_one_open_submission(desk: Desk) -> None:
    await prepared(desk)
    body = {"return": "ssda903", "period": "RY2026", "file": OTHER}
    again = await (await person(desk, "analyst", "bob")).post("/v1/returns", json=body)
    assert (again.status_code, slug(again)) == (409, "return-open")


async def test_R81_the_database_itself_refuses_what_nobody_reviewed(desk: Desk) -> None:
    await prepared(desk)
    for change in (
        "status = 'submitted', submitted_at = now(), submitted_by = 'bob'",
        "status = 'signed', signed_by = 'hal', signed_hash = repeat('0', 64)",
        "signed_by = 'ann'",
        "signed_by = 'dee', signed_for = 'ann'",
    ):
        with pytest.raises(sa.exc.IntegrityError):
            async with desk.reporting.database.transaction() as session:
                await session.execute(sa.text(f"UPDATE dfe_return SET {change}"))
    with pytest.raises(sa.exc.DBAPIError, match="never changed"):
        async with desk.reporting.database.transaction() as session:
            await session.execute(sa.text("DELETE FROM dfe_return_step"))


async def test_R81_the_report_on_returns_tells_each_that_fell_due_and_who_reviewed_it(desk: Desk) -> None:
    await desk.occurrence("dfe_returns_annual", "RY2027")
    desk.reporting.clock.advance(timedelta(days=140))
    found = await prepared(desk, "sen2", period="CY2026")
    await signed(desk, found)
    ann = await person(desk, "analyst", "ann")
    await step(ann, found, "submissions", {"content_hash": found["content_hash"]})
    await prepared(desk, "school_census", period="AY2026-27-T1", file=None, figures=FIGURES)
    report = (await desk.draft("dfe_returns_annual", "RY2027"))["id"]
    shown = section(await desk.document(report), "returns")
    rows = {(one["code"], one["period"]): one for one in shown["items"]}
    assert {key: one["status"] for key, one in rows.items()} == {
        ("ssda903", "RY2026"): "not_prepared",
        ("cin_census", "RY2026"): "not_prepared",
        ("section_251_outturn", "FY2025-26"): "not_prepared",
        ("school_census", "AY2025-26-T2"): "not_prepared",
        ("school_census", "AY2025-26-T3"): "not_prepared",
        ("school_census", "AY2026-27-T1"): "prepared",
        ("social_work_workforce_census", "AY2025-26"): "not_prepared",
        ("sen2", "CY2026"): "submitted",
    }
    sent, census = rows["sen2", "CY2026"], rows["school_census", "AY2026-27-T1"]
    assert (sent["reviewed_by"], sent["on_time"], sent["content_hash"]) == ("hal", False, FILE["sha256"])
    assert census["content_hash"] is not None
    assert shown["headline"] == "1 of 8 returns due were submitted, 0 of them on time."
    page = await (await desk.client("analyst")).get(f"/v1/reports/{report}/html")
    assert "Education, health and care plans return" in page.text


async def test_the_protected_copy_holds_no_hash_of_figures(desk: Desk) -> None:
    await desk.occurrence("dfe_returns_annual", "RY2027")
    desk.reporting.clock.advance(timedelta(days=140))
    await prepared(desk, "sen2", period="CY2026", file=None, figures=FIGURES)
    report = await desk.publish((await desk.draft("dfe_returns_annual", "RY2027"))["id"])
    full = next(one for one in section(report, "returns")["items"] if one["code"] == "sen2")
    copy = section(await desk.document(report["id"], "board_reader"), "returns")
    hidden = next(one for one in copy["items"] if one["code"] == "sen2")
    assert (full["content_hash"] is None, hidden["content_hash"]) == (False, None)


async def test_R81_what_is_owed_between_two_days_is_told_whether_or_not_anybody_prepared_it(desk: Desk) -> None:
    found = await prepared(desk, "cin_census")
    ann = await person(desk, "analyst", "ann")
    span = {"from": "2026-06-01", "to": "2026-11-30"}
    due = (await ann.get("/v1/returns/due", params=span)).json()
    rows = {one["code"]: one for one in due["items"] if one["code"] != "school_census"}
    assert [(code, one["due_on"], one["status"]) for code, one in rows.items()] == [
        ("ssda903", "2026-06-30", "not_prepared"),
        ("cin_census", "2026-07-31", "prepared"),
        ("section_251_outturn", "2026-08-31", "not_prepared"),
        ("social_work_workforce_census", "2026-11-30", "not_prepared"),
    ]
    assert (rows["cin_census"]["return_id"], rows["cin_census"]["on_time"]) == (found["id"], False)
    assert rows["social_work_workforce_census"]["on_time"] is None
    assert (due["owed"], due["submitted"], due["overdue"]) == (len(due["items"]), 0, len(due["items"]) - 1)
    care = await person(desk, "head_of_service", "cat", "children_in_care")
    own = (await care.get("/v1/returns/due", params=span)).json()["items"]
    assert [one["code"] for one in own] == ["ssda903"]
    backwards = await ann.get("/v1/returns/due", params={"from": "2026-06-02", "to": "2026-06-01"})
    assert (backwards.status_code, slug(backwards)) == (422, "unfit-returns-span")
