"""Which of the five families of sources a report rests on and what each brought (R06)."""

from __future__ import annotations

from services.reporting_api.assembly import evidence_asks as asks
from services.reporting_api.assembly.audit_answers import ToolRows
from services.reporting_api.assembly.feedback_sections import families_heard
from services.reporting_api.assembly.sections import Work
from services.reporting_api.words import counted, listed, sentence
from shared.schemas.audit_summary import AuditAnalysis
from shared.schemas.board_evidence_items import FamilyItem
from shared.schemas.board_report import BoardSection
from shared.schemas.figures import SourceFamily
from shared.schemas.framework.reporting import SectionKind

LABELS = {
    SourceFamily.children_parents_and_carers: "Children, parents and carers",
    SourceFamily.staff_and_managers: "Front-line staff and managers",
    SourceFamily.case_records: "Case records",
    SourceFamily.management_information: "Management information",
    SourceFamily.thematic_audits: "Thematic audits",
}
_OF_CASES = {"single_case", "sample"}
# Counts in a section's summary that show a family spoke, however few the people behind them.
_SPOKE = {
    SectionKind.complaints: (("received", "compliments"), SourceFamily.children_parents_and_carers),
    SectionKind.participation: (("activities",), SourceFamily.children_parents_and_carers),
    SectionKind.audit_round: (("done",), SourceFamily.case_records),
}


def families_of(work: Work, section: BoardSection) -> set[SourceFamily]:
    """The families that a section brings something from; none of a section that could not be read."""
    if section.availability == "unavailable":
        return set()
    found = {
        SourceFamily(str(entry.source_family))
        for figure in section.figures
        if figure.value is not None and (entry := work.evidence.indicators.get(figure.indicator)) is not None
    }
    codes, family = _SPOKE.get(work.spec.kind, ((), None))
    if family and any(one.code in codes and one.display not in ("0", "x") for one in section.summary):
        found.add(family)
    found |= {family for item in section.items if (family := _of_item(work, item.type, item)) is not None}
    if work.spec.kind is SectionKind.audit_findings:
        found |= _audited(work)
    if work.spec.kind in (SectionKind.feedback, SectionKind.workforce_voice):
        heard = families_heard(work)
        staff = {SourceFamily.staff_and_managers}
        found |= heard & staff if work.spec.kind is SectionKind.workforce_voice else heard
    return found


def _of_item(work: Work, kind: str, item: object) -> SourceFamily | None:
    """What one row brings: the answers of a survey, cases audited by several agencies, what a board asked."""
    if kind == "survey_result":
        entry = work.evidence.indicators.get(getattr(item, "indicator", ""))
        return SourceFamily(str(entry.source_family)) if entry and entry.source_family else None
    if kind == "commitment":
        return SourceFamily.thematic_audits if getattr(item, "completed", 0) else None
    return SourceFamily.management_information if kind == "challenge" else None


def _audited(work: Work) -> set[SourceFamily]:
    """Case records, or thematic audits where the tools used are for those alone."""
    data: AuditAnalysis | None = work.evidence.data(asks.analysis(work.brief, work.spec.tool))
    if data is None or not data.audits:
        return set()
    known: ToolRows | None = work.evidence.data(asks.tools())
    types = {one.code: set(one.audit_types) for one in known.items} if known else {}
    used = {one.tool for one in data.questions if one.answered} or {work.spec.tool or ""}
    about_cases = {tool for tool in used if tool not in types or types[tool] & _OF_CASES}
    return {
        *((SourceFamily.case_records,) if about_cases else ()),
        *((SourceFamily.thematic_audits,) if used - about_cases else ()),
    }


def source_coverage(work: Work) -> BoardSection:
    """Each family: whether the report was to rest on it, whether it did, and in which sections."""
    section = work.blank()
    expected = set(work.brief.report.source_families)
    section.items = [
        FamilyItem(
            family=family.value, label=LABELS[family], expected=family in expected,
            contributed=family.value in work.beside.families, sections=work.beside.families.get(family.value, []),
        )
        for family in SourceFamily
    ]  # fmt: skip
    spoke = sum(family.value in work.beside.families for family in SourceFamily)
    words = f"{spoke} of {counted(len(LABELS), 'family', 'families')} of sources brought something"
    silent = silent_families(work.brief.report.source_families, work.beside.families)
    section.headline = sentence(f"{words}; silent although expected: {silent}" if silent else words)
    return section


def silent_families(expected: tuple[SourceFamily, ...], families: dict[str, list[str]]) -> str:
    """The families a report was to rest on and does not, in words; empty where there is none."""
    return listed([LABELS[family].lower() for family in SourceFamily if family in expected and family not in families])
