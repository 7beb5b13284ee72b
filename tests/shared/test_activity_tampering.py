"""Random tampering by somebody who owns the database: each is found, a rewritten chain by an anchor kept elsewhere."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from shared.activity.record import record_activity
from shared.activity.sealer import chain, rest_of, seal_all
from shared.activity.verify import verify_chain
from shared.auth.caller import Caller
from shared.ids import new_id
from shared.tables import activity, activity_cut, activity_erased, activity_head, activity_pending, activity_seal
from tests.conftest import Running, Start
from tests.doses import dose, tell

ROWS = 24
TABLES = (activity, activity_seal, activity_pending, activity_head)
Chance = random.Random
Log = list[dict[str, Any]]


async def rows_of(session: AsyncSession, table: sa.Table) -> Log:
    ordered = sa.select(table).order_by(*table.primary_key.columns)
    return [dict(row) for row in (await session.execute(ordered)).mappings()]


class Owner:
    """Has the database to itself: no trigger and no constraint is in the way."""

    def __init__(self, audit: Running) -> None:
        self.audit = audit
        self.before: dict[str, Log] = {}

    async def note(self) -> str:
        """Keep what is there; returns the head, as it is kept outside."""
        async with self.audit.database.snapshot() as session:
            self.before = {table.name: await rows_of(session, table) for table in TABLES}
        head: bytes = self.before["activity_head"][0]["hash"]
        return head.hex()

    async def leave(self, found: dict[str, Log]) -> None:
        async with self.audit.database.transaction() as session:
            await session.execute(sa.text("SET LOCAL session_replication_role = replica"))
            for table in TABLES:
                await session.execute(sa.delete(table))
                if found[table.name]:
                    await session.execute(sa.insert(table), found[table.name])

    def copy(self) -> dict[str, Log]:
        return {name: [dict(row) for row in rows] for name, rows in self.before.items()}


def edit(log: dict[str, Log], chance: Chance) -> None:
    """One value of one row, or the seal of it."""
    row = chance.choice(log["activity"])
    name = chance.choice(
        ["actor", "action", "subject_type", "subject_id", "unit", "reason", "request_id", "digest", "data", "seal"]
    )
    if name == "seal":
        chance.choice(log["activity_seal"])["hash"] = chance.randbytes(32)
    elif name == "digest":
        row[name] = chance.randbytes(32)
    elif name == "data":
        row[name] = {"n": chance.randint(1000, 10**6)}
    else:
        row[name] = f"{row[name]} " if chance.random() < 0.5 else "another"


def delete(log: dict[str, Log], chance: Chance) -> None:
    """The row, its seal or both."""
    at = chance.randrange(len(log["activity_seal"]))
    what = chance.choice(["row", "seal", "both"])
    gone = log["activity_seal"][at]["activity_id"]
    if what != "row":
        del log["activity_seal"][at]
    if what != "seal":
        log["activity"] = [row for row in log["activity"] if row["id"] != gone]


def swap(log: dict[str, Log], chance: Chance) -> None:
    """Two rows in each other's place, or what two rows say."""
    one, two = chance.sample(log["activity_seal"], 2)
    if chance.random() < 0.5:
        one["activity_id"], two["activity_id"] = two["activity_id"], one["activity_id"]
    else:
        first, second = (next(r for r in log["activity"] if r["id"] == s["activity_id"]) for s in (one, two))
        for name in ("actor", "subject_id", "data", "at", "digest"):
            first[name], second[name] = second[name], first[name]


def insert(log: dict[str, Log], chance: Chance) -> None:
    """A forged row: with no seal, with a seal at the end, or between two others."""
    row = {**chance.choice(log["activity"]), "id": new_id(), "actor": "forger"}
    log["activity"].append(row)
    how = chance.choice(["no seal", "end", "between", "in place"])
    if how == "end":
        seal = {"position": len(log["activity_seal"]) + 1, "activity_id": row["id"], "hash": chance.randbytes(32)}
        log["activity_seal"].append(seal)
    elif how == "between":
        at = chance.randrange(len(log["activity_seal"]))
        for seal in log["activity_seal"][at:]:
            seal["position"] += 1
        forged = {"position": at + 1, "activity_id": row["id"], "hash": chance.randbytes(32)}
        log["activity_seal"].insert(at, forged)
    elif how == "in place":
        chance.choice(log["activity_seal"])["activity_id"] = row["id"]


def re_date(log: dict[str, Log], chance: Chance) -> None:
    row = chance.choice(log["activity"])
    row["at"] += timedelta(
        microseconds=chance.choice([1, -1, 10**6, -(10**9), 86_400 * 10**6 * chance.randint(1, 900)])
    )


def seal_anew(log: dict[str, Log]) -> None:
    """Make the chain whole again from its first row, as who knows how can."""
    rows = {row["id"]: row for row in log["activity"]}
    sealed = [seal for seal in log["activity_seal"] if seal["activity_id"] in rows]
    known = {seal["activity_id"] for seal in sealed}
    sealed += [{"position": 0, "activity_id": key, "hash": b""} for key in rows if key not in known]
    previous = b""
    for position, seal in enumerate(sealed, 1):
        previous = chain(previous, position, rows[seal["activity_id"]])
        seal |= {"position": position, "hash": previous}
    log["activity_seal"] = sealed
    log["activity_head"][0] |= {"position": len(sealed), "hash": previous}


