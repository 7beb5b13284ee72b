"""Answers of the other three services, true to their contracts."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime
from typing import Any, cast

from starlette.requests import Request

from shared.schemas.audit_summary import (
    ActionsOut,
    AuditAnalysis,
    CoverageOut,
    DomainGrades,
    FindingsOut,
    GradeCount,
    SlotOut,
    ThemeCount,
    VoicesOut,
)
from shared.schemas.exceptions import ExceptionOut
from shared.schemas.feedback_summary import (
    ComplaintsOut,
    FeedbackSummary,
    RatingOut,
    SentimentOut,
    StageTally,
    Tally,
)
from shared.schemas.figures import Figure, display_text
from shared.schemas.framework.catalogue import content_of
from shared.schemas.framework.indicators import Indicator
from shared.schemas.participation_statement import (
    ChangeTold,
    GapOut,
    GroupTook,
    MethodUsed,
    NobodyTook,
    ParticipationRecord,
)
from shared.schemas.periods import Period, PeriodKind
from shared.schemas.series import AreaSeries, IndicatorSeries, SeriesPack, SeriesPoint
from tests.reporting_api.framework_changes import dorset_framework

AS_AT = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)
DORSET = "E06000059"
TEAMS = [code for code, one in dorset_framework().items["units"].items() if content_of(one)["kind"] == "team"]
_NEWEST = {
    PeriodKind.month: "2026-10",
    PeriodKind.reporting_year: "RY2025",
    PeriodKind.financial_year: "FY2025-26",
    PeriodKind.financial_quarter: "FY2026-27-Q2",
    PeriodKind.academic_year: "AY2024-25",
    PeriodKind.calendar_year: "CY2025",
    PeriodKind.term: "AY2025-26-T3",
    PeriodKind.half_term: "AY2025-26-HT6",
}


def catalogue(targets: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """The data dictionary as the platform lists it, with the targets a test sets."""
    items = dorset_framework().items["indicators"]
    own = {code: {"targets": [target]} for code, target in targets.items()}
    return {
        "items": [
            {
                "kind": "indicators",
                "code": code,
                "version": 1,
                "retired": False,
                "hash": "",
                "content": content_of(one) | own.get(code, {}),
            }
            for code, one in items.items()
        ],
        "next": None,
    }


def a_pack(request: Request, given: Mapping[str, list[Any]]) -> SeriesPack:
    codes = request.query_params["indicator"].split(",")
    areas = request.query_params["area"].split(",")
    return SeriesPack(items=[a_series(code, areas, given) for code in codes], as_at=AS_AT)


def rows_of(code: str, given: Mapping[str, list[Any]]) -> list[Any]:
    """The figures a test gives, else three that rise."""
    rows = given.get(code)
    if rows is None:
        definition = cast(Indicator, dorset_framework().items["indicators"][code])
        newest = Period.parse(_NEWEST[definition.period_kind])
        periods = [newest.predecessor.predecessor, newest.predecessor, newest]
        rows = [(period.code, 60.0 + place, 600.0, 1000.0) for place, period in enumerate(periods)]
    return rows


def a_series(code: str, areas: list[str], given: Mapping[str, list[Any]]) -> IndicatorSeries:
    """Of the council as a test gives it, of a team only where a test gives that team's."""
    definition = cast(Indicator, dorset_framework().items["indicators"][code])
    series = [(area, rows_of(code, given) if area == DORSET else given.get(f"{code}/{area}", [])) for area in areas]
    return IndicatorSeries(
        indicator=code,
        version=1,
        title=definition.title,
        unit=definition.unit,
        measure=definition.measure,
        polarity=definition.polarity,
        decimal_places=definition.decimal_places,
        series_kind=definition.series_kind,
        areas=[
            AreaSeries(area=area, name=area, breakdown=None, points=[a_point(definition, *row) for row in rows])
            for area, rows in series
        ],
        as_at=AS_AT,
    )


def a_point(
    definition: Indicator, period: str, value: float | None, numerator: float | None, denominator: float | None
) -> SeriesPoint:
    status = None if value is not None else "x"
    figure = Figure.of(value, status)  # type: ignore[arg-type]
    shown = display_text(
        figure.value, figure.value_status, places=definition.decimal_places, measure=definition.measure
    )
    point = {"value": value, "value_status": status, "period": period, "display": shown}
    return SeriesPoint.model_validate({**point, "numerator": numerator, "denominator": denominator, "target": 61.0})


