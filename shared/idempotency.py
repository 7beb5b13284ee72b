"""Idempotency-Key: a POST sent twice does its work once, and both callers get the same answer."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import sqlalchemy as sa
from fastapi import Request
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from shared.auth.caller import Caller
from shared.database import Database
from shared.problems import BrokenRule, Fault, Malformed
from shared.tables import idempotency_key

_MAX_KEY = 200
_REPLAYED = "Idempotency-Replayed"


class InFlight(BrokenRule):
    """The first request with this key has not ended. Wait as long as Retry-After says and send it again."""

    slug, title = "idempotency-key-in-flight", "A request with this Idempotency-Key is still at work"


class KeyReused(Malformed):
    """A key stands for one request: the same body from the same caller with the same roles. Use a new key."""

    slug, title = "idempotency-key-reused", "This Idempotency-Key was used for another request"


class Replay(Exception):
    """Leaves the route with the answer given the first time."""

    def __init__(self, response: Response) -> None:
        self.response = response


async def replayed(request: Request, error: Exception) -> Response:
    """The exception handler that gives the first answer again."""
    assert isinstance(error, Replay)
    return error.response


class Deed:
    """The unit of work of one POST: the session to write with, and the answer to give."""

    def __init__(self, session: AsyncSession, base: str = "") -> None:
        self.session = session
        self._base = base
        self._answer: Response | None = None
        self._subject: tuple[str, str] | None = None

    def answer(
        self,
        model: BaseModel | bytes,
        status: int = 201,
        headers: Mapping[str, str] | None = None,
        subject: tuple[str, str] | None = None,
    ) -> Response:
        """The response, rendered once; `subject` (type, id) lets erasure find the stored copy."""
        body = model if isinstance(model, bytes) else model.model_dump_json().encode()
        sent = {name: self._base + value if name == "Location" else value for name, value in (headers or {}).items()}
        self._answer = Response(body, status, sent, "application/json")
        self._subject = subject
        return self._answer


def _scope(request: Request, caller: Caller, key: str) -> bytes:
    parts = (caller.subject, request.method, request.scope["path"], request.url.query, key)
    return hashlib.sha256("\x00".join(parts).encode("utf-8", "replace")).digest()


def _same_request(caller: Caller, body_hash: bytes) -> bytes:
    """What must be the same for a replay: the body, and the powers with which its answer was first given."""
    powers = "\x00".join([caller.unit or "", *sorted(caller.roles)])
    return hashlib.sha256(body_hash + powers.encode("utf-8", "replace")).digest()


async def _find(session: AsyncSession, scope: bytes, body_hash: bytes) -> None:
    """Raise Replay or KeyReused when the key is known; InFlight when another request holds it."""
    lock = int.from_bytes(scope[:8], "big", signed=True)
    free = (await session.execute(sa.select(sa.func.pg_try_advisory_xact_lock(lock)))).scalar_one()
    if not free:
        raise InFlight("Wait for it to end, then send this again.", headers={"Retry-After": "1"})
    row = (await session.execute(sa.select(idempotency_key).where(idempotency_key.c.scope == scope))).one_or_none()
    if row is None:
        return
    if row.body_hash != body_hash:
        raise KeyReused(
            "Use a new key for a new request.",
            errors=[Fault("/header/Idempotency-Key", "reused", "the first request had another body or other powers")],
        )
    raise Replay(Response(row.body, row.status, {**row.headers, _REPLAYED: "true"}, "application/json"))


@asynccontextmanager
async def once(
    request: Request, database: Database, caller: Caller, body_hash: bytes | None = None
) -> AsyncIterator[Deed]:
    """Open the transaction of a POST; with an Idempotency-Key only a 2xx answer is recorded, in that transaction.

    `body_hash` is given where the body was spooled (imports); otherwise the body in memory is hashed.
    """
    key = request.headers.get("idempotency-key")
    if key is not None and not (1 <= len(key) <= _MAX_KEY and key.isascii() and key.isprintable()):
        fault = Fault("/header/Idempotency-Key", "key", f"give 1 to {_MAX_KEY} printable ASCII characters")
        raise Malformed("The Idempotency-Key is not usable.", errors=[fault])
    async with database.transaction() as session:
        deed = Deed(session, request.scope.get("root_path", ""))
        if key is None:
            yield deed
            return
        scope = _scope(request, caller, key)
        digest = _same_request(caller, body_hash or hashlib.sha256(await request.body()).digest())
        await _find(session, scope, digest)
        yield deed
        stored: Any = deed._answer
        if stored is not None and 200 <= stored.status_code < 300:
            kept = {
                name: value
                for name, value in stored.headers.items()
                if name in ("etag", "location", "content-location")
            }
            await session.execute(
                sa.insert(idempotency_key).values(
                    scope=scope,
                    body_hash=digest,
                    status=stored.status_code,
                    headers=kept,
                    body=bytes(stored.body),
                    subject_type=deed._subject[0] if deed._subject else None,
                    subject_id=deed._subject[1] if deed._subject else None,
                )
            )


async def forget_old_keys(database: Database, hours: int) -> int:
    """Delete keys older than the promise; returns how many."""
    async with database.transaction() as session:
        gone = await session.execute(
            sa.delete(idempotency_key).where(
                idempotency_key.c.created_at < sa.func.now() - sa.text(f"interval '{int(hours)} hours'")
            )
        )
        return int(getattr(gone, "rowcount", 0))
