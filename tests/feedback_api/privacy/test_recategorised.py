"""What was recategorised leaves with the complaint it became; a complaint that was made of what leaves is told of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from tests.feedback_api.privacy.test_privacy import CANARY, erasure, everything
from tests.feedback_api.privacy.test_what_goes_along import put_forward, stopped

Make = Callable[..., dict[str, Any]]
COMPLAINT, COMPLIMENT, OTHER = "CSC-9", "CPL-2026-0051", "CPL-2026-0052"


@pytest.fixture
async def made(feedback: Any, a_view: Make, a_compliment: Make) -> dict[str, str]:
    """A view and a compliment that became one complaint, and a compliment that did so by mistake; their keys."""
    admin = await feedback.client("admin")
    view = (await admin.post("/v1/views", json=a_view(what_works=CANARY))).json()["id"]
    for ref in (COMPLIMENT, OTHER):
        assert (await admin.post("/v1/compliments", json=a_compliment(respond_ref=ref))).status_code == 201
    body = {"respond_ref": COMPLAINT, "procedure": "statutory", "reason": "It complains."}
    for kind, ref in (("compliment", COMPLIMENT), ("compliment", OTHER), ("view", view)):
        tied = await admin.post("/v1/recategorisations", json=body | {"kind": kind, "ref": ref})
        assert tied.status_code == 201, tied.text
        await put_forward(feedback, kind, ref)
    undo = {"kind": "compliment", "ref": OTHER, "reason": "It does not."}
    path = f"/v1/complaints/{COMPLAINT}"
    seen = {"If-Match": (await admin.get(path)).headers["etag"]}
    assert (await admin.post(f"{path}/restorations", json=undo, headers=seen)).status_code == 200
    async with feedback.database.snapshot() as session:
        both = "SELECT respond_ref, CAST(id AS text) AS key FROM compliment UNION ALL"
        rows = await session.execute(sa.text(f"{both} SELECT respond_ref, CAST(id AS text) FROM complaint"))
        return {"view": view} | {row.respond_ref: row.key for row in rows}


async def records(officer: Any, subject: dict[str, str], **more: Any) -> Any:
    return (await officer.post("/v1/privacy/erasures", json=erasure(subject, **more))).json()


async def test_an_erased_complaint_takes_along_what_became_it_and_not_what_did_so_by_mistake(
    feedback: Any, made: dict[str, str]
) -> None:
    officer = await feedback.client("data_protection_officer")
    by_case = {"by": "case", "reference": COMPLAINT}
    by_record = {"by": "record", "kind": "complaint", "reference": made[COMPLAINT]}
    going = {"complaint": 1, "compliment": 1, "quotation": 2, "view": 1}
    for subject in (by_record, by_case):
        assert (await records(officer, subject, dry_run=True))["records"] == going
    told = (await officer.post("/v1/privacy/subject-access", json={"subject": by_case})).json()
    assert {"complaint", "compliment", "view", "recategorisation"} <= {one["table"] for one in told["held"]}
    hold = {"scope": "case", "reference": COMPLIMENT, "reason": "Inquiry 7"}
    held = await officer.post("/v1/privacy/holds", json=hold)
    lift, seen = f"{held.headers['location']}/lift", {"If-Match": held.headers["etag"]}
    assert (await officer.post(lift, json={"because": "Ended"}, headers=seen)).status_code == 200
    done = await records(officer, by_case)
    assert (done["records"], done["kept"]) == (going, {})
    left = await everything(feedback)
    assert [gone for gone in (COMPLAINT, COMPLIMENT, f'"what_works": "{CANARY}"') if gone in left] == []
    assert OTHER in left


async def test_an_erasure_of_what_became_a_complaint_leaves_that_and_says_so(
    feedback: Any, made: dict[str, str]
) -> None:
    officer = await feedback.client("data_protection_officer")
    by_view = {"by": "record", "kind": "view", "reference": made["view"]}
    for subject, gone in (
        ({"by": "case", "reference": OTHER}, {"compliment": 1, "quotation": 1}),
        ({"by": "record", "kind": "compliment", "reference": made[COMPLIMENT]}, {"compliment": 1, "quotation": 1}),
        ({"by": "case", "reference": COMPLIMENT}, {"compliment": 1, "quotation": 1}),
        (by_view, {"view": 1, "quotation": 1}),
    ):
        told = (await officer.post("/v1/privacy/subject-access", json={"subject": subject})).json()
        assert "complaint" in {one["table"] for one in told["held"]}
        answer = await records(officer, subject, dry_run=True)
        assert (answer["records"], list(answer["kept"])) == (gone, ["complaint"])
    hold = {"scope": "case", "reference": COMPLIMENT, "reason": "Inquiry 7"}
    assert (await officer.post("/v1/privacy/holds", json=hold)).status_code == 201
    assert await stopped(feedback, "complaint") == [True]
    done = await records(officer, by_view)
    assert (done["records"], list(done["kept"])) == ({"view": 1, "quotation": 1}, ["complaint"])
    admin = await feedback.client("admin")
    assert (await admin.get(f"/v1/complaints/{COMPLAINT}")).status_code == 200
