"""The sections that show figures: indicators beside their comparators, the workforce, money, and areas of focus."""

from __future__ import annotations

from collections.abc import Sequence

from services.reporting_api.assembly import indicator_asks as asks
from services.reporting_api.assembly.evidence import Ask
from services.reporting_api.assembly.figures import Told, figure_of, travel_counts
from services.reporting_api.assembly.gather import wanted_codes
from services.reporting_api.assembly.indicator_answers import FocusLists, Registrations
from services.reporting_api.assembly.protection import shown_together
from services.reporting_api.assembly.sections import Work
from services.reporting_api.assembly.team_figures import teams_of
from services.reporting_api.themed_areas import grouped
from services.reporting_api.words import counted, listed, period_words, sentence
from shared.clock import local_date
from shared.schemas.board_figures import BoardFigure, Travel
from shared.schemas.board_report import BoardSection
from shared.schemas.board_report_items import FocusItem, SummaryLine, TallyItem

# Every way a figure can travel, so that the counts add up to the number of indicators.
_WAYS: dict[Travel, str] = {
    "improving": "improving",
    "worsening": "worsening",
    "no_change": "unchanged",
    "rising": "rising (not judged)",
    "falling": "falling (not judged)",
    "unknown": "not known",
}
_CHECKS = {
    "required": "required", "valid": "valid", "lapsed": "lapsed", "missing": "missing",
    "expiring_90": "lapsing within 90 days",
}  # fmt: skip


def line(code: str, label: str, number: float) -> SummaryLine:
    return SummaryLine(code=code, label=label, value=number, display=f"{number:,.0f}")


def figures(work: Work) -> BoardSection:
    """Indicators, each with its trend, target, teams and comparators for the same period."""
    if work.brief.area is None:
        return work.unavailable("no_area")
    codes = wanted_codes(work.brief, work.evidence, [work.spec])
    section = work.start(_sources(work, codes))
    section.figures = told_figures(work, codes)
    if section.availability == "available":
        section.headline = headline_of(section.figures)
        section.groups = grouped(section.figures, headline_of)
    return section


def _sources(work: Work, codes: Sequence[str]) -> list[Ask]:
    """Each question once; without the dictionary nobody knows which indicators a section without names is about."""
    evidence = work.evidence
    kinds = [evidence.series, evidence.positions, *([evidence.team_series] if work.spec.teams else [])]
    found = list(dict.fromkeys(one[code] for one in kinds for code in codes if code in one))
    return found or ([asks.CATALOGUE] if evidence.data(asks.CATALOGUE) is None else [])


def told_figures(work: Work, codes: Sequence[str]) -> list[BoardFigure]:
    """The figures of these indicators that the indicator service could tell."""
    reasons = _focus_reasons(work)
    found = (_figure(work, code, reasons.get(code)) for code in codes)
    return [one for one in found if one is not None]


def _figure(work: Work, code: str, why: str | None) -> BoardFigure | None:
    brief, evidence = work.brief, work.evidence
    series = evidence.of_indicator(evidence.series, code)
    if series is None:
        return None
    position = evidence.of_indicator(evidence.positions, code)
    shown = brief.shown.at(protected=work.protected).get(code, {})
    told = Told(series, evidence.indicators.get(code), position, shown, why)
    kept = evidence.told.get(code)
    # Several sections show one indicator, and most read the same at both levels of disclosure.
    if kept is None or kept[0] != told:
        kept = evidence.told[code] = told, figure_of(told, brief.occurrence.period_end, str(brief.area))
    return _with_teams(work, kept[1]) if work.spec.teams else kept[1]


def _with_teams(work: Work, figure: BoardFigure) -> BoardFigure:
    """Beside the council's figure, where it has one, that of each team."""
    evidence, slot = work.evidence, (figure.indicator, figure.period)
    teams = evidence.of_indicator(evidence.team_series, figure.indicator) if figure.trend else None
    kept = evidence.teams.get(slot)
    if kept is None or kept[0] is not teams:
        kept = evidence.teams[slot] = teams, teams_of(teams, figure.period)
    # Copies: what is hidden of them at one level stays to be seen at the other.
    return figure.model_copy(update={"units": [one.model_copy() for one in kept[1]]})


def _focus_reasons(work: Work) -> dict[str, str]:
    """Why a Head of Service asks the board to look at an indicator; the first to name it speaks."""
    lists: FocusLists | None = work.evidence.data(asks.focus(work.brief))
    reasons: dict[str, str] = {}
    for one in lists.lists if lists else ():
        for item in one.items:
            for code in item.indicators:
                reasons.setdefault(code, f"{one.unit_name}: {work.written(item.why)}")
    return reasons


def headline_of(shown: Sequence[BoardFigure]) -> str:
    """One sentence on how a set of figures stands."""
    if not shown:
        return "No indicator belongs to this section yet."
    if all(one.value is None for one in shown):
        return sentence(f"no figure to show for {counted(len(shown), 'indicator')}")
    counts = travel_counts(shown)
    parts = [f"{counts[way]} {words}" for way, words in _WAYS.items() if counts[way]]
    words = f"{counted(len(shown), 'indicator')}, each against its figure before: {listed(parts)}"
    missed = sum(one.rag == "red" for one in shown)
    return sentence(f"{words}; {counted(missed, 'target')} missed" if missed else words)


def focus(work: Work) -> BoardSection:
    """What each Head of Service asks the board to look at, why, and the figures it comes down to (R49)."""
    question = asks.focus(work.brief)
    lists: FocusLists | None = work.evidence.data(question)
    section = work.start([question]) if lists is None else figures(work)
    if lists is None:
        return section
    section.sources = [work.evidence.source(question, work.records.readings), *section.sources]
    section.items = [
        FocusItem(
            unit=one.unit, unit_name=one.unit_name, title=item.title, why=work.written(item.why),
            indicators=item.indicators, carried_from=period_words(one.carried_from) if one.carried_from else None,
            named_on=local_date(one.named_at),
        )
        for one in lists.lists
        for item in one.items
    ]  # fmt: skip
    named = f"{counted(len(section.items), 'area')} of focus named by {counted(len(lists.lists), 'Head')} of Service"
    if not section.items:
        named = "no Head of Service has named an area of focus for this period"
    section.headline = sentence(named)
    return section


def workforce(work: Work) -> BoardSection:
    """The measures of the workforce, and how many of its required checks and registrations hold (R45, R46)."""
    section = figures(work)
    question = asks.registrations(work.brief)
    section.sources.append(work.evidence.source(question, work.records.readings))
    checks: Registrations | None = work.evidence.data(question)
    if checks is None:
        section.caveats.append("How many checks and registrations hold could not be read.")
        return section
    for kind in checks.by_kind:
        counts = [(getattr(kind, name), None) for name in _CHECKS]
        told = shown_together(counts, work.protected, work.brief.threshold)
        title = kind.kind.replace("_", " ")
        section.items += [
            TallyItem(
                **one.model_dump(), group=kind.kind, group_label=f"{title[:1].upper()}{title[1:]}", code=name,
                title=_CHECKS[name],
            )
            for name, one in zip(_CHECKS, told, strict=True)
        ]  # fmt: skip
    return section
