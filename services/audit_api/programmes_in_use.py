"""The programmes in use by how often they come round, each parsed once: every list of what is late asks for them."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from shared.schemas.framework.audit_programmes import Programme
from shared.schemas.framework.catalogue import parse_item
from shared.tables import framework_item

_KEPT = 500
# By the hash of what they say, so that a changed programme is another one.
_known: dict[bytes, Programme] = {}


async def read_programmes(session: AsyncSession, cadences: Iterable[str]) -> list[Programme]:
    """Those that are not retired, in the order of their codes."""
    item = framework_item.c
    in_use = item.kind == "programmes", ~item.retired, item.content["cadence"].astext.in_(cadences)
    hashes = (await session.execute(sa.select(item.hash).where(*in_use).order_by(item.code))).scalars().all()
    unknown = [digest for digest in hashes if digest not in _known]
    if unknown:
        if len(_known) + len(unknown) > _KEPT:
            _known.clear()
        statement = sa.select(item.hash, item.content).where(*in_use, item.hash.in_(hashes))
        for digest, content in (await session.execute(statement)).all():
            parsed = parse_item("programmes", content)
            assert isinstance(parsed, Programme)
            _known[digest] = parsed
    return [_known[digest] for digest in hashes]
