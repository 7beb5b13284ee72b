"""Proof that the activity log is whole: the chain recomputed from its first row."""

from __future__ import annotations

from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from shared.activity.sealer import chain, read_head
from shared.database import Database
from shared.tables import activity, activity_pending, activity_seal

_PAGE = 5000


@dataclass
class Verdict:
    """What `qapf verify` found; `faults` is empty when the log is whole."""

    sealed: int = 0
    unsealed: int = 0
    head: str = ""
    epoch: str = ""
    faults: list[str] = field(default_factory=list)


async def verify_chain(database: Database, expect_head: str | None = None) -> Verdict:
    """Recompute every hash in one snapshot; `expect_head` is an anchor kept outside the database."""
    verdict = Verdict()
    async with database.snapshot() as session:
        head = await read_head(session)
        verdict.head, verdict.epoch = head.hash.hex(), str(head.epoch)
        position, previous, seen_anchor = 0, b"", expect_head is None
        joined = activity_seal.outerjoin(activity, activity.c.id == activity_seal.c.activity_id)
        while True:
            page = (
                (
                    await session.execute(
                        sa.select(activity_seal.c.position, activity_seal.c.hash.label("seal"), activity)
                        .select_from(joined)
                        .where(activity_seal.c.position > position)
                        .order_by(activity_seal.c.position)
                        .limit(_PAGE)
                    )
                )
                .mappings()
                .all()
            )
            for row in page:
                if row["position"] != position + 1:
                    verdict.faults.append(f"positions {position + 1} to {row['position'] - 1} are missing")
                position = row["position"]
                if row["id"] is None:
                    verdict.faults.append(f"position {position}: the activity row is gone")
                elif chain(previous, position, row) != row["seal"]:
                    verdict.faults.append(f"position {position}: the row or its seal was changed")
                previous = row["seal"]
                seen_anchor = seen_anchor or row["seal"].hex() == expect_head
                verdict.sealed += 1
            if len(page) < _PAGE or len(verdict.faults) > 100:
                break
        if (position, previous) != (head.position, head.hash):
            verdict.faults.append("the chain does not end at the recorded head")
        if not seen_anchor:
            verdict.faults.append("the anchor is not in the chain: it was rewritten or restored to before it")
        await _check_unsealed(session, verdict)
    return verdict


async def _check_unsealed(session: AsyncSession, verdict: Verdict) -> None:
    """Rows and seals that walking the chain does not meet."""
    strays = sa.select(sa.func.count()).select_from(activity_seal).where(activity_seal.c.position < 1)
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
