"""The individual level (R17): the records a summary counts, one by one, for those whose role allows it."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.summary.queries import Scope
from shared.activity.record import record_read
from shared.auth.caller import Caller
from shared.problems import Forbidden
from shared.schemas.feedback_summary import IndividualOut

_MOST = 200
_ONE = """
SELECT '{kind}' AS kind, CAST({key} AS text) AS ref, {day} AS "on", unit, respondent_group, themes, id
FROM {kind} WHERE {day} BETWEEN :first AND :last {units} {theme} ORDER BY {day} DESC, id DESC LIMIT {most}
"""
_NEWEST = 'SELECT * FROM ({parts}) AS whole ORDER BY "on" DESC, id DESC LIMIT {most}'


def require_individual(caller: Caller) -> None:
    """Raises Forbidden unless the caller may see true figures, and with them whom they are of."""
    if not caller.may("feedback:figures"):
        raise Forbidden("The individual level needs the scope feedback:figures.", needed_scope="feedback:figures")


async def read_individuals(session: AsyncSession, caller: Caller, scope: Scope, operation: str) -> list[IndividualOut]:
    """The newest records in scope; each of them is logged as read. Complaints need their own scope."""
    kinds = [("view", "id", "given_on")]
    if caller.may("feedback:complaints"):
        kinds += [("complaint", "respond_ref", "received_on"), ("compliment", "respond_ref", "received_on")]
    units = "" if scope.units is None else "AND unit = ANY(CAST(:units AS text[]))"
    theme = "" if scope.theme is None else "AND themes @> ARRAY[CAST(:theme AS text)]"
    parts = [_ONE.format(kind=kind, key=key, day=day, units=units, theme=theme, most=_MOST) for kind, key, day in kinds]
    # Only fixed fragments of this module are put into the text; every value travels as a bound parameter.
    whole = _NEWEST.format(parts=" UNION ALL ".join(f"({part})" for part in parts), most=_MOST)
    rows = (await session.execute(sa.text(whole), scope.bound)).all()
    for row in rows:
        await record_read(session, caller, operation, row.kind, row.ref)
    return [IndividualOut.model_validate(row) for row in rows]
