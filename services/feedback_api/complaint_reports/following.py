"""What follows complaints, counted for the report: enquiries of the ombudsman, remedies and recommendations."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

# All as at the last day, so that an edition produced later says the same of what has not changed. What hangs on a
# reference that was merged is of the unit the complaint is handled in.
_COUNTED = sa.text(
    """
    WITH counted AS (
      SELECT complaint_id, 'enquiries' AS kind, 'received' AS name FROM ombudsman_enquiry
      WHERE received_on BETWEEN :first AND :last
      UNION ALL SELECT complaint_id, 'enquiries', 'decided' FROM ombudsman_enquiry
      WHERE decided_on BETWEEN :first AND :last
      UNION ALL SELECT complaint_id, 'enquiries', 'upheld' FROM ombudsman_enquiry
      WHERE decided_on BETWEEN :first AND :last AND decision IN ('upheld', 'upheld_no_further_action')
      UNION ALL SELECT complaint_id, 'enquiries', 'overdue' FROM ombudsman_enquiry
      WHERE response_due_on < :last AND (response_sent_on IS NULL OR response_sent_on > :last)
        AND (decided_on IS NULL OR decided_on > :last)
      UNION ALL SELECT complaint_id, 'remedies', 'promised' FROM complaint_remedy
      WHERE promised_on BETWEEN :first AND :last
      UNION ALL
      SELECT complaint_id, 'remedies', CASE WHEN done_on <= due_on THEN 'done_in_time' ELSE 'done_late' END
      FROM complaint_remedy WHERE done_on BETWEEN :first AND :last
      UNION ALL SELECT complaint_id, 'remedies', 'overdue' FROM complaint_remedy
      WHERE due_on < :last AND (done_on IS NULL OR done_on > :last) AND withdrawn_because IS NULL
      UNION ALL SELECT complaint_id, 'recommendations', 'made' FROM complaint_recommendation
      WHERE made_on BETWEEN :first AND :last
      UNION ALL SELECT complaint_id, 'recommendations', answer FROM complaint_recommendation
      WHERE answered_on BETWEEN :first AND :last
      UNION ALL
      SELECT complaint_id, 'recommendations', CASE WHEN done_on <= due_on THEN 'done_in_time' ELSE 'done_late' END
      FROM complaint_recommendation WHERE done_on BETWEEN :first AND :last
      UNION ALL SELECT complaint_id, 'recommendations', 'overdue' FROM complaint_recommendation
      WHERE answer = 'accepted' AND due_on < :last AND (done_on IS NULL OR done_on > :last))
    SELECT led.unit, counted.kind, counted.name, count(*) AS n
    FROM counted JOIN complaint own ON own.id = counted.complaint_id
    JOIN complaint led ON led.id = coalesce(own.merged_into, own.id)
    GROUP BY 1, 2, 3
    """
)
FOLLOWED = {
    "enquiries": ("received", "decided", "upheld", "overdue"),
    "remedies": ("promised", "done_in_time", "done_late", "overdue"),
    "recommendations": ("made", "accepted", "rejected", "done_in_time", "done_late", "overdue"),
}
Followed = dict[str, dict[str, int]]


def nothing_followed() -> Followed:
    return {kind: dict.fromkeys(names, 0) for kind, names in FOLLOWED.items()}


async def count_followed(session: AsyncSession, first: date, last: date) -> Mapping[str, Followed]:
    """The counts of each unit by itself that has any."""
    found: dict[str, Followed] = {}
    for row in (await session.execute(_COUNTED, {"first": first, "last": last})).all():
        found.setdefault(row.unit, nothing_followed())[row.kind][row.name] = row.n
    return found
