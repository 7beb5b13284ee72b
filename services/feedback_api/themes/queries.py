"""Records that wait for somebody to decide their themes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.cases import reads_cases
from services.feedback_api.models import ThemeDecision, table_of
from services.feedback_api.references import units_in_view
from services.feedback_api.themes.records import KINDS, Kind
from shared.auth.caller import Caller
from shared.keyset import before
from shared.paging import Cursor

_DECISION = table_of(ThemeDecision)


def _may_decide(caller: Caller, kind: Kind) -> bool:
    return reads_cases(caller) if kind.name == "view" else caller.may("feedback:complaints")


def _undecided(kind: Kind, units: Sequence[str] | None, at: Cursor) -> sa.Select[Any]:
    """The records of one kind, newest first, as many as a page needs."""
    one = kind.table.c
    day = one[kind.day]
    since = sa.exists().where(
        _DECISION.c.subject_kind == kind.name, _DECISION.c.subject_id == one.id,
        _DECISION.c.decided_at >= one.changed_at,
    )  # fmt: skip
    statement = sa.select(
        sa.literal(kind.name, sa.Text).label("kind"), one[kind.key].cast(sa.Text).label("ref"), one.unit,
        day.label("on"), one.version, one.id,
    ).where(
        before(at, day, one.id), sa.func.cardinality(one.themes) == 0,
        sa.or_(*(one[name].is_not(None) for name in kind.words)), ~since,
    )  # fmt: skip
    if units is not None:
        statement = statement.where(one.unit == sa.any_(sa.literal(units, sa.ARRAY(sa.Text))))
    return statement.order_by(day.desc(), one.id.desc()).limit(at.fetch)


async def list_undecided(
    session: AsyncSession, caller: Caller, kind: str | None, unit: str | None, at: Cursor
) -> Sequence[sa.Row[Any]]:
    """One page and a row more of all that the caller may decide, newest first.

    A record that changed after its decision waits again, unless it has themes.
    """
    units = await units_in_view(session, caller, unit)
    kinds = [one for one in KINDS.values() if kind in (None, one.name) and _may_decide(caller, one)]
    if not kinds:
        return []
    parts = [_undecided(one, units, at).subquery() for one in kinds]
    whole = sa.union_all(*(sa.select(part) for part in parts)).subquery()
    statement = sa.select(whole).order_by(whole.c.on.desc(), whole.c.id.desc()).limit(at.fetch)
    return (await session.execute(statement)).all()
