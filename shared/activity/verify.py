"""Proof that the activity log is whole: the chain recomputed from its first row, or from where its oldest end left."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import NoResultFound
from sqlalchemy.ext.asyncio import AsyncSession

from shared.activity.sealer import chain, read_head, rest_of
from shared.database import Database
from shared.tables import activity, activity_cut, activity_erased, activity_pending, activity_seal

_PAGE = 5000


@dataclass
class Verdict:
    """What `qapf verify` found; `faults` is empty when the log is whole. Of `erased` deeds the reason and data left by
    a recorded disposal; what is left of them was checked as well."""

    sealed: int = 0
    unsealed: int = 0
    erased: int = 0
    head: str = ""
    epoch: str = ""
    faults: list[str] = field(default_factory=list)


@dataclass
class _Walk:
    """How far the chain was followed."""

    position: int
    previous: bytes
    anchor: str | None
    seen_anchor: bool

    def step(self, row: Mapping[Any, Any], verdict: Verdict) -> None:
        if row["position"] != self.position + 1:
            verdict.faults.append(f"positions {self.position + 1} to {row['position'] - 1} are missing")
        self.position = row["position"]
        if row["id"] is None:
            verdict.faults.append(f"position {self.position}: the activity row is gone")
        elif row["rest"] is not None:
            verdict.erased += 1
            if rest_of(self.position, row["seal"], row) != row["rest"]:
                verdict.faults.append(f"position {self.position}: what was left of an erased row was changed")
        elif chain(self.previous, self.position, row) != row["seal"]:
            verdict.faults.append(f"position {self.position}: the row or its seal was changed")
        self.previous = row["seal"]
        self.seen_anchor = self.seen_anchor or row["seal"].hex() == self.anchor
        verdict.sealed += 1


async def verify_chain(database: Database, expect_head: str | None = None) -> Verdict:
    """Recompute every hash in one snapshot; `expect_head` is an anchor kept outside the database."""
    verdict = Verdict()
    async with database.snapshot() as session:
        try:
            head = await read_head(session)
        except NoResultFound:
            return Verdict(faults=["the recorded head is gone"])
        verdict.head, verdict.epoch = head.hash.hex(), str(head.epoch)
        start, beginning = await _beginning(session)
        walk = _Walk(start, beginning, expect_head, expect_head in (None, beginning.hex()))
        while True:
            page = await _page(session, walk.position)
            for row in page:
                walk.step(row, verdict)
            if len(page) < _PAGE or len(verdict.faults) > 100:
                break
        if (walk.position, walk.previous) != (head.position, head.hash):
            verdict.faults.append("the chain does not end at the recorded head")
        if not walk.seen_anchor:
            verdict.faults.append(
                "the anchor is not in the chain: it was rewritten or restored to before it"
                if not start
                else "the anchor is not in the chain: it was rewritten, restored, or the anchor is from before its cut"
            )
        await _check_disposals(session, verdict, start, beginning)
        await _check_unsealed(session, verdict, start)
    return verdict


async def _beginning(session: AsyncSession) -> tuple[int, bytes]:
    statement = (
        sa.select(activity_cut.c.position, activity_cut.c.hash).order_by(activity_cut.c.position.desc()).limit(1)
    )
    cut = (await session.execute(statement)).one_or_none()
    return (0, b"") if cut is None else (cut.position, cut.hash)


async def _page(session: AsyncSession, after: int) -> list[Mapping[Any, Any]]:
    joined = activity_seal.outerjoin(activity, activity.c.id == activity_seal.c.activity_id).outerjoin(
        activity_erased, activity_erased.c.activity_id == activity_seal.c.activity_id
    )
    statement = (
        sa.select(activity_seal.c.position, activity_seal.c.hash.label("seal"), activity_erased.c.rest, activity)
        .select_from(joined)
        .where(activity_seal.c.position > after)
        .order_by(activity_seal.c.position)
        .limit(_PAGE)
    )
    return list((await session.execute(statement)).mappings().all())


def digest_of(unlinked: Iterable[tuple[UUID, bytes]]) -> str:
    """One digest over what is left of the deeds a disposal unlinked; empty where it touched none."""
    ordered = sorted(unlinked)
    return hashlib.sha256(b"".join(one.bytes + rest for one, rest in ordered)).hexdigest() if ordered else ""


async def _check_disposals(session: AsyncSession, verdict: Verdict, start: int, beginning: bytes) -> None:
    """That each disposal unlinked what its own deed in the chain says, and that the chain begins where one says."""
    statement = sa.select(activity.c.subject_id, activity.c.data).where(activity.c.subject_type == "disposal")
    deeds = (await session.execute(statement)).all()
    told = {row.subject_id: row.data.get("unlinked", "") for row in deeds}
    found: dict[str, list[tuple[UUID, bytes]]] = defaultdict(list)
    for row in (await session.execute(sa.select(activity_erased))).all():
        found[str(row.disposal)].append((row.activity_id, row.rest))
    still = sa.select(activity.c.id).join(activity_erased, activity_erased.c.activity_id == activity.c.id)
    there = frozenset((await session.execute(still)).scalars())
    cut_deeds = [row.data["cut"] for row in deeds if "cut" in row.data]
    if start and {"position": start, "hash": beginning.hex()} not in cut_deeds:
        verdict.faults.append(f"the chain begins after position {start}, which no deed in it says")
    for one in sorted(set(told) | set(found)):
        # A deed that left with the oldest end of the log took its word with it, and all that it had unlinked.
        gone = start and one not in told and not there.intersection(key for key, _ in found[one])
        if not gone and digest_of(found[one]) != told.get(one, ""):
            verdict.faults.append("a disposal unlinked other deeds than its own deed says")


async def _check_unsealed(session: AsyncSession, verdict: Verdict, start: int) -> None:
    """Rows and seals that walking the chain does not meet."""
    strays = sa.select(sa.func.count()).select_from(activity_seal).where(activity_seal.c.position < start + 1)
    if (await session.execute(strays)).scalar_one():
        verdict.faults.append("there are seals before the first position")
    unsealed = sa.select(activity.c.id).where(~sa.exists().where(activity_seal.c.activity_id == activity.c.id))
    waiting = sa.select(activity_pending.c.activity_id)
    verdict.unsealed, pending, differ = [
        (await session.execute(sa.select(sa.func.count()).select_from(rows.subquery()))).scalar_one()
        for rows in (unsealed, waiting, sa.union(unsealed.except_(waiting), waiting.except_(unsealed)))
    ]
    # As many is not enough: a forged row could take the place of one whose seal waits twice.
    if differ:
        verdict.faults.append(f"{verdict.unsealed} rows have no seal and {pending} wait for one")
