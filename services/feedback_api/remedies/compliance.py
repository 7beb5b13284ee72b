"""Counts of what follows complaints, for whoever reports on it: what was promised, asked and recommended, and kept."""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.references import units_in_view
from shared.auth.caller import Caller
from shared.schemas.base import OutModel
from shared.schemas.periods import Period


class EnquiryCounts(OutModel):
    """Enquiries of the ombudsman received in the period, and its decisions of the period."""

    received: int
    answered_in_time: int
    answered_late: int
    overdue: int = Field(description="not answered, past the day")
    decisions: dict[str, int] = Field(description="decided in the period, whenever received")


class RemedyCounts(OutModel):
    """Remedies promised in the period, as they stand now."""

    promised: int
    done_in_time: int
    done_late: int
    overdue: int = Field(description="not done, past the day")
    withdrawn: int
    kinds: dict[str, int]
    paid_pence: int = Field(description="paid in the period, whenever promised")


class RecommendationCounts(OutModel):
    """Recommendations made in the period, as they stand now."""

    made: int
    to_answer: int
    accepted: int = Field(description="done or not")
    rejected: int
    done_in_time: int
    done_late: int
    overdue: int = Field(description="accepted, not done, past the day")


class ComplianceOut(OutModel):
    period: str
    unit: str | None
    today: date
    enquiries: EnquiryCounts
    remedies: RemedyCounts
    recommendations: RecommendationCounts


_LED = """
JOIN complaint AS own ON own.id = one.complaint_id
JOIN complaint AS led ON led.id = coalesce(own.merged_into, own.id) {units}
"""
_ENQUIRIES = f"""
SELECT count(*) AS received,
       count(*) FILTER (WHERE response_sent_on <= response_due_on) AS answered_in_time,
       count(*) FILTER (WHERE response_sent_on > response_due_on) AS answered_late,
       count(*) FILTER (WHERE response_due_on < :today AND response_sent_on IS NULL AND decision IS NULL) AS overdue
FROM ombudsman_enquiry AS one {_LED} WHERE one.received_on BETWEEN :first AND :last
"""  # noqa: S608
_DECISIONS = f"""
SELECT decision AS code, count(*) AS n FROM ombudsman_enquiry AS one {_LED}
WHERE one.decided_on BETWEEN :first AND :last GROUP BY 1 ORDER BY 1
"""  # noqa: S608
_REMEDIES = f"""
SELECT count(*) FILTER (WHERE inside) AS promised,
       count(*) FILTER (WHERE inside AND done_on <= due_on) AS done_in_time,
       count(*) FILTER (WHERE inside AND done_on > due_on) AS done_late,
       count(*) FILTER (WHERE inside AND due_on < :today AND done_on IS NULL AND withdrawn_because IS NULL) AS overdue,
       count(*) FILTER (WHERE inside AND withdrawn_because IS NOT NULL) AS withdrawn,
       coalesce(sum(amount_pence) FILTER (WHERE done_on BETWEEN :first AND :last), 0)::bigint AS paid_pence
FROM (SELECT one.*, one.promised_on BETWEEN :first AND :last AS inside FROM complaint_remedy AS one {_LED}) AS counted
"""  # noqa: S608
_KINDS = f"""
SELECT one.kind AS code, count(*) AS n FROM complaint_remedy AS one {_LED}
WHERE one.promised_on BETWEEN :first AND :last GROUP BY 1 ORDER BY 1
"""  # noqa: S608
_RECOMMENDATIONS = f"""
SELECT count(*) AS made,
       count(*) FILTER (WHERE answer IS NULL) AS to_answer,
       count(*) FILTER (WHERE answer = 'accepted') AS accepted,
       count(*) FILTER (WHERE answer = 'rejected') AS rejected,
       count(*) FILTER (WHERE done_on <= due_on) AS done_in_time,
       count(*) FILTER (WHERE done_on > due_on) AS done_late,
       count(*) FILTER (WHERE answer = 'accepted' AND due_on < :today AND done_on IS NULL) AS overdue
FROM complaint_recommendation AS one {_LED} WHERE one.made_on BETWEEN :first AND :last
"""  # noqa: S608


async def count_compliance(
    session: AsyncSession, caller: Caller, period: Period, unit: str | None, today: date
) -> ComplianceOut:
    """All counts of one period, of the unit asked for and those below within the caller's."""
    units = await units_in_view(session, caller, unit)
    bound: dict[str, Any] = {"first": period.start, "last": period.end, "today": today}
    bound |= {} if units is None else {"units": units}
    narrow = "" if units is None else "AND led.unit = ANY(:units)"

    async def rows(text: str) -> list[dict[str, Any]]:
        # A statement that does not speak of a bound value would be refused it.
        used = {name: value for name, value in bound.items() if f":{name}" in text or name == "units"}
        found = await session.execute(sa.text(text.format(units=narrow)), used)
        return [dict(row) for row in found.mappings()]

    async def tally(text: str) -> dict[str, int]:
        return {row["code"]: row["n"] for row in await rows(text)}

    (enquiries,), (remedies,), (advice,) = await rows(_ENQUIRIES), await rows(_REMEDIES), await rows(_RECOMMENDATIONS)
    return ComplianceOut(
        period=period.code,
        unit=unit,
        today=today,
        enquiries=EnquiryCounts(**enquiries, decisions=await tally(_DECISIONS)),
        remedies=RemedyCounts(**remedies, kinds=await tally(_KINDS)),
        recommendations=RecommendationCounts(**advice),
    )