def positions(request: Request, given: Mapping[str, list[Any]], also: Collection[str]) -> dict[str, Any]:
    """Where each figure stands: beside what its indicator names, and among 151 authorities."""
    codes = request.query_params["indicator"].split(",")
    return {"items": [a_position(code, given, ranked=code in also) for code in codes], "next": None}


def a_position(code: str, given: Mapping[str, list[Any]], *, ranked: bool) -> dict[str, Any]:
    definition = cast(Indicator, dorset_framework().items["indicators"][code])
    rows = rows_of(code, given)
    place = {"rank": 12, "band": "A", "q1": 40.0, "q3": 61.5, "n_available": 151, "n_authorities": 152}
    return {
        "indicator": code, "title": definition.title, "period": rows[-1][0] if rows else None,
        "comparators": [a_comparator(one) for one in definition.benchmarks],
        "among_authorities": place if ranked or definition.benchmarks else {"n_available": 0, "n_authorities": 0},
    }  # fmt: skip


def a_comparator(code: str) -> dict[str, Any]:
    single = code in ("england", "south_west")
    names = {"england": "England", "south_west": "South West"}
    kinds = {"england": "nation", "south_west": "region"}
    return {
        "comparator_set": code, "name": names.get(code, "Statistical neighbours"),
        "kind": kinds.get(code, "statistical_neighbours"), "version": "1", "in_force": True,
        "value": 70.0 if single else None, "mean": None if single else 60.1, "median": None if single else 58.9,
        "best": None if single else 44.0, "n_available": 1 if single else 10, "n_members": 1 if single else 10,
        "outcome": "similar",
    }  # fmt: skip


def an_exception(**changes: Any) -> ExceptionOut:
    found = {
        "key": "looked_after_rate.E06000059.RY2025.OUT_OF_STEP_NATIONAL", "indicator": "looked_after_rate",
        "title": "Children looked after per 10,000", "themed_area": "performance_management", "area": DORSET,
        "area_name": "Dorset", "period": "RY2025", "trigger": "OUT_OF_STEP_NATIONAL", "rule": "interval",
        "direction": "low", "favourable": None, "figure": {"value": 62, "value_status": None}, "display": "62",
        "n": 5, "new": True, "inputs_hash": "ab" * 32, "sentence": "Dorset's rate lies below England's.",
        **changes,
    }  # fmt: skip
    return ExceptionOut.model_validate_json(json.dumps(found))


def a_round(period: str) -> CoverageOut:
    slots = [
        SlotOut(unit=f"team_{number}", unit_name=f"Team {number}", state="done", submitted_on=date(2026, 11, 6))
        for number in range(1, 14)
    ]
    slots.append(SlotOut(unit="team_14", unit_name="Team 14", state="overdue"))
    return CoverageOut(
        programme="monthly_case_audit", title="Monthly case audit", period=period, due_on=date(2026, 11, 13),
        expected=14, done=13, on_time=13, late=1, overdue=1, missed=0, void=0, rag="red", slots=slots, as_at=AS_AT,
    )  # fmt: skip


def an_analysis(**changes: Any) -> AuditAnalysis:
    grades = [
        GradeCount(grade="good", label="Good", ofsted="good", count=9),
        GradeCount(grade="inadequate", label="Inadequate", ofsted="inadequate", count=1),
    ]
    found = AuditAnalysis(
        period="2026-10", tool=None, unit=None, audits=13,
        domains=[DomainGrades(domain="outcomes", title="Outcomes achieved", graded=10, grades=grades)],
        findings=FindingsOut(
            strengths=8, areas_for_improvement=5, concerns=1,
            themes=[ThemeCount(theme="supervision", title="Supervision", count=3)],
        ),
        voices=[VoicesOut(view_of="child", heard=11, not_heard=2, reasons={"declined": 2})],
        actions=ActionsOut(open=6, overdue=1, completed=2, closed=3, with_impact_evidence=2, loop_closed_percent=20.0),
        strengths=["Plans name who does what by when"], as_at=AS_AT,
    )  # fmt: skip
    return found.model_copy(update=changes)


