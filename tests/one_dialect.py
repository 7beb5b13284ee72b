"""SQLAlchemy's PostgreSQL dialect, once in a process: what it compiled for the engine of one test serves the next.

A service compiles each statement once in its life; a test's service lives for a few requests.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.util import LRUCache

_STATEMENTS = 3000


class OneDialect(PGDialect_asyncpg):
    """The same object for every engine, as all ask servers of one version in one way."""

    supports_statement_cache = True
    _one: OneDialect | None = None
    _compiled: LRUCache[Any, Any] = LRUCache(_STATEMENTS)

    def __new__(cls, **_: Any) -> OneDialect:
        if cls._one is None:
            cls._one = super().__new__(cls)
        return cls._one

    def __init__(self, **given: Any) -> None:
        if not hasattr(self, "_asked"):
            super().__init__(**given)  # type: ignore[no-untyped-call]
            self._asked = False

    def initialize(self, connection: Connection) -> None:
        if not self._asked:
            super().initialize(connection)  # type: ignore[no-untyped-call]
            self._asked = True

    @classmethod
    def engine_created(cls, engine: Engine) -> None:
        engine.update_execution_options(compiled_cache=cls._compiled)


def share() -> None:
    """From here on every engine of this process is of this dialect."""
    registry.register("postgresql.asyncpg", __name__, OneDialect.__name__)
