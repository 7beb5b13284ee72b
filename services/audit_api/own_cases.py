"""Whether somebody works on a case or supervises it, as the case system last said."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.audit_api.models import OpenCase, OpenCaseList
from services.audit_api.registry import table_of

_lists, _cases = table_of(OpenCaseList), table_of(OpenCase)
_newer = _lists.alias("newer")
_replaced = sa.exists().where(
    _newer.c.unit == _lists.c.unit,
    sa.tuple_(_newer.c.as_at, _newer.c.revision) > sa.tuple_(_lists.c.as_at, _lists.c.revision),
)
_works_on = (
    sa.select(sa.literal(1))
    .select_from(_cases.join(_lists, _lists.c.id == _cases.c.list_id))
    .where(
        _cases.c.case_reference == sa.bindparam("case_reference"),
        sa.bindparam("account", type_=sa.Text) == sa.func.any(_cases.c.workers + _cases.c.managers),
        ~_replaced,
    )
    .limit(1)
)


async def works_on(session: AsyncSession, account: str, case_reference: str) -> bool:
    """Whether the newest list of any team names the account with the case."""
    found = await session.execute(_works_on, {"account": account, "case_reference": case_reference})
    return found.first() is not None
