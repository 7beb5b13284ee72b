"""A kept tally never says anything but what the audits say, whatever happened to them since it was kept."""

from __future__ import annotations

import asyncio
import pickle
from collections import Counter
from datetime import date
from typing import Any

import httpx
import pytest

from services.audit_api.analysis import kept, remembered
from services.audit_api.analysis.counting import count_audits
from services.audit_api.analysis.groups import Group, Part
from services.audit_api.analysis.jobs import keep_all
from services.audit_api.analysis.kept import counted
from services.audit_api.analysis.queries import Chosen
from services.audit_api.analysis.remembered import Held, Known, Memory, _of_databases, forget
from services.audit_api.analysis.states import all_states
from services.audit_api.analysis.tools import read_editions
from services.audit_api.audits import service
from shared.database import driver_connection
from shared.ids import new_id
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
        told = await _read(client, **params)
        forget()
        from_kept = await _read(client, **params)
        forget()
        async with running.database.transaction() as session:
            held = (await (await session.connection()).exec_driver_sql("DELETE FROM audit_tally RETURNING *")).all()
        direct = await _read(client, **params)
        forget()
        assert told == from_kept == direct
        if held:
            await keep_all(running.database)


@pytest.mark.usefixtures("nothing_under_way")
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


def _spied(monkeypatch: pytest.MonkeyPatch) -> list[Group]:
    """The groups that are counted whole from now on."""
    counted_whole: list[Group] = []

    async def counting(session: Any, groups: Any, editions: Any, through: Any, after: Any = None) -> Any:
        counted_whole.extend(groups if after is None else ())
        return await count_audits(session, groups, editions, through, after)

    monkeypatch.setattr(kept, "count_audits", counting)
    return counted_whole


async def _directly(running: Running, client: httpx.AsyncClient, **params: Any) -> dict[str, Any]:
    """What is told from the audits alone, beside what the process remembers."""
    engine = running.database.engine.sync_engine
    aside = _of_databases.pop(engine)
    async with running.database.transaction() as session:
        await (await session.connection()).exec_driver_sql("DELETE FROM audit_tally")
    told = await _read(client, **params)
    _of_databases[engine] = aside
    return told


async def test_what_is_added_to_what_was_read_before_is_what_the_audits_say(audit: Running) -> None:
    client, year = await audit.client("qa_manager"), {"period": "FY2026-27", "by": "team"}

    async def agree(audits: int) -> None:
        told = await _read(client, **year)
        assert told["audits"] == audits
        assert told == await _directly(audit, client, **year)

    first = await send(client, whole())
    await agree(1)
    # Begun before the next ones, and submitted after them.
    waits = await send(client, whole(submit=False))
    for number in range(2, 5):
        await send(client, whole(findings=[STRENGTH] * number, answers=answers(safer=number)))
        await agree(number)
    etag = {"If-Match": f'"{waits["version"]}"'}
    assert (await client.post(f"/v1/audits/{waits['id']}/submissions", headers=etag)).status_code == 201
    await agree(5)
    late = await client.put(
        f"/v1/audits/{first['id']}/views/parent_carer",
        json={"feedback": "0192f0c1-0000-7000-8000-000000000009"}, headers={"If-Match": f'"{first["version"]}"'},
    )  # fmt: skip
    assert late.status_code == 200, late.text
    await agree(5)
    await send(client, whole("cwd_east"))
    await agree(6)


async def test_who_reads_an_earlier_moment_is_told_of_that_moment(audit: Running) -> None:
    client = await audit.client("qa_manager")
    chosen = Chosen(date(2026, 4, 1), date(2027, 3, 31), None, None)
    await send(client, whole())
    async with audit.database.snapshot() as earlier:
        assert (await counted(earlier, chosen)).tally.audits == 1
        await send(client, whole(findings=[STRENGTH] * 3))
        async with audit.database.snapshot() as later:
            found = (await counted(later, chosen)).tally
            assert (found.audits, found.keyed("finding")["strength"]) == (2, 4)
        found = (await counted(earlier, chosen)).tally
        assert (found.audits, found.keyed("finding")["strength"]) == (1, 1)
    async with audit.database.snapshot() as again:
        assert (await counted(again, chosen)).tally.audits == 2


