"""A kept tally never says anything but what the audits say, whatever happened to them since it was kept."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from services.audit_api.analysis.jobs import keep_all
from services.audit_api.analysis.kept import _read_before
from tests.audit_api.papers import STRENGTH, answers, send, whole
from tests.conftest import Running

_PERIODS = ("2026-10", "2026-11", "FY2026-27")
_GRADES = ("inadequate", "requires_improvement", "good", "outstanding")


async def _read(client: httpx.AsyncClient, **params: Any) -> dict[str, Any]:
    answer = await client.get("/v1/analysis", params=params)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found | {"as_at": None}


async def _both(running: Running, client: httpx.AsyncClient) -> None:
    """The same answer from kept tallies, from what was read before, and from the audits alone."""
    for params in [{"period": period, "by": by} for period in _PERIODS for by in ("team", "service", "tool")]:
        remembered = await _read(client, **params)
        _read_before.clear()
        kept = await _read(client, **params)
        _read_before.clear()
        async with running.database.transaction() as session:
            held = (await (await session.connection()).exec_driver_sql("DELETE FROM audit_tally RETURNING *")).all()
        direct = await _read(client, **params)
        _read_before.clear()
        assert remembered == kept == direct
        if held:
            await keep_all(running.database)


@pytest.mark.parametrize("seed", range(3))
async def test_kept_tallies_say_what_the_audits_say_after_every_change(audit: Running, seed: int) -> None:
    client = await audit.client("qa_manager")
    sent = []
    for at in range(8):
        grade = _GRADES[(at * 7 + seed) % 4]
        given = answers(outcomes_overall=grade, safer=1 + (at + seed) % 5, consent_recorded=("yes", "no")[at % 2])
        unit = ("fs_weymouth", "cwd_east", "fs_chesil")[(at + seed) % 3]
        day = f"2026-{10 + at % 2}-1{at % 9}"
        sent.append(
            await send(client, whole(unit, answers=given, submitted_on=day, findings=[STRENGTH] * (1 + at % 2)))
        )
        if at % 3 == seed:
            await keep_all(audit.database)
    await keep_all(audit.database)
    assert await keep_all(audit.database) == 0
    await _both(audit, client)
    # Late views, and a correction: each is told although the tally was kept before.
    changed = sent[seed]
    path = f"/v1/audits/{changed['id']}"
    late = await client.put(
        f"{path}/views/parent_carer",
        json={"feedback": "0192f0c1-0000-7000-8000-000000000009"},
        headers={"If-Match": f'"{changed["version"]}"'},
    )
    assert late.status_code == 200, late.text
    heard = {one["view_of"]: one["heard"] for one in (await _read(client, period="FY2026-27"))["voices"]}
    assert heard["parent_carer"] == 1
    await _both(audit, client)
    opened = await client.post(
        f"{path}/reopenings", json={"reason": "A grade was mistyped."}, headers={"If-Match": late.headers["ETag"]}
    )
    assert opened.status_code == 201, opened.text
    edit = {"answers": {"outcomes_overall": "outstanding", "plan_shared": 1}}
    saved = await client.put(f"{path}/answers", json=edit, headers={"If-Match": opened.headers["ETag"]})
    await _both(audit, client)
    again = await client.post(f"{path}/submissions", headers={"If-Match": saved.headers["ETag"]})
    assert again.status_code == 201, again.text
    await _both(audit, client)
