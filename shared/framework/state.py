"""The tag of what is read of the framework: another one as soon as anything of it changes."""

from __future__ import annotations

from functools import cache

import sqlalchemy as sa

from shared.database import Database
from shared.etags import content_etag
from shared.statements import Statement
from shared.tables import framework_state


@cache
def _statement() -> Statement:
    return Statement(sa.select(framework_state.c.state))


async def framework_tag(database: Database, form: str) -> str:
    """To be asked for before what it is the tag of is read: what changes meanwhile has another one.

    `form` is what else the answer depends on, as the release that gives it its fields.
    It is for whoever is shown everything: others could tell from it that something is kept from them.
    """
    rows = await database.fetch(_statement(), {})
    return content_etag(str(rows[0][0]).encode(), form.encode())
