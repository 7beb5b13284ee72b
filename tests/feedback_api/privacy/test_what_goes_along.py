"""What a record takes with it when it leaves, and what is told of it: merged references, words, histories."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from services.feedback_api.models import AgencyLearning, LearningEvaluation, Quotation, SurveyWords, table_of
from shared.ids import new_id
from shared.privacy.reach import on_hold
from tests.feedback_api.privacy.test_privacy import CANARY, CASE, erasure, everything
from tests.feedback_api.public.test_quarantine import PATH as SUBMISSIONS
from tests.feedback_api.public.test_quarantine import decide, one, send
from tests.feedback_api.remedies.test_remedies import PATH, REMEDY

Make = Callable[..., dict[str, Any]]
MOMENT = datetime(2026, 11, 23, tzinfo=UTC)


async def put_forward(feedback: Any, kind: str, ref: str) -> None:
    """Words of a record on their way to others, withdrawn since: the text is kept."""
    row = {
        "id": new_id(), "subject_kind": kind, "subject_ref": ref, "field": "words", "unit": "fs_weymouth",
        "said_on": date(2026, 11, 12), "themes": [], "consent": "shared", "original": CANARY, "text": CANARY,
        "written_by": [], "blocked": [], "status": "withdrawn", "ended_by": "test-admin", "ended_at": MOMENT,
        "proposed_at": MOMENT, "changed_at": MOMENT, "version": 1,
    }  # fmt: skip
    async with feedback.database.transaction() as session:
        await session.execute(sa.insert(table_of(Quotation)).values(row))


@pytest.fixture
async def merged(feedback: Any, a_complaint: Make) -> Any:
    """Two references of one complaint, with words of either put forward."""
    admin = await feedback.client("admin")
    await admin.post("/v1/complaints", json=a_complaint())
    await admin.post("/v1/complaints", json=a_complaint(respond_ref="CSC-2", received_on="2026-11-16"))
    etag = (await admin.get("/v1/complaints/CSC-2026-0118")).headers["etag"]
    body = {"respond_ref": "CSC-2", "reason": "Keyed in twice."}
    done = await admin.post("/v1/complaints/CSC-2026-0118/merges", json=body, headers={"If-Match": etag})
    assert done.status_code == 200, done.text
    for ref in ("CSC-2026-0118", "CSC-2"):
        await put_forward(feedback, "complaint", ref)
    return feedback


@pytest.mark.parametrize("reference", ["CSC-2026-0118", "CSC-2"])
async def test_with_a_merged_complaint_go_the_words_put_forward_of_either_reference(
    merged: Any, reference: str
) -> None:
    officer = await merged.client("data_protection_officer")
    subject = {"by": "case", "reference": reference}
    told = (await officer.post("/v1/privacy/subject-access", json={"subject": subject})).json()
    assert [len(one["rows"]) for one in told["held"] if one["table"] == "quotation"] == [2]
    done = (await officer.post("/v1/privacy/erasures", json=erasure(subject))).json()
    assert done["records"]["quotation"] == 2
    left = await everything(merged)
    for gone in (CANARY, "CSC-2026-0118", "CSC-2"):
        assert gone not in left


async def stopped(feedback: Any, kind: str) -> list[bool]:
    """Whether a hold stops each of the records."""
    held = on_hold(feedback.app.state.holdings.metadata, feedback.app.state.holdings.kind(kind))
    async with feedback.database.snapshot() as session:
        return list((await session.execute(sa.text(f"SELECT {held} FROM {kind} r"))).scalars())


@pytest.mark.parametrize("reference", ["CSC-2026-0118", "CSC-2"])
@pytest.mark.parametrize("scope", ["case", "record"])
async def test_a_hold_on_either_of_two_merged_records_keeps_both(merged: Any, scope: str, reference: str) -> None:
    officer = await merged.client("data_protection_officer")
    async with merged.database.snapshot() as session:
        statement = sa.text("SELECT CAST(id AS text) FROM complaint WHERE respond_ref = :ref")
        record = (await session.execute(statement, {"ref": reference})).scalar_one()
    named = {"kind": "complaint", "reference": record} if scope == "record" else {"reference": reference}
    assert await stopped(merged, "complaint") == [False, False]
    made = await officer.post("/v1/privacy/holds", json={"scope": scope, "reason": "Inquiry 7", **named})
    assert made.status_code == 201, made.text
    assert await stopped(merged, "complaint") == [True, True]


async def test_a_hold_on_a_merged_submission_keeps_the_view_it_would_leave_with(feedback: Any) -> None:
    officer, client = await feedback.client("data_protection_officer"), await feedback.client("complaints_manager")
    await send(feedback, {}, {"what_works": "Twice."}, {"what_works": "Twice."})
    first, second = [row["id"] for row in (await client.get(SUBMISSIONS)).json()["items"]]
    merged = await decide(client, f"{SUBMISSIONS}/{second}", "merges", {"into": first, "reason": "Sent twice."})
    assert merged.status_code == 200, merged.text
    released = await decide(client, f"{SUBMISSIONS}/{first}", "releases", {"themes": [], "sentiment": "mixed"})
    assert released.status_code == 200, released.text
    assert await stopped(feedback, "view") == [False]
    hold = {"scope": "record", "kind": "public_submission", "reference": second, "reason": "Inquiry 7"}
    assert (await officer.post("/v1/privacy/holds", json=hold)).status_code == 201
    assert await stopped(feedback, "view") == [True]
    assert await stopped(feedback, "public_submission") == [True, True]


async def test_with_a_submission_go_the_words_put_forward_of_the_view_it_became(feedback: Any) -> None:
    client, path = await one(feedback, {"what_works": CANARY, "consent": "shared"})
    released = await decide(client, path, "releases", {"themes": ["communication"], "sentiment": "mixed"})
    assert released.status_code == 200, released.text
    await put_forward(feedback, "view", released.json()["view_id"])
    officer = await feedback.client("data_protection_officer")
    subject = {"by": "record", "kind": "public_submission", "reference": path.rsplit("/", 1)[1]}
    done = (await officer.post("/v1/privacy/erasures", json=erasure(subject))).json()
    assert done["records"] == {"public_submission": 1, "quotation": 1, "view": 1}
    assert CANARY not in await everything(feedback)


async def test_what_a_remedy_said_before_is_told_with_its_complaint_and_goes_with_it(
    feedback: Any, a_complaint: Make
) -> None:
    admin, officer = await feedback.client("admin"), await feedback.client("data_protection_officer")
    assert (await admin.post("/v1/complaints", json=a_complaint())).status_code == 201
    manager = await feedback.client("complaints_manager")
    made = await manager.post(f"{PATH}/remedies", json=REMEDY | {"description": CANARY})
    assert made.status_code == 201, made.text
    remedy = f"/v1/remedies/{made.json()['id']}"
    changed = await manager.patch(remedy, json={"description": "A letter."}, headers={"If-Match": '"1"'})
    assert changed.status_code == 200, changed.text
    told = (await officer.post("/v1/privacy/subject-access", json={"subject": CASE})).json()
    (before,) = [one for one in told["held"] if one["table"] == "complaint_followed_history"]
    assert CANARY in str(before["rows"])
    done = (await officer.post("/v1/privacy/erasures", json=erasure(CASE))).json()
    assert done["rows"]["complaint_followed_history"] == 1
    assert CANARY not in await everything(feedback)


async def insert(feedback: Any, table: Any, row: dict[str, Any]) -> None:
    """A row by itself; what it hangs from is not what is tested."""
    async with feedback.database.transaction() as session:
        await session.execute(sa.text("SET LOCAL session_replication_role = replica"))
        await session.execute(sa.insert(table_of(table)).values(row))


async def test_with_words_of_a_survey_go_those_that_were_put_forward(feedback: Any) -> None:
    officer, words = await feedback.client("data_protection_officer"), new_id()
    row = {
        "id": words, "version": 1, "wave_id": new_id(), "question": "q", "unit": "fs_weymouth", "language": "en",
        "respondent_group": "child", "said_on": date(2026, 11, 12), "words": CANARY, "flag_reasons": [],
        "quarantined": False,
    }  # fmt: skip
    await insert(feedback, SurveyWords, row)
    await put_forward(feedback, "survey_response", str(words))
    subject = {"by": "record", "kind": "survey_words", "reference": str(words)}
    done = (await officer.post("/v1/privacy/erasures", json=erasure(subject))).json()
    assert done["records"] == {"quotation": 1, "survey_words": 1}
    assert CANARY not in await everything(feedback)


@pytest.mark.parametrize("of", ["complaint", "agency_learning"])
async def test_with_what_was_learned_goes_what_units_made_of_it(feedback: Any, a_complaint: Make, of: str) -> None:
    officer, admin = await feedback.client("data_protection_officer"), await feedback.client("admin")
    assert (await admin.post("/v1/complaints", json=a_complaint(learning="Ring back."))).status_code == 201
    shared = {
        "agency": "police",
        "source_ref": "L-1",
        "themes": [],
        "learned_on": date(2026, 11, 2),
        "learning": "Ask.",
    }
    await insert(feedback, AgencyLearning, shared | {"id": new_id(), "shared_by": "x", "shared_at": MOMENT})
    async with feedback.database.snapshot() as session:
        learning = (await session.execute(sa.text(f"SELECT id FROM {of}"))).scalar_one()
    made = {"learning_id": learning, "unit": "fs_weymouth", "version": 1, "relevant": True, "what_we_did": CANARY}
    await insert(feedback, LearningEvaluation, made | {"evaluated_by": "x", "evaluated_at": MOMENT})
    by_record = {"by": "record", "kind": of, "reference": str(learning)}
    for subject in [by_record, *([CASE] if of == "complaint" else [])]:
        foreseen = (await officer.post("/v1/privacy/erasures", json=erasure(subject, dry_run=True))).json()
        assert foreseen["records"] == {of: 1, "learning_evaluation": 1}
    await officer.post("/v1/privacy/erasures", json=erasure(by_record))
    assert CANARY not in await everything(feedback)
