"""What is kept of the framework is gone by only while it stands: another replica may change it at any moment."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import Any

import pytest
import sqlalchemy as sa

from services.catalogue import create_service
from shared.settings import ServiceName
from tests.audit_api.papers import whole
from tests.conftest import Running

VIEW = {
    "channel": "review_process", "respondent_group": "young_person", "unit": "fs_weymouth", "given_on": "2026-10-14",
    "themes": ["communication"], "consent": "shared",
}  # fmt: skip
COMPLAINT = {
    "procedure": "statutory", "received_on": "2026-10-05", "unit": "fs_weymouth", "themes": ["communication"],
}  # fmt: skip


async def beside(running: Running, stack: AsyncExitStack) -> Running:
    """A second replica on the same database."""
    app = create_service(running.name, running.app.state.settings, running.clock)
    await stack.enter_async_context(app.router.lifespan_context(app))
    return Running(running.name, app, running.issuer, running.clock, stack)


async def apply(running: Running, kind: str, code: str, **changes: Any) -> None:
    """Apply an item as it stands with some fields changed, or anew under another code."""
    statement = sa.text("SELECT content FROM framework_item WHERE kind = :kind ORDER BY code = :code DESC LIMIT 1")
    async with running.database.snapshot() as session:
        content = (await session.execute(statement, {"kind": kind, "code": code})).scalar_one()
    item = {"kind": kind, "code": code, "content": {**content, "code": code, **changes}}
    answer = await (await running.client("admin")).post("/v1/framework/applications", json={"items": [item]})
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    ("service", "path", "body"),
    [
        ("feedback", "/v1/views", VIEW),
        ("feedback", "/v1/complaints", COMPLAINT),
        ("audit", "/v1/audits", whole()),
    ],
)
async def test_a_unit_that_another_replica_ends_takes_no_more_and_one_it_adds_takes_at_once(
    start: Any, service: ServiceName, path: str, body: dict[str, Any]
) -> None:
    running = await start(service)
    async with AsyncExitStack() as stack:
        other = await beside(running, stack)
        client = await running.client("qa_manager")
        refs = iter(f"KEPT-{number}" for number in range(9))

        async def post(**more: Any) -> tuple[int, list[str]]:
            own = {"respond_ref": next(refs)} if path.endswith("complaints") else {}
            answer = await client.post(path, json={**body, **own, **more})
            return answer.status_code, [fault["code"] for fault in answer.json().get("errors", [])]

        assert await post() == (201, [])
        await apply(other, "units", body["unit"], valid_to="2026-09-01")
        assert await post() == (422, ["unknown_unit"])
        await apply(other, "units", "quite_new_team", valid_from="2026-01-01", valid_to=None, successors=[])
        assert await post(unit="quite_new_team") == (201, [])
        await apply(other, "units", body["unit"], valid_to=None)
        assert await post() == (201, [])


async def test_a_day_off_that_another_replica_proclaims_counts_in_the_very_next_complaint(start: Any) -> None:
    running = await start("feedback")
    async with AsyncExitStack() as stack:
        other, client = await beside(running, stack), await running.client("qa_manager")
        due = []
        for number in range(2):
            body = {**COMPLAINT, "received_on": "2026-11-12", "respond_ref": f"KEPT-{number}"}
            answer = await client.post("/v1/complaints", json=body)
            assert answer.status_code == 201, answer.text
            due.append(answer.json()["current"]["statutory"]["due_on"])
            day = {"day": "2026-11-20", "name": "Proclaimed"}
            assert (await (await other.client("admin")).post("/v1/bank-holidays", json=day)).is_success
        assert due == ["2026-11-26", "2026-11-27"]


async def test_what_was_put_into_the_tables_by_hand_is_seen_too(feedback: Running) -> None:
    client = await feedback.client("qa_manager")
    assert (await client.post("/v1/views", json=VIEW)).status_code == 201
    async with feedback.database.transaction() as session:
        await session.execute(sa.text("UPDATE framework_item SET retired = true WHERE code = 'review_process'"))
    refused = await client.post("/v1/views", json=VIEW)
    assert [fault["pointer"] for fault in refused.json()["errors"]] == ["/channel"]
