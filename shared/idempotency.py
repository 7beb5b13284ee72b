"""Idempotency-Key: a POST sent twice does its work once, and both callers get the same answer."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import asyncpg
import sqlalchemy as sa
from fastapi import Request
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from shared.auth.caller import Caller
from shared.database import Database, driver_connection
from shared.problems import BrokenRule, Fault, Malformed
from shared.tables import idempotency_key
from shared.work import Work

_MAX_KEY = 200
_REPLAYED = "Idempotency-Replayed"
_LOCK = "SELECT pg_try_advisory_xact_lock($1)"
_FIND = "SELECT body_hash, status, headers, body FROM idempotency_key WHERE scope = $1"
_KEEP = """
INSERT INTO idempotency_key (scope, body_hash, status, headers, body, subject_type, subject_id)
VALUES ($1, $2, $3, $4::text::jsonb, $5, $6, $7)
"""


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


class _Answered:
    """A POST at work: the answer to give, and whom the stored copy of it is about."""

    def __init__(self, base: str = "") -> None:
        self._base = base
        self.given: Response | None = None
        self.kept: bytes | None = None
        self.subject: tuple[str, str] | None = None

    def answer(
        self,
        model: BaseModel | bytes,
        status: int = 201,
        headers: Mapping[str, str] | None = None,
        subject: tuple[str, str] | None = None,
        kept: BaseModel | None = None,
    ) -> Response:
        """The response, rendered once; `subject` (type, id) lets erasure find the stored copy.

        `kept` is what a repetition gets in its place where the response tells a secret, which is stored nowhere.
        """
        body = model if isinstance(model, bytes) else model.model_dump_json().encode()
        sent = {name: self._base + value if name == "Location" else value for name, value in (headers or {}).items()}
        self.given = Response(body, status, sent, "application/json")
        self.subject = subject
        self.kept = None if kept is None else kept.model_dump_json().encode()
        return self.given


class Deed(_Answered):
    """The unit of work of one POST, with the session to write with."""

    def __init__(self, session: AsyncSession, base: str = "") -> None:
        super().__init__(base)
        self.session = session


class Posting(_Answered):
    """The unit of work of one POST, with a transaction at the driver to write in."""

    def __init__(self, work: Work, base: str = "") -> None:
        super().__init__(base)
        self.work = work


def scope_of_key(caller: Caller, method: str, path: str, query: str, key: str) -> bytes:
    """Under what a key is kept: whose it is, and where it was sent."""
    parts = (caller.subject, method, path, query, key)
    return hashlib.sha256("\x00".join(parts).encode("utf-8", "replace")).digest()


def lock_number(scope: bytes) -> int:
    """The advisory lock that a request with a key holds while it is at work."""
    return int.from_bytes(scope[:8], "big", signed=True)


def _same_request(caller: Caller, body_hash: bytes) -> bytes:
    """What must be the same for a replay: the body, and the powers with which its answer was first given."""
    powers = "\x00".join([caller.unit or "", *sorted(caller.roles)])
    return hashlib.sha256(body_hash + powers.encode("utf-8", "replace")).digest()


async def _find(connection: asyncpg.Connection, scope: bytes, body_hash: bytes) -> None:
    """Raise Replay or KeyReused when the key is known; InFlight when another request holds it."""
    # Two statements: the second must see what was committed before the lock was had.
    if not await connection.fetchval(_LOCK, lock_number(scope)):
        raise InFlight("Wait for it to end, then send this again.", headers={"Retry-After": "1"})
    row = await connection.fetchrow(_FIND, scope)
    if row is None:
        return
    if row["body_hash"] != body_hash:
        raise KeyReused(
            "Use a new key for a new request.",
            errors=[Fault("/header/Idempotency-Key", "reused", "the first request had another body or other powers")],
        )
    kept = {**row["headers"], _REPLAYED: "true"}
    raise Replay(Response(row["body"], row["status"], kept, "application/json"))


@asynccontextmanager
async def once(
    request: Request, database: Database, caller: Caller, body_hash: bytes | None = None
) -> AsyncIterator[Deed]:
    """Open the transaction of a POST; with an Idempotency-Key only a 2xx answer is recorded, in that transaction.

    `body_hash` is given where the body was spooled (imports); otherwise the body in memory is hashed.
    """
    key = await _key(request, body_hash)
    async with database.transaction() as session:
        deed = Deed(session, request.scope.get("root_path", ""))
        if key is None:
            yield deed
            return
        async with _kept(await driver_connection(session), request, caller, key, body_hash, deed):
            yield deed


@asynccontextmanager
async def once_written(request: Request, database: Database, caller: Caller) -> AsyncIterator[Posting]:
    """The same on the driver alone, for what is posted all day long."""
    key = await _key(request)
    async with database.writing() as work:
        posting = Posting(work, request.scope.get("root_path", ""))
        if key is None:
            yield posting
            return
        async with _kept(await work.begin(), request, caller, key, None, posting):
            yield posting


async def _key(request: Request, body_hash: bytes | None = None) -> str | None:
    keys = request.headers.getlist("idempotency-key")
    if not keys:
        return None
    # Joined, as headers sent twice are: two keys are no key, and which of them counts cannot be said.
    key = ", ".join(keys)
    if not (1 <= len(key) <= _MAX_KEY and key.isascii() and key.isprintable() and " " not in key):
        fault = Fault("/header/Idempotency-Key", "key", f"give 1 to {_MAX_KEY} printable ASCII characters, no spaces")
        raise Malformed("The Idempotency-Key is not usable.", errors=[fault])
    if body_hash is None:
        # Here, also where no operation reads it: whoever sends it slowly must not hold a transaction meanwhile.
        await request.body()
    return key


@asynccontextmanager
async def _kept(
    connection: asyncpg.Connection, request: Request, caller: Caller, key: str, body_hash: bytes | None, deed: _Answered
) -> AsyncIterator[None]:
    """Leaves with the first answer where there is one, else keeps the one that is given inside."""
    scope = scope_of_key(caller, request.method, request.scope["path"], request.url.query, key)
    digest = _same_request(caller, body_hash or hashlib.sha256(await request.body()).digest())
    await _find(connection, scope, digest)
    yield
    stored = deed.given
    if stored is None or not 200 <= stored.status_code < 300:
        return
    kept = {name: value for name, value in stored.headers.items() if name in ("etag", "location", "content-location")}
    body = deed.kept or bytes(stored.body)
    await connection.execute(
        _KEEP, scope, digest, stored.status_code, json.dumps(kept), body, *(deed.subject or (None, None))
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
