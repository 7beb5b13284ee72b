"""A kept tally never says anything but what the audits say, whatever happened to them since it was kept."""

from __future__ import annotations

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
from services.audit_api.analysis.kept import _fresh, counted
from services.audit_api.analysis.queries import Chosen
from services.audit_api.analysis.remembered import Known, Memory, _of_databases, forget, memory_of
from services.audit_api.analysis.states import group_states, read_epoch
from services.audit_api.analysis.tools import read_editions
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


async def test_what_another_reader_has_counted_meanwhile_is_taken_from_him(audit: Running) -> None:
    client = await audit.client("qa_manager")
    await send(client, whole())
    async with audit.database.snapshot() as session:
        states = await group_states(session, date(2026, 4, 1), date(2027, 3, 31))
        memory = memory_of(session, await read_epoch(session))
        editions = await read_editions(session, {(one.tool, one.version) for one in states})
        first = await _fresh(session, memory, states, editions)
        for known in first.values():
            memory.keep(known)
        assert await _fresh(session, memory, states, editions) == first


async def test_a_process_that_starts_anew_counts_only_what_came_since_a_tally_was_kept(
    audit: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await audit.client("qa_manager")
    whole_counts: list[Group] = []

    async def counting(session: Any, groups: Any, editions: Any, after: Any = None) -> Any:
        whole_counts.extend(groups if after is None else ())
        return await count_audits(session, groups, editions, after)

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

    monkeypatch.setattr(kept, "count_audits", counting)
    first = await send(client, whole(findings=[STRENGTH] * 2))
    await keep(counted_whole=1)
    await send(client, whole(findings=[STRENGTH] * 3))
    assert (await read(counted_whole=0))["audits"] == 2
    await keep(counted_whole=0)
    await send(client, whole())
    told = [await read(counted_whole=0)]
    # Kept by a version that did not note the newest, or left an earlier one standing: found out, and counted whole.
    for newest in ("NULL", f"'{first['id']}'"):
        async with audit.database.transaction() as session:
            await (await session.connection()).exec_driver_sql(f"UPDATE audit_tally SET newest = {newest}")
        told.append(await read(counted_whole=1))
    direct = await _directly(audit, client, period="FY2026-27")
    assert direct["audits"] == 3
    assert told == [direct] * 3


async def test_what_is_remembered_does_not_grow_with_the_audits_of_a_month(audit: Running) -> None:
    client = await audit.client("qa_manager")

    async def remembered_bytes() -> int:
        await _read(client, period="FY2026-27")
        (held,) = _of_databases[audit.database.engine.sync_engine].groups.values()
        return len(pickle.dumps([(known.state, known.part.counts, known.through) for known in held[:1]]))

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
            memory.keep(Known(state, Part(group, Counter(), {})))

    keep(first, second, first, third)
    assert [group for group in (first, second, third) if memory.known(group, state)] == [first, third]
    keep(first, third)
    assert list(memory.groups) == [first, third]


def test_a_reader_a_little_behind_the_newest_has_a_moment_to_go_on_from() -> None:
    group, memory = Group(date(2026, 11, 1), "fs_weymouth", "case_audit", 1), Memory(new_id())
    # Ten a second for a minute, as many readers at once see it.
    for audits in range(1, 600):
        memory.keep(Known((audits, audits), Part(group, Counter(), {}), new_id(), at=audits / 10))
        for behind in (0, 5, 99):
            told = memory.before(group, (audits - behind, audits - behind))
            assert audits <= behind or (told is not None and told[0].state[0] <= audits - behind)
    assert len(memory.groups[group]) == 3
    assert memory.before(group, (300, 300)) is None
