"""The invented sections that hold one kind of row each."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from shared.schemas.board_follow_up_items import ContributionItem, MatterItem, TimelinessItem
from shared.schemas.board_report import BoardSection
from shared.schemas.board_report_items import (
    ActionItem,
    FocusItem,
    OccurrenceItem,
    ProviderItem,
    RestatementItem,
    ReviewsItem,
    ScheduledItem,
    StageItem,
)
from tests.reporting_api.renders.pack_measures import MEASURES, TEAMS
from tests.reporting_api.renders.pack_rows import few, lines, section


def follow_up(day: date) -> list[Any]:
    """What was asked of others, and what the board decided before."""
    return [
        ContributionItem(
            contributor="police",
            name="Dorset Police",
            due_on=day,
            standing="received",
            standing_label="received",
            received_on=day,
            chased=1,
        ),
        MatterItem(
            id="m1",
            board="csdg",
            board_name="Children's Services Development Group",
            decided_on=day,
            report_title="Monthly performance and quality pack",
            period_label="September 2026",
            text="Bring a plan for the late reviews.",
            owner="Head of Family Support",
            originally_due_on=day,
            due_on=day,
            status="open",
            overdue=False,
            progress="A plan is drafted.",
            progress_on=day,
        ),
        TimelinessItem(
            group="board", code="csdg", title="Development Group", expected=6, on_time=5, late=1, open_late=0, missed=0
        ),
    ]


def others() -> list[BoardSection]:
    day = date(2026, 11, 23)
    actions = [
        ActionItem(
            id=f"a{n}",
            title=f"Hold the reviews of {TEAMS[n]} within their time limits",
            unit=f"team_{n}",
            unit_name=TEAMS[n],
            owner="Team Manager",
            originally_due_on=day - timedelta(days=30 + n),
            due_on=day - timedelta(days=n),
            status="in_progress",
        )
        for n in range(10)
    ]
    stages = [
        StageItem(
            procedure="statutory",
            stage=f"stage_{n}",
            title=f"Statutory procedure: stage {n}",
            open=few(6),
            closed=few(11),
            within_statutory=few(9),
            past_statutory=few(None),
        )
        for n in (1, 2, 3)
    ]
    occurrences = [
        OccurrenceItem(
            report=f"r{n}",
            title="Compliance with supervision and procedures",
            period="2026-10",
            period_label="October 2026",
            due_on=day,
            outcome="on_time",
            outcome_label="on time",
            published_on=day,
        )
        for n in range(6)
    ]
    return [
        section(
            "actions",
            "Actions and loop closure",
            "actions",
            headline="10 actions are overdue.",
            items=actions,
            summary=lines(open=24, overdue=10, closed=31),
        ),
        section("complaints", "Complaints", "complaints", headline="Two in three were answered in time.", items=stages),
        section(
            "compliance", "Reports on time", "compliance", headline="6 of 6 reports came on time.", items=occurrences
        ),
        section(
            "schedule",
            "Schedule",
            "schedule",
            items=[
                ScheduledItem(
                    report="r1", title="Annual report", cadence="annual", owner_role="head_of_service", next_due_on=day
                )
            ],
        ),
        section(
            "contributions",
            "Contributions",
            "contributions",
            items=follow_up(day),
        ),
        section(
            "focus",
            "Focus of the Heads of Service",
            "focus",
            items=[
                FocusItem(
                    unit="fs",
                    unit_name="Family Support",
                    title="Late reviews",
                    why="Two audits found them.",
                    indicators=["measure_08"],
                    carried_from="August 2026",
                    named_on=day,
                )
            ],
        ),
        section(
            "providers",
            "Provider oversight",
            "providers",
            items=[
                ProviderItem(
                    provider="p1",
                    name="Example Hill Primary",
                    kind="school",
                    kind_label="School",
                    register_code="soc",
                    register_title="Schools of concern",
                    category="amber",
                    category_label="Amber",
                    at_risk=True,
                    opened_on=day,
                    support=["Weekly visits"],
                    judgements=["Requires improvement, May 2025"],
                    notes=["Visited on 3 November"],
                ),
                ReviewsItem(
                    register_code="soc",
                    register_title="Schools of concern",
                    period="2026-10",
                    period_label="October 2026",
                    expected=few(12),
                    held=few(11),
                    missing=few(1),
                ),
            ],
        ),
        section(
            "restatements",
            "Figures that changed",
            "restatements",
            items=[
                RestatementItem(
                    indicator="measure_01",
                    title=MEASURES[0][0],
                    period="2026-09",
                    period_label="September 2026",
                    before="23.8",
                    after="24.3",
                    shown_in="Monthly pack for September 2026",
                    restated_on=day,
                    reason="Late returns of one team.",
                    sentence="Referrals in September 2026: 24.3, shown before as 23.8.",
                )
            ],
        ),
        section(
            "workforce",
            "Workforce voice",
            "surveys",
            availability="unavailable",
            unavailable_reason="timeout",
            as_of=None,
            sources=[],
        ),
        section(
            "narrative",
            "From the chair",
            "narrative",
            narrative="The pack was read with the teams.\nTwo of them ask for help with late reviews.",
            sources=[],
        ),
    ]
