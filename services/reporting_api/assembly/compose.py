"""Puts a report together out of its sections: the same brief and evidence always give the same content."""

from __future__ import annotations

from services.reporting_api.assembly import (
    audit_sections,
    exceptions_section,
    feedback_sections,
    indicator_sections,
    own_sections,
    participation_section,
    providers_section,
    restatements_section,
    themes,
)
from services.reporting_api.assembly.brief import Brief
from services.reporting_api.assembly.evidence import Evidence
from services.reporting_api.assembly.protection import protect_evidence
from services.reporting_api.assembly.sections import Build, Work, part_missing
from services.reporting_api.document import CLOSING_QUESTIONS
from services.reporting_api.words import date_words, period_words, reason_words, sentence
from shared.clock import local_date
from shared.logging import get_logger
from shared.schemas.board_report import BoardRef, BoardReport, BoardSection, PeriodRef
from shared.schemas.figures import SourceFamily
from shared.schemas.framework.reporting import Board, SectionKind

_log = get_logger(__name__)
_BUILD: dict[SectionKind, Build] = {
    SectionKind.exceptions: exceptions_section.exceptions,
    SectionKind.indicators: indicator_sections.figures,
    SectionKind.benchmarking: indicator_sections.figures,
    SectionKind.value_for_money: indicator_sections.figures,
    SectionKind.focus: indicator_sections.focus,
    SectionKind.workforce: indicator_sections.workforce,
    SectionKind.restatements: restatements_section.restatements,
    SectionKind.providers: providers_section.providers,
    SectionKind.audit_round: audit_sections.audit_round,
    SectionKind.audit_findings: audit_sections.audit_findings,
    SectionKind.actions: audit_sections.actions,
    SectionKind.feedback: feedback_sections.feedback,
    SectionKind.complaints: feedback_sections.complaints,
    SectionKind.participation: participation_section.participation,
    SectionKind.compliance: own_sections.compliance,
    SectionKind.schedule: own_sections.schedule,
    SectionKind.contributions: own_sections.contributions,
    SectionKind.narrative: own_sections.narrative,
    SectionKind.returns: own_sections.narrative,
}
_AUDIT_KINDS = ("audit_round", "audit_findings")


def compose(
    brief: Brief, evidence: Evidence, *, report_id: str, edition: int, protected: bool, before: BoardReport | None
) -> BoardReport:
    """The content for one level of disclosure. `before` is the draft so far: what cannot be read now stays, marked."""
    if protected:
        evidence = protect_evidence(evidence, brief.threshold)
    sections = []
    families: set[str] = set()
    for spec in brief.report.sections:
        if spec.kind is SectionKind.narrative and spec.code in CLOSING_QUESTIONS:
            continue
        work = Work(brief, spec, evidence, protected)
        section = _kept_if_lost(_built(work), before)
        themes.mark_areas(section)
        sections.append(section)
        families |= _families(work, section)
    occurrence = brief.occurrence
    # Its hash is taken when what people wrote lies over it.
    return BoardReport(
        id=report_id, report=brief.report.code, title=brief.report.title, rows=list(brief.report.row),
        board=_ref(brief.boards[0]), audiences=[_ref(board) for board in brief.boards],
        period=PeriodRef(
            code=occurrence.period, label=period_words(occurrence.period), start=occurrence.period_start,
            end=occurrence.period_end,
        ),
        version=edition, status="draft", as_of=brief.cut_off, due_on=occurrence.due_on,
        disclosure="protected" if protected else "full",
        headlines=[f"{one.title}: {one.headline}" for one in sections if one.headline], doing_the_right_things=None,
        making_a_difference=None, sections=sections,
        participation=participation_section.statement(brief, evidence, protected=protected, before=before),
        themed_areas=themes.overview(sections),
        source_families={family.value: family.value in families for family in SourceFamily},
        caveats=[*_as_at(brief), *_caveats(sections, protected)], missing=_missing(sections),
        attribution=_attribution(sections, evidence), content_hash="",
    )  # fmt: skip


def _built(work: Work) -> BoardSection:
    """A section; where an answer had the right form and made no sense, it is unavailable like any other lost one."""
    try:
        return _BUILD[work.spec.kind](work)
    except (ValueError, KeyError, ArithmeticError) as error:
        _log.warning("section_unreadable", kind=work.spec.kind, error=type(error).__name__)
        return work.unavailable("wrong_schema")


def _ref(board: Board) -> BoardRef:
    return BoardRef(code=board.code, name=board.name, aliases=list(board.aliases))


def _kept_if_lost(section: BoardSection, before: BoardReport | None) -> BoardSection:
    """Where a source has gone since the last draft, its section stays as it was, marked stale."""
    if section.availability != "unavailable" or before is None:
        return section
    held = next((one for one in before.sections if one.code == section.code), None)
    if held is None or held.availability == "unavailable":
        return section
    sources = [
        source.model_copy(update={"availability": "stale", "reason": section.unavailable_reason})
        for source in held.sources
    ]
    return held.model_copy(
        update={"availability": "stale", "unavailable_reason": section.unavailable_reason, "sources": sources}
    )


def _families(work: Work, section: BoardSection) -> set[str]:
    """The source families that a section brings something from (R06)."""
    if section.availability == "unavailable":
        return set()
    found = {
        str(entry.source_family)
        for figure in section.figures
        if figure.value is not None and (entry := work.evidence.indicators.get(figure.indicator))
    }
    if section.kind in _AUDIT_KINDS and any(one.code in ("audits", "done") and one.value for one in section.summary):
        found.add(SourceFamily.case_records.value)
    if section.kind == "feedback":
        found |= feedback_sections.families_heard(work)
    return found


def _missing(sections: list[BoardSection]) -> list[str]:
    """What a reader will not find, and why: never a nought in its place."""
    found = []
    for section in sections:
        silent = [one for one in section.sources if one.availability == "unavailable"]
        if section.availability == "unavailable":
            found.append(sentence(f"{section.title}: {reason_words(section.unavailable_reason)}"))
        elif silent:
            found.append(f"{section.title}: {part_missing(section.sources)}")
    return found


def _as_at(brief: Brief) -> list[str]:
    """Said where the figures are not of now: the other services cannot be asked how they stood."""
    if brief.as_at is None:
        return []
    day = date_words(local_date(brief.cut_off))
    return [f"Indicators stand as at the end of {day}; audits and feedback as of the time their sections give."]


def _caveats(sections: list[BoardSection], protected: bool) -> list[str]:
    found = ["Small numbers are hidden (c) so that nobody can be recognised."] if protected else []
    for section in sections:
        if section.availability == "stale":
            then = f"as of {date_words(section.as_of.date())}" if section.as_of else "as last read"
            found.append(sentence(f"{section.title}: shown {then}; {reason_words(section.unavailable_reason)}"))
    return found


def _attribution(sections: list[BoardSection], evidence: Evidence) -> list[str]:
    """Whose published figures the report shows."""
    publishers = {
        entry.disclosure.published_by
        for section in sections
        for figure in section.figures
        if (entry := evidence.indicators.get(figure.indicator)) and entry.disclosure.published_by
    }
    return [f"Includes figures published by {name}." for name in sorted(publishers)]
