"""The exceptions of a period (R50): new and standing ones with their answers, and those that are resolved."""

from __future__ import annotations

from services.reporting_api.assembly import indicator_asks as asks
from services.reporting_api.assembly.indicator_sections import line
from services.reporting_api.assembly.sections import Work
from services.reporting_api.words import counted, in_period, period_words, sentence
from shared.clock import local_date
from shared.schemas.board_report import BoardSection
from shared.schemas.board_report_items import ExceptionItem
from shared.schemas.exceptions import ExceptionOut, ExceptionsOut

_TRIGGERS = {
    "SIGNIFICANT_CHANGE": "significant change",
    "OUT_OF_STEP_NATIONAL": "out of step with England",
    "OUT_OF_STEP_NEIGHBOURS": "out of step with statistical neighbours",
    "TARGET_NOT_ASSURED": "target not assured",
    "DATA_LATE": "data late",
}
_LONG_RUN = "significant change over five years"


def exceptions(work: Work) -> BoardSection:
    """The figures that changed significantly or stand out of step, unfavourable and new ones first."""
    if work.brief.area is None:
        return work.unavailable("no_area")
    question = asks.exceptions(work.brief)
    section = work.start([question])
    data: ExceptionsOut | None = work.evidence.data(question)
    if data is None:
        return section
    rows = sorted(data.items, key=_by_concern)
    section.items = [_item(one) for one in (*rows, *sorted(data.resolved, key=_by_concern))]
    new = sum(one.new for one in rows)
    unanswered = sum(one.answered is None for one in rows)
    section.summary = [
        line("examined", "Indicators examined", data.indicators_examined),
        line("exceptions", "Exceptions", len(rows)),
        line("new", "New since the period before", new),
        line("standing", "Standing on from the period before", len(rows) - new),
        line("resolved", "Resolved since the period before", len(data.resolved)),
        line("unanswered", "Not answered by their owners", unanswered),
        line("unfavourable", "Unfavourable", sum(one.favourable is False for one in rows)),
    ]
    examined = counted(data.indicators_examined, "indicator")
    found = f"{counted(len(rows), 'exception')}, {new} of them new" if rows else "no exception"
    if len(rows) == 1:
        found = f"1 {'new ' if new else ''}exception"
    section.headline = sentence(f"{found} {in_period(data.period)}, of {examined} examined")
    if data.indicators_examined == 0:
        section.headline = f"No indicator could be examined {in_period(data.period)}: no figure had been recorded."
    if any(one.trial_limits for one in rows):
        section.caveats.append("Some limits are trial limits: fewer than 13 points have been recorded.")
    return section


def _by_concern(one: ExceptionOut) -> tuple[int, bool, str, str]:
    """What is unfavourable first, then what needs a judgement, what has not arrived, and what went well."""
    rank = 2 if one.trigger == "DATA_LATE" else {False: 0, None: 1, True: 3}[one.favourable]
    return rank, not one.new, one.title, one.key


def _item(one: ExceptionOut) -> ExceptionItem:
    answer = one.answered
    standing = "new" if one.new else "standing"
    return ExceptionItem(
        key=one.key, indicator=one.indicator, title=one.title, themed_area=one.themed_area, period=one.period,
        period_label=period_words(one.period), trigger=one.trigger,
        trigger_label=_LONG_RUN if one.rule == "five_year_trend" else _TRIGGERS[one.trigger],
        rule=one.rule, direction=one.direction, favourable=one.favourable, display=one.display, new=one.new,
        status="resolved" if one.status == "resolved" else standing,
        first_raised=period_words(one.first_raised_period) if one.first_raised_period else None,
        unanswered_days=one.unanswered_days, answered_by=answer.by if answer else None,
        answered_on=local_date(answer.at) if answer else None, explanation=answer.explanation if answer else None,
        expected_until=answer.expected_until if answer else None, sentence=one.sentence,
        inputs_hash=one.inputs_hash,
    )  # fmt: skip
