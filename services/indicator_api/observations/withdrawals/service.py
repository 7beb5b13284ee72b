"""Withdrawing figures that should not be there: each is replaced by `z`, with its past kept and a reason."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.errors import UnfitFigure
from services.indicator_api.exceptions.keeping import keep_up
from services.indicator_api.observations.rows import storing
from services.indicator_api.observations.rows.cells import CellFault
from services.indicator_api.observations.rows.checks import Batch, Checked, Checker, Place
from services.indicator_api.observations.rows.report import Report
from services.indicator_api.observations.rows.storing import Act
from services.indicator_api.observations.schemas import WithdrawalsIn
from services.indicator_api.observations.service import record_import
from shared.auth.caller import Caller
from shared.canonical import canonical
from shared.database import driver_connection
from shared.ids import new_id
from shared.problems import Fault
from shared.schemas.figures import ValueStatus

# In order of the key, as imports lock them.
_THERE = """
SELECT o.indicator, o.area, o.period, o.breakdown
  FROM observation o JOIN unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS u(i, a, p, b)
    ON (o.indicator, o.area, o.period, o.breakdown) = (u.i, u.a, u.p, u.b)
 ORDER BY 1, 2, 3, 4 FOR UPDATE OF o
"""


class Withdrawn(NamedTuple):
    """The act, how many figures were there, and the places in the list of those that were not."""

    import_id: UUID
    withdrawn: int
    not_there: list[int]


async def withdraw(
    session: AsyncSession, caller: Caller, checker: Checker, body: WithdrawalsIn, now: datetime
) -> Withdrawn:
    """Withdraw all of them or, where one cannot be named, none; raises UnfitFigure. Sent again it changes nothing."""
    rows = _checked(checker, body)
    connection = await driver_connection(session)
    keys = [row[1:5] for row in rows]
    there = {tuple(row) for row in await connection.fetch(_THERE, *map(list, zip(*keys, strict=True)))}
    held = [row for row, key in zip(rows, keys, strict=True) if key in there]
    digest = hashlib.sha256(canonical(body.model_dump(mode="json"))).digest()
    act = Act(new_id(), "withdrawal", "atomic", digest, False, now, body.reason)
    report = Report("atomic")
    report.stored = len(held)
    report.created, report.changed = await storing.store_batch(connection, act, held, dry_run=False)
    report.protected = checker.protects(held)
    await record_import(session, caller, act, report)
    await keep_up(session, now)
    return Withdrawn(act.import_id, len(held), [at for at, key in enumerate(keys) if key not in there])


def _checked(checker: Checker, body: WithdrawalsIn) -> Sequence[Checked]:
    """The rows that stand for figures that should not be: not applicable, not unavailable, so that no sum waits."""
    faults: list[Fault] = []

    def refuse(place: Place, found: list[CellFault]) -> None:
        at = f"/items/{place[0] - 1}"
        faults.extend(Fault(f"{at}/{one.column}" if one.column else at, one.code, one.detail) for one in found)

    def warn(place: Place, doubt: CellFault) -> None:
        raise AssertionError("a figure without a value is never doubtful")

    cells: list[list[str]] = [
        [one.indicator, one.area, one.period, one.breakdown or "", "", "", "", ValueStatus.z.value, ""]
        for one in body.items
    ]
    rows = checker.check(Batch(1, None, cells), refuse, warn)
    if faults:
        raise UnfitFigure("Nothing was withdrawn; see errors.", errors=faults[:100])
    unique: dict[Any, Checked] = {row[1:5]: row for row in rows}
    return list(unique.values())
