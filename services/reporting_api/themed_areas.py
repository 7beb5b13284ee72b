"""The four themed areas a pack is grouped by (R20): within a section of figures, and over the whole report."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from services.reporting_api.words import counted, listed, sentence
from shared.schemas.board_figures import BoardFigure
from shared.schemas.board_report import BoardSection, SectionGroup, ThemedAreaOut
from shared.schemas.board_report_items import ExceptionItem
from shared.schemas.figures import ThemedArea

TITLES: Mapping[str, str] = {
    ThemedArea.performance_management: "Performance management and oversight",
    ThemedArea.staff_and_service_user_feedback: "Staff and service-user feedback",
    ThemedArea.workforce_development: "Workforce development",
    ThemedArea.partnership_and_external_scrutiny: "Partnership and external scrutiny",
}
# Which area a section without figures of its own speaks of.
_OF_KIND = {
    "audit_round": ThemedArea.performance_management,
    "audit_findings": ThemedArea.performance_management,
    "actions": ThemedArea.performance_management,
    "compliance": ThemedArea.performance_management,
    "returns": ThemedArea.performance_management,
    "commitments": ThemedArea.performance_management,
    "recurrences": ThemedArea.performance_management,
    "feedback": ThemedArea.staff_and_service_user_feedback,
    "complaints": ThemedArea.staff_and_service_user_feedback,
    "participation": ThemedArea.staff_and_service_user_feedback,
    "surveys": ThemedArea.staff_and_service_user_feedback,
    "workforce_voice": ThemedArea.staff_and_service_user_feedback,
    "workforce": ThemedArea.workforce_development,
    "learning": ThemedArea.workforce_development,
    "contributions": ThemedArea.partnership_and_external_scrutiny,
    "challenges": ThemedArea.partnership_and_external_scrutiny,
    "providers": ThemedArea.partnership_and_external_scrutiny,
    "benchmarking": ThemedArea.partnership_and_external_scrutiny,
}


def grouped(figures: Sequence[BoardFigure], headline: Callable[[Sequence[BoardFigure]], str]) -> list[SectionGroup]:
    """The figures by themed area; no groups where all belong to one."""
    found = []
    for area, title in TITLES.items():
        here = [one for one in figures if one.themed_area == area]
        if here:
            codes = [one.indicator for one in here]
            found.append(SectionGroup(code=area, title=title, headline=headline(here), indicators=codes))
    return found if len(found) > 1 else []


def mark_areas(section: BoardSection) -> None:
    """Which of the four areas a section speaks of: by what it is about, its figures and its exceptions."""
    found = {str(one.themed_area) for one in section.figures if one.themed_area}
    found |= {one.themed_area for one in section.items if isinstance(one, ExceptionItem)}
    if section.kind in _OF_KIND:
        found.add(_OF_KIND[section.kind])
    section.themed_areas = [area for area in TITLES if area in found]


def overview(sections: Sequence[BoardSection]) -> list[ThemedAreaOut]:
    """What the report brings for each of the four, said outright where it brings nothing."""
    return [_area(area, title, sections) for area, title in TITLES.items()]


def _area(area: str, title: str, sections: Sequence[BoardSection]) -> ThemedAreaOut:
    speaking = [one for one in sections if area in one.themed_areas]
    figures = {
        one.indicator: one for section in speaking for one in section.figures if one.themed_area == area
    }.values()
    parts = [counted(len(figures), "indicator")] if figures else []
    for travel in ("improving", "worsening"):
        count = sum(one.direction_of_travel == travel for one in figures)
        parts += [f"{count} {travel}"] if count else []
    exceptions = sum(
        isinstance(one, ExceptionItem) and one.themed_area == area and one.status != "resolved"
        for section in speaking
        for one in section.items
    )
    parts += [counted(exceptions, "exception")] if exceptions else []
    others = [one.title for one in speaking if not one.figures and one.kind != "exceptions"]
    words = ", ".join(parts + ([f"and what {listed(others)} say" if parts else listed(others)] if others else []))
    return ThemedAreaOut(
        code=area, title=title, sections=[one.code for one in speaking], figures=len(figures),
        headline=sentence(words) or "This report brings nothing for this area.",
    )  # fmt: skip
