"""What managers add to a report: one text of learning and one of improvement a unit and period, each change stamped."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.complaint_reports.schemas import UpdateIn
from services.feedback_api.flagging import flag_words
from services.feedback_api.models import ComplaintReportUpdate, ComplaintReportUpdateHistory, table_of
from services.feedback_api.references import units_in_view
from services.feedback_api.subjects import words_in
from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.etags import Precondition
from shared.organisation.units import require_visible
from shared.problems import NotFound
from shared.tables import org_unit

_UPDATE = table_of(ComplaintReportUpdate)


async def find_update(session: AsyncSession, period: str, unit: str) -> ComplaintReportUpdate | None:
    return await session.get(ComplaintReportUpdate, (period, unit))


async def keep_update(
    session: AsyncSession, caller: Caller, period: str, unit: str, body: UpdateIn, seen: Precondition, now: datetime
) -> tuple[ComplaintReportUpdate, bool]:
    """Add or change what a unit says; raises NotFound for a unit that is unknown or not the caller's."""
    await require_visible(session, caller, unit)
    known = sa.select(org_unit.c.code).where(org_unit.c.code == unit).with_for_update(key_share=True)
    if (await session.execute(known)).scalar_one_or_none() is None:
        raise NotFound()
    statement = sa.select(ComplaintReportUpdate).where(_UPDATE.c.period == period, _UPDATE.c.unit == unit)
    held = (await session.execute(statement.with_for_update())).scalar_one_or_none()
    seen.check(held.version if held else None)
    if held is not None and (held.learning, held.improvement) == (body.learning, body.improvement):
        return held, False
    before = words_in(held.model_dump()) if held else {}
    await flag_words(session, "report_update", f"{period}/{unit}", unit, before, words_in(body.model_dump()), now)
    if held is None:
        kept = ComplaintReportUpdate(
            period=period, unit=unit, version=1, updated_by=caller.subject, updated_at=now, **body.model_dump()
        )
    else:
        session.add(_history(held, caller, now))
        kept = held
        kept.learning, kept.improvement, kept.version = body.learning, body.improvement, held.version + 1
        kept.updated_by, kept.updated_at = caller.subject, now
    session.add(kept)
    await session.flush()
    await record_activity(
        session, caller, "complaint_report.updated", "complaint_report", period, content=body.model_dump(), unit=unit,
        data={"unit": unit, "version": kept.version},
    )  # fmt: skip
    return kept, held is None


def _history(held: ComplaintReportUpdate, caller: Caller, now: datetime) -> ComplaintReportUpdateHistory:
    content = held.model_dump(mode="json", include={"learning", "improvement", "updated_by"})
    return ComplaintReportUpdateHistory(
        period=held.period, unit=held.unit, version=held.version, content=content, valid_from=held.updated_at,
        superseded_at=now, superseded_by=caller.subject,
    )  # fmt: skip


async def list_updates(session: AsyncSession, caller: Caller, period: str) -> Sequence[ComplaintReportUpdate]:
    """What the units the caller sees have added to the report of a period, whole."""
    statement = sa.select(ComplaintReportUpdate).where(_UPDATE.c.period == period)
    units = await units_in_view(session, caller, None)
    if units is not None:
        statement = statement.where(_UPDATE.c.unit.in_(units))
    return (await session.execute(statement.order_by(_UPDATE.c.unit))).scalars().all()