async def test_who_waited_while_another_counted_the_whole_goes_on_from_that(
    audit: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await audit.client("qa_manager")
    await send(client, whole())
    whole_counts = _spied(monkeypatch)
    answers_told = await asyncio.gather(*(_read(client, period="FY2026-27") for _ in range(4)))
    assert [told["audits"] for told in answers_told] == [1] * 4
    assert len(whole_counts) == 1


@pytest.mark.parametrize("under_way", [True, False])
async def test_an_audit_begun_earlier_and_stored_later_is_counted(
    audit: Running, monkeypatch: pytest.MonkeyPatch, under_way: bool
) -> None:
    client, whole_counts = await audit.client("qa_manager"), _spied(monkeypatch)
    if not under_way:
        monkeypatch.setattr(kept, "_settled_through", new_id)

    async def told(audits: int) -> None:
        assert (await _read(client, period="FY2026-27"))["audits"] == audits

    await send(client, whole())
    await told(1)
    early = new_id()
    await asyncio.sleep(0.01)
    await send(client, whole())
    await told(2)
    whole_counts.clear()
    monkeypatch.setattr(service, "new_id", lambda: early)
    await send(client, whole(findings=[STRENGTH] * 3))
    await told(3)
    assert await _read(client, period="FY2026-27") == await _directly(audit, client, period="FY2026-27")
    # Where nothing is under way any more it is found out, and all are counted.
    assert len(whole_counts) == (1 if under_way else 2)


@pytest.mark.usefixtures("nothing_under_way")
async def test_a_process_that_starts_anew_counts_only_what_came_since_a_tally_was_kept(
    audit: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, whole_counts = await audit.client("qa_manager"), _spied(monkeypatch)

    async def read(*, counted_whole: int) -> dict[str, Any]:
        forget()
        whole_counts.clear()
        told = await _read(client, period="FY2026-27")
        assert len(whole_counts) == counted_whole
        return told

    async def keep(*, counted_whole: int) -> None:
        forget()
        whole_counts.clear()
        assert (await keep_all(audit.database), len(whole_counts)) == (1, counted_whole)

    await send(client, whole(findings=[STRENGTH] * 2))
    await keep(counted_whole=1)
    await send(client, whole(findings=[STRENGTH] * 3))
    assert (await read(counted_whole=0))["audits"] == 2
    await keep(counted_whole=0)
    await send(client, whole())
    told = [await read(counted_whole=0)]
    # Kept by a release that does not note up to where, so that nothing tells what has come since: all are counted.
    async with audit.database.transaction() as session:
        await (await session.connection()).exec_driver_sql("UPDATE audit_tally SET through_versions = NULL")
    told.append(await read(counted_whole=1))
    direct = await _directly(audit, client, period="FY2026-27")
    assert direct["audits"] == 3
    assert told == [direct] * 2


async def test_a_tally_that_a_former_release_has_counted_since_is_not_gone_on_from(
    audit: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, early = await audit.client("qa_manager"), new_id()
    await asyncio.sleep(0.01)
    await send(client, whole())
    with monkeypatch.context() as settled:
        settled.setattr(kept, "_settled_through", new_id)
        await keep_all(audit.database)
    await send(client, whole(findings=[STRENGTH] * 3))
    # The other release counts the one that came and leaves standing what it does not know; then comes another, begun
    # before, and of the same version.
    async with audit.database.transaction() as session:
        (group,) = await all_states(session)
        editions = await read_editions(session, {(group.tool, group.version)})
        counts = await count_audits(session, [group], editions, new_id())
        (audits, versions), (told, titles) = counts.settled[group].state, counts.settled[group].written
        statement = "UPDATE audit_tally SET audits = $1, versions = $2, counts = $3, titles = $4"
        await (await driver_connection(session)).execute(statement, audits, versions, told, titles)
    monkeypatch.setattr(service, "new_id", lambda: early)
    await send(client, whole(findings=[STRENGTH]))
    forget()
    seen = await _read(client, period="FY2026-27")
    assert seen["audits"] == 3
    assert seen == await _directly(audit, client, period="FY2026-27")


async def test_what_is_remembered_does_not_grow_with_the_audits_of_a_month(audit: Running) -> None:
    client = await audit.client("qa_manager")

    async def remembered_bytes() -> int:
        await _read(client, period="FY2026-27")
        (held,) = _of_databases[audit.database.engine.sync_engine].groups.values()
        return len(pickle.dumps([(known.state, known.part.counts, known.through) for known in held]))

    await send(client, whole())
    one = await remembered_bytes()
    for _ in range(6):
        await send(client, whole())
    # An audit's identifier alone would be 16 bytes more of each.
    assert await remembered_bytes() < one + 16


def test_a_full_memory_lets_go_of_the_group_that_was_kept_longest_ago(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered, "_GROUPS", 2)
    memory, state = Memory(new_id()), (1, 1)
    first, second, third = (Group(date(2026, month, 1), "fs_weymouth", "case_audit", 1) for month in (9, 10, 11))

    def keep(*groups: Group) -> None:
        for group in groups:
            known = Known(state, Part(group, Counter(), {}))
            memory.keep(Held(known, known))

    keep(first, second, first, third)
    assert [group for group in (first, second, third) if memory.known(group, state)] == [first, third]
    keep(first, third)
    assert list(memory.groups) == [first, third]
