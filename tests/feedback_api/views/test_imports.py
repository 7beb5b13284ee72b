"""Batches of views."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from services.feedback_api.models import View, ViewLink, table_of
from services.feedback_api.views import imports, service
from shared import free_text
from shared.database import Database

Make = Callable[..., dict[str, Any]]


async def count(feedback: Any, model: type[Any] = View) -> int:
    async with feedback.database.snapshot() as session:
        found: int = (await session.execute(sa.select(sa.func.count()).select_from(table_of(model)))).scalar_one()
    return found


def batch(make: Make, size: int, **fields: Any) -> dict[str, Any]:
    return {"items": [make(source_ref=f"V-{number}", **fields) for number in range(size)]}


async def test_a_batch_is_stored_and_sent_again_changes_nothing(feedback: Any, a_view: Make) -> None:
    client = await feedback.client("ingest_client")
    sent = batch(a_view, 1500, links=[{"kind": "review", "ref": "R-1"}])
    first = (await client.post("/v1/views/imports", json=sent)).json()
    assert (first["created"], first["unchanged"], first["rejected"], first["rows"]) == (1500, 0, 0, [])
    again = (await client.post("/v1/views/imports", json=sent)).json()
    assert (again["created"], again["unchanged"]) == (0, 1500)
    assert (await count(feedback), await count(feedback, ViewLink)) == (1500, 1500)


async def test_an_atomic_batch_with_a_bad_row_stores_nothing_and_names_it(feedback: Any, a_view: Make) -> None:
    client = await feedback.client("admin")
    sent = batch(a_view, 20)
    sent["items"][13]["channel"] = "carrier_pigeon"
    answer = await client.post("/v1/views/imports", json=sent)
    assert (answer.status_code, answer.json()["rejected"]) == (422, 1)
    assert [(one["pointer"], one["code"]) for one in answer.json()["errors"]] == [("/items/13/channel", "unknown_code")]
    assert await count(feedback) == 0


async def test_a_partial_batch_stores_the_rest_and_names_each_bad_row(feedback: Any, a_view: Make) -> None:
    client = await feedback.client("admin")
    sent = batch(a_view, 10)
    sent["items"][2] = 7
    sent["items"][4]["rating"] = 9
    sent["items"][6]["unit"] = "fs_nowhere"
    sent["items"][8]["source_ref"] = "V-7"
    answer = (await client.post("/v1/views/imports?mode=partial", json=sent)).json()
    assert (answer["received"], answer["created"], answer["rejected"]) == (10, 6, 4)
    named = {row["row"]: (row["errors"][0]["pointer"], row["errors"][0]["code"]) for row in answer["rows"]}
    assert named == {
        2: ("/items/2", "model_type"),
        4: ("/items/4/rating", "less_than_equal"),
        6: ("/items/6/unit", "unknown_unit"),
        8: ("/items/8/source_ref", "duplicate"),
    }
    assert await count(feedback) == 6


async def test_a_dry_run_tells_what_would_happen_and_stores_nothing(feedback: Any, a_view: Make) -> None:
    client = await feedback.client("admin")
    await client.post("/v1/views", json=a_view(source_ref="V-0"))
    await client.post("/v1/views", json=a_view(source_ref="V-1", rating=1))
    sent = batch(a_view, 4)
    sent["items"][3]["unit"] = "nowhere"
    answer = await client.post("/v1/views/imports?dry_run=true", json=sent)
    report = answer.json()
    assert (answer.status_code, report["dry_run"], report["import_id"]) == (200, True, None)
    counts = [report[name] for name in ("created", "corrected", "unchanged", "rejected")]
    assert counts == [1, 1, 1, 1]
    assert await count(feedback) == 2
    await feedback.seal()
    deeds = (await client.get("/v1/activity")).json()["items"]
    assert not [deed for deed in deeds if deed["action"] == "views.imported"]


async def test_a_batch_corrects_what_its_source_changed(feedback: Any, a_view: Make) -> None:
    client = await feedback.client("admin")
    await client.post("/v1/views/imports", json=batch(a_view, 3))
    report = (await client.post("/v1/views/imports", json=batch(a_view, 3, rating=5))).json()
    assert report["corrected"] == 3
    rows = (await client.get("/v1/views")).json()["items"]
    assert {(row["rating"], row["version"]) for row in rows} == {(5, 2)}


async def test_rows_with_identifiers_are_stored_with_a_warning_or_refused(start: Any, a_view: Make) -> None:
    sent = {"items": [a_view(), a_view(what_works="mail x@y.example, he hits me")]}
    warning = await start("feedback")
    report = (await (await warning.client("admin")).post("/v1/views/imports", json=sent)).json()
    assert [(row["row"], row["status"], row["warnings"][0]["code"]) for row in report["rows"]] == [
        (1, "created", "email")
    ]
    refusing = await start("feedback", free_text_identifiers="refuse")
    client = await refusing.client("admin")
    report = (await client.post("/v1/views/imports?mode=partial", json=sent)).json()
    assert (report["created"], report["rejected"]) == (1, 1)
    assert report["rows"][0]["errors"][0]["code"] == "identifier_email"


async def test_a_batch_s_words_are_looked_through_in_a_thread_before_a_transaction_opens(
    feedback: Any, a_view: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []

    def noted(name: str, plain: Callable[..., Any]) -> Callable[..., Any]:
        def scan(*texts: Any) -> Any:
            where = "loop" if threading.current_thread() is threading.main_thread() else "thread"
            steps.append(f"{name} in a {where}")
            return plain(*texts)

        return scan

    transaction = Database.transaction

    def opened(self: Database) -> Any:
        steps.append("transaction")
        return transaction(self)

    monkeypatch.setattr(imports, "find_identifiers", noted("identifiers", free_text.find_identifiers))
    monkeypatch.setattr(service, "reads_like_harm", noted("harm", free_text.reads_like_harm))
    monkeypatch.setattr(Database, "transaction", opened)
    client = await feedback.client("admin")
    for words in ("Calm.", "he hits me"):
        steps.clear()
        report = (await client.post("/v1/views/imports", json=batch(a_view, 2, what_works=words))).json()
        assert report["created"] + report["corrected"] == 2
        assert steps[:5] == [*["identifiers in a thread", "harm in a thread"] * 2, "transaction"]
        assert set(steps[5:]) <= {"transaction"}
    rows = (await client.get("/v1/views")).json()["items"]
    assert {(tuple(row["flag_reasons"]), row["version"]) for row in rows} == {(("hurt_by_someone",), 2)}


async def test_an_import_is_one_deed_with_its_counts_and_each_flag_another(feedback: Any, a_view: Make) -> None:
    client = await feedback.client("admin")
    sent = {"items": [a_view(), a_view(what_works="he hits me")]}
    report = (await client.post("/v1/views/imports", json=sent)).json()
    await feedback.seal()
    deeds = (await client.get("/v1/activity")).json()["items"][1:]
    assert [deed["action"] for deed in deeds] == ["safeguarding.flagged", "views.imported"]
    assert deeds[1]["subject_id"] == report["import_id"]
    assert deeds[1]["data"] == {"received": 2, "created": 2, "corrected": 0, "unchanged": 0, "rejected": 0}


async def test_another_unit_s_row_is_rejected_and_its_reference_not_taken_over(feedback: Any, a_view: Make) -> None:
    admin = await feedback.client("admin")
    await admin.post("/v1/views", json=a_view(source_ref="V-0"))
    other = await feedback.client("team_manager", unit="cwd_east")
    sent = {"items": [a_view(unit="cwd_east", source_ref="V-0"), a_view(), a_view(unit="cwd_east")]}
    report = (await other.post("/v1/views/imports?mode=partial", json=sent)).json()
    assert (report["created"], report["rejected"]) == (1, 2)
    assert [row["errors"][0]["code"] for row in report["rows"]] == ["in_use", "unknown_unit"]
    assert (await other.post("/v1/views/imports", json={"items": sent["items"][:1]})).status_code == 422


@pytest.mark.parametrize(
    "body", [{}, {"items": {}}, {"items": []}, {"items": [], "more": 1}, [], {"items": [1] * 10_001}]
)
async def test_a_document_that_is_no_batch_is_refused(feedback: Any, body: Any) -> None:
    client = await feedback.client("admin")
    assert (await client.post("/v1/views/imports", json=body)).status_code == 422


async def test_only_json_is_taken(feedback: Any) -> None:
    client = await feedback.client("admin")
    answer = await client.post("/v1/views/imports", content=b"a,b", headers={"Content-Type": "text/csv"})
    assert answer.status_code == 415
    answer = await client.post("/v1/views/imports?mode=some", json={"items": []})
    assert answer.status_code == 422


async def test_a_key_replays_the_first_report(feedback: Any, a_view: Make) -> None:
    client = await feedback.client("admin")
    headers = {"Idempotency-Key": "batch-1"}
    first, second = [
        await client.post("/v1/views/imports", json={"items": [a_view()]}, headers=headers) for _ in range(2)
    ]
    assert first.content == second.content
    assert await count(feedback) == 1
    other = await client.post("/v1/views/imports", json={"items": [a_view(rating=1)]}, headers=headers)
    assert other.status_code == 422
