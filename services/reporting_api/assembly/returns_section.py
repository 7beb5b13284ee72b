"""The returns to the department that fell due in the period: reviewed by whom, submitted when (R81)."""

from __future__ import annotations

from services.reporting_api.assembly.indicator_sections import line
from services.reporting_api.assembly.sections import Work
from services.reporting_api.returns_due import Due
from services.reporting_api.words import counted, period_words, sentence
from shared.clock import local_date
from shared.schemas.board_report import BoardSection, Source
from shared.schemas.board_return_items import ReturnItem

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
    first, last = brief.occurrence.period_start, brief.occurrence.period_end
    path = f"/v1/returns/due?from={first.isoformat()}&to={last.isoformat()}"
    section.sources = [Source(service="reporting", path=path, fetched_at=now, as_of=now, availability="available")]
    section.as_of = now
    due = work.records.returns
    items = [_item(work, one) for one in due]
    section.items = list(items)
    submitted = sum(one.was_submitted for one in due)
    on_time = sum(one.on_time is True for one in items)
    section.summary = [
        line("owed", "Returns due", len(items)),
        line("submitted", "Submitted, each reviewed first", submitted),
        line("on_time", "Submitted on time", on_time),
        line("late", "Late", sum(one.on_time is False for one in items)),
        line("resubmitted", "Submitted again", sum((one.submission or 1) > 1 for one in items)),
    ]
    section.headline = sentence(
        f"{submitted} of {counted(len(items), 'return')} due were submitted, {on_time} of them on time"
    )
    return section


def _item(work: Work, due: Due) -> ReturnItem:
    item = ReturnItem(
        code=due.definition.code, title=due.definition.title, period=due.period.code,
        period_label=period_words(due.period.code), due_on=due.due_on, status=due.standing,
        status_label=_STATUS[due.standing], on_time=due.on_time(work.brief.today),
    )  # fmt: skip
    newest = due.newest
    if newest is None:
        return item
    # A hash of figures tells whoever can guess them whether they guessed right.
    told = newest.figures is None or not work.protected
    return item.model_copy(
        update={
            "submission": newest.submission, "reviewed_by": newest.signed_by, "reviewed_for": newest.signed_for,
            "submitted_by": newest.submitted_by,
            "submitted_on": local_date(newest.submitted_at) if newest.submitted_at else None,
            "content_hash": newest.content_hash if told else None,
        }
    )  # fmt: skip
