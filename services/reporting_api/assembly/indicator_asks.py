"""What is asked of the indicator service, and which indicators a section is about."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta

from services.reporting_api.assembly.brief import Brief
from services.reporting_api.assembly.evidence import Ask, IndicatorEntry, IndicatorItems, ask
from services.reporting_api.assembly.indicator_answers import (
    ConcernEntries,
    FocusLists,
    PositionRows,
    ProviderPage,
    RegisterYear,
    Registrations,
    Restatements,
)
from shared.schemas.exceptions import ExceptionsOut
from shared.schemas.figures import Measure, ThemedArea
from shared.schemas.framework.reporting import ReportSection, SectionKind
from shared.schemas.periods import Period, PeriodKind
from shared.schemas.series import SeriesPack

FIGURE_KINDS = (
    SectionKind.indicators, SectionKind.benchmarking, SectionKind.value_for_money, SectionKind.focus,
    SectionKind.workforce, SectionKind.restatements,
)  # fmt: skip
CATALOGUE = ask("indicator", "/v1/framework/indicators", IndicatorItems, limit="500")
# Answers long enough to be held and only asked after; their tags name what they say.
LONG = frozenset({CATALOGUE.path, "/v1/series", "/v1/positions"})
# A trend shows twelve; the year's end may lie a few months before it. Of a team the one before is enough.
NEWEST, NEWEST_OF_TEAMS = "16", "2"
# So many indicators one question may name.
_TOGETHER = 100


def exceptions(brief: Brief) -> Ask:
    return ask(
        "indicator", "/v1/exceptions", ExceptionsOut, period=brief.shared_period, area=brief.area, as_at=brief.as_at
    )


def focus(brief: Brief) -> Ask:
    return ask("indicator", "/v1/focus", FocusLists, period=brief.shared_period)


def registrations(brief: Brief) -> Ask:
    day = min(brief.occurrence.period_end, brief.today)
    return ask("indicator", "/v1/registrations/summary", Registrations, on=day.isoformat())


def concerns() -> Ask:
    return ask("indicator", "/v1/concerns", ConcernEntries, limit="200")


def register_year(brief: Brief, register: str) -> Ask:
    year = Period.containing(PeriodKind.academic_year, brief.occurrence.period_end)
    return ask("indicator", "/v1/concerns/overview", RegisterYear, provider_register=register, year=year.code)


def provider(code: str) -> Ask:
    return ask("indicator", f"/v1/providers/{code}", ProviderPage)


def restatements(brief: Brief) -> Ask | None:
    """What changed since the board was first shown any of it; None where it was never shown anything."""
    shown = brief.shown.at(protected=False).values()
    if not shown:
        return None
    since = min(one.published_at for of_one in shown for seen in of_one.values() for one in seen)
    until = brief.cut_off + timedelta(seconds=1)
    return ask(
        "indicator", "/v1/restatements", Restatements, since=since.isoformat(), until=until.isoformat(),
        area=brief.area, limit="500",
    )  # fmt: skip


def series(brief: Brief, codes: Sequence[str], areas: Iterable[str], newest: str) -> dict[str, Ask]:
    """Which question brings each indicator's series in these areas."""
    return _together(codes, lambda some: ask(
        "indicator", "/v1/series", SeriesPack, indicator=some, area=",".join(areas), to=brief.last_month,
        newest=newest, as_at=brief.as_at, marked="true",
    ))  # fmt: skip


def positions(brief: Brief, codes: Sequence[str]) -> dict[str, Ask]:
    """Which question tells where each indicator's figure stands beside others'."""
    return _together(codes, lambda some: ask(
        "indicator", "/v1/positions", PositionRows, indicator=some, period=brief.last_month, area=brief.area,
        limit="500", as_at=brief.as_at,
    ))  # fmt: skip


def _together(codes: Sequence[str], question: Callable[[str], Ask]) -> dict[str, Ask]:
    found: dict[str, Ask] = {}
    for start in range(0, len(codes), _TOGETHER):
        some = codes[start : start + _TOGETHER]
        found |= dict.fromkeys(some, question(",".join(some)))
    return found


def codes_for(brief: Brief, section: ReportSection, known: Mapping[str, IndicatorEntry]) -> list[str]:
    """The indicators of a section: those it names, by code, plan or focus area; else what its kind is about."""
    named = list(section.indicators)
    if section.plans or section.focus_areas:
        named += [
            code
            for code, entry in known.items()
            if set(entry.plans) & set(section.plans) or entry.focus_area in section.focus_areas
        ]
    if not (section.indicators or section.plans or section.focus_areas):
        named = _of_kind(brief, section, known)
    if section.kind is SectionKind.benchmarking:
        named = [code for code in named if code not in known or known[code].benchmarks]
    return list(dict.fromkeys(named))


def _of_kind(brief: Brief, section: ReportSection, known: Mapping[str, IndicatorEntry]) -> list[str]:
    match section.kind:
        case SectionKind.value_for_money:
            return [code for code, entry in known.items() if entry.measure == Measure.money]
        case SectionKind.workforce:
            return [code for code, entry in known.items() if entry.themed_area == ThemedArea.workforce_development]
        case SectionKind.restatements:
            return list(brief.shown.at(protected=False))
        case SectionKind.focus:
            return []
        case SectionKind.benchmarking:
            beside = [one for one in brief.report.sections if one.kind is SectionKind.indicators]
            if beside:
                return [code for one in beside for code in codes_for(brief, one, known)]
    return list(known)
