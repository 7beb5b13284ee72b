"""The tag of what is read of the framework: another one as soon as anything of it changes."""

from __future__ import annotations

from functools import cache

import sqlalchemy as sa

from shared.auth.caller import Caller
from shared.database import Database
from shared.etags import content_etag
from shared.statements import Statement
from shared.tables import framework_state


@cache
def _statement() -> Statement:
    return Statement(sa.select(framework_state.c.state))


async def list_tag(database: Database, caller: Caller, *, everything: bool) -> str:
    """The tag of a list, asked for before the list is read: what changes meanwhile has another one.

    Where not everything is shown, it goes with what this caller may see.
    """
    state = str((await database.fetch(_statement(), {}))[0][0])
    seen = "" if everything else repr((caller.subject, caller.unit, sorted(caller.scopes)))
    return content_etag(state.encode(), seen.encode())
