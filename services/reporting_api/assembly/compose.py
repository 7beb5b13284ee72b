"""Puts a report together out of its sections: the same material always gives the same content."""

from __future__ import annotations

from dataclasses import replace

from services.reporting_api.assembly import (
    actions_section,
    aim_sections,
    audit_sections,
    complaints_section,
    compliance_section,
    contribution_section,
    cycle_sections,
    exceptions_section,
    family_sections,
    feedback_sections,
    indicator_sections,
    matters_section,
    own_sections,
    participation_section,
    providers_section,
    restatements_section,
    returns_section,
    voice_sections,
    year_sections,
)
from services.reporting_api.assembly.brief import Brief
from services.reporting_api.assembly.evidence import Evidence
from services.reporting_api.assembly.family_sections import families_of, silent_families
from services.reporting_api.assembly.material import Material
from services.reporting_api.assembly.protection import protect_evidence
from services.reporting_api.assembly.sections import Beside, Build, Work, part_missing
from services.reporting_api.disclosure import headlines_of
from services.reporting_api.document import CLOSING_QUESTIONS
from services.reporting_api.themed_areas import mark_areas, overview
from services.reporting_api.words import date_words, period_words, reason_words, sentence
from shared.clock import local_date
from shared.logging import get_logger
from shared.schemas.board_report import BoardRef, BoardReport, BoardSection, PeriodRef
from shared.schemas.figures import SourceFamily
from shared.schemas.framework.reporting import Board, ReportSection, SectionKind

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
    SectionKind.actions: actions_section.actions,
    SectionKind.feedback: feedback_sections.feedback,
    SectionKind.complaints: complaints_section.complaints,
    SectionKind.participation: participation_section.participation,
    SectionKind.matters_arising: matters_section.matters_arising,
    SectionKind.compliance: compliance_section.compliance,
    SectionKind.schedule: own_sections.schedule,
    SectionKind.contributions: contribution_section.contributions,
    SectionKind.narrative: own_sections.narrative,
    SectionKind.returns: returns_section.returns,
    SectionKind.commitments: cycle_sections.commitments,
    SectionKind.recurrences: cycle_sections.recurrences,
    SectionKind.learning: cycle_sections.learning,
    SectionKind.challenges: voice_sections.challenges,
    SectionKind.surveys: voice_sections.surveys,
    SectionKind.workforce_voice: voice_sections.workforce_voice,
}
# Made of the report's other sections, when those stand.
_SUMS: dict[SectionKind, Build] = {
    SectionKind.source_coverage: family_sections.source_coverage,
    SectionKind.aims: aim_sections.aims,
    SectionKind.last_year: year_sections.last_year,
    SectionKind.grounds: year_sections.grounds,
}


def compose(
    material: Material, *, report_id: str, edition: int, protected: bool, before: BoardReport | None
) -> BoardReport:
    """The content for one level of disclosure. `before` is the draft so far: what cannot be read now stays, marked."""
    brief, occurrence = material.brief, material.brief.occurrence
    if protected:
        material = replace(material, evidence=protect_evidence(material.evidence, brief.threshold))
    evidence = material.evidence
    sections, families = _sections(material, protected, before)
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
        headlines=headlines_of(sections), doing_the_right_things=None, making_a_difference=None, sections=sections,
        participation=participation_section.statement(brief, evidence, protected=protected, before=before),
        themed_areas=overview(sections),
        source_families={family.value: family.value in families for family in SourceFamily},
        caveats=[
            *_as_at(brief),
            *_caveats(sections, protected, silent_families(brief.report.source_families, families)),
        ],
        missing=_missing(sections),
        attribution=_attribution(sections, evidence), content_hash="",
    )  # fmt: skip


def _specs(material: Material) -> list[ReportSection]:
    """The sections of the definition, and matters arising where there are any and it has no place for them."""
    specs = list(material.brief.report.sections)
    placed = any(spec.kind is SectionKind.matters_arising for spec in specs)
    return specs if placed or not material.records.matters else [*specs, matters_section.APPENDED]


def _sections(
    material: Material, protected: bool, before: BoardReport | None
) -> tuple[list[BoardSection], dict[str, list[str]]]:
    """All sections in their order, those that sum up the others made last; and what each source family brought."""
    works = [
        Work(material.brief, spec, material.evidence, material.records, protected)
        for spec in _specs(material)
        if not (spec.kind is SectionKind.narrative and spec.code in CLOSING_QUESTIONS)
    ]
    made: dict[str, BoardSection] = {}
    families: dict[str, list[str]] = {}
    for work in works:
        if work.spec.kind not in _SUMS:
            section = made[work.spec.code] = _kept_if_lost(_built(work), before)
            mark_areas(section)
            for family in families_of(work, section):
                families.setdefault(family.value, []).append(section.title)
    beside = Beside(list(made.values()), families)
    for work in works:
        if work.spec.kind in _SUMS:
            made[work.spec.code] = _kept_if_lost(_built(replace(work, beside=beside)), before)
    for work in works:
        made[work.spec.code].exempt_reason = work.spec.exempt
    return [made[work.spec.code] for work in works], families


def _built(work: Work) -> BoardSection:
    """A section; where an answer had the right form and made no sense, it is unavailable like any other lost one."""
    build = _SUMS.get(work.spec.kind) or _BUILD[work.spec.kind]
    try:
        return build(work)
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
    # A copy: what is hidden in it must stay to be seen in the draft it is compared with.
    return held.model_copy(
        update={"availability": "stale", "unavailable_reason": section.unavailable_reason, "sources": sources},
        deep=True,
    )


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


def _caveats(sections: list[BoardSection], protected: bool, silent: str) -> list[str]:
    found = ["Small numbers are hidden (c) so that nobody can be recognised."] if protected else []
    for section in sections:
        if section.availability == "stale":
            then = f"as of {date_words(section.as_of.date())}" if section.as_of else "as last read"
            found.append(sentence(f"{section.title}: shown {then}; {reason_words(section.unavailable_reason)}"))
    if silent:
        found.append(sentence(f"this report was to rest on these sources too, and they brought nothing: {silent}"))
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
