"""Answers of the audit and feedback services beside their analysis and summary, true to their contracts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from pydantic import BaseModel
from starlette.requests import Request

from services.audit_api.actions.schemas import OverdueLine, OverdueOut
from services.audit_api.commitments.schemas import CommitmentOut, QuarterOut
from services.audit_api.learning.schemas import (
    LearningRow,
    LoopClosureOut,
    TrainingCoverageLine,
    TrainingCoverageOut,
)
from services.audit_api.recurrence.schemas import RecurrenceOut, RecurrencesOut, ResponseOut, UnitCount
from services.feedback_api.challenges.schemas import AboutOut, ChallengeRow
from services.feedback_api.complaint_reports.schemas import (
    ApprovedLearning,
    ComplaintFigures,
    ComplaintsReport,
    ComplimentFigures,
    EnquiryFigures,
    LearningOut,
    OwnerOut,
    RecommendationFigures,
    Refusals,
    RemedyFigures,
    UnitReportOut,
    UpdateStamp,
)
from services.feedback_api.coverage.schemas import DiversityOut
from services.feedback_api.strategy.schemas import OverviewOut
from services.feedback_api.surveys.duty_routes import DutiesOut, DutyGroupOut, OwedOut
from services.feedback_api.surveys.indicator_routes import FigureOut, FiguresOut
from shared.ids import new_id
from shared.paging import Page

AT = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)
Answer = BaseModel | dict[str, Any]


class Voices:
    """What these endpoints answer; a test may set each."""

    def __init__(self) -> None:
        self.commitment = a_commitment()
        self.loop = a_loop()
        self.bodies = [
            OverdueLine(
                body="dscb_qa", overdue=4, redated_past_today=1, oldest="01a20000-0000-7000-8000-000000000001",
                oldest_due_on=date(2026, 8, 3), days_overdue=111,
            )
        ]  # fmt: skip
        self.recurrences = [a_recurrence(), a_recurrence(kind="good_practice", theme="voice", theme_name="Voice")]
        self.learning = [a_learning(), a_learning(title="Only for Weymouth", visibility="team")]
        self.challenges = [a_challenge()]
        self.complaints_report = a_complaints_report()
        self.diversity_single: list[str] = ["fs_weymouth"]
        self.owed = [an_owed_survey()]
        self.survey_figures = [a_survey_figure()]

    def audit(self) -> dict[str, Callable[[Request], Answer]]:
        return {
            "/v1/commitments/{code}": lambda request: self.commitment.model_copy(
                update={"year": request.query_params["year"]}
            ),
            "/v1/tools": lambda _: {
                "items": [
                    {"code": "case_audit", "audit_types": ["single_case", "thematic"]},
                    {"code": "multi_agency_case_audit", "audit_types": ["multi_agency", "serious_case", "thematic"]},
                ],
                "next": None,
            },
            "/v1/loop-closure": lambda request: self.loop.model_copy(update={"period": request.query_params["period"]}),
            "/v1/actions/overdue-by-body": lambda _: OverdueOut(as_at=AT.date(), overdue=4, bodies=self.bodies),
            "/v1/recurrences": lambda request: RecurrencesOut(
                period=request.query_params["period"], unit=None, items=self.recurrences,
                concerns=sum(one.kind == "concern" for one in self.recurrences),
                unanswered=sum(one.kind == "concern" and one.answered is None for one in self.recurrences),
            ),
            "/v1/learning": lambda _: Page[LearningRow](items=self.learning, next=None),
            "/v1/learning/training-coverage": lambda request: TrainingCoverageOut(
                period=request.query_params["period"], unit=None, without_training=[],
                lines=[TrainingCoverageLine(source="either", learning=4, in_training=3, percent=75)],
                sentence="3 of 4 learning items are in commissioned training.",
            ),
        }  # fmt: skip

    def feedback(self) -> dict[str, Callable[[Request], Answer]]:
        return {
            "/v1/challenges": lambda request: Page[ChallengeRow](
                items=[
                    one
                    for one in self.challenges
                    if request.query_params.get("body", one.raised_by_body) == one.raised_by_body
                ],
                next=None,
            ),
            "/v1/complaints/reports": lambda request: self.complaints_report.model_copy(
                update={"period": request.query_params["period"]}
            ),
            "/v1/method-diversity": lambda request: DiversityOut(
                period=request.query_params["period"], start=date(2026, 10, 1), end=date(2026, 10, 31), unit=None,
                protected=False, teams=[], single=self.diversity_single, none=[], not_told=0, methods={}, as_at=AT,
            ),
            "/v1/strategy/overview": lambda _: OverviewOut(
                commitments=6, statuses={"done": 2, "on_track": 3, "late": 1}, overdue=[], done_with_evidence=2,
                never_told=[], owners=[], fully_implemented=False, as_at=AT,
            ),
            "/v1/survey-duties": lambda request: DutiesOut(
                year=request.query_params["year"], follow_ups=[],
                items=self.owed if request.query_params["year"].startswith("FY") else [],
            ),
            "/v1/survey-indicators": lambda _: FiguresOut(items=self.survey_figures),
        }  # fmt: skip


def a_commitment(**changes: Any) -> CommitmentOut:
    found = CommitmentOut(
        code="multi-agency", title="Multi-agency case audits", year="FY2026-27", starts_on=date(2026, 4, 1),
        ends_on=date(2027, 3, 31), audit_types=["multi_agency"], unit=None, target=18, completed=9, audits=10,
        scheduled=2, expected_by_now=12, forecast=14, forecast_method="the pace so far", rag="red", rag_rule="18",
        quarters=[QuarterOut(quarter="FY2026-27-Q1", cases=4, cases_so_far=4),
                  QuarterOut(quarter="FY2026-27-Q2", cases=5, cases_so_far=9)],
        counted=[], as_at=AT,
    )  # fmt: skip
    return found.model_copy(update=changes)


def a_loop(**changes: Any) -> LoopClosureOut:
    found = LoopClosureOut(
        period="2026-10", unit=None, submitted=13, with_learning=9, closed=8, with_unfinished_actions=5, loop_closed=6,
        percent=46, actions=20, actions_closed_with_impact=8, actions_percent=40,
        sentence="6 of 13 audits are closed with learning passed on and the impact of each action known.",
    )  # fmt: skip
    return found.model_copy(update=changes)


def a_recurrence(**changes: Any) -> RecurrenceOut:
    found = RecurrenceOut(
        rule="three_in_two_periods", rule_name="Three audits in two periods", kind="concern", theme="drift_and_delay",
        theme_name="Drift and delay", scope="local", unit="fs_weymouth", unit_name="Weymouth",
        first_day=date(2026, 9, 2), last_day=date(2026, 10, 20), audits=4, needed=3,
        units=[UnitCount(unit="fs_weymouth", audits=4)], newest_audits=[], repeats_proposed=[],
        sentence="Drift and delay was found in 4 audits of Weymouth in two months.", answered=None,
        grown_since_answered=False, allowed_actions=[],
    )  # fmt: skip
    return found.model_copy(update=changes)


def answered(words: str) -> ResponseOut:
    return ResponseOut(response=words, action=None, audits=3, responded_by="somebody", responded_at=AT, version=1)


def a_learning(**changes: Any) -> LearningRow:
    found = LearningRow(
        id="01a20000-0000-7000-8000-000000000009", unit="fs_weymouth", kind="new", audience=["practitioner"],
        title="Book the next review before the last one ends", visibility="organisation", themes=["drift_and_delay"],
        status="disseminated", disseminated_on=date(2026, 10, 14), acknowledgements=7, acknowledged_by_me=False,
        trainings=1, version=1,
    )  # fmt: skip
    return found.model_copy(update=changes)


def a_challenge(**changes: Any) -> ChallengeRow:
    found = ChallengeRow(
        id=new_id(), raised_by_body="ctb", raised_on=date(2026, 9, 15),
        about=AboutOut(kind="indicator", ref="rereferrals"), unit="childrens_services",
        question="Repeat referrals rose for three quarters. What is being done?",
        area_for_development="Step-down to early help", first_response_due=date(2026, 10, 13),
        response_due=date(2026, 10, 13), overdue=True, status="open", outcome=None, development_action=None, version=1,
    )  # fmt: skip
    return found.model_copy(update=changes)


def a_complaints_report(owed: tuple[tuple[str, int], ...] = (("fs_weymouth", 7), ("horizon", 2))) -> ComplaintsReport:
    return ComplaintsReport(
        period="FY2026-27-Q2", edition=1, start=date(2026, 7, 1), end=date(2026, 9, 30), due_on=date(2026, 10, 1),
        produced_at=datetime(2026, 10, 1, 5, tzinfo=UTC), produced_by="clock", on_time=True, reason=None,
        supersedes=None, superseded_by=None, content_hash="ab" * 32, unit=None,
        complaints=ComplaintFigures(
            received=7, statuses=[], procedures=[], units=[], agencies=[], respondent_groups=[], themes=[],
            refused=Refusals(not_eligible=0, no_consent=0), closed=11, outcomes=[], stages=[],
        ),
        compliments=ComplimentFigures(received=12, units=[], agencies=[], respondent_groups=[], themes=[]),
        enquiries=EnquiryFigures(received=0, decided=0, upheld=0, overdue=0),
        remedies=RemedyFigures(promised=8, done_in_time=6, done_late=1, overdue=1),
        recommendations=RecommendationFigures(
            made=0, accepted=0, rejected=0, done_in_time=0, done_late=0, overdue=0
        ),
        learning=LearningOut(
            complete=2, missing=sum(number for _, number in owed),
            missing_by_owner=[
                OwnerOut(unit=unit, title=unit.title(), owner="someone's account", count=number, complaints=None)
                for unit, number in owed
            ],
            learned=None,
            approved=[ApprovedLearning(agency=None, themes=[], text="Letters now come in plain words.")],
            updates=[
                UpdateStamp(unit="horizon", title="Horizon", learning=None, improvement=None, updated_by="somebody",
                            updated_at=AT)
            ],
            updates_missing=[UnitReportOut(unit="fs_weymouth", title="Weymouth", owner=None)], updates_since=[],
        ),
        refusals=None,
    )  # fmt: skip


def an_owed_survey(**changes: Any) -> OwedOut:
    found = OwedOut(
        duty="stakeholders", title="Stakeholder survey of each specialist service", survey="parents_questionnaire",
        unit="hearing_support", due_on=date(2027, 4, 30), overdue=False, missing=["school"],
        groups=[DutyGroupOut(respondent_group="parent_carer", status="done", wave=new_id()),
                DutyGroupOut(respondent_group="school", status="missing", wave=None)],
    )  # fmt: skip
    return found.model_copy(update=changes)


def a_survey_figure(**changes: Any) -> FigureOut:
    found = FigureOut(
        indicator="attitude_to_audit", area="E06000059", period="2026-10", numerator=61, denominator=80,
        value_status=None, source_ref="staff_questionnaire 1, closed 2026-10-16",
    )  # fmt: skip
    return found.model_copy(update=changes)
