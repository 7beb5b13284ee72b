"""Doing a draw again from what is stored, and saying whether it comes out the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.selection.candidates import stored_pool
from services.audit_api.selection.drawing import ALGORITHM, Candidate, draw, following, pool_hash
from services.audit_api.selection.queries import cases_of, sources_of
from services.audit_api.selection.told import PoolCaseOut, PoolOut, RedrawOut


async def read_candidates(session: AsyncSession, held: Any) -> list[Candidate]:
    """The pool of the draw as it is stored now, in order of reference."""
    pool = await stored_pool(session, held, [row.id for row in await sources_of(session, held.id)])
    return sorted((case.candidate(held.stratify_by) for case in pool.values()), key=lambda one: one.case_reference)


async def redraw(session: AsyncSession, held: Any) -> RedrawOut:
    """The draw done again; nothing is taken from its first outcome but the replacements that were asked for."""
    pool, recorded = await read_candidates(session, held), await cases_of(session, held.id)
    drawn, _ = draw(held.seed, pool, held.asked, held.weights)
    references = [one.case_reference for one in drawn]
    pool_same = pool_hash(pool) == held.pool_hash
    drawn_same = references == [row.case_reference for row in recorded if row.replaces is None]
    replacements_same = _replaced_alike(held.seed, pool, recorded)
    return RedrawOut(
        same=pool_same and drawn_same and replacements_same,
        pool_same=pool_same,
        drawn_same=drawn_same,
        replacements_same=replacements_same,
        pool_hash=pool_hash(pool).hex(),
        drawn=references,
    )


def _replaced_alike(seed: str, pool: Sequence[Candidate], recorded: Sequence[Any]) -> bool:
    """Whether each replacement was the next of its stratum, but for those that could no longer be drawn."""
    taken = {row.case_reference for row in recorded if row.replaces is None}
    for row in recorded:
        if row.replaces is None:
            continue
        passed_over = {one["case_reference"] for one in row.passed_over}
        order = following(seed, pool, row.stratum, taken | passed_over)
        if not order or order[0].case_reference != row.case_reference:
            return False
        taken.add(row.case_reference)
    return True


async def pool_out(session: AsyncSession, held: Any) -> PoolOut:
    """All that somebody else's program needs."""
    pool = await read_candidates(session, held)
    recorded = await cases_of(session, held.id)
    return PoolOut(
        algorithm=ALGORITHM,
        seed=held.seed,
        count=held.asked,
        weights=held.weights,
        places={one["stratum"]: one["places"] for one in held.strata},
        pool_hash=held.pool_hash.hex(),
        pool=[PoolCaseOut(case_reference=one.case_reference, stratum=one.stratum) for one in pool],
        drawn=[row.case_reference for row in recorded if row.replaces is None],
    )
