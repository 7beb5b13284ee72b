"""Reviews by code, with the shares of those that count. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from services.feedback_api.intervals import share_interval
from services.feedback_api.review_codes.schemas import MEANINGS, CodeTally, ParticipationOut, ReviewShareOut
from services.feedback_api.review_models import CODES, HEARD
from shared.schemas.figures import round_figure
from shared.schemas.periods import Period


def build(period: Period, unit: str | None, counts: Mapping[str, int], as_at: datetime) -> ParticipationOut:
    """The answer: all reviews are those of children under four and those that count."""
    of = {code: counts.get(code, 0) for code in CODES}
    reviews = sum(of.values())
    considered = reviews - of["PN0"]
    return ParticipationOut(
        period=period.code,
        start=period.start,
        end=period.end,
        unit=unit,
        reviews=reviews,
        under_four=of["PN0"],
        considered=considered,
        codes=[CodeTally(code=code, meaning=MEANINGS[code], count=count) for code, count in of.items()],
        took_part=_share(sum(of[code] for code in HEARD), considered),
        spoke=_share(of["PN1"], considered),
        as_at=as_at,
    )


def _share(count: int, of: int) -> ReviewShareOut:
    interval = share_interval(count, of)
    if interval is None:
        return ReviewShareOut(count=count, of=of, percent=None, lower=None, upper=None)
    percent, lower, upper = (float(round_figure(100 * part, 1)) for part in interval)
    return ReviewShareOut(count=count, of=of, percent=percent, lower=lower, upper=upper)
