"""The returns to the department that fell due in the period: reviewed by whom, submitted when (R81)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from services.reporting_api.assembly.indicator_sections import line
from services.reporting_api.assembly.sections import Work
from services.reporting_api.words import counted, period_words, sentence
from shared.clock import local_date
from shared.schemas.board_report import BoardSection, Source
from shared.schemas.board_return_items import ReturnItem
from shared.schemas.framework.returns import Return
from shared.schemas.periods import OutsideTerm, Period, TermCalendar, TermDatesUnknown

_STATUS = {
    "not_prepared": "not prepared",
    "prepared": "prepared, not yet reviewed",
    "signed": "reviewed, not yet submitted",
    "submitted": "submitted",
}


def returns(work: Work) -> BoardSection:
    """Every return of the framework that fell due, whether or not anybody has prepared it."""
    brief = work.brief
    section, now = work.blank(), brief.now
    source = Source(service="reporting", path="/v1/returns", fetched_at=now, as_of=now, availability="available")
    section.sources = [source]
    section.as_of = now
    items = sorted(_items(work), key=lambda one: (one.due_on, one.code))
    section.items = list(items)
    submitted = [one for one in items if one.status == "submitted"]
    on_time = sum(one.on_time is True for one in items)
    section.summary = [
        line("owed", "Returns due", len(items)),
        line("submitted", "Submitted, each reviewed first", len(submitted)),
        line("on_time", "Submitted on time", on_time),
        line("late", "Late", sum(one.on_time is False for one in items)),
        line("resubmitted", "Submitted again", sum((one.submission or 1) > 1 for one in items)),
    ]
    section.headline = sentence(
        f"{len(submitted)} of {counted(len(items), 'return')} due were submitted, {on_time} of them on time"
    )
    return section


def _items(work: Work) -> Iterator[ReturnItem]:
    brief = work.brief
    for definition in brief.known.returns.values():
        if ("returns", definition.code) in brief.known.retired:
            continue
        calendar = brief.known.calendars.get(definition.calendar or "")
        terms = calendar.term_calendar() if calendar else {}
        for period, end in _due_between(definition, brief.occurrence.period_start, brief.occurrence.period_end, terms):
            if definition.in_force(end):
                due_on = end + timedelta(days=definition.due_days)
                yield _item(work, definition, period, due_on, brief.returns.get((definition.code, period.code), ()))


def _due_between(definition: Return, first: date, last: date, terms: TermCalendar) -> Iterator[tuple[Period, date]]:
    """The periods whose return falls due on one of these days, with their last day."""
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number - definition.due_days)
        try:
            period = Period.containing(definition.period_kind, day, terms)
            if period.dates(terms)[1] == day:
                yield period, day
        except (OutsideTerm, TermDatesUnknown):
            continue


def _item(work: Work, definition: Return, period: Period, due_on: date, rows: Sequence[Any]) -> ReturnItem:
    newest = rows[-1] if rows else None
    status = newest.status if newest else "not_prepared"
    sent = next((local_date(row.submitted_at) for row in rows if row.submitted_at), None)
    overdue = False if work.brief.today > due_on else None
    # A hash of figures tells whoever can guess them whether they guessed right.
    told = newest is not None and (newest.figures is None or not work.protected)
    return ReturnItem(
        code=definition.code, title=definition.title, period=period.code, period_label=period_words(period.code),
        due_on=due_on, status=status, status_label=_STATUS[status], submission=newest.submission if newest else None,
        reviewed_by=newest.signed_by if newest else None, reviewed_for=newest.signed_for if newest else None,
        submitted_by=newest.submitted_by if newest else None,
        submitted_on=local_date(newest.submitted_at) if newest and newest.submitted_at else None,
        on_time=sent <= due_on if sent else overdue, content_hash=newest.content_hash if newest and told else None,
    )  # fmt: skip
