"""What a year's commitment will come to, and whether that is enough; pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from services.audit_api.commitments.schemas import Rag

METHOD = (
    "The larger of two: the cases done plus those whose audit is allocated and counts for the year; and, once a quarter"
    " of the year has gone, the cases done, carried on at the pace so far (cases done, times the days of the year, over"
    " the days gone, rounded down). Once the year has ended it is the cases done."
)
RULE = (
    "Green: the target is reached, or as many cases are done as expected by now and all others are allocated. Amber: "
    "the forecast reaches the target, or those done are as many as expected by now. Red: neither is so, or the year "
    "ended short of the target. Not started: the year has not begun. A pace alone is never green: nobody has the cases "
    "it counts on."
)


@dataclass(frozen=True)
class Forecast:
    """Cases expected by the year's end, those expected by now, and how that stands against the target."""

    cases: int
    by_now: int
    rag: Rag


def forecast(target: int, done: int, scheduled: int, first: date, last: date, today: date) -> Forecast:
    """The forecast of a year from its first to its last day, as it stands today."""
    days = (last - first).days + 1
    gone = min(max((today - first).days + 1, 0), days)
    by_now = target * gone // days
    if gone == 0:
        return Forecast(done + scheduled, 0, "green" if done >= target else "not_started")
    if today > last:
        return Forecast(done, target, "green" if done >= target else "red")
    # Of a few days a pace tells nothing: one case on the second day would be 182 in the year.
    pace = done * days // gone if 4 * gone >= days else 0
    cases, in_step = max(done + scheduled, pace), done >= by_now
    if done >= target or (in_step and done + scheduled >= target):
        return Forecast(cases, by_now, "green")
    return Forecast(cases, by_now, "amber" if cases >= target or in_step else "red")
