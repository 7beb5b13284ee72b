"""Was it stored? For a client that sent something and never saw the answer, by its key or its own reference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

import sqlalchemy as sa
from fastapi import APIRouter, Query, Request
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from shared.auth.caller import Caller
from shared.auth.permission import may
from shared.idempotency import lock_number, scope_of_key
from shared.problems import Fault, Malformed
from shared.resources import DatabaseOf, SettingsOf
from shared.schemas.base import OutModel
from shared.strict import StrictRoute
from shared.tables import idempotency_key

router = APIRouter(prefix="/v1/stored", tags=["platform"], route_class=StrictRoute)
_MOST = 20
_HELD = sa.text(
    "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    " AND (classid::bigint << 32) | objid::bigint = :number)"
)


@dataclass(frozen=True)
class Referenced:
    """Records that their sender knows by a reference of its own: where they are kept, and who recorded them when."""

    kind: str
    reference: sa.ColumnElement[str]
    id: sa.ColumnElement[object]
    recorded_by: sa.ColumnElement[str]
    recorded_at: sa.ColumnElement[datetime]


class StoredRecordOut(OutModel):
    kind: str = Field(description="what it is; `answer` where the operation stores no single record")
    id: str | None
    stored_at: datetime
    location: str | None = Field(description="the address its answer named")


class StoredOut(OutModel):
    outcome: Literal["stored", "in_flight", "not_stored"] = Field(
        description="in_flight: a request with this key is still at work, ask again; not_stored: send it (again)"
    )
    records: list[StoredRecordOut]
    keys_kept_hours: int = Field(description="a key used longer ago than this is no longer known")


@router.get("", response_model=StoredOut)
async def get_stored(
    request: Request,
    caller: Annotated[Caller, may(None)],
    database: DatabaseOf,
    settings: SettingsOf,
    key: Annotated[
        str | None,
        Query(alias="idempotency_key", min_length=1, max_length=200, description="the one it was sent with"),
    ] = None,
    path: Annotated[
        str | None, Query(max_length=2000, pattern="^/", description="with a key: where it was posted, query included")
    ] = None,
    reference: Annotated[
        str | None, Query(min_length=1, max_length=200, description="the sender's own reference of the record")
    ] = None,
) -> StoredOut:
    """Whether something you sent was stored: by its Idempotency-Key and path, or by your own reference of it.

    Only what you yourself sent is looked at. What is still at work is seen by its key only.
    """
    if (key is None) == (reference is None) or (key is None) != (path is None):
        fault = Fault("/query", "which", "give idempotency_key and path, or reference alone")
        raise Malformed("It does not say what to look for.", errors=[fault])
    # Each statement sees what was committed before it: a request that has ended was either seen at work or is found.
    async with database.transaction() as session:
        if key is not None:
            scope = scope_of_key(caller, "POST", *_address(request, path or ""), key)
            held = (await session.execute(_HELD, {"number": lock_number(scope)})).scalar_one()
            records = await _by_key(session, scope)
        else:
            held, records = False, await _by_reference(session, request.app.state.service.referenced, reference, caller)
    outcome = "stored" if records else "in_flight" if held else "not_stored"
    return StoredOut(outcome=outcome, records=records, keys_kept_hours=settings.idempotency_hours)


def _address(request: Request, path: str) -> tuple[str, str]:
    """The path and query as they reached this service, whether or not the gateway's prefix was given."""
    base = request.scope.get("root_path", "")
    bare, _, query = path.partition("?")
    return (bare if not base or bare.startswith(f"{base}/") else base + bare), query


async def _by_key(session: AsyncSession, scope: bytes) -> list[StoredRecordOut]:
    columns = idempotency_key.c
    rows = await session.execute(
        sa.select(columns.subject_type, columns.subject_id, columns.created_at, columns.headers).where(
            columns.scope == scope
        )
    )
    return [
        StoredRecordOut(
            kind=row.subject_type or "answer",
            id=row.subject_id,
            stored_at=row.created_at,
            location=row.headers.get("location"),
        )
        for row in rows
    ]


async def _by_reference(
    session: AsyncSession, kinds: Sequence[Referenced], reference: str | None, caller: Caller
) -> list[StoredRecordOut]:
    found: list[StoredRecordOut] = []
    for one in kinds:
        statement = (
            sa.select(one.id, one.recorded_at)
            .where(one.reference == reference, one.recorded_by == caller.subject)
            .order_by(one.recorded_at.desc())
            .limit(_MOST)
        )
        for identity, at in await session.execute(statement):
            found.append(StoredRecordOut(kind=one.kind, id=str(identity), stored_at=at, location=None))
    return found
