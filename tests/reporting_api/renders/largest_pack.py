"""The largest monthly pack, made up whole: 20 measures over 12 periods, 14 teams, and rows of every type."""

from __future__ import annotations

from datetime import date

from shared.schemas.board_report import (
    BoardRef,
    BoardReport,
    KeyAction,
    ParticipationStatement,
    PeriodRef,
    SectionGroup,
    Signature,
    ThemedAreaOut,
)
from tests.reporting_api.renders.pack_measures import MEASURES, MOMENT, measure
from tests.reporting_api.renders.pack_others import others
from tests.reporting_api.renders.pack_rows import audits, exceptions, feedback, lines, section


def largest_pack(status: str = "published", disclosure: str = "full") -> BoardReport:
    """Everything that a monthly pack can hold."""
    figures = [measure(place) for place in range(len(MEASURES))]
    groups = [
        SectionGroup(
            code="front",
            title="Front door and assessment",
            headline="Re-referrals are up.",
            indicators=[one.indicator for one in figures[:6]],
        ),
        SectionGroup(
            code="protection", title="Protection and care", indicators=[one.indicator for one in figures[6:14]]
        ),
        SectionGroup(code="work", title="Workforce and partners", indicators=[one.indicator for one in figures[14:]]),
    ]
    board = BoardRef(code="csdg", name="Children's Services Development Group", aliases=["SDG"])
    sections = [
        section(
            "key_indicators",
            "Key indicators",
            "indicators",
            headline="20 indicators: 7 improving, 9 worsening, 4 not judged.",
            groups=groups,
            figures=figures,
        ),
        section(
            "exceptions",
            "Exceptions",
            "exceptions",
            headline="8 exceptions in October 2026, 4 of them new.",
            items=exceptions(),
            summary=lines(indicators_examined=43, exceptions=8, new=4, standing=4, not_answered=4),
        ),
        section(
            "audit_findings",
            "Audit findings",
            "audit_findings",
            headline="14 audits; strengths first.",
            items=audits(),
            summary=lines(audits=14, strengths=13, areas_for_improvement=9),
        ),
        section(
            "feedback",
            "Feedback",
            "feedback",
            headline="132 views were given.",
            items=feedback(),
            summary=lines(views=132, complaints=17, compliments=21),
        ),
        *others(),
    ]
    caveats = ["Figures of the last month may still change."]
    if disclosure == "protected":
        caveats.insert(0, "Small numbers are hidden in this report.")
    return BoardReport(
        id="0199c0de-0000-7000-8000-000000000001",
        report="csdg_monthly",
        title="Monthly performance and quality pack",
        rows=["R01", "R20", "R64"],
        board=board,
        audiences=[board, BoardRef(code="cslt", name="Children's Leadership Team")],
        period=PeriodRef(code="2026-10", label="October 2026", start=date(2026, 10, 1), end=date(2026, 10, 31)),
        version=1,
        status=status,
        as_of=MOMENT,
        due_on=date(2026, 11, 23),
        disclosure=disclosure,
        headlines=[
            "Re-referrals within 12 months are significantly higher than usual, most of them within a month.",
            "Reviews of child protection plans are held later than a year ago; two teams account for most of it.",
            "Parents say more often than a year ago that they were listened to.",
        ],
        doing_the_right_things="The evidence supports the plan; late reviews are being caught up.",
        making_a_difference="Fewer children wait for a plan than a year ago, and parents say so too.",
        participation=ParticipationStatement(
            took_place=True,
            methods=["focus_groups", "questionnaires"],
            who="Young people who have left care",
            how_many=23,
            what_changed="Letters come in plain words.",
        ),
        key_actions=[
            KeyAction(
                text="Catch up the late reviews in the two teams",
                evidence=["R44", "Audit round of October"],
                owner="Head of Family Support",
                due_on=date(2027, 1, 31),
            )
        ],
        sections=sections,
        themed_areas=[
            ThemedAreaOut(
                code="safeguarding",
                title="Safeguarding",
                sections=["key_indicators", "exceptions"],
                figures=9,
                headline="Re-referrals are up, reviews are late.",
            )
        ],
        source_families={"numbers": True, "audits": True, "families": True, "staff": False, "partners": True},
        caveats=caveats,
        missing=["Workforce voice: the service did not answer in time."],
        attribution=["Includes figures published by the Department for Education."],
        activity_head="3f1c:1042:9a7e5d" if status != "draft" else None,
        published_at=MOMENT if status != "draft" else None,
        content_hash="5e9f1c0d" * 8,
        signatures=[
            Signature(role="head_of_service", subject="invented-head", signed_at=MOMENT, content_hash="5e9f1c0d" * 8)
        ],
    )
