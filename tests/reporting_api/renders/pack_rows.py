"""Invented sections with rows of every type."""

from __future__ import annotations

from datetime import date
from typing import Any

from shared.schemas.board_report import BoardSection, Source
from shared.schemas.board_report_items import (
    ExceptionItem,
    GradeItem,
    Shown,
    SlotItem,
    StatementItem,
    SummaryLine,
    TallyItem,
)
from shared.schemas.figures import ValueStatus
from tests.reporting_api.renders.pack_measures import MEASURES, MOMENT, TEAMS


def section(code: str, title: str, kind: str, **more: Any) -> BoardSection:
    source = Source(service="audit", path="/v1/analysis", fetched_at=MOMENT, as_of=MOMENT, availability="available")
    given = {"availability": "available", "as_of": MOMENT, "sources": [source]} | more
    return BoardSection(code=code, title=title, kind=kind, **given)


def lines(**counts: float) -> list[SummaryLine]:
    return [
        SummaryLine(code=code, label=code.replace("_", " ").capitalize(), value=value, display=f"{value:,.0f}")
        for code, value in counts.items()
    ]


def few(value: float | None) -> Shown:
    if value is None:
        return Shown(value=None, value_status=ValueStatus.c, display="c")
    return Shown(value=value, display=f"{value:,.0f}")


def exceptions() -> list[ExceptionItem]:
    return [
        ExceptionItem(
            key=f"k{place}",
            indicator=f"measure_{place + 1:02}",
            title=MEASURES[place][0],
            themed_area="safeguarding",
            period="2026-10",
            period_label="October 2026",
            trigger="SIGNIFICANT_CHANGE",
            trigger_label="significant change",
            rule="shift",
            direction="rising",
            favourable=place % 3 == 2,
            display="31.2",
            new=place % 2 == 0,
            status="new" if place % 2 == 0 else "standing",
            first_raised="August 2026" if place % 2 else None,
            unanswered_days=12 if place % 2 == 0 else None,
            answered_by="Head of Family Support" if place % 2 else None,
            answered_on=date(2026, 11, 9) if place % 2 else None,
            explanation="Two large families moved in; the rise is expected to ease." if place % 2 else None,
            expected_until=date(2027, 1, 31) if place % 2 else None,
            sentence=f"{MEASURES[place][0]}: seven in a row above the mean.",
            inputs_hash="0" * 64,
        )
        for place in range(8)
    ]


def audits() -> list[Any]:
    grades = (
        ("outstanding", "Outstanding"),
        ("good", "Good"),
        ("requires_improvement", "Requires improvement"),
        ("inadequate", "Inadequate"),
    )
    domains = ("Voice of the child", "Assessment", "Planning", "Management oversight", "Recording")
    strengths = ("Plans name who does what by when", "Parents were heard and say so", "Chronologies are kept up")
    return [
        *(StatementItem(group="strengths", group_label="Strengths", text=text) for text in strengths),
        *(
            StatementItem(group="improve", group_label="Areas for improvement", text=text)
            for text in ("Reviews are late", "Supervision is not always recorded")
        ),
        *(
            GradeItem(
                domain=f"d{row}",
                domain_title=title,
                grade=code,
                grade_label=words,
                value=(row + 2) * (3 - abs(place - 1)),
                display=str((row + 2) * (3 - abs(place - 1))),
            )
            for row, title in enumerate(domains)
            for place, (code, words) in enumerate(grades)
        ),
        *(
            SlotItem(
                period="2026-10",
                period_label="October 2026",
                unit=f"team_{row}",
                unit_name=name,
                state="submitted",
                state_label="submitted" if row % 4 else "void",
                submitted_on=date(2026, 10, 3 + row),
                void_reason=None if row % 4 else "No open case of this kind",
            )
            for row, name in enumerate(TEAMS)
        ),
    ]


def feedback() -> list[Any]:
    groups = {
        "By who spoke": ("Children", "Parents", "Foster carers", "Staff"),
        "By theme": ("Communication", "Being listened to", "Delay", "Change of worker"),
    }
    return [
        TallyItem(
            group=group,
            group_label=group,
            code=title.lower(),
            title=title,
            **few(None if title == "Staff" else 41 - 6 * place).model_dump(),
        )
        for group, titles in groups.items()
        for place, title in enumerate(titles)
    ]
