"""Whoever never saw an answer can ask whether what was sent has been stored."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from shared.auth.caller import Caller
from shared.idempotency import lock_number, scope_of_key
from tests.conftest import Running, Start
from tests.shared.test_idempotency import PATH, application

VIEW = {
    "channel": "review_process",
    "respondent_group": "young_person",
    "unit": "fs_weymouth",
    "given_on": "2026-10-14",
    "sentiment": "positive",
    "themes": ["communication"],
    "consent": "shared",
    "source": "example_forms",
    "source_ref": "F-1",
}


async def test_what_was_stored_is_found_by_its_key_or_its_reference_and_by_its_sender_only(feedback: Running) -> None:
    sender, other = await feedback.client("admin", subject="one"), await feedback.client("admin", subject="two")
    made = await sender.post("/v1/views", json=VIEW, headers={"Idempotency-Key": "k-1"})
    assert made.status_code == 201, made.text
    by_key = {"idempotency_key": "k-1", "path": "/v1/views"}
    told = (await sender.get("/v1/stored", params=by_key)).json()
    assert told["outcome"] == "stored"
    assert told["keys_kept_hours"] == 72
    assert told["records"][0]["location"] == f"/v1/views/{made.json()['id']}"
    by_reference = (await sender.get("/v1/stored", params={"reference": "F-1"})).json()
    assert by_reference["outcome"] == "stored"
    (record,) = by_reference["records"]
    assert (record["kind"], record["id"]) == ("view", made.json()["id"])
    assert record["stored_at"] == made.json()["recorded_at"]
    for question in (by_key, {"reference": "F-1"}):
        assert (await other.get("/v1/stored", params=question)).json()["outcome"] == "not_stored"
    for question in (by_key | {"path": "/v1/complaints"}, {"reference": "F-2"}):
        assert (await sender.get("/v1/stored", params=question)).json()["records"] == []


async def test_a_request_still_at_work_is_told_from_one_that_was_never_stored(any_service: Running) -> None:
    client = await any_service.client("admin", subject="one")
    question = {"idempotency_key": "k", "path": f"{PATH}?dry_run=false"}
    assert (await client.get("/v1/stored", params=question)).json()["outcome"] == "not_stored"
    number = lock_number(scope_of_key(Caller(subject="one"), "POST", PATH, "dry_run=false", "k"))
    async with any_service.database.transaction() as session:
        await session.execute(sa.text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})
        assert (await client.get("/v1/stored", params=question)).json()["outcome"] == "in_flight"
    assert (await client.get("/v1/stored", params={"reference": "R-1"})).json()["outcome"] == "not_stored"


@pytest.mark.parametrize(
    "query", ["", "idempotency_key=k", "path=/v1/views", "reference=a&idempotency_key=k&path=/v1/views"]
)
async def test_a_question_that_names_nothing_or_two_things_is_refused(audit: Running, query: str) -> None:
    answer = await (await audit.client()).get(f"/v1/stored?{query}")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] == "which"


async def test_behind_a_gateways_prefix_the_path_is_found_with_and_without_it(start: Start) -> None:
    audit = await start("audit", dorset=False, root_path="/audit")
    client = await audit.client()
    await client.post(f"/audit{PATH}", json=application(), headers={"Idempotency-Key": "k"})
    for path in (PATH, f"/audit{PATH}"):
        answer = await client.get("/audit/v1/stored", params={"idempotency_key": "k", "path": path})
        assert answer.json()["outcome"] == "stored", path
