"""Taking a file of reviews: new ones stored, changed ones corrected, the rest left alone."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.references import UNITS, Named, require_known
from services.feedback_api.review_codes.errors import ReviewsRefused
from services.feedback_api.review_codes.reading import Review, Reviews
from services.feedback_api.review_codes.schemas import ReviewImportOut, ReviewRowOut
from shared.activity.record import record_activity
from shared.auth.caller import Caller
from shared.clock import local_date
from shared.database import driver_connection
from shared.ids import new_id
from shared.organisation.units import visible_units
from shared.problems import Fault

Mode = Literal["atomic", "partial"]
_MOST_ROWS = 200
_HELD = """
SELECT sent.at::int - 1 AS at FROM unnest($1::bytea[], $2::date[]) WITH ORDINALITY AS sent(child, reviewed_on, at)
JOIN review_participation AS held USING (child, reviewed_on) WHERE held.unit <> ALL($3::text[])
"""
# In a fixed order, so that two files that share reviews do not wait for each other in a ring.
_STORE = """
WITH stored AS (
  INSERT INTO review_participation AS held
    (child, reviewed_on, code, unit, import_id, recorded_by, recorded_at, changed_at)
  SELECT child, reviewed_on, code, $4, $5, $6, $7, $7
  FROM unnest($1::bytea[], $2::date[], $3::text[]) AS sent(child, reviewed_on, code) ORDER BY child, reviewed_on
  ON CONFLICT (child, reviewed_on) DO UPDATE
    SET code = excluded.code, unit = excluded.unit, import_id = excluded.import_id, changed_at = excluded.changed_at
    WHERE (held.code, held.unit) IS DISTINCT FROM (excluded.code, excluded.unit)
  RETURNING (xmax = 0) AS created)
SELECT count(*) FILTER (WHERE created) AS created, count(*) FILTER (WHERE NOT created) AS corrected FROM stored
"""


async def import_reviews(
    session: AsyncSession, caller: Caller, unit: str, reviews: Reviews, mode: Mode, now: datetime, *, dry_run: bool
) -> ReviewImportOut:
    """Store the good rows for a unit; raises ReviewsRefused where one is bad and the mode is atomic."""
    await require_known(session, caller, [Named("/query/unit", UNITS, unit, local_date(now))])
    await _reject_foreign(session, caller, reviews)
    if reviews.rejected and mode == "atomic" and not dry_run:
        faults = [Fault(f"/{one.row}/{one.column}", one.code, one.detail) for one in reviews.rejected[:_MOST_ROWS]]
        raise ReviewsRefused("Nothing was stored; see errors.", errors=faults)
    # A review that stands twice in the file is one.
    once = {(one.child, one.reviewed_on): one.code for one in reviews.good}
    import_id, connection = new_id(), await driver_connection(session)
    columns = ([child for child, _ in once], [day for _, day in once], list(once.values()))
    stored = await connection.fetchrow(_STORE, *columns, unit, import_id, caller.subject, now)
    created, corrected = int(stored["created"]), int(stored["corrected"])
    data = {"received": reviews.received, "created": created, "corrected": corrected}
    if created or corrected:
        await record_activity(
            session, caller, "review_participation.imported", "review_participation_import", import_id,
            unit=unit, data=data,
        )  # fmt: skip
    bad = len({one.row for one in reviews.rejected})
    return ReviewImportOut(
        import_id=None if dry_run or not (created or corrected) else import_id,
        mode=mode,
        dry_run=dry_run,
        **data,
        unchanged=reviews.received - bad - created - corrected,
        rejected=bad,
        rejected_rows=reviews.rejected[:_MOST_ROWS],
        warnings=reviews.warnings[:_MOST_ROWS],
    )


async def _reject_foreign(session: AsyncSession, caller: Caller, reviews: Reviews) -> None:
    """Reviews that another unit has reported are not this caller's to change."""
    allowed = await visible_units(session, caller)
    if allowed is None:
        return
    connection = await driver_connection(session)
    keys = ([one.child for one in reviews.good], [one.reviewed_on for one in reviews.good])
    foreign = {row["at"] for row in await connection.fetch(_HELD, *keys, sorted(allowed))}
    kept: list[Review] = []
    for at, one in enumerate(reviews.good):
        if at in foreign:
            words = "this review was reported for a unit that this caller may not write for"
            reviews.rejected.append(ReviewRowOut(row=one.row, column="CHILD", code="in_use", detail=words))
        else:
            kept.append(one)
    reviews.good = kept