KINDS: dict[str, Callable[[dict[str, Log], Chance], None]] = {
    "edit": edit, "delete": delete, "swap": swap, "insert": insert, "re-date": re_date,
}  # fmt: skip


@pytest.fixture
async def owner(start: Start) -> Owner:
    audit = await start("audit", dorset=False)
    async with audit.database.transaction() as session:
        for number in range(ROWS):
            await record_activity(
                session, Caller(subject=f"somebody-{number}"), "thing.done", "thing", str(number), content=number,
                unit="a", reason="because", data={"n": number},
            )  # fmt: skip
    await seal_all(audit.database)
    return Owner(audit)


async def test_every_random_tampering_is_found_and_a_rewritten_chain_by_its_anchor(owner: Owner) -> None:
    anchor, database, each = await owner.note(), owner.audit.database, dose(6, 100)
    assert (await verify_chain(database, anchor)).faults == []
    for kind, tamper in KINDS.items():
        chance = random.Random(kind)
        for number in range(each):
            log = owner.copy()
            tamper(log, chance)
            assert log != owner.before, f"{kind} {number} changed nothing"
            await owner.leave(log)
            assert (await verify_chain(database)).faults, f"{kind} {number}"
            seal_anew(log)
            # Only a seal had been touched, or a row was added after the anchor: all of that time is as it was.
            if anchor in {seal["hash"].hex() for seal in log["activity_seal"]}:
                assert kind in ("edit", "delete", "insert")
                continue
            await owner.leave(log)
            # The database alone cannot tell any more.
            assert (await verify_chain(database)).faults == [], f"{kind} {number}, rewritten"
            assert (await verify_chain(database, anchor)).faults, f"{kind} {number}, rewritten"
        tell(**{kind: each})
    await owner.leave(owner.before)
    assert (await verify_chain(database, anchor)).faults == []


async def test_a_log_cut_off_at_its_end_is_found_by_an_anchor(owner: Owner) -> None:
    anchor = await owner.note()
    log = owner.copy()
    cut = log["activity_seal"].pop()
    log["activity"] = [row for row in log["activity"] if row["id"] != cut["activity_id"]]
    seal_anew(log)
    await owner.leave(log)
    assert (await verify_chain(owner.audit.database)).faults == []
    assert (await verify_chain(owner.audit.database, anchor)).faults


async def test_a_log_without_its_head_is_found(owner: Owner) -> None:
    await owner.note()
    await owner.leave(owner.copy() | {"activity_head": []})
    assert (await verify_chain(owner.audit.database)).faults == ["the recorded head is gone"]


async def test_an_edit_under_a_forged_erasure_is_found_though_the_oldest_end_has_left(owner: Owner) -> None:
    anchor, log, database = await owner.note(), owner.copy(), owner.audit.database
    end, work = log["activity_seal"][4], new_id()
    left = {seal["activity_id"] for seal in log["activity_seal"][:5]}
    log["activity_seal"] = log["activity_seal"][5:]
    log["activity"] = [row for row in log["activity"] if row["id"] not in left]
    await owner.leave(log)
    async with database.transaction() as session:
        data = {"cut": {"position": 5, "hash": end["hash"].hex()}}
        await session.execute(sa.text("SET LOCAL session_replication_role = replica"))
        await session.execute(sa.insert(activity_cut).values(position=5, hash=end["hash"], disposal=work))
        await record_activity(session, Caller(subject="system:purge"), "activity.cut", "disposal", work, data=data)
    await seal_all(database)
    assert (await verify_chain(database, anchor)).faults == []
    row = {**log["activity"][0], "actor": "another"}
    rest = rest_of(6, log["activity_seal"][0]["hash"], row)
    async with database.transaction() as session:
        await session.execute(sa.text("SET LOCAL session_replication_role = replica"))
        await session.execute(sa.update(activity).values(actor="another").where(activity.c.id == row["id"]))
        await session.execute(sa.insert(activity_erased).values(activity_id=row["id"], disposal=new_id(), rest=rest))
    assert (await verify_chain(database, anchor)).faults == ["a disposal unlinked other deeds than its own deed says"]


async def test_every_head_leaves_the_database_with_a_log_line_and_is_an_anchor(
    owner: Owner, lines: Callable[[], list[dict[str, Any]]]
) -> None:
    lines()
    for number in range(3):
        async with owner.audit.database.transaction() as session:
            await record_activity(session, Caller(subject="x"), "thing.done", "thing", str(number))
        await seal_all(owner.audit.database)
    heads = [line["head"] for line in lines() if line["event"] == "activity_sealed"]
    assert len(heads) == 3, json.dumps(heads)
    client = await owner.audit.client()
    assert (await client.get("/v1/activity/head")).json()["hash"] == heads[-1]
    for head in heads:
        assert (await verify_chain(owner.audit.database, head)).faults == []
