"""Figures that read otherwise than when this board was last shown them: never changed without saying so."""

from __future__ import annotations

from services.reporting_api.assembly import indicator_asks as asks
from services.reporting_api.assembly.indicator_answers import Restated, Restatements
from services.reporting_api.assembly.indicator_sections import line
from services.reporting_api.assembly.sections import Work
from services.reporting_api.assembly.shown_figures import ShownFigure
from services.reporting_api.assembly.trend import shown_otherwise
from services.reporting_api.definitions import boards_of
from services.reporting_api.words import counted, in_period, period_words, sentence
from shared.clock import local_date
from shared.schemas.board_report import BoardSection
from shared.schemas.board_report_items import RestatementItem
from shared.schemas.series import IndicatorSeries, SeriesPoint


def restatements(work: Work) -> BoardSection:
    """Every period of every figure a board has seen, in any of its reports, that now reads otherwise."""
    if work.brief.area is None:
        return work.unavailable("no_area")
    alone = len(boards_of(work.brief.report)) == 1
    question = asks.restatements(work.brief)
    if question is None:
        section = work.blank()
        nobody = "This board has not" if alone else "None of these boards has"
        section.headline = f"{nobody} been shown a figure before."
        return section
    evidence = work.evidence
    codes = [code for code in asks.codes_for(work.brief, work.spec, evidence.indicators) if code in evidence.series]
    section = work.start(list(dict.fromkeys([question, *(evidence.series[code] for code in codes)])))
    if section.availability == "unavailable":
        return section
    found: Restatements | None = evidence.data(question)
    told = _newest(found)
    items = [item for code in codes for item in _items(work, code, told)]
    section.items = [*items]
    # Two boards may have been shown two numbers for one figure.
    changed = len({(item.indicator, item.period) for item in items})
    section.summary = [line("restated", "Figures restated since the board saw them", changed)]
    reads = "reads" if changed == 1 else "read"
    who = "this board" if alone else "that one of these boards"
    words = f"{counted(changed, 'figure')} {who} has been shown {reads} otherwise now"
    section.headline = sentence(words if changed else f"no figure {who} has been shown has changed since")
    return section


def _newest(found: Restatements | None) -> dict[tuple[str, str], Restated]:
    """The last change of each figure of the whole council."""
    rows = [one for one in (found.items if found else ()) if one.breakdown is None]
    return {(one.indicator, one.period): one for one in sorted(rows, key=lambda one: one.restated_at)}


def _items(work: Work, code: str, told: dict[tuple[str, str], Restated]) -> list[RestatementItem]:
    series: IndicatorSeries | None = work.evidence.of_indicator(work.evidence.series, code)
    areas = [one for one in series.areas if one.area == work.brief.area] if series else []
    shown = work.brief.shown.at(protected=work.protected).get(code, {})
    return [
        _item(work, series, point, was, told.get((code, point.period)))
        for area in areas
        for point in reversed(area.points)
        if series is not None
        for was in shown_otherwise(shown, area.area, point)
    ]


def _item(
    work: Work, series: IndicatorSeries, point: SeriesPoint, was: ShownFigure, change: Restated | None
) -> RestatementItem:
    reason = work.written(change.reason) if change and change.reason else None
    words = f"{series.title}: {point.display} {in_period(point.period)}, shown as {was.display} in {was.shown_in}"
    return RestatementItem(
        indicator=series.indicator, title=series.title, period=point.period, period_label=period_words(point.period),
        before=was.display, after=point.display, shown_in=was.shown_in,
        restated_on=local_date(change.restated_at) if change else None, reason=reason, sentence=sentence(words),
    )  # fmt: skip
