"""Once an audit was deleted, no analysis tells of it, whatever was counted before and whoever counts at that moment."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from services.audit_api.analysis.jobs import keep_all
from services.audit_api.analysis.kept import count_groups, keep_groups
from services.audit_api.analysis.remembered import forget
from services.audit_api.analysis.states import all_states
from tests.audit_api.life import analysis_of, saved, stepped
from tests.audit_api.papers import IMPROVEMENT, STRENGTH, answers, send, whole
from tests.conftest import Running

pytestmark = pytest.mark.usefixtures("nothing_under_way")
_CASE, _WORDS, _YEAR = "CMS-555001", "canary-5550011", "FY2026-27"


async def _erase(officer: httpx.AsyncClient) -> httpx.Response:
    subject = {"by": "case", "reference": _CASE}
    body = {"subject": subject, "ground": "unlawful", "request_reference": "DPO-2026-031"}
    return await officer.post("/v1/privacy/erasures", json=body)


async def _tallies(audit: Running, statement: str = "SELECT month FROM audit_tally") -> list[Any]:
    async with audit.database.transaction() as session:
        return list((await session.execute(sa.text(statement))).all())


async def test_an_erased_child_is_not_told_again_where_the_others_come_to_the_same_state(audit: Running) -> None:
    client, officer = await audit.client(), await audit.client("data_protection_officer")

    async def read() -> dict[str, Any]:
        return await analysis_of(client, _YEAR)

    findings = [IMPROVEMENT | {"title": _WORDS}]
    given = answers(overall_grade="inadequate", outcomes_overall="inadequate")
    october = {"submitted_on": "2026-10-12", "no_strength_reason": "None was seen."}
    erased = await send(client, whole(case_reference=_CASE, findings=findings, answers=given, **october))
    assert _WORDS in str(await read())
    await send(client, whole(submitted_on="2026-10-14"))
    # Another month, and untouched by the erasure but for what its finding repeats.
    before = erased["findings"][0]["id"]
    again = [STRENGTH, IMPROVEMENT | {"repeat_of": before}]
    await send(client, whole(submitted_on="2026-11-09", findings=again))
    told = await read()
    assert (told["audits"], told["repeats"]) == (3, 1)
    assert await keep_all(audit.database) == 2
    assert (await _erase(officer)).json()["records"] == {"audit": 1}
    remembered = await read()
    forget()
    kept = await read()
    forget()
    await _tallies(audit, "DELETE FROM audit_tally RETURNING month")
    direct = await read()
    assert (direct["audits"], direct["repeats"]) == (2, 0)
    assert _WORDS not in str(direct)
    assert remembered == kept == direct


async def test_an_erased_child_is_not_told_again_where_another_comes_before_anybody_reads(audit: Running) -> None:
    client, officer = await audit.client(), await audit.client("data_protection_officer")
    await send(client, whole(case_reference=_CASE, findings=[STRENGTH, IMPROVEMENT | {"title": _WORDS}]))
    assert _WORDS in str(await analysis_of(client, _YEAR))
    assert (await _erase(officer)).json()["records"] == {"audit": 1}
    await send(client, whole())
    told = await analysis_of(client, _YEAR)
    assert told["audits"] == 1
    assert _WORDS not in str(told)


async def test_a_tally_counted_while_an_audit_is_erased_is_not_kept_after_it(audit: Running) -> None:
    client, officer = await audit.client(), await audit.client("data_protection_officer")
    await send(client, whole(case_reference=_CASE))

    async def until_it_waits(task: asyncio.Task[Any]) -> None:
        waits = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        while not task.done() and not await _tallies(audit, waits):
            await asyncio.sleep(0.01)

    async with audit.database.transaction() as session:
        # As an erasure does, and was at it before the tally was to be stored.
        await session.execute(sa.text("UPDATE audit_epoch SET epoch = gen_random_uuid()"))
        keeping = asyncio.create_task(keep_all(audit.database))
        await until_it_waits(keeping)
    assert await keeping == 0
    async with audit.database.snapshot() as session:
        epoch, counted = await count_groups(session, list(await all_states(session)))
    async with audit.database.transaction() as session:
        assert await keep_groups(session, epoch, counted) == 1
        erasing = asyncio.create_task(_erase(officer))
        await until_it_waits(erasing)
    assert (await erasing).json()["records"] == {"audit": 1}
    assert await _tallies(audit) == []


async def test_a_correction_that_names_an_erased_finding_can_still_be_submitted(audit: Running) -> None:
    client, officer = await audit.client("qa_manager"), await audit.client("data_protection_officer")
    before = (await send(client, whole(case_reference=_CASE, submitted_on="2026-10-12")))["findings"][1]["id"]
    later = (await send(client, whole()))["id"]
    await stepped(client, later, "reopenings", {"reason": "It was found before."})
    named = await saved(client, later, {"findings": [STRENGTH, IMPROVEMENT | {"repeat_of": before}]})
    assert named["findings"][1]["repeat_of"] == before
    assert (await _erase(officer)).json()["records"] == {"audit": 1}
    told = await stepped(client, later, "submissions")
    assert (told["status"], told["findings"][1]["repeat_of"]) == ("submitted", None)
