"""The framework's two questions and its four aims, each with what the report's other sections say to it (R09)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from services.reporting_api.assembly import evidence_asks as asks
from services.reporting_api.assembly.figures import travel_counts
from services.reporting_api.assembly.sections import Beside, Work
from services.reporting_api.words import counted, in_period, listed, sentence
from shared.schemas.audit_summary import AuditAnalysis
from shared.schemas.board_figures import BoardFigure
from shared.schemas.board_report import BoardSection
from shared.schemas.board_report_items import StatementItem
from shared.schemas.figures import Measure
from shared.schemas.framework.reporting import SectionKind

QUESTIONS: Mapping[str, str] = {
    "right_things": "Are we doing the right things?",
    "making_a_difference": "Are we making a difference?",
    "safe": "Are children safe?",
    "better_outcomes": "Are their outcomes better?",
    "cost_effective": "Is it cost effective?",
    "consistent": "Is it consistent?",
}
NOTHING = "Nothing in this report speaks to this."
# Sections whose headline is itself an answer.
_HEADLINES: Mapping[str, tuple[SectionKind, ...]] = {
    "right_things": (
        SectionKind.exceptions, SectionKind.focus, SectionKind.commitments, SectionKind.recurrences,
        SectionKind.challenges, SectionKind.participation,
    ),
    "making_a_difference": (SectionKind.learning, SectionKind.actions),
    "consistent": (SectionKind.audit_round,),
}  # fmt: skip
_MOST = 5


def aims(work: Work) -> BoardSection:
    """Under each question the sentences of this report that bear on it; the writer answers from them."""
    section = work.blank()
    found = {aim: [*_headlines(aim, work.beside), *_from_evidence(aim, work)] for aim in QUESTIONS}
    section.items = [
        StatementItem(group=aim, group_label=label, text=text)
        for aim, label in QUESTIONS.items()
        for text in found[aim] or [NOTHING]
    ]
    empty = [f"“{label}”" for aim, label in QUESTIONS.items() if not found[aim]]
    words = f"the report speaks to {len(QUESTIONS) - len(empty)} of the {len(QUESTIONS)} questions"
    section.headline = sentence(f"{words}; not to {listed(empty)}" if empty else words)
    return section


def _headlines(aim: str, beside: Beside) -> list[str]:
    kinds = _HEADLINES.get(aim, ())
    return [f"{one.title}: {one.headline}" for kind in kinds for one in beside.of_kind(kind) if one.headline]


def _from_evidence(aim: str, work: Work) -> list[str]:
    figures = {figure.indicator: figure for one in work.beside.sections for figure in one.figures}
    match aim:
        case "safe":
            return [*_travelling(work, figures, "focus_area", work.spec.focus_areas), *_inadequate(work)]
        case "better_outcomes":
            return [*_travelling(work, figures, "information_type", ("outcome",)), *_outcomes_audited(work)]
        case "cost_effective":
            money = [one for one in figures.values() if one.measure == Measure.money and one.value is not None]
            return [one.sentence for one in money[:_MOST]]
        case "consistent":
            return list(_apart(figures))
    return []


def _travelling(work: Work, figures: Mapping[str, BoardFigure], field: str, wanted: tuple[str, ...]) -> Iterator[str]:
    """How the figures of one sort travel and how many miss their target."""
    known = work.evidence.indicators
    chosen = [one for code, one in figures.items() if code in known and getattr(known[code], field) in wanted]
    if not any(one.value is not None for one in chosen):
        return
    counts = travel_counts(chosen)
    better, worse = counts["improving"], counts["worsening"]
    missed = sum(one.rag == "red" for one in chosen)
    words = f"of {counted(len(chosen), 'indicator')} on this, {better} improving and {worse} worsening"
    yield sentence(f"{words}; {counted(missed, 'target')} missed" if missed else words)
    yield from [one.sentence for one in chosen if one.direction_of_travel == "worsening"][:_MOST]


def _analyses(work: Work) -> Iterator[AuditAnalysis]:
    """What audits found, of each section of the report that asked."""
    for spec in work.brief.report.sections:
        if spec.kind is SectionKind.audit_findings:
            found: AuditAnalysis | None = work.evidence.data(asks.analysis(work.brief, spec.tool))
            if found is not None:
                yield found


def _inadequate(work: Work) -> Iterator[str]:
    for data in _analyses(work):
        worst = sum(one.count or 0 for domain in data.domains for one in domain.grades if one.ofsted == "inadequate")
        if data.audits:
            audits = counted(data.audits, "audit")
            yield sentence(f"of {audits} {in_period(data.period)}, {counted(worst, 'domain grade')} Inadequate")


def _outcomes_audited(work: Work) -> Iterator[str]:
    """Whether audits found that life got better: the grade of the tools' own domain on outcomes (R25)."""
    for data in _analyses(work):
        for domain in data.domains:
            if domain.domain == "outcomes" and domain.good_percent is not None:
                words = f"{domain.title}: {domain.good_percent:.0f}% of {domain.graded} audits graded good or better"
                yield sentence(f"{words}; {domain.movement}" if domain.movement else words)


def _apart(figures: Mapping[str, BoardFigure]) -> Iterator[str]:
    """How far apart the teams lie, of the measures that are shown team by team."""
    spread = []
    for one in figures.values():
        told = sorted((unit for unit in one.units if unit.value is not None), key=lambda unit: unit.value or 0)
        if len(told) > 1 and (told[-1].value or 0) > (told[0].value or 0):
            low, high = told[0], told[-1]
            words = f"{one.title}: from {low.display} ({low.name}) to {high.display} ({high.name})"
            spread.append(sentence(f"{words} between {len(told)} teams"))
    yield from spread[:_MOST]
