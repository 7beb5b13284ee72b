"""Views that come after the submission stand beside the reason why there was none."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from shared.clock import FixedClock
from tests.audit_api.life import learn, slug, stepped
from tests.audit_api.papers import VIEWS, activity_of, answers, send, whole
from tests.conftest import TODAY, Running, Start


async def _view(client: httpx.AsyncClient, audit: str, view_of: str, body: Any, version: int) -> httpx.Response:
    headers = {"If-Match": f'"{version}"'}
    return await client.put(f"/v1/audits/{audit}/views/{view_of}", json=body, headers=headers)


async def _voices(client: httpx.AsyncClient, view_of: str) -> Any:
    voices = (await client.get("/v1/analysis?period=2026-11")).json()["voices"]
    return next((one["heard"], one["not_heard"], one["reasons"]) for one in voices if one["view_of"] == view_of)


@pytest.mark.parametrize("closed", [False, True])
async def test_R15_a_late_view_attaches_and_the_earlier_reason_stays(start: Start, closed: bool) -> None:
    clock = FixedClock(TODAY)
    audit = await start("audit", clock=clock)
    client = await audit.client("qa_manager")
    path = (await send(client, whole()))["id"]
    if closed:
        await learn(audit, path)
        await stepped(client, path, "closures", {})
    version = 2 if closed else 1
    assert await _voices(client, "parent_carer") == (0, 1, {"declined": 1})
    clock.advance(timedelta(days=20))
    late = await _view(client, path, "parent_carer", {"feedback": "V-77"}, version)
    assert late.status_code == 200, late.text
    assert late.headers["etag"] == f'"{version + 1}"'
    found = late.json()
    assert found["status"] == ("closed" if closed else "submitted")
    view = found["views"]["parent_carer"]
    assert (view["feedback"], view["reason"], view["recorded_by"]) == ("V-77", "declined", "test-qa_manager")
    assert (view["recorded_at"][:10], found["views"]["child"]["recorded_at"][:10]) == ("2026-12-13", "2026-11-23")
    assert await _voices(client, "parent_carer") == (1, 0, {})
    again = await _view(client, path, "parent_carer", {"feedback": "V-77"}, version + 1)
    assert (again.status_code, again.json()["version"]) == (200, version + 1)
    await audit.seal()
    last = (await activity_of(await audit.client("admin"), "audit"))[-1]
    assert (last["action"], last["data"]["view_of"]) == ("audit.view_added", "parent_carer")


async def test_R15_what_was_heard_or_said_of_it_does_not_change_after_submission(audit: Running) -> None:
    client = await audit.client("qa_manager")
    path = (await send(client, whole()))["id"]
    for view_of, body in (
        ("child", {"feedback": "V-1"}),
        ("child", {"reason": "declined"}),
        ("parent_carer", {"reason": "unsafe"}),
    ):
        refused = await _view(client, path, view_of, body, 1)
        assert (refused.status_code, slug(refused)) == (409, "view-settled")
    for body in ({"reason": "busy"}, {"reason": "not contactable"}, {}, {"reason": "declined", "feedback": "V-1"}):
        assert (await _view(client, path, "icrs", body, 1)).status_code == 422
    assert (await _view(client, path, "neighbour", {"feedback": "V-1"}, 1)).status_code == 422
    assert (await client.get(f"/v1/audits/{path}")).json()["version"] == 1


async def test_R15_a_view_is_recorded_on_a_draft_and_on_a_correction_too(audit: Running) -> None:
    client = await audit.client("qa_manager")
    left = {name: view for name, view in VIEWS.items() if name != "icrs"}
    path = (await send(client, whole(submit=False, answers=answers(), views=left)))["id"]
    for reason in ("declined", "unsafe", "not_contactable", "no_reply", "too_young", "not_applicable"):
        version = (await client.get(f"/v1/audits/{path}")).json()["version"]
        assert (await _view(client, path, "icrs", {"reason": reason}, version)).status_code == 200
    await stepped(client, path, "submissions")
    reopened = await stepped(client, path, "reopenings", {"reason": "The officer was there after all."})
    heard = await _view(client, path, "icrs", {"feedback": "V-3"}, reopened["version"])
    assert heard.json()["views"]["icrs"]["feedback"] == "V-3"
    assert (await client.get(f"/v1/audits/{path}/versions/1")).json()["views"]["icrs"]["reason"] == "not_applicable"


async def test_a_late_view_is_its_auditors_or_a_managers_to_attach(audit: Running) -> None:
    path = (await send(await audit.client("qa_manager"), whole()))["id"]
    for role, status in (("auditor", 403), ("analyst", 403)):
        client = await audit.client(role)
        assert (await _view(client, path, "parent_carer", {"feedback": "V-1"}, 1)).status_code == status
    stale = await _view(await audit.client("qa_manager"), path, "parent_carer", {"feedback": "V-1"}, 9)
    assert stale.status_code == 412
