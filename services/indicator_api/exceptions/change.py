"""SIGNIFICANT_CHANGE and TARGET_NOT_ASSURED: what a series says of itself (METHODS 2.2, 2.3 and 2.7)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from services.indicator_api.days import is_annual
from services.indicator_api.definitions import Definition
from services.indicator_api.exceptions import evidence
from services.indicator_api.exceptions.case import Case, Finding, judged
from services.indicator_api.exceptions.seasons import is_seasonal, same_season, season_end
from services.indicator_api.series.chart import Break, breaks_of, chart_end, target_for
from services.indicator_api.series.known import Known, interval_of
from services.indicator_api.statistics.spc import ChartEnd
from services.indicator_api.statistics.trend import YEARS, AnnualPoint, Trend, annual_trend
from shared.schemas.figures import Assurance, Polarity, SpcRule
from shared.schemas.framework.indicators import SeriesKind

FIVE_YEAR_TREND = "five_year_trend"


def findings(case: Case) -> Iterator[Finding]:
    """What stands at the latest figure; series whose points overlap say nothing of this sort."""
    breaks = breaks_of(case.place, case.figures)
    if is_seasonal(case.definition):
        case = replace(case, figures=same_season(case.figures))
        chart: ChartEnd | None = season_end(case.definition, case.figures, breaks)
    else:
        chart = chart_end(case.definition, case.figures, breaks)
    if chart is None:
        return
    change = _signalled(case, chart) or _trending(case, breaks)
    if change is not None:
        yield change
    missed = _target_missed(case, chart)
    if missed is not None:
        yield missed


def _previous(case: Case) -> Known | None:
    return case.figures[-2] if len(case.figures) > 1 else None


def _signalled(case: Case, chart: ChartEnd) -> Finding | None:
    point, segment = chart.point, chart.segment
    if not point.rules or point.high is None or not segment.may_raise_exceptions:
        return None
    moving = point.rules[0] is SpcRule.trend
    words = ("up", "down") if moving else ("high", "low")
    return Finding(
        trigger="SIGNIFICANT_CHANGE",
        period=case.figures[-1].period,
        rule=point.rules[0],
        rules=point.rules,
        profile=chart.profile,
        direction=words[0] if point.high else words[1],
        favourable=judged(point.high, case.definition.polarity),
        figure=case.figures[-1],
        previous=_previous(case),
        segment=segment,
        n=segment.n,
        suppressed=any(one.hidden for one in case.figures),
        less_before=_lacked_more(_charted(case, chart)),
        inputs=_inputs(case, chart),
    )


def _charted(case: Case, chart: ChartEnd) -> list[Known]:
    """The figures of the last segment: no other has a say in its limits and signals."""
    charted = set(chart.periods)
    return [one for one in case.figures if one.period.code in charted]


def _lacked_more(known: Sequence[Known]) -> bool:
    return any(one.value is not None and one.silent > known[-1].silent for one in known)


def _inputs(case: Case, chart: ChartEnd) -> dict[str, object]:
    return {
        "figures": evidence.figures(_charted(case, chart)),
        "profile": chart.profile,
        "screened": chart.moving_ranges_screened,
    }


def may_trend(definition: Definition) -> bool:
    """Whether five of its years may show a trend: annual figures that do not overlap."""
    return is_annual(definition.period_kind) and definition.content["series_kind"] == SeriesKind.point


def _trending(case: Case, breaks: Sequence[Break]) -> Finding | None:
    definition = case.definition
    if not may_trend(definition):
        return None
    start = breaks[-1].period if breaks else case.figures[0].period
    years = [one for one in case.figures if one.period >= start][-YEARS:]
    trend = _trend(case, years)
    if not trend.significant or trend.rising is None:
        return None
    return Finding(
        trigger="SIGNIFICANT_CHANGE",
        period=case.figures[-1].period,
        rule=FIVE_YEAR_TREND,
        rules=(FIVE_YEAR_TREND,),
        direction="up" if trend.rising else "down",
        favourable=judged(trend.rising, definition.polarity),
        figure=case.figures[-1],
        previous=_previous(case),
        first=years[0],
        n=YEARS,
        suppressed=any(one.hidden for one in years),
        less_before=_lacked_more(years),
        inputs={"figures": evidence.figures(years)},
    )


def _trend(case: Case, years: Sequence[Known]) -> Trend:
    points = []
    for one in years:
        interval = interval_of(case.definition, one) if one.version == case.figures[-1].version else None
        limits = (interval.value, interval.lower, interval.upper) if interval else (one.value, None, None)
        points.append(AnnualPoint(one.period.year, *limits))
    return annual_trend(points, case.definition.polarity)


def _target_missed(case: Case, chart: ChartEnd) -> Finding | None:
    """Only what cannot be expected to meet its target: hit or miss is chance, and chance is no exception."""
    segment, target = chart.segment, target_for(case.definition, case.figures[-1].period)
    if chart.assurance is not Assurance.consistent_fail or target is None or not segment.may_raise_exceptions:
        return None
    return Finding(
        trigger="TARGET_NOT_ASSURED",
        period=case.figures[-1].period,
        rule=chart.assurance,
        rules=(chart.assurance,),
        profile=chart.profile,
        direction="low" if case.definition.polarity is Polarity.high_is_good else "high",
        favourable=False,
        figure=case.figures[-1],
        previous=_previous(case),
        segment=segment,
        target=target,
        n=segment.n,
        suppressed=any(one.hidden for one in case.figures),
        less_before=_lacked_more(_charted(case, chart)),
        inputs=_inputs(case, chart) | {"target": target},
    )
