"""The rows of a section as tables: each known type in the layout that serves it, any other by its own fields."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any

from services.reporting_api.renders import follow_up_tables
from services.reporting_api.renders.any_items import any_table
from services.reporting_api.renders.blocks import DASH, Block, Cell, Column, Heading, Points, Table, Tables
from services.reporting_api.renders.wording import capital, day_words, grade_rank, plain
from shared.schemas.board_report_items import (
    ActionItem,
    ExceptionItem,
    GradeItem,
    OccurrenceItem,
    ScheduledItem,
    SlotItem,
    StageItem,
    StatementItem,
    TallyItem,
)


def item_blocks(items: Sequence[Any]) -> list[Block]:
    """Rows of one type together, in the order they came: strengths stay first."""
    found: list[Block] = []
    for kind, run in groupby(items, key=lambda one: one.type):
        layout = _LAYOUTS.get(kind, any_table)
        found += layout(list(run))
    return found


def _columns(*titles: str, numbers: Sequence[str] = (), shares: Sequence[float] = ()) -> list[Column]:
    given = [*shares, *[None] * (len(titles) - len(shares))]
    return [Column(title, title in numbers, share) for title, share in zip(titles, given, strict=True)]


def _exceptions(rows: Sequence[ExceptionItem]) -> list[Block]:
    caption = "Figures that changed significantly or stand out of step: unfavourable ones first, favourable ones last"
    columns = _columns(
        "Indicator", "Figure", "Why it is here", "In a sentence", "Answer", numbers=["Figure"], shares=[2, 1, 1.8, 3, 2]
    )
    return [Table(caption, columns, [_exception(one) for one in rows]).kept()]


def _exception(one: ExceptionItem) -> list[Cell]:
    judged = {None: "", True: ", favourable", False: ", unfavourable"}[one.favourable]
    since = [f"First raised {one.first_raised}"] if one.first_raised else []
    state = {"resolved": "Resolved"}.get(one.status) or ("New" if one.new else None)
    answer = Cell(DASH)
    if one.explanation:
        until = [f"Expected until {day_words(one.expected_until)}"] if one.expected_until else []
        answer = Cell(one.explanation, [f"{one.answered_by or 'Its owner'}, {day_words(one.answered_on)}", *until])
    elif one.unanswered_days is not None:
        answer = Cell("Not answered", [f"for {one.unanswered_days} days"], tone="amber")
    return [
        Cell(one.title, (one.period_label,)),
        Cell(one.display),
        Cell(f"{capital(one.trigger_label)}{judged}", since, flag=state),
        Cell(one.sentence),
        answer,
    ]


def _slots(rows: Sequence[SlotItem]) -> list[Block]:
    cells = [
        [
            Cell(one.unit_name),
            Cell(one.period_label),
            Cell(capital(one.state_label), (one.void_reason,) if one.void_reason else ()),
            Cell(day_words(one.submitted_on)),
        ]
        for one in rows
    ]
    return [Table("Each team’s place in the round", _columns("Team", "Month", "State", "Submitted"), cells)]


def _grades(rows: Sequence[GradeItem]) -> list[Block]:
    """Domains down, grades across, the best first."""
    grades = list(dict.fromkeys(one.grade_label for one in sorted(rows, key=grade_rank)))
    domains = {title: {one.grade_label: one.display for one in run} for title, run in groupby(rows, key=_domain)}
    cells = [[Cell(title), *(Cell(found.get(grade, DASH)) for grade in grades)] for title, found in domains.items()]
    return [Table("Grades by domain: how many audits had each", _columns("Domain", *grades, numbers=grades), cells)]


def _domain(one: GradeItem) -> str:
    return one.domain_title


def _statements(rows: Sequence[StatementItem]) -> list[Block]:
    found: list[Block] = []
    for group, run in groupby(rows, key=lambda one: one.group_label):
        found += [Heading(group), Points([one.text for one in run])]
    return found


def _tallies(rows: Sequence[TallyItem]) -> list[Block]:
    tables = [
        Table(
            group, _columns("What", "Count", numbers=["Count"]), [[Cell(one.title), Cell(one.display)] for one in run],
            "narrow",
        )
        for group, run in groupby(rows, key=lambda one: one.group_label)
    ]  # fmt: skip
    return [Tables(tables)]


def _stages(rows: Sequence[StageItem]) -> list[Block]:
    titles = ("Open", "Closed", "Within time", "Past it")
    cells = [
        [Cell(one.title), *(Cell(n.display) for n in (one.open, one.closed, one.within_statutory, one.past_statutory))]
        for one in rows
    ]
    caption = "Complaints by stage against the time the law allows"
    return [Table(caption, _columns("Stage", *titles, numbers=titles), cells)]


def _actions(rows: Sequence[ActionItem]) -> list[Block]:
    cells = [
        [
            Cell(one.title),
            Cell(one.unit_name or one.unit or DASH),
            Cell(one.owner or DASH),
            Cell(day_words(one.originally_due_on)),
            Cell(day_words(one.due_on)),
            Cell(plain(one.status) if one.status else DASH),
        ]
        for one in rows
    ]
    columns = _columns("Action", "Team", "Owner", "First due", "Now due", "Status", shares=[3])
    return [Table("Actions", columns, cells).kept()]


def _occurrences(rows: Sequence[OccurrenceItem]) -> list[Block]:
    cells = [
        [
            Cell(one.title),
            Cell(one.period_label),
            Cell(day_words(one.due_on)),
            Cell(day_words(one.published_on)),
            Cell(capital(one.outcome_label), (one.reason,) if one.reason else ()),
        ]
        for one in rows
    ]
    columns = _columns("Report", "Period", "Due", "Published", "Outcome", shares=[3])
    return [Table("Reports due in the period", columns, cells)]


def _scheduled(rows: Sequence[ScheduledItem]) -> list[Block]:
    cells = [
        [Cell(one.title), Cell(plain(one.cadence)), Cell(plain(one.owner_role)), Cell(day_words(one.next_due_on))]
        for one in rows
    ]
    columns = _columns("Report", "How often", "Owner", "Next due", shares=[3])
    return [Table("Reports on the schedule", columns, cells)]


_LAYOUTS: dict[str, Callable[[Any], list[Block]]] = {
    "exception": _exceptions,
    "slot": _slots,
    "grade": _grades,
    "statement": _statements,
    "tally": _tallies,
    "stage": _stages,
    "action": _actions,
    "occurrence": _occurrences,
    "scheduled": _scheduled,
    **follow_up_tables.LAYOUTS,
}
