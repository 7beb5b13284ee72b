"""Imports that run as jobs: stored with their body, followed, called off, run again, and never done twice."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from services.indicator_api.observations.files.media import WORKBOOK
from services.indicator_api.observations.import_jobs.bodies import KEPT_DAYS, forget_old_bodies
from services.indicator_api.observations.import_jobs.jobs import do_import
from services.indicator_api.observations.import_jobs.schemas import ImportJobDetailOut, ImportJobOut
from shared.jobs import Claim, claim, do_job
from tests.conftest import Running, Start
from tests.indicator_api.observations.files import IMPORTS, body, many, row, send, stored
from tests.indicator_api.observations.test_workbooks import table

JOBS = "/v1/observations/import-jobs"


async def work_off(indicator: Running) -> int:
    """Do every job that is due, one after the other."""

    async def work(held: Claim) -> None:
        await do_import(indicator.app, held)

    done = 0
    while (held := await claim(indicator.database, ["import"])) is not None:
        await do_job(indicator.database, work, held, beat_seconds=0.02)
        done += 1
    return done


async def in_table(indicator: Running, table: str) -> int:
    async with indicator.database.snapshot() as session:
        return int((await session.execute(sa.text(f"SELECT count(*) FROM {table}"))).scalar_one())


async def post(client: httpx.AsyncClient, content: bytes, kind: str = "csv", **query: Any) -> str:
    """Post an import as a job; returns where it is."""
    answer = await send(client, content, kind, job=True, **query)
    assert answer.status_code == 202, answer.text
    return answer.headers["location"]


async def test_an_import_becomes_a_job_and_its_report_is_the_one_of_an_import(indicator: Running) -> None:
    client = await indicator.client("analyst")
    content = body("csv", many(3_000))
    answer = await send(
        client, content, headers={"Prefer": "wait=5, respond-async"}, provisional=True, reason="October"
    )
    assert answer.status_code == 202
    assert answer.headers["preference-applied"] == "respond-async"
    queued = ImportJobOut.model_validate_json(answer.content)
    assert answer.headers["location"] == f"{JOBS}/{queued.id}"
    assert (queued.status, queued.total, queued.done, queued.allowed_actions) == ("queued", len(content), 0, ["cancel"])
    assert await stored(client) == []
    assert await work_off(indicator) == 1
    one = ImportJobDetailOut.model_validate_json((await client.get(answer.headers["location"])).content)
    assert (one.status, one.done, one.problem, one.allowed_actions) == ("succeeded", len(content), None, [])
    assert one.report is not None
    assert (one.report.created, one.report.provisional, one.report.id) == (3_000, True, one.import_id)
    recorded = (await client.get(f"{IMPORTS}/{one.import_id}")).json()
    assert (recorded["created"], recorded["reason"], recorded["recorded_by"]) == (3_000, "October", "test-analyst")
    assert await in_table(indicator, "import_body_chunk") == 0
    replay = await post(client, content, provisional=True)
    await work_off(indicator)
    assert (await client.get(replay)).json()["report"]["replayed"] is True


async def test_without_the_wish_an_import_is_answered_at_once(indicator: Running) -> None:
    client = await indicator.client("analyst")
    answer = await send(client, body("csv", [row()]), headers={"Prefer": "return=minimal"}, job=False)
    assert answer.status_code == 200
    assert await in_table(indicator, "job") == 0


@pytest.mark.parametrize("kind", ["json", "ndjson", "xlsx"])
async def test_a_job_takes_every_form(indicator: Running, kind: str) -> None:
    client = await indicator.client("analyst")
    content = table(many(20)) if kind == "xlsx" else body(kind, many(20))
    headers = {"Content-Type": WORKBOOK} if kind == "xlsx" else {}
    answer = await send(client, content, "csv" if kind == "xlsx" else kind, headers=headers, job=True)
    await work_off(indicator)
    assert (await client.get(answer.headers["location"])).json()["report"]["created"] == 20


async def test_a_body_larger_than_a_piece_comes_back_whole(indicator: Running) -> None:
    client = await indicator.client("analyst")
    content = body("csv", many(40_000, source_ref="Synthetic return of a long winter"))
    assert len(content) > 2 << 20
    where = await post(client, content)
    assert await in_table(indicator, "import_body_chunk") > 2
    await work_off(indicator)
    assert (await client.get(where)).json()["report"]["created"] == 40_000


async def test_a_refusal_is_final_and_kept_row_by_row(indicator: Running) -> None:
    client = await indicator.client("analyst")
    bad = body("csv", [row(), row(area="nowhere"), row(period="April")])
    said = (await send(client, bad)).json()
    where = await post(client, bad)
    assert await work_off(indicator) == 1
    assert await work_off(indicator) == 0
    one = ImportJobDetailOut.model_validate_json((await client.get(where)).content)
    assert (one.status, one.fault, one.attempt) == ("failed", "rows-refused", 1)
    assert one.problem is not None
    assert one.problem.type == "/problems/rows-refused"
    assert (one.problem.rows, one.problem.rejected, one.problem.status) == (3, 2, 422)
    kept = [fault.model_dump() for fault in one.problem.errors]
    assert kept == [{name: fault[name] for name in kept[0]} for fault in said["errors"]]
    assert await in_table(indicator, "observation_import") == 0
    await indicator.seal()
    admin = await indicator.client("admin")
    feed = (await admin.get("/v1/activity?subject_type=import_job")).json()["items"]
    assert [item["action"] for item in feed] == ["import_job.queued", "import_job.failed"]


async def test_a_file_that_cannot_be_read_fails_with_its_fault(indicator: Running) -> None:
    client = await indicator.client("analyst")
    where = await post(client, b"nothing,of,ours\n1,2,3\n")
    await work_off(indicator)
    one = (await client.get(where)).json()
    assert one["problem"]["type"] == "/problems/unreadable-file"
    assert one["problem"]["errors"][0]["pointer"] == "/columns/0"


async def test_partial_and_dry_runs_are_jobs_too(indicator: Running) -> None:
    client = await indicator.client("analyst")
    rows = [row(), row(area="nowhere")]
    partial, dry = (
        await post(client, body("csv", rows), mode="partial"),
        await post(client, body("csv", rows), dry_run=1),
    )
    await work_off(indicator)
    one = (await client.get(partial)).json()["report"]
    assert (one["created"], one["rejected"], one["errors"][0]["row"]) == (1, 1, 2)
    told = (await client.get(dry)).json()
    assert (told["status"], told["import_id"], told["report"]["dry_run"]) == ("succeeded", None, True)
    assert await in_table(indicator, "observation_import") == 1


async def test_a_job_that_waits_is_cancelled_and_run_again(indicator: Running) -> None:
    client = await indicator.client("analyst")
    where = await post(client, body("csv", [row()]))
    cancelled = await client.post(f"{where}/cancel")
    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "cancelled")
    assert cancelled.json()["allowed_actions"] == ["run_again"]
    assert (await client.post(f"{where}/cancel")).json()["type"].endswith("/import-job-ended")
    assert await work_off(indicator) == 0
    again = await client.post(f"{where}/run-again")
    assert (again.status_code, again.json()["status"], again.headers["location"]) == (202, "queued", where)
    refused = await client.post(f"{where}/run-again")
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/import-job-not-to-repeat")
    await work_off(indicator)
    assert (await client.get(where)).json()["report"]["created"] == 1
    assert (await client.post(f"{where}/run-again")).status_code == 409


async def test_a_job_that_runs_is_cancelled_and_stores_nothing(indicator: Running) -> None:
    client = await indicator.client("analyst")
    where = await post(client, body("csv", many(60_000)))
    working = asyncio.create_task(work_off(indicator))
    done = 0
    while not done:
        one = (await client.get(where)).json()
        assert one["status"] in ("queued", "running")
        done = one["done"]
        await asyncio.sleep(0)
    assert 0 < done <= one["total"]
    assert (await client.post(f"{where}/cancel")).json()["status"] == "cancelled"
    await working
    for name in ("observation", "observation_import"):
        assert await in_table(indicator, name) == 0
    assert (await client.get(where)).json()["status"] == "cancelled"


async def test_a_job_runs_with_the_powers_of_who_posted_it_and_again_with_those_of_who_asks(
    indicator: Running,
) -> None:
    own = await indicator.client("ingest_client", unit="family_support")
    where = await post(own, body("csv", [row()]))
    await work_off(indicator)
    assert (await own.get(where)).json()["problem"]["errors"][0]["code"] == "unknown_area"
    analyst = await indicator.client("analyst")
    again = await analyst.post(f"{where}/run-again")
    assert again.json()["asked_by"] == "test-analyst"
    await work_off(indicator)
    assert (await analyst.get(where)).json()["report"]["created"] == 1
    assert (await own.get(where)).status_code == 404


async def test_jobs_of_another_unit_do_not_exist_for_a_caller(indicator: Running) -> None:
    analyst = await indicator.client("analyst")
    where = await post(analyst, body("csv", [row()]))
    other = await indicator.client("ingest_client", unit="family_support")
    mine = await post(other, body("csv", [row(area="fs_weymouth")]))
    assert [item["id"] for item in (await other.get(JOBS)).json()["items"]] == [mine.rpartition("/")[2]]
    for answer in (await other.get(where), await other.post(f"{where}/cancel"), await other.post(f"{where}/run-again")):
        assert answer.status_code == 404
    assert len((await analyst.get(JOBS)).json()["items"]) == 2
    reader = await indicator.client("practitioner")
    assert (await reader.get(where)).json()["allowed_actions"] == []
    assert (await reader.post(f"{where}/cancel")).status_code == 403


async def test_jobs_are_listed_page_by_page_and_by_status(indicator: Running) -> None:
    client = await indicator.client("analyst")
    places = [await post(client, body("csv", [row(value=value)])) for value in (1, 2, 3)]
    await client.post(f"{places[1]}/cancel")
    ids = [place.rpartition("/")[2] for place in reversed(places)]
    first = (await client.get(JOBS, params={"limit": 2})).json()
    rest = (await client.get(JOBS, params={"limit": 2, "after": first["next"]})).json()
    assert [item["id"] for item in first["items"] + rest["items"]] == ids
    waiting = (await client.get(JOBS, params={"status": "queued"})).json()["items"]
    assert [item["id"] for item in waiting] == [ids[0], ids[2]]
    assert (await client.get(JOBS, params={"status": "lost"})).status_code == 422
    assert (await client.get(f"{JOBS}/01900000-0000-7000-8000-000000000000")).status_code == 404


async def test_a_key_posts_a_job_once(indicator: Running) -> None:
    client = await indicator.client("ingest_client")
    key = {"Idempotency-Key": "october"}
    first = await send(client, body("csv", [row()]), headers=key, job=True)
    again = await send(client, body("csv", [row()]), headers=key, job=True)
    assert (again.status_code, again.content, again.headers["location"]) == (
        202, first.content, first.headers["location"]
    )  # fmt: skip
    assert again.headers["idempotency-replayed"] == "true"
    assert await in_table(indicator, "job") == 1


async def test_what_a_caller_may_not_compare_a_job_does_not_tell(indicator: Running) -> None:
    client = await indicator.client("ingest_client")
    where = await post(client, body("csv", [row(area="fs_weymouth", value=3)]))
    await work_off(indicator)
    one = (await client.get(where)).json()
    assert (one["report"]["changed"], one["report"]["unchanged"], one["body_hash"]) == (None, None, None)
    analyst = await indicator.client("analyst")
    assert (await analyst.get(where)).json()["report"]["changed"] == 0


async def test_a_fault_of_the_machinery_is_tried_again_and_the_work_done_once(
    indicator: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await indicator.client("analyst")
    where = await post(client, body("csv", many(10)))
    held = await claim(indicator.database, ["import"])
    assert held is not None
    async with indicator.database.transaction() as session:
        await session.execute(sa.text("ALTER TABLE observation RENAME TO gone"))
    await do_job(indicator.database, lambda one: do_import(indicator.app, one), held)
    async with indicator.database.transaction() as session:
        await session.execute(sa.text("ALTER TABLE gone RENAME TO observation"))
        await session.execute(sa.text("UPDATE job SET not_before = now()"))
    waiting = (await client.get(where)).json()
    assert (waiting["status"], waiting["attempt"], waiting["problem"]) == ("queued", 1, None)
    assert await work_off(indicator) == 1
    one = (await client.get(where)).json()
    assert (one["status"], one["attempt"], one["report"]["created"]) == ("succeeded", 2, 10)


async def test_a_worker_that_lost_its_lease_stores_nothing(indicator: Running) -> None:
    client = await indicator.client("analyst")
    where = await post(client, body("csv", many(10)))
    stalled = await claim(indicator.database, ["import"], lease=0)
    assert stalled is not None
    assert await work_off(indicator) == 1
    await do_job(indicator.database, lambda one: do_import(indicator.app, one), stalled)
    assert await in_table(indicator, "observation_import") == 1
    assert (await client.get(where)).json()["attempt"] == 2


async def test_a_body_is_forgotten_two_weeks_after_its_job_ended(indicator: Running) -> None:
    client = await indicator.client("analyst")
    where, waiting = await post(client, body("csv", [row(area="nowhere")])), await post(client, body("csv", [row()]))
    await client.post(f"{where}/cancel")
    assert (await client.get(where)).json()["run_again_until"] is not None
    assert await forget_old_bodies(indicator.database) == 0
    async with indicator.database.transaction() as session:
        ended = f"UPDATE job SET finished_at = now() - interval '{KEPT_DAYS} days 1 hour' WHERE status = 'cancelled'"
        await session.execute(sa.text(ended))
    assert await forget_old_bodies(indicator.database) == 1
    one = (await client.get(where)).json()
    assert (one["allowed_actions"], one["run_again_until"]) == ([], None)
    refused = await client.post(f"{where}/run-again")
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/import-body-forgotten")
    assert (await client.get(waiting)).json()["allowed_actions"] == ["cancel"]


async def test_the_service_works_its_queue_off_by_itself(start: Start) -> None:
    indicator = await start("indicator", background=True)
    client = await indicator.client("analyst")
    where = await post(client, body("csv", many(50)))
    async with asyncio.timeout(20):
        while (one := (await client.get(where)).json())["status"] != "succeeded":
            await asyncio.sleep(0.1)
    assert one["report"]["created"] == 50


async def test_the_limit_of_an_import_is_the_limit_of_a_job(start: Start) -> None:
    indicator = await start("indicator", max_import_bytes=5_000)
    client = await indicator.client("analyst")
    assert (await send(client, body("csv", many(500)), job=True)).status_code == 413
    assert await in_table(indicator, "job") == 0
