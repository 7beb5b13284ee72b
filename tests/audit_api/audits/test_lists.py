"""Lists of audits: filters, and pages that miss nothing while others write."""

from __future__ import annotations

from typing import Any

import httpx

from tests.audit_api.papers import in_round, make_round, send, whole
from tests.conftest import Running


async def _ids(client: httpx.AsyncClient, **params: Any) -> set[str]:
    answer = await client.get("/v1/audits", params=params)
    assert answer.status_code == 200, answer.text
    return {one["id"] for one in answer.json()["items"]}


async def test_pages_hold_every_audit_once_while_others_are_added(audit: Running) -> None:
    client = await audit.client("qa_manager")
    before = [(await send(client, whole(case_reference=f"CMS-{number}")))["id"] for number in range(7)]
    seen: list[str] = []
    page = (await client.get("/v1/audits?limit=3")).json()
    while True:
        seen += [one["id"] for one in page["items"]]
        await send(client, whole())
        if page["next"] is None:
            break
        page = (await client.get("/v1/audits", params={"limit": 3, "after": page["next"]})).json()
    assert seen == list(reversed(before))


async def test_a_page_says_where_the_next_one_is(audit: Running) -> None:
    client = await audit.client("qa_manager")
    for _ in range(2):
        await send(client, whole())
    answer = await client.get("/v1/audits?limit=1&unit=family_support")
    assert 'rel="next"' in answer.headers["link"]
    assert "unit=family_support" in answer.headers["link"]


async def test_audits_are_found_by_unit_period_status_tool_and_programme(audit: Running) -> None:
    client = await audit.client("qa_manager")
    await make_round(client, "2026-10")
    october = (await send(client, in_round("fs_weymouth", "2026-10")))["id"]
    alone = (await send(client, whole("cwd_east")))["id"]
    draft = (await send(client, whole("cwd_west", submit=False)))["id"]
    assert await _ids(client) == {october, alone, draft}
    assert await _ids(client, unit="family_support") == {october}
    assert await _ids(client, unit="children_who_are_disabled") == {alone, draft}
    assert await _ids(client, period="2026-10") == {october}
    assert await _ids(client, period="2026-11") == {alone}
    assert await _ids(client, period="FY2026-27-Q3") == {october, alone}
    assert await _ids(client, status="in_progress") == {draft}
    assert await _ids(client, status=["in_progress", "submitted"]) == {october, alone, draft}
    assert await _ids(client, programme="monthly_case_audit") == {october}
    assert await _ids(client, tool="other") == set()


async def test_a_list_holds_nothing_of_the_case(audit: Running) -> None:
    client = await audit.client("qa_manager")
    await send(client, whole())
    text = (await client.get("/v1/audits")).text
    assert "CMS-204417" not in text
    assert "play" not in text