def an_action() -> dict[str, Any]:
    return {
        "id": "01a20000-0000-7000-8000-000000000001", "finding": None, "unit": "fs_weymouth",
        "title": "Hold reviews within their time limits", "body": None,
        "owner": {"role": "team_manager", "subject": "somebody", "post": "Family Support Manager, Weymouth"},
        "status": "open", "raised_on": "2026-09-01", "original_due_on": "2026-10-30", "due_on": "2026-11-13",
        "times_redated": 1, "overdue": True, "version": 2,
    }  # fmt: skip


def a_summary(**changes: Any) -> FeedbackSummary:
    channels = [
        Tally(code="questionnaires", title="Questionnaires", count=20, family="children_and_families"),
        Tally(code="case_audit", title="Case audit", count=11, family="children_and_families"),
        Tally(code="exit_interviews", title="Exit interviews", count=3, family="staff"),
        Tally(code="young_inspectors", title="Young inspectors", count=0, family="children_and_families"),
    ]
    found = FeedbackSummary(
        period="2026-10", start=date(2026, 10, 1), end=date(2026, 10, 31), unit=None, theme=None, protected=False,
        views=34, channels=channels, silent_channels=["young_inspectors"],
        respondent_groups=[
            Tally(code="parents", title="Parents and carers", count=18),
            Tally(code="children", title="Children and young people", count=13),
            Tally(code="staff", title="Staff", count=3),
        ],
        themes=[Tally(code="planning", title="Quality of plans", count=9)],
        units=[Tally(code="fs_weymouth", title="Weymouth", count=30), Tally(code="horizon", title="Horizon", count=4)],
        sentiment=SentimentOut(positive=15, mixed=8, negative=9, not_given=2),
        rating=RatingOut(given=0, mean=None),
        complaints=ComplaintsOut(
            received=7, open=2, open_earlier=1, overdue=0,
            stages=[
                StageTally(
                    procedure="statutory", stage="stage_1", title="Local resolution", open=2, closed=5,
                    within_statutory=6, past_statutory=1,
                )
            ],
            outcomes={"upheld": 2, "not_upheld": 3}, learning_missing=1,
        ),
        compliments=12, changed=["Letters now come in plain words."], as_at=AS_AT,
    )  # fmt: skip
    return found.model_copy(update=changes)


def no_record(**changes: Any) -> ParticipationRecord:
    """Of a period in which nothing was recorded of participation."""
    found = ParticipationRecord(
        period="2026-10", start=date(2026, 10, 1), end=date(2026, 10, 31), unit=None, protected=False, ready=False,
        took_place=False, methods=[], who=[], how_many=0, how_many_status=None, what_changed=[],
        commissioning_stages=[], none_took_part=[],
        gaps=[GapOut(code="nothing_recorded", words="Nothing was recorded of participation in this period.")],
        sources=[], as_at=AS_AT,
    )  # fmt: skip
    return found.model_copy(update=changes)


def a_record(people: int = 21) -> ParticipationRecord:
    """Of a period in which children and parents took part."""
    family, parents = "children_and_families", min(people, 9)
    changed = ChangeTold(
        unit="fs_weymouth", said="The door is hard to find.", did="There is a sign now.", why_not=None,
        told_back_on=date(2026, 10, 30),
    )  # fmt: skip
    return no_record(
        ready=True, took_place=True, how_many=people, how_many_told=people if people > 5 else None,
        methods=[MethodUsed(code="group_discussion", title="Group discussion", activities=1)],
        who=[
            GroupTook(code="young_person", title="Young people", family=family, people=people - parents),
            GroupTook(code="parent_carer", title="Parents and carers", family=family, people=parents),
        ],
        what_changed=[changed], gaps=[GapOut(code="single_method", words="Only one method was used.")],
    )  # fmt: skip


def a_record_of_nobody() -> ParticipationRecord:
    """Of a period in which truthfully nobody took part."""
    nobody = NobodyTook(unit="sen_team", title="Short breaks", why="Half term.", what_follows="Families choose.")
    return no_record(ready=True, none_took_part=[nobody], gaps=[])
