"""Subject access: everything a service holds of a case, a record or a member of staff, as it is stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from pydantic_core import to_json
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from shared.privacy.errors import TooMuchHeld
from shared.privacy.finding import conditions, keys_beside, keys_where, mentioning, where_staff_stand
from shared.privacy.holdings import Holdings, Kind
from shared.privacy.reach import beside, chosen
from shared.privacy.schemas import AccessIn, AccessOut, HeldOut, SubjectIn
from shared.problems import Fault, Malformed
from shared.tables import activity, read_log

MOST_ROWS = 5_000
# Of which kind, whether it is about others too, the table, the condition on its rows, and what that is given.
Selection = tuple[Kind | None, bool, str, str, dict[str, Any]]


async def find_everything(session: AsyncSession, holdings: Holdings, body: AccessIn, now: datetime) -> AccessOut:
    """What is held of the subject; raises TooMuchHeld rather than leave anything out unsaid."""
    selections, logged = await _selections(session, holdings, body.subject)
    if body.tables is not None:
        _refuse_unknown(holdings, body.tables)
        selections = [one for one in selections if one[2] in body.tables]
    # A table may hold rows of several kinds, and mention the subject beside them.
    counted = [(one, await _count(session, *one[2:])) for one in selections]
    counts: Counter[str] = Counter()
    for (_, _, name, _, _), count in counted:
        counts[name] += count
    logs = _logs(body, logged)
    counts.update({one.name: await _count_log(session, one, where) for one, where in logs})
    if sum(counts.values()) > MOST_ROWS:
        held = {name: count for name, count in sorted(counts.items()) if count}
        raise TooMuchHeld(f"One answer takes {MOST_ROWS} rows.", held=held)
    held_here = [await _read(session, holdings, one) for one, count in counted if count]
    told = {one.name: await _read_log(session, one, where) for one, where in logs}
    return AccessOut(
        as_of=now,
        found_by=holdings.found_by,
        held=held_here,
        deeds=told.get("activity", []),
        readings=told.get("read_log", []),
    )


def _refuse_unknown(holdings: Holdings, tables: Sequence[str]) -> None:
    faults = [
        Fault(f"/tables/{place}", "unknown_table", "there is no such table here")
        for place, name in enumerate(tables)
        if name not in holdings.metadata.tables
    ]
    if faults:
        raise Malformed("A table is not one of this service's.", errors=faults)


async def _selections(
    session: AsyncSession, holdings: Holdings, subject: SubjectIn
) -> tuple[list[Selection], list[tuple[str, str]] | str]:
    """What to read of which table, and whom the logs are asked about: records by type and id, or an account."""
    if subject.by == "person":
        given = {"ref": subject.reference}
        return [(holdings.owner(name), False, name, where, given) for name, where in where_staff_stand(holdings)], (
            subject.reference
        )
    found: list[Selection] = []
    logged: list[tuple[str, str]] = []
    own = {kind.name: where for kind, where in conditions(holdings, subject)}
    for kind, where in conditions(holdings, subject, among_others=True):
        keys: list[Any] = []
        if kind.name in own:
            keys, _ = await keys_where(session, holdings, kind, own[kind.name], subject.reference)
        others = await keys_beside(session, holdings, kind, where, subject.reference, keys)
        for found_keys, concerns_others in ((keys, False), (others, True)):
            if not found_keys:
                continue
            given = {"keys": to_json(found_keys).decode()}
            parts = [(name, chosen(holdings.metadata, kind, name)) for name in kind.tables]
            found += [
                (kind, concerns_others, name, of_them, given)
                for name, of_them in (*parts, *beside(holdings.metadata, kind))
            ]
            logged += await _logged(session, holdings, kind, given)
    for one in holdings.mentions:
        if one.by == subject.by:
            found.append((None, True, one.table, mentioning(one), {"ref": subject.reference}))
    return found, logged


async def _logged(
    session: AsyncSession, holdings: Holdings, kind: Kind, given: dict[str, Any]
) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for log in kind.logged:
        statement = f"SELECT CAST({log.key} AS text) FROM {log.table}"  # noqa: S608
        statement += f" WHERE {chosen(holdings.metadata, kind, log.table)}"
        ids = (await session.execute(sa.text(statement), given)).scalars()
        found += [(log.subject_type, key) for key in ids]
    return found


async def _count(session: AsyncSession, name: str, where: str, given: dict[str, Any]) -> int:
    statement = sa.text(f"SELECT count(*) FROM {name} WHERE {where}")  # noqa: S608
    return int((await session.execute(statement, given)).scalar_one())


async def _read(session: AsyncSession, holdings: Holdings, selection: Selection) -> HeldOut:
    kind, concerns_others, name, where, given = selection
    columns = holdings.metadata.tables[name].columns
    left_out = [one.name for one in columns if isinstance(one.type, sa.LargeBinary)]
    taken = "".join(f" - '{one}'" for one in left_out)
    statement = f"SELECT to_jsonb({name}){taken} AS held FROM {name} WHERE {where}"  # noqa: S608
    rows = (await session.execute(sa.text(statement).columns(held=JSONB), given)).scalars().all()
    what = None if kind is None else kind.what
    return HeldOut(
        table=name, kind=kind and kind.name, what=what, concerns_others=concerns_others, left_out=left_out,
        rows=list(rows),
    )  # fmt: skip


def _logs(body: AccessIn, logged: list[tuple[str, str]] | str) -> list[tuple[sa.Table, sa.ColumnElement[bool]]]:
    def about(table: sa.Table) -> sa.ColumnElement[bool]:
        if isinstance(logged, str):
            return table.c.actor == logged
        return sa.tuple_(table.c.subject_type, table.c.subject_id).in_(logged)

    return [(one, about(one)) for one in (activity, read_log) if body.tables is None or one.name in body.tables]


async def _count_log(session: AsyncSession, table: sa.Table, where: sa.ColumnElement[bool]) -> int:
    return int((await session.execute(sa.select(sa.func.count()).select_from(table).where(where))).scalar_one())


async def _read_log(session: AsyncSession, table: sa.Table, where: sa.ColumnElement[bool]) -> list[dict[str, Any]]:
    columns = [one for one in table.columns if not isinstance(one.type, sa.LargeBinary)]
    rows = await session.execute(sa.select(*columns).where(where).order_by(table.c.at, table.c.id))
    return [_plain(row) for row in rows.mappings()]


def _plain(row: Any) -> dict[str, Any]:
    return {name: value if value is None or isinstance(value, dict) else str(value) for name, value in row.items()}
