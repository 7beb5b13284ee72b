"""The rules of lists of open cases: a list replaces the one of its day, the same list again changes nothing."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.open_cases.queries import case_lists, cases, draw_sources, latest_list
from services.audit_api.open_cases.schemas import CaseListOut, OpenCaseIn
from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.canonical import canonical
from shared.clock import local_date
from shared.database import driver_connection
from shared.ids import new_id
from shared.organisation.units import require_visible
from shared.problems import Fault, Malformed, NotFound
from shared.tables import org_unit

# "open_cases" as a number: any lock of this service's database that nothing else takes.
_LOCK = 0x6F70656E63617365
_KEPT = timedelta(days=92)
# At once: a statement a case would cost a journey each.
_INSERT = """
INSERT INTO open_case (list_id, case_reference, opened_on, closed_on, strata, workers, managers)
SELECT $1, given.* FROM jsonb_to_recordset($2::jsonb) AS given(case_reference text, opened_on date, closed_on date,
  strata jsonb, workers text[], managers text[])
"""


async def keep_list(
    session: AsyncSession, caller: Caller, unit: str, as_at: date, rows: Sequence[OpenCaseIn], now: datetime
) -> tuple[CaseListOut, bool]:
    """Store the team's list of the day unless it is there already; whether it is the first of that day."""
    await _check_place(session, caller, unit, as_at, local_date(now))
    # One list at a time, so that two that replace each other at once get a revision each.
    await session.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
    content = sorted((row.model_dump(mode="json") for row in rows), key=lambda row: str(row["case_reference"]))
    digest = hashlib.sha256(canonical(content)).digest()
    held = await latest_list(session, unit, as_at, exactly=True)
    if held is not None and held.hash == digest:
        return list_out(held._mapping, (row.strata for row in rows), unchanged=True), False
    kept: dict[str, Any] = {
        "id": new_id(), "unit": unit, "as_at": as_at, "revision": held.revision + 1 if held is not None else 1,
        "cases": len(rows), "hash": digest, "posted_by": caller.subject, "posted_at": now,
    }  # fmt: skip
    await session.execute(sa.insert(case_lists), kept)
    await _forget(session, unit, as_at)
    connection = await driver_connection(session)
    await connection.execute(_INSERT, kept["id"], canonical(content).decode())
    await record_activity(
        session, caller, "open_cases.posted", "open_case_list", kept["id"], content=content, unit=unit,
        data={"as_at": as_at.isoformat(), "revision": kept["revision"], "cases": len(rows)},
    )  # fmt: skip
    return list_out(kept, (row.strata for row in rows), unchanged=False), held is None


async def _forget(session: AsyncSession, unit: str, as_at: date) -> None:
    """What nobody needs any more is not kept: older lists of the team that no draw rests on."""
    old = sa.select(case_lists.c.id).where(
        case_lists.c.unit == unit,
        case_lists.c.as_at < as_at - _KEPT,
        ~sa.exists().where(draw_sources.c.list_id == case_lists.c.id),
    )
    gone = (await session.execute(old)).scalars().all()
    await session.execute(sa.delete(cases).where(cases.c.list_id.in_(gone)))
    await session.execute(sa.delete(case_lists).where(case_lists.c.id.in_(gone)))


async def _check_place(session: AsyncSession, caller: Caller, unit: str, as_at: date, today: date) -> None:
    await require_visible(session, caller, unit)
    row = (await session.execute(sa.select(org_unit).where(org_unit.c.code == unit))).one_or_none()
    if row is None:
        raise NotFound()
    if as_at > today:
        fault = Fault("/as_at", "in_future", "give a day that is not after today")
        raise Malformed("Nobody knows yet which cases will be open.", errors=[fault])
    if as_at < row.valid_from or (row.valid_to is not None and as_at > row.valid_to):
        fault = Fault("/as_at", "unit_not_in_force", "the unit was not in force on that day")
        raise Malformed("The unit had no cases then.", errors=[fault])


def list_out(row: Mapping[Any, Any], strata: Iterable[Mapping[str, str]], *, unchanged: bool) -> CaseListOut:
    """A list without its cases."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for one in strata:
        for name, value in one.items():
            counts[name][value] += 1
    told = {name: row[name] for name in ("unit", "as_at", "revision", "cases", "posted_by", "posted_at")}
    grouped = {name: dict(sorted(values.items())) for name, values in sorted(counts.items())}
    return CaseListOut(**told, hash=row["hash"].hex(), strata=grouped, unchanged=unchanged)
