"""What is asked of the audit and feedback services, section by section."""

from __future__ import annotations

from collections.abc import Callable

from services.reporting_api.assembly import audit_answers as audit
from services.reporting_api.assembly import feedback_answers as feedback
from services.reporting_api.assembly.brief import Brief
from services.reporting_api.assembly.evidence import ActionRows, Ask, ask
from shared.schemas.audit_summary import AuditAnalysis, CoverageOut
from shared.schemas.feedback_summary import FeedbackSummary
from shared.schemas.framework.reporting import ReportSection, SectionKind
from shared.schemas.participation_statement import ParticipationRecord
from shared.schemas.periods import Period, PeriodKind

# The feedback service produces a complaints report for these; between them its summary has to do.
_COMPLAINT_PERIODS = (PeriodKind.financial_quarter, PeriodKind.financial_year)
_MOST = "500"


def analysis(brief: Brief, tool: str | None = None) -> Ask:
    """Of all audits of the period, or of those with one tool."""
    return ask("audit", "/v1/analysis", AuditAnalysis, period=brief.shared_period, tool=tool)


def tools() -> Ask:
    return ask("audit", "/v1/tools", audit.ToolRows, limit=_MOST)


def summary(brief: Brief) -> Ask:
    return ask("feedback", "/v1/summary", FeedbackSummary, period=brief.shared_period)


def statement(brief: Brief) -> Ask:
    return ask("feedback", "/v1/participation-statement", ParticipationRecord, period=brief.shared_period)


def rounds(brief: Brief, section: ReportSection) -> list[Ask]:
    return [
        ask("audit", "/v1/coverage", CoverageOut, programme=section.programme, period=month) for month in brief.months
    ]


def overdue_actions() -> Ask:
    return ask("audit", "/v1/actions", ActionRows, status="overdue", limit="100")


def commitments(brief: Brief, section: ReportSection) -> list[Ask]:
    """Of the financial year the period ends in, each promise the section names."""
    year = Period.containing(PeriodKind.financial_year, brief.occurrence.period_end).code
    return [ask("audit", f"/v1/commitments/{code}", audit.Commitment, year=year) for code in section.commitments]


def loop_closure(brief: Brief) -> Ask:
    return ask("audit", "/v1/loop-closure", audit.LoopClosure, period=brief.shared_period)


def overdue_by_body() -> Ask:
    return ask("audit", "/v1/actions/overdue-by-body", audit.OverdueByBody)


def recurrences(brief: Brief) -> Ask:
    return ask("audit", "/v1/recurrences", audit.Recurrences, period=brief.shared_period)


def learning() -> Ask:
    return ask("audit", "/v1/learning", audit.LearningRows, status="disseminated", limit=_MOST)


def training(brief: Brief) -> Ask:
    return ask("audit", "/v1/learning/training-coverage", audit.TrainingCoverage, period=brief.shared_period)


def challenges(brief: Brief) -> list[Ask]:
    """Those of the boards the report goes to, where they challenge; else everybody's: raised by the period's end."""
    own: list[str | None] = [board.code for board in brief.boards if board.challenges]
    last = brief.occurrence.period_end.isoformat()
    rows = feedback.ChallengeRows
    return [ask("feedback", "/v1/challenges", rows, body=body, to=last, limit=_MOST) for body in own or [None]]


def complaints_report(brief: Brief) -> Ask | None:
    if brief.period.kind not in _COMPLAINT_PERIODS:
        return None
    return ask("feedback", "/v1/complaints/reports", feedback.ComplaintsReportTold, period=brief.period.code)


def diversity(brief: Brief) -> Ask:
    return ask("feedback", "/v1/method-diversity", feedback.MethodDiversity, period=brief.shared_period)


def strategy() -> Ask:
    return ask("feedback", "/v1/strategy/overview", feedback.StrategyOverview)


def duties(brief: Brief) -> list[Ask]:
    """Of every kind of year in which a survey may be owed."""
    day = brief.occurrence.period_end
    years = (PeriodKind.financial_year, PeriodKind.academic_year)
    return [
        ask("feedback", "/v1/survey-duties", feedback.Duties, year=Period.containing(kind, day).code) for kind in years
    ]


def survey_figures(brief: Brief) -> Ask:
    return ask("feedback", "/v1/survey-indicators", feedback.SurveyFigures, period=brief.shared_period)


def _complaints(brief: Brief) -> list[Ask]:
    found = complaints_report(brief)
    return [summary(brief), *([found] if found else [])]


_ASKS: dict[SectionKind, Callable[[Brief, ReportSection], list[Ask]]] = {
    SectionKind.audit_round: rounds,
    SectionKind.audit_findings: lambda brief, section: [analysis(brief, section.tool), tools()],
    SectionKind.actions: lambda brief, _: [
        analysis(brief),
        overdue_actions(),
        loop_closure(brief),
        overdue_by_body(),
    ],
    SectionKind.feedback: lambda brief, _: [summary(brief)],
    SectionKind.participation: lambda brief, _: [summary(brief), statement(brief), diversity(brief), strategy()],
    SectionKind.commitments: commitments,
    SectionKind.recurrences: lambda brief, _: [recurrences(brief)],
    SectionKind.learning: lambda brief, _: [learning(), training(brief), summary(brief)],
    SectionKind.challenges: lambda brief, _: challenges(brief),
    SectionKind.surveys: lambda brief, _: [*duties(brief), survey_figures(brief)],
    SectionKind.workforce_voice: lambda brief, _: [summary(brief), survey_figures(brief)],
    SectionKind.last_year: lambda brief, _: [learning(), summary(brief)],
    SectionKind.complaints: lambda brief, _: _complaints(brief),
}


def evidence_asks(brief: Brief, section: ReportSection) -> list[Ask]:
    """The questions of one section; none for a section that needs neither of the two services."""
    found = _ASKS.get(section.kind)
    return found(brief, section) if found else []
