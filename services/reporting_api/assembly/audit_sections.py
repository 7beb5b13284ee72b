"""The sections that the audit service fills: the round, what audits found, and the actions they led to."""

from __future__ import annotations

from services.reporting_api.assembly.evidence import ActionRow, ActionRows
from services.reporting_api.assembly.gather import analysis_ask, coverage_asks, overdue_ask
from services.reporting_api.assembly.indicator_sections import line
from services.reporting_api.assembly.protection import shown
from services.reporting_api.assembly.sections import Work
from services.reporting_api.words import counted, date_words, in_period, period_words, sentence
from shared.schemas.audit_summary import AuditAnalysis, CoverageOut
from shared.schemas.board_report import BoardSection
from shared.schemas.board_report_items import ActionItem, GradeItem, SlotItem, StatementItem, SummaryLine

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
    asks = coverage_asks(work.brief, work.spec)
    section = work.start(asks)
    rounds: list[CoverageOut] = [data for one in asks if (data := work.evidence.data(one)) is not None]
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
    """Strengths first (R28), then the grades of each domain apart, so that process cannot mask outcome (R25)."""
    question = analysis_ask(work.brief)
    section = work.start([question])
    data: AuditAnalysis | None = work.evidence.data(question)
    if data is None:
        return section
    section.items = [
        *(StatementItem(group="strengths", group_label="Strengths", text=text) for text in data.strengths),
        *_grades(data),
        *_themes(data),
    ]
    found = data.findings
    section.summary = [
        line("audits", "Audits", data.audits),
        line("strengths", "Strengths", found.strengths),
        line("areas_for_improvement", "Areas for improvement", found.areas_for_improvement),
        line("concerns", "Concerns", found.concerns),
        *_voices(data),
    ]
    section.headline = sentence(
        f"{counted(data.audits, 'audit')} {in_period(data.period)} found {counted(found.strengths, 'strength')}, "
        f"{counted(found.areas_for_improvement, 'area')} for improvement and {counted(found.concerns, 'concern')}"
    )
    return section


def _grades(data: AuditAnalysis) -> list[GradeItem]:
    return [
        GradeItem(
            domain=domain.domain, domain_title=domain.title, grade=grade.grade, grade_label=grade.label,
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


def _voices(data: AuditAnalysis) -> list[SummaryLine]:
    """How often each view was heard in the audits (R15)."""
    return [
        SummaryLine(
            code=f"heard_{one.view_of}", label=f"View heard: {one.view_of.replace('_', ' ')}", value=one.heard,
            display=f"{one.heard} of {one.heard + one.not_heard}",
        )
        for one in data.voices
    ]  # fmt: skip


def actions(work: Work) -> BoardSection:
    """Where the actions stand, and each that is overdue: re-dating never hides one."""
    asks = [analysis_ask(work.brief), overdue_ask()]
    section = work.start(asks)
    data: AuditAnalysis | None = work.evidence.data(asks[0])
    rows: ActionRows | None = work.evidence.data(asks[1])
    if data is not None:
        now = data.actions
        section.summary = [
            line("open", "Open", now.open),
            line("overdue", "Overdue", now.overdue),
            line("completed", "Completed, impact awaited", now.completed),
            line("closed", "Closed", now.closed),
            line("with_impact_evidence", "With evidence of impact", now.with_impact_evidence),
        ]
        section.headline = sentence(
            f"{counted(now.open, 'action')} open, {now.overdue} of them overdue; {now.closed} closed"
        )
    if rows is not None:
        section.items = [_action(row) for row in rows.items]
        if rows.next:
            section.caveats.append("Only the first 100 overdue actions are listed.")
        section.headline = section.headline or sentence(f"{counted(len(rows.items), 'action')} overdue")
    return section


def _action(row: ActionRow) -> ActionItem:
    return ActionItem(
        id=row.id, title=row.title, unit=row.unit, owner=row.owner.post or row.owner.role,
        originally_due_on=row.original_due_on, due_on=row.due_on, status=row.status,
    )  # fmt: skip
