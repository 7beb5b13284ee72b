"""What a year's commitment will come to, and whether that is enough; pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from services.audit_api.commitments.schemas import Rag

METHOD = (
    "The larger of two: the cases done plus those whose audit is allocated and due by the year's end; and the cases "
    "done, carried on at the pace of the year so far (cases done, times the days of the year, over the days gone, "
    "rounded down). Once the year has ended it is the cases done."
)
RULE = (
    "Green: the target is reached, or the pace of the year so far reaches it. Amber: the cases done and those "
    "allocated together reach it, or those done are as many as expected by now. Red: neither is so, or the year ended "
    "short of the target. Not started: the year has not begun."
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
    pace = done * days // gone
    if today > last:
        return Forecast(done, target, "green" if done >= target else "red")
    cases = max(done + scheduled, pace)
    if done >= target or pace >= target:
        return Forecast(cases, by_now, "green")
    return Forecast(cases, by_now, "amber" if done + scheduled >= target or done >= by_now else "red")
