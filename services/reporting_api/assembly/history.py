"""The assemblies of one edition: when, by whom, what could not be read, and what each moved in the draft before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting_api import editions
from services.reporting_api.assembly.movements import Movement
from shared.auth.caller import Caller
from shared.schemas.base import OutModel

_r = editions.revision_table.c


class AssemblyOut(OutModel):
    """One assembly of a draft."""

    revision: int
    assembled_at: datetime
    assembled_by: str
    missing: list[str] = Field(description="what could not be read from another service then")
    first: bool = Field(description="nothing was assembled before, at this level of disclosure")
    moved: list[Movement]


class AssembledOut(editions.EditionOut):
    """The edition after an assembly, with what the assembly moved."""

    first: bool = Field(description="nothing was assembled before, at this level of disclosure")
    moved: list[Movement]


async def read_assemblies(
    session: AsyncSession, caller: Caller, row: Any, *, before: int | None = None, fetch: int
) -> Sequence[AssemblyOut]:
    """The newest first, as this caller may see them."""
    full = editions.sees_full(caller)
    of_copy = sa.and_(sa.literal(not full), _r.content["disclosure"].astext == "full")
    statement = (
        sa.select(
            _r.revision, _r.created_at, _r.created_by,
            sa.case((of_copy, _r.protected["missing"]), else_=_r.content["missing"]).label("missing"),
            sa.case((of_copy, _r.protected_moved), else_=_r.moved).label("moved"),
        )
        .where(_r.report == row.id, _r.cause == "assembly")
        .order_by(_r.revision.desc())
        .limit(fetch)
    )  # fmt: skip
    if before is not None:
        statement = statement.where(_r.revision < before)
    return [
        AssemblyOut(
            revision=one.revision, assembled_at=one.created_at, assembled_by=one.created_by, missing=one.missing,
            first=one.moved is None, moved=[Movement.model_validate(each) for each in one.moved or ()],
        )
        for one in (await session.execute(statement)).all()
    ]  # fmt: skip


async def assembled(session: AsyncSession, caller: Caller, row: Any, edition: editions.EditionOut) -> AssembledOut:
    """The edition with what its newest assembly moved."""
    newest = (await read_assemblies(session, caller, row, fetch=1))[0]
    return AssembledOut(**edition.model_dump(), first=newest.first, moved=newest.moved)
