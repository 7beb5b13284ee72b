"""Twenty invented measures over 12 periods and 14 teams, each with a course of its own."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from shared.schemas.board_figures import BoardFigure, Comparison, EarlierFigure, TopQuartile, TrendPoint, UnitFigure
from shared.schemas.figures import ValueStatus

MONTHS = [f"2025-{month:02}" for month in (11, 12)] + [f"2026-{month:02}" for month in range(1, 11)]
_NAMES = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
TEAMS = [
    f"Family Support, {place}"
    for place in ("Weymouth", "Dorchester", "Bridport", "Blandford", "Wimborne", "Purbeck", "Sherborne", "Chesil")
] + ["Children in Care East", "Children in Care West", "Leaving Care", "Disabled Children", "Fostering", "Front Door"]
MEASURES = [
    ("Referrals to children's social care", "children", "low"),
    ("Re-referrals within 12 months", "% of referrals", "low"),
    ("Assessments completed within 45 working days", "% of assessments", "high"),
    ("Children in need, rate", "per 10,000 children", "no_judgement"),
    ("Child protection plans, rate", "per 10,000 children", "no_judgement"),
    ("Initial conferences within 15 working days", "% of conferences", "high"),
    ("Second or subsequent child protection plans", "% of plans", "low"),
    ("Reviews of child protection plans held in time", "% of plans", "high"),
    ("Looked-after children, rate", "per 10,000 children", "low"),
    ("Three or more placements in a year", "% of looked-after children", "low"),
    ("Placement stability over two years", "% of looked-after children", "high"),
    ("Placed more than 20 miles from home", "% of looked-after children", "low"),
    ("Care leavers in education, employment or training", "% of care leavers", "high"),
    ("Care leavers in suitable accommodation", "% of care leavers", "high"),
    ("Supervision held in time", "% of staff", "high"),
    ("Vacancy rate of social workers", "% of posts", "low"),
    ("Agency social workers", "% of posts", "low"),
    ("Average caseload", "children per social worker", "low"),
    ("Education, health and care plans in 20 weeks", "% of plans", "high"),
    ("Complaints answered within time", "% of complaints", "high"),
]
MOMENT = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


def label(code: str) -> str:
    year, month = code.split("-")
    return f"{_NAMES[int(month) - 1]} {year}"


def _shown(value: float) -> str:
    return f"{value:.1f}"


def measure(place: int, teams: int = 14) -> BoardFigure:
    """One measure whose course is its own and the same on every run."""
    title, unit, good = MEASURES[place]
    base = 20.0 + 7 * (place % 9)
    values = [
        round(base + ((step * (place + 3) * 7) % 11 - 5) * 0.6 + step * 0.15 * (place % 3 - 1), 1) for step in range(12)
    ]
    target = round(base + (2 if good == "high" else -1), 1) if good != "no_judgement" else None
    trend = [
        TrendPoint(
            period=code,
            label=label(code),
            value=value,
            display=_shown(value),
            mean=round(base, 2),
            lower_limit=base - 4.5,
            upper_limit=base + 4.5,
            trial_limits=True,
            target=target,
            signal="significantly worse than usual" if place == 1 and step == 11 else None,
            provisional=step == 11 and place == 2,
            break_before="The definition changed in April 2026." if place == 4 and code == "2026-04" else None,
        )
        for step, (code, value) in enumerate(zip(MONTHS, values, strict=True))
    ]
    if place == 6:
        trend[5] = TrendPoint(
            period=MONTHS[5], label=label(MONTHS[5]), value=None, value_status=ValueStatus.c, display="c"
        )
    latest = values[-1]
    hidden = place == 11
    if hidden:
        trend[-1] = TrendPoint(
            period=MONTHS[-1], label=label(MONTHS[-1]), value=None, value_status=ValueStatus.c, display="c"
        )
    short = None if target is None else (target - latest) * (1 if good == "high" else -1)
    rag: Any = "none" if short is None or hidden else "green" if short <= 0 else "amber" if short <= 1.5 else "red"
    better = latest == values[-2], (latest > values[-2]) == (good == "high")
    travel: Any = "unknown" if hidden else "no_change" if better[0] else "improving" if better[1] else "worsening"
    if good == "no_judgement" and not hidden:
        travel = "rising" if latest > values[-2] else "falling"
    return BoardFigure(
        indicator=f"measure_{place + 1:02}",
        title=title,
        area="E06000059",
        period=MONTHS[-1],
        period_label=label(MONTHS[-1]),
        value=None if hidden else latest,
        value_status=ValueStatus.c if hidden else None,
        status_words="hidden: small" if hidden else None,
        display="c" if hidden else _shown(latest),
        unit=unit,
        measure="rate",
        good_is=good,
        good_is_words={"high": "high", "low": "low"}.get(good, "neither"),
        previous=[
            EarlierFigure(
                period=MONTHS[-2 - back],
                label=label(MONTHS[-2 - back]),
                value=values[-2 - back],
                display=_shown(values[-2 - back]),
                changed_from="24.1" if place == 3 and back == 1 else None,
            )
            for back in range(3)
        ],
        year_end=EarlierFigure(period="2026-03", label="March 2026", value=values[4], display=_shown(values[4])),
        trend=trend,
        direction_of_travel=travel,
        direction_words=travel.replace("_", " "),
        signal="significantly worse than usual" if place == 1 else None,
        target=target,
        tolerance=1.5,
        target_display=f"{target}, within 1.5" if target is not None else None,
        rag=rag,
        rag_words={
            "green": "green: meets the target",
            "amber": "amber: within tolerance",
            "red": "red: misses the target",
        }.get(rag, "no target"),
        comparisons=[
            Comparison(
                comparator_set="dfe_neighbours_2025",
                name="Statistical neighbours",
                kind="statistical_neighbours",
                set_version="2025",
                period=MONTHS[-1],
                mean=base + 1,
                median=base,
                best=base - 3,
                average_display=_shown(base + 1),
                best_display=_shown(base - 3),
                display=f"mean {base + 1}, median {base} of 10",
                n_available=10,
                n_members=10,
                outcome="similar",
            ),
            Comparison(
                comparator_set="england",
                name="England",
                kind="nation",
                set_version="1",
                period=MONTHS[-1],
                value=base + 2,
                average_display=_shown(base + 2),
                display=_shown(base + 2),
                n_available=1,
                n_members=1,
                outcome="better",
            ),
        ],
        top_quartile=TopQuartile(
            value=base - 2, display=_shown(base - 2), reached=latest < base - 2, band="B", rank=48, n_authorities=151
        ),
        units=[
            UnitFigure(
                unit=f"team_{team + 1:02}",
                name=TEAMS[team],
                value=None if (place + team) % 9 == 0 else base + team - 6,
                value_status=ValueStatus.c if (place + team) % 9 == 0 else None,
                display="c" if (place + team) % 9 == 0 else _shown(base + team - 6),
                before_display=_shown(base + team - 5),
                direction_of_travel="unknown"
                if (place + team) % 9 == 0
                else "improving"
                if good == "low"
                else "worsening",
            )
            for team in range(teams)
        ]
        if place < 6
        else [],
        focus_why="Late reviews were found in two audits." if place == 7 else None,
        sentence=f"{title}: {_shown(latest)} in October 2026.",
        changed_since_last_report="23.8" if place == 0 else None,
        caveats=["Provisional."] if place == 2 else [],
    )
