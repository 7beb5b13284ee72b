"""The sections that the indicator service fills: exceptions, and indicators beside their comparators."""

from __future__ import annotations

from services.reporting_api.assembly.figures import figure_of, travel_counts
from services.reporting_api.assembly.gather import CATALOGUE, codes_for, exceptions_ask
from services.reporting_api.assembly.sections import Work
from services.reporting_api.words import counted, in_period, listed, period_words, sentence
from shared.schemas.board_figures import BoardFigure, Travel
from shared.schemas.board_report import BoardSection
from shared.schemas.board_report_items import ExceptionItem, SummaryLine
from shared.schemas.exceptions import ExceptionOut, ExceptionsOut
from shared.schemas.series import IndicatorSeries

_TRIGGERS = {
    "SIGNIFICANT_CHANGE": "significant change",
    "OUT_OF_STEP_NATIONAL": "out of step with England",
    "OUT_OF_STEP_NEIGHBOURS": "out of step with statistical neighbours",
    "TARGET_NOT_ASSURED": "target not assured",
    "DATA_LATE": "data late",
}
_LONG_RUN = "significant change over five years"
# Every way a figure can travel, so that the counts add up to the number of indicators.
_WAYS: dict[Travel, str] = {
    "improving": "improving",
    "worsening": "worsening",
    "no_change": "unchanged",
    "rising": "rising (not judged)",
    "falling": "falling (not judged)",
    "unknown": "not known",
}


def line(code: str, label: str, number: float) -> SummaryLine:
    return SummaryLine(code=code, label=label, value=number, display=f"{number:,.0f}")


def exceptions(work: Work) -> BoardSection:
    """The figures that changed significantly or stand out of step, unfavourable and new ones first."""
    if work.brief.area is None:
        return work.unavailable("no_area")
    question = exceptions_ask(work.brief)
    section = work.start([question])
    data: ExceptionsOut | None = work.evidence.data(question)
    if data is None:
        return section
    rows = sorted(data.items, key=_by_concern)
    section.items = [_exception(one) for one in rows]
    new = sum(one.new for one in rows)
    section.summary = [
        line("examined", "Indicators examined", data.indicators_examined),
        line("exceptions", "Exceptions", len(rows)),
        line("new", "New since the period before", new),
        line("standing", "Standing on from the period before", len(rows) - new),
        line("resolved", "Resolved since the period before", len(data.resolved)),
        line("unanswered", "Not answered by their owners", sum(one.answered is None for one in rows)),
        line("unfavourable", "Unfavourable", sum(one.favourable is False for one in rows)),
    ]
    examined = counted(data.indicators_examined, "indicator")
    found = f"{counted(len(rows), 'exception')}, {new} of them new" if rows else "no exception"
    if len(rows) == 1:
        found = f"1 {'new ' if new else ''}exception"
    section.headline = sentence(f"{found} {in_period(data.period)}, of {examined} examined")
    if any(one.trial_limits for one in rows):
        section.caveats.append("Some limits are trial limits: fewer than 13 points have been recorded.")
    return section


def _by_concern(one: ExceptionOut) -> tuple[int, bool, str, str]:
    """What is unfavourable first, then what needs a judgement, what has not arrived, and what went well."""
    rank = 2 if one.trigger == "DATA_LATE" else {False: 0, None: 1, True: 3}[one.favourable]
    return rank, not one.new, one.title, one.key


def _exception(one: ExceptionOut) -> ExceptionItem:
    return ExceptionItem(
        key=one.key, indicator=one.indicator, title=one.title, themed_area=one.themed_area, period=one.period,
        period_label=period_words(one.period), trigger=one.trigger,
        trigger_label=_LONG_RUN if one.rule == "five_year_trend" else _TRIGGERS[one.trigger],
        rule=one.rule, direction=one.direction, favourable=one.favourable, display=one.display, new=one.new,
        sentence=one.sentence, inputs_hash=one.inputs_hash,
    )  # fmt: skip


def figures(work: Work) -> BoardSection:
    """Indicators, each with its travel, target and comparators for the same period."""
    if work.brief.area is None:
        return work.unavailable("no_area")
    codes = codes_for(work.brief, work.spec, work.evidence.indicators)
    asks = [work.evidence.series[code] for code in codes if code in work.evidence.series]
    # Without the dictionary nobody knows which indicators a section without names is about.
    section = work.start(asks or ([CATALOGUE] if work.evidence.data(CATALOGUE) is None else []))
    before = work.brief.shown_protected if work.protected else work.brief.shown_before
    for code in codes:
        question = work.evidence.series.get(code)
        series: IndicatorSeries | None = work.evidence.data(question) if question else None
        if series is not None:
            entry = work.evidence.indicators.get(code)
            last_day = work.brief.occurrence.period_end
            section.figures.append(figure_of(series, entry, last_day, str(work.brief.area), before))
    if section.availability == "available":
        section.headline = _headline(section.figures)
    return section


def _headline(shown: list[BoardFigure]) -> str:
    if not shown:
        return "No indicator belongs to this section yet."
    if all(one.value is None for one in shown):
        return sentence(f"no figure to show for {counted(len(shown), 'indicator')}")
    counts = travel_counts(shown)
    parts = [f"{counts[way]} {words}" for way, words in _WAYS.items() if counts[way]]
    words = f"{counted(len(shown), 'indicator')}, each against its figure before: {listed(parts)}"
    missed = sum(one.rag == "red" for one in shown)
    return sentence(f"{words}; {counted(missed, 'target')} missed" if missed else words)
