"""DATA_LATE: the figures that ought to be here by a day and are not."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import takewhile

from services.indicator_api.days import last_day
from services.indicator_api.definitions import Definition
from services.indicator_api.exceptions.case import Case, Finding
from services.indicator_api.places import is_ons_code
from services.indicator_api.series.chart import neighbour
from services.indicator_api.series.known import Known
from shared.schemas.framework.indicators import Expectation
from shared.schemas.periods import Period

RULE = "due_date"


def due_on(definition: Definition, period: Period) -> date:
    """The day a period's figure is due."""
    return last_day(period) + timedelta(days=int(definition.content["due_lag_days"]))


def ended_by(day: date, figures: Sequence[Known]) -> list[Known]:
    """The figures of the periods that had ended by a day, however late they were sent."""
    if len({one.period.kind for one in figures}) == 1:
        # Periods of one kind end in the order they stand in.
        return list(figures[: bisect_right(figures, day, key=lambda one: last_day(one.period))])
    return [one for one in figures if last_day(one.period) <= day]


def known_at_end_of(day: date, definition: Definition, figures: Sequence[Known]) -> list[Known]:
    """The figures that could be known at the end of an earlier day, as nearly as the calendar tells.

    Their periods had ended, and the latest of all was due by then. When a figure was recorded says less: the whole
    past of a series may arrive on one day. Those before the latest were the latest of their own time.
    """
    known = ended_by(day, figures)
    if known and known[-1] is figures[-1] and due_on(definition, known[-1].period) > day:
        known.pop()
    return known


def has_ended(case: Case, day: date) -> bool:
    """Whether the series came to its declared end so long ago that its last figure is no longer news."""
    ends = case.definition.content["expected_to"]
    latest = case.figures[-1].period
    if ends is None or latest < Period.parse(ends):
        return False
    following = neighbour(latest, 1)
    return following is not None and due_on(case.definition, following) < day


def finding(case: Case, day: date, since: date) -> Finding | None:
    """The first figure that is owed on the day, and how many are; new where it was not yet owed on the earlier day."""
    owed = _owed(case, day)
    if not owed:
        return None
    latest = case.figures[-1] if case.figures else None
    content = case.definition.content
    return Finding(
        trigger="DATA_LATE",
        period=owed[0],
        rule=RULE,
        rules=(RULE,),
        direction="late",
        figure=None,
        previous=latest,
        n=len(owed),
        new=due_on(case.definition, owed[0]) >= since,
        inputs={
            "latest": latest.period.code if latest else None,
            **{name: content[name] for name in ("due_lag_days", "expected_from", "expected_to")},
        },
    )


def is_expected(definition: Definition, area: str) -> bool:
    """Whether a first figure is owed there: by the areas, and by the unit that answers for it, not by every team."""
    owner = is_ons_code(area) or area == definition.content["owner_unit"]
    return owner and definition.content["expected_from"] is not None


def is_tracked(definition: Definition) -> bool:
    """Whether figures are owed at all; content applied before there was this word has none."""
    return definition.content.get("expected") != Expectation.when_it_happens


def schedule(definition: Definition, start: Period, closes: date | None) -> Iterator[Period]:
    """The periods a figure is owed for, from one on: to the declared end, and until its place closes."""
    content = definition.content
    if not is_tracked(definition):
        return
    first = Period.parse(content["expected_from"]) if content["expected_from"] else None
    last = Period.parse(content["expected_to"]) if content["expected_to"] else None
    period: Period | None = start if first is None else max(start, first)
    while period is not None and (last is None or period <= last):
        if closes is not None and last_day(period) > closes:
            return
        yield period
        period = neighbour(period, 1)


def _owed(case: Case, day: date) -> list[Period]:
    start: Period | None = None
    # A figure of another kind of period, from before the definition changed, says nothing of when the next is owed.
    kind = case.definition.period_kind
    latest = next((one.period for one in reversed(case.figures) if one.period.kind is kind), None)
    if latest is not None:
        start = neighbour(latest, 1)
    elif is_expected(case.definition, case.place.code):
        start = Period.parse(case.definition.content["expected_from"])
    if start is None:
        return []
    owed = schedule(case.definition, start, case.place.valid_to)
    return list(takewhile(lambda period: due_on(case.definition, period) < day, owed))
