"""The programmes in use by how often they come round, each parsed once: every list of what is late asks for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

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
    if all(digest in _known for digest in hashes):
        return [_known[digest] for digest in hashes]
    # All of them as they stand now: one may have changed since.
    statement = sa.select(item.hash, item.content).where(*in_use).order_by(item.code)
    return [_parsed(digest, content) for digest, content in (await session.execute(statement)).all()]


def _parsed(digest: bytes, content: Mapping[str, Any]) -> Programme:
    found = _known.get(digest)
    if found is None:
        parsed = parse_item("programmes", content)
        assert isinstance(parsed, Programme)
        if len(_known) >= _KEPT:
            _known.clear()
        found = _known[digest] = parsed
    return found
