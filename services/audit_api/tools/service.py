"""Publishing editions of tools as the framework is applied (R29)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.models import ToolVersion
from services.audit_api.questionnaires import content_hash, tool_of
from services.audit_api.registry import table_of
from services.audit_api.tools.errors import PublishedToolChanged, ToolVersionNotNewer
from shared.framework.store import Planned
from shared.problems import Fault, NotFound
from shared.schemas.framework.audit import Tool

_editions = table_of(ToolVersion)


async def project_tools(session: AsyncSession, changed: Sequence[Planned]) -> None:
    """Publish, retire or refuse each changed tool; drafts stay in the framework alone."""
    for planned in changed:
        if planned.change == "retire":
            await _retire(session, planned.code)
        else:
            await _take(session, planned, tool_of(planned.content))


async def _take(session: AsyncSession, planned: Planned, tool: Tool) -> None:
    rows = await session.execute(sa.select(_editions.c.version, _editions.c.hash).where(_editions.c.tool == tool.code))
    hashes: dict[int, bytes] = {row.version: row.hash for row in rows}
    digest = content_hash(tool)
    known = hashes.get(tool.version)
    if known is not None and (known != digest or tool.status == "draft"):
        fault = Fault("/items", "published_tool_changed", "give the changed tool a higher version")
        raise PublishedToolChanged(
            "Nothing was applied: a published edition of a tool would have changed.", errors=[fault]
        )
    if tool.status == "draft":
        return
    if tool.version < max(hashes, default=0):
        fault = Fault("/items", "tool_version_not_newer", "give the tool a version above the last one published")
        raise ToolVersionNotNewer("Nothing was applied: a tool's version is too low.", errors=[fault])
    # The edition before is retired first: only one may be in use.
    await _retire(session, tool.code)
    if known is None:
        await session.execute(sa.insert(_editions).values(_row(planned.content, tool, digest)))
    else:
        edition = sa.and_(_editions.c.tool == tool.code, _editions.c.version == tool.version)
        await session.execute(sa.update(_editions).where(edition).values(status=tool.status))


def _row(content: dict[str, Any], tool: Tool, digest: bytes) -> dict[str, Any]:
    return {
        "tool": tool.code,
        "version": tool.version,
        "title": tool.title,
        "audit_types": [kind.value for kind in tool.audit_types],
        "content": content,
        "hash": digest,
        "status": tool.status,
        "published_at": sa.func.clock_timestamp(),
    }


async def _retire(session: AsyncSession, tool: str) -> None:
    in_use = sa.and_(_editions.c.tool == tool, _editions.c.status == "published")
    await session.execute(sa.update(_editions).where(in_use).values(status="retired"))


async def list_editions(session: AsyncSession, after: str | None, limit: int) -> Sequence[Any]:
    """The edition in use of each tool, or its last, in order of code."""
    statement = (
        sa.select(
            _editions.c.tool, _editions.c.version, _editions.c.title, _editions.c.audit_types,
            _editions.c.status, _editions.c.published_at,
        )
        .ext(distinct_on(_editions.c.tool))
        .order_by(_editions.c.tool, _editions.c.version.desc())
        .limit(limit)
    )  # fmt: skip
    if after is not None:
        statement = statement.where(_editions.c.tool > after)
    return (await session.execute(statement)).all()


async def read_edition(session: AsyncSession, tool: str, version: int | None = None) -> sa.Row[Any]:
    """One edition, the newest unless told; raises NotFound."""
    versions = sa.select(sa.func.array_agg(sa.distinct(_editions.c.version))).where(_editions.c.tool == tool)
    statement = sa.select(_editions, versions.scalar_subquery().label("versions")).where(_editions.c.tool == tool)
    if version is not None:
        statement = statement.where(_editions.c.version == version)
    found = (await session.execute(statement.order_by(_editions.c.version.desc()).limit(1))).one_or_none()
    if found is None:
        raise NotFound()
    return found
