"""What a failed statement means to a caller: wait, ask again, or change something."""

from __future__ import annotations

from typing import Final

import asyncpg
from fastapi import FastAPI, Request, Response
from sqlalchemy.exc import InterfaceError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from shared.logging import get_logger
from shared.problems import BrokenRule, Fault, Malformed, Problem, StorageFull, Unavailable, problem_response
from shared.read_only import ReadOnly

_log = get_logger(__name__)


class DatabaseAway(Exception):
    """No connection could be opened."""


# Of the operating system's errors only those of a connection: a missing file of ours is no matter of the database.
# The driver's internal error is what it says of a connection that is cut while it writes to it.
_LOST = (ConnectionError, TimeoutError, DatabaseAway, asyncpg.InternalClientError)
DATABASE_ERRORS: Final = (SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError, *_LOST)


class InUse(BrokenRule):
    """Two requests met at the same record or reference. Read what is stored now and send the change anew if needed."""

    slug, title = "conflicting-change", "Another request has just changed the same thing"


def is_lost(error: BaseException) -> bool:
    """Whether the connection itself is at fault and must not be used again."""
    return isinstance(error, asyncpg.InternalClientError) or bool(getattr(error, "connection_invalidated", False))


def takes_nothing(error: BaseException) -> bool:
    """Whether the database answers and only takes no changes: it is read-only, as a standby is, or has no room left."""
    return sqlstate(error) in ("25006", "53100")


def sqlstate(error: BaseException) -> str | None:
    """What the server said, as its five characters."""
    for candidate in (
        getattr(error, "orig", None),
        getattr(getattr(error, "orig", None), "__cause__", None),
        error,
    ):
        state = getattr(candidate, "sqlstate", None) or getattr(candidate, "pgcode", None)
        if isinstance(state, str):
            return state
    return None


def constraint_name(error: BaseException) -> str | None:
    """The name of the constraint a statement broke, where the driver told."""
    for candidate in (
        getattr(getattr(error, "orig", None), "__cause__", None),
        getattr(error, "orig", None),
        error,
    ):
        name = getattr(candidate, "constraint_name", None)
        if isinstance(name, str):
            return name
    return None


def problem_from_database(error: BaseException) -> Problem | None:
    """What a failed statement means to the caller; None where it is our own fault (a 500)."""
    if isinstance(error, PoolTimeout):
        return Unavailable("All database connections are in use.", retry_after=2)
    state = sqlstate(error)
    if state is None:
        if isinstance(error, (*_LOST, InterfaceError, asyncpg.InterfaceError)) or is_lost(error):
            _log.warning("database_unavailable", error=type(error).__name__)
            return Unavailable("The database cannot be reached.")
        return None
    if state == "53100":
        return StorageFull("The database has no room left.", headers={"Retry-After": "60"})
    if state == "25006":
        return ReadOnly("The database takes no changes.")
    if state[:2] in ("08", "53", "57") or state in ("55P03", "40001", "40P01", "3D000", "28P01"):
        _log.warning("database_unavailable", sqlstate=state)
        return Unavailable("The database is busy or cannot be reached.")
    if state == "23505":
        return InUse("The same thing has just been stored by another request; read it and try again.")
    if state == "23503":
        # There when it was read, and taken out since.
        _log.warning("reference_gone", sqlstate=state, constraint=constraint_name(error))
        return InUse("What this refers to has just been taken out by another request; read it and try again.")
    if state in ("22021", "22P05"):
        return Malformed(
            "A text cannot be stored.", errors=[Fault("", "unstorable_text", "a character is not allowed")]
        )
    return None


async def _on_database_error(request: Request, error: Exception) -> Response:
    problem = problem_from_database(error)
    if problem is None:
        raise error
    return problem_response(request, problem)


def install_database_handlers(app: FastAPI) -> None:
    """Answer for a database that is away or busy; any other failed statement is a fault of ours."""
    for kind in DATABASE_ERRORS:
        app.add_exception_handler(kind, _on_database_error)
