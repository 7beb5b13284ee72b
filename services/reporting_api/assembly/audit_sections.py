"""The sections that the audit service fills: the round, what audits found, and the actions they led to."""

from __future__ import annotations

from services.reporting_api.assembly import evidence_asks as asks
from services.reporting_api.assembly.indicator_sections import line
from services.reporting_api.assembly.protection import shown
from services.reporting_api.assembly.sections import Work
from services.reporting_api.words import counted, date_words, in_period, listed, period_words, sentence
from shared.schemas.audit_summary import AuditAnalysis, CoverageOut
from shared.schemas.board_report import BoardSection
from shared.schemas.board_report_items import GradeItem, SlotItem, StatementItem, SummaryLine

_FOUND = {"strengths": "Strengths", "areas_for_improvement": "Areas for improvement", "concerns": "Concerns"}
_VIEWS = {
    "child": "Child",
    "parent_carer": "Parent or carer",
    "icrs": "Independent Conference and Reviewing Service",
}
_SLOT_WORDS = {
    "expected": "expected",
    "done": "done on time",
    "late_done": "done late",
    "overdue": "overdue",
    "missed": "missed",
    "void": "void",
}


def audit_round(work: Work) -> BoardSection:
    """Each team's place in the rounds of the period; a round is green only when all are done on time."""
    if work.spec.programme is None:
        return work.unavailable("not_offered")
    wanted = asks.rounds(work.brief, work.spec)
    section = work.start(wanted)
    rounds: list[CoverageOut] = [data for one in wanted if (data := work.evidence.data(one)) is not None]
    if not rounds:
        return section
    section.items = [
        SlotItem(
            period=one.period, period_label=period_words(one.period), unit=slot.unit, unit_name=slot.unit_name,
            state=slot.state, state_label=_SLOT_WORDS[slot.state], submitted_on=slot.submitted_on,
            void_reason=slot.void_reason,
        )
        for one in rounds
        for slot in one.slots
    ]  # fmt: skip
    totals = {
        name: sum(getattr(one, name) for one in rounds)
        for name in ("expected", "done", "on_time", "late", "missed", "void")
    }
    labels = {"expected": "Audits expected", "done": "Done", "on_time": "Done on time", "late": "Late",
              "missed": "Missed", "void": "Void"}  # fmt: skip
    section.summary = [line(name, labels[name], totals[name]) for name in labels]
    section.headline = _round_headline(rounds, totals)
    return section


def _round_headline(rounds: list[CoverageOut], totals: dict[str, int]) -> str:
    due = totals["expected"] - totals["void"]
    if len(rounds) > 1:
        green = sum(one.rag == "green" for one in rounds)
        return sentence(f"{totals['done']} of {due} audits done in {len(rounds)} rounds, {green} of them green")
    one = rounds[0]
    if one.rag == "not_started":
        return sentence(f"the round {in_period(one.period)} has not begun; it is due on {date_words(one.due_on)}")
    words = f"{totals['done']} of {due} audits done {in_period(one.period)}, {totals['on_time']} of them on time"
    return sentence(f"{words}: {one.rag}")


def audit_findings(work: Work) -> BoardSection:
    """Strengths first (R28), what to improve beside them, and each domain's grades apart: process masks no outcome."""
    question = asks.analysis(work.brief, work.spec.tool)
    section = work.start([question])
    data: AuditAnalysis | None = work.evidence.data(question)
    if data is None:
        return section
    section.items = [
        *(one for group in _FOUND for one in _titles(data, group)),
        *_grades(data),
        *_themes(data),
        *_since(data),
        *_practice(data),
    ]
    found = data.findings
    section.summary = [
        line("audits", "Audits", data.audits),
        *(line(group, label, getattr(found, group)) for group, label in _FOUND.items()),
        *_voices(data),
        *([line("repeats", "Findings that repeat an earlier one", data.repeats)] if data.repeats is not None else ()),
    ]
    section.headline = sentence(
        f"{counted(data.audits, 'audit')} {in_period(data.period)} found {counted(found.strengths, 'strength')}, "
        f"{counted(found.areas_for_improvement, 'area')} for improvement and {counted(found.concerns, 'concern')}"
        f"{_inadequate(data)}"
    )
    return section


def _titles(data: AuditAnalysis, group: str) -> list[StatementItem]:
    """What was found, by its titles; where equal ones stand once, the heading says of how many findings."""
    titles, found = getattr(data, group), getattr(data.findings, group)
    merged = f" ({counted(len(titles), 'different title')} of {found})" if len(titles) < found else ""
    return [StatementItem(group=group, group_label=f"{_FOUND[group]}{merged}", text=text) for text in titles]


def _inadequate(data: AuditAnalysis) -> str:
    """The worst grades, of whatever name a tool gives them; a hidden count is not told."""
    number = sum(one.count or 0 for domain in data.domains for one in domain.grades if one.ofsted == "inadequate")
    return f"; {counted(number, 'domain grade')} Inadequate" if number else ""


def _grades(data: AuditAnalysis) -> list[GradeItem]:
    return [
        GradeItem(
            domain=domain.domain, domain_title=domain.title, grade=grade.grade, grade_label=grade.label,
            ofsted=grade.ofsted,
            **shown(grade.count, grade.value_status).model_dump(),
        )
        for domain in data.domains
        for grade in domain.grades
    ]  # fmt: skip


def _themes(data: AuditAnalysis) -> list[StatementItem]:
    return [
        StatementItem(group="themes", group_label="Themes", text=f"{theme.title}: {counted(theme.count, 'finding')}")
        for theme in data.findings.themes
    ]


def _since(data: AuditAnalysis) -> list[StatementItem]:
    """How each domain moved since the period before."""
    return [
        StatementItem(group="since", group_label="Since the period before", text=f"{one.title}: {one.movement}")
        for one in data.domains
        if one.graded and one.movement
    ]


def _practice(data: AuditAnalysis) -> list[StatementItem]:
    """Who took no part in the audits (R24), and how far two graders agreed (METHODS 2.12)."""
    label = "How the audits were done"
    found = []
    absent = [one.level.replace("_", " ") for one in data.levels if one.missing]
    if absent and data.audits:
        found.append(sentence(f"nobody of these levels took part: {listed(absent)}"))
    total = data.agreement.total if data.agreement else None
    if total is not None and total.withheld is None and total.exact_percent is not None:
        kappa = f", weighted kappa {total.kappa:.2f}" if total.kappa is not None else ""
        found.append(
            sentence(
                f"first and second grades were the same in {total.exact_percent:.0f}% of {total.pairs} pairs{kappa}"
            )
        )
    return [StatementItem(group="practice", group_label=label, text=text) for text in found]


def _voices(data: AuditAnalysis) -> list[SummaryLine]:
    """How often each view was heard in the audits (R15)."""
    return [
        SummaryLine(
            code=f"heard_{one.view_of}", label=f"View heard: {_VIEWS[one.view_of]}", value=one.heard,
            display=f"{one.heard} of {one.heard + one.not_heard}",
        )
        for one in data.voices
    ]  # fmt: skip
