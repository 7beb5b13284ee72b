"""The activity log: every change in it, in one order, and every tampering found."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest
import sqlalchemy as sa

from services.operations import _verify
from shared.activity.record import record_activity
from shared.activity.sealer import seal_all, seal_once
from shared.activity.verify import verify_chain
from shared.auth.caller import Caller
from shared.ids import new_id
from tests.conftest import Running

CALLER = Caller(subject="tester")


@pytest.fixture
async def audit(start) -> Running:  # type: ignore[no-untyped-def]
    return await start("audit", dorset=False)


async def write(audit: Running, count: int, unit: str | None = None) -> None:
    async with audit.database.transaction() as session:
        for number in range(count):
            await record_activity(
                session, CALLER, "thing.done", "thing", str(number), content={"secret": number}, unit=unit
            )


async def test_what_was_rolled_back_is_not_in_the_log(audit: Running) -> None:
    with pytest.raises(ZeroDivisionError):
        async with audit.database.transaction() as session:
            await record_activity(session, CALLER, "thing.done", "thing", "1")
            raise ZeroDivisionError
    await seal_all(audit.database)
    assert (await verify_chain(audit.database)).sealed == 0


async def test_three_sealers_at_once_make_one_chain(audit: Running) -> None:
    async def writing() -> None:
        for _ in range(20):
            await write(audit, 5)

    async def sealing() -> None:
        for _ in range(30):
            await seal_once(audit.database)

    await asyncio.gather(writing(), writing(), sealing(), sealing(), sealing())
    await seal_all(audit.database)
    verdict = await verify_chain(audit.database)
    assert (verdict.sealed, verdict.unsealed, verdict.faults) == (200, 0, [])


async def test_a_reader_of_the_feed_never_misses_a_late_commit(audit: Running) -> None:
    client = await audit.client()
    async with audit.database.transaction() as late:
        await record_activity(late, CALLER, "late.deed", "thing", "late")
        await write(audit, 3)
        await audit.seal()
        first = (await client.get("/v1/activity")).json()["items"]
        assert [item["action"] for item in first] == ["thing.done"] * 3
    await audit.seal()
    rest = (await client.get(f"/v1/activity?after={first[-1]['position']}")).json()["items"]
    assert [item["action"] for item in rest] == ["late.deed"]


async def test_the_feed_pages_to_its_end_without_gaps(audit: Running) -> None:
    await write(audit, 25)
    await audit.seal()
    client = await audit.client()
    positions, after = [], "0"
    while after is not None:
        page = (await client.get(f"/v1/activity?after={after}&limit=10")).json()
        positions += [item["position"] for item in page["items"]]
        after = page["next"]
    assert positions == list(range(1, 26))


async def test_content_is_digested_and_never_told(audit: Running) -> None:
    async with audit.database.transaction() as session:
        await record_activity(session, CALLER, "thing.done", "thing", "1", content={"name": "Canary-Child"})
    await audit.seal()
    assert "Canary-Child" not in (await (await audit.client()).get("/v1/activity")).text


async def test_the_log_is_append_only_but_for_erasing_a_salt(audit: Running) -> None:
    await write(audit, 2)
    await audit.seal()
    for statement in (
        "UPDATE activity SET actor = 'other'",
        "DELETE FROM activity_seal",
        "DELETE FROM activity",
        "TRUNCATE activity CASCADE",
        "UPDATE activity_seal SET hash = ''",
    ):
        with pytest.raises(sa.exc.DBAPIError):
            async with audit.database.transaction() as session:
                await session.execute(sa.text(statement))
    async with audit.database.transaction() as session:
        await session.execute(sa.text("UPDATE activity SET salt = NULL"))
    assert (await verify_chain(audit.database)).faults == []


TAMPERS = {
    "edit": "UPDATE activity SET actor = 'other' WHERE id = :id",
    "edit data": """UPDATE activity SET data = '{"n": 1}' WHERE id = :id""",
    "re-date": "UPDATE activity SET at = at - interval '1 day' WHERE id = :id",
    "delete seal": "DELETE FROM activity_seal WHERE activity_id = :id",
    "delete both": "WITH s AS (DELETE FROM activity_seal WHERE activity_id = :id) DELETE FROM activity WHERE id = :id",
    "swap": """UPDATE activity_seal SET activity_id = CASE activity_id WHEN :id THEN CAST(:other AS uuid) ELSE :id END
               WHERE activity_id IN (:id, :other)""",
    "edit digest": "UPDATE activity SET digest = 'x' WHERE id = :id",
}


@pytest.mark.parametrize("kind", TAMPERS)
async def test_every_tampering_is_found(audit: Running, kind: str) -> None:
    await write(audit, 12)
    await audit.seal()
    chance = random.Random(kind)
    async with audit.database.snapshot() as session:
        ids = list(
            (await session.execute(sa.text("SELECT activity_id FROM activity_seal ORDER BY position"))).scalars()
        )
    victim, other = chance.sample(ids, 2)
    values: dict[str, Any] = {"id": victim}
    async with audit.database.transaction() as session:
        # As the database's owner could: with the triggers and constraints out of the way.
        await session.execute(sa.text("SET LOCAL session_replication_role = replica"))
        if ":other" in TAMPERS[kind]:
            values["other"] = other
            await session.execute(sa.text("ALTER TABLE activity_seal DROP CONSTRAINT uq_activity_seal_activity_id"))
        await session.execute(sa.text(TAMPERS[kind]), values)
    assert (await verify_chain(audit.database)).faults


async def test_an_inserted_row_without_a_seal_is_found(audit: Running) -> None:
    await write(audit, 3)
    await audit.seal()
    async with audit.database.transaction() as session:
        await session.execute(
            sa.text(
                "INSERT INTO activity (id, actor, action, subject_type, subject_id, digest) "
                "VALUES (gen_random_uuid(), 'x', 'x', 'x', 'x', 'x')"
            )
        )
    assert (await verify_chain(audit.database)).faults


FORGED = (
    "INSERT INTO activity (id, actor, action, subject_type, subject_id, digest) VALUES (:id, 'x', 'x', 'x', 'x', 'x')"
)


async def test_a_forged_row_sealed_before_the_first_position_is_found(audit: Running) -> None:
    await write(audit, 3)
    await audit.seal()
    async with audit.database.transaction() as session:
        await session.execute(sa.text(FORGED), {"id": new_id()})
        forged = "INSERT INTO activity_seal SELECT 0, id, 'x' FROM activity WHERE actor = 'x'"
        await session.execute(sa.text(forged))
    assert (await verify_chain(audit.database)).faults


async def test_a_forged_row_is_found_though_as_many_wait_as_have_no_seal(audit: Running) -> None:
    await write(audit, 3)
    await audit.seal()
    async with audit.database.transaction() as session:
        waiting = "INSERT INTO activity_pending SELECT activity_id FROM activity_seal WHERE position = 1"
        await session.execute(sa.text(waiting))
        await session.execute(sa.text(FORGED), {"id": new_id()})
    assert (await verify_chain(audit.database)).faults


async def test_a_chain_rewritten_from_scratch_is_found_by_an_anchor(audit: Running) -> None:
    await write(audit, 3)
    await audit.seal()
    anchor = (await verify_chain(audit.database)).head
    await write(audit, 3)
    await audit.seal()
    assert (await verify_chain(audit.database, anchor)).faults == []
    assert (await verify_chain(audit.database, "00" * 32)).faults


async def test_a_scoped_caller_reads_only_its_units_activity(start) -> None:  # type: ignore[no-untyped-def]
    audit = await start("audit")
    units = (await (await audit.client()).get("/v1/organisation/units")).json()["items"]
    team = next(unit["code"] for unit in units if unit["kind"] == "team")
    await write(audit, 2, unit=team)
    await write(audit, 3, unit="elsewhere")
    await audit.seal()
    scoped = await audit.client(unit=team)
    assert {item["unit"] for item in (await scoped.get("/v1/activity")).json()["items"]} == {team}


async def test_a_database_that_takes_no_changes_is_verified_all_the_same(
    audit: Running, capsys: pytest.CaptureFixture[str]
) -> None:
    await write(audit, 3)
    await audit.seal()
    await write(audit, 1)
    async with audit.database.transaction() as session:
        name = (await session.execute(sa.text("SELECT current_database()"))).scalar_one()
        await session.execute(sa.text(f"ALTER DATABASE {name} SET default_transaction_read_only = on"))
    assert await _verify(audit.app.state.settings, ["audit"], None)
    assert "audit: whole, 3 sealed, head " in capsys.readouterr().out
