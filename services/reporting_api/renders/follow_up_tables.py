"""The rows that say what others owe a board, laid out for whoever follows them up: what is late stands out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from services.reporting_api.renders.blocks import DASH, Block, Cell, Column, Heading, Table
from services.reporting_api.renders.wording import Tone, capital, day_words, plain
from services.reporting_api.words import listed
from shared.schemas.board_evidence_items import CommitmentItem, FamilyItem, OwedSurveyItem
from shared.schemas.board_follow_up_items import ContributionItem, MatterItem, TimelinessItem
from shared.schemas.board_return_items import ReturnItem

_RAG: dict[str | None, Tone | None] = {"green": "green", "amber": "amber", "red": "red"}
_STANDING: dict[str, Tone] = {
    "received": "green", "received_late": "amber", "overdue": "red", "missing": "red", "not_asked": "amber",
}  # fmt: skip
_GROUPS = {
    "board": "By board", "owner": "By owner", "contributor": "By contributor", "period": "Periods before",
}  # fmt: skip


def _columns(*given: tuple[str, bool, float | None]) -> list[Column]:
    return [Column(title, number, share) for title, number, share in given]


def _words(title: str, share: float | None = None) -> tuple[str, bool, float | None]:
    return title, False, share


def _number(title: str) -> tuple[str, bool, float | None]:
    return title, True, None


def _count(value: int | None) -> Cell:
    return Cell(DASH if value is None else f"{value:,}")


def _commitments(rows: Sequence[CommitmentItem]) -> list[Block]:
    """The promise and how far it has come, then the cases quarter by quarter."""
    columns = _columns(
        _words("Promise", 3), _number("Promised"), _number("Done"), _number("Planned"), _number("Expected by now"),
        _number("By the year’s end"), _words("Standing"),
    )  # fmt: skip
    cells = [
        [
            Cell(one.title, (capital(one.year_label),)), _count(one.target), _count(one.completed),
            _count(one.scheduled), _count(one.expected_by_now), _count(one.forecast),
            Cell(plain(one.rag) if one.rag else DASH, tone=_RAG.get(one.rag)),
        ]
        for one in rows
    ]  # fmt: skip
    found: list[Block] = [Table("Audits promised for the year, in cases", columns, cells).kept()]
    for one in rows:
        quarters = [[Cell(q.label), _count(q.cases), _count(q.cases_so_far)] for q in one.quarters]
        if quarters:
            wide = _columns(_words("Quarter"), _number("Cases"), _number("So far"))
            found.append(Table(f"{one.title}: quarter by quarter", wide, quarters, "narrow"))
    return found


def _owed_surveys(rows: Sequence[OwedSurveyItem]) -> list[Block]:
    columns = _columns(
        _words("Survey", 2), _words("Owed by", 2), _words("Due"), _words("Held with"), _words("Coming"),
        _words("Not planned"),
    )  # fmt: skip
    cells = [
        [
            Cell(one.title), Cell(one.unit_name), Cell(day_words(one.due_on), flag="Overdue" if one.overdue else None),
            Cell(listed(one.done) or DASH), Cell(listed(one.coming) or DASH),
            Cell(listed(one.missing) or DASH, tone="amber" if one.missing else None),
        ]
        for one in rows
    ]  # fmt: skip
    return [Table("Surveys that are owed, by group of people", columns, cells).kept()]


def _families(rows: Sequence[FamilyItem]) -> list[Block]:
    def standing(one: FamilyItem) -> Cell:
        if one.contributed:
            return Cell("Heard", tone="green")
        return Cell("Silent although expected", tone="red") if one.expected else Cell("Not expected")

    cells = [[Cell(one.label), standing(one), Cell(listed(one.sections) or DASH)] for one in rows]
    columns = _columns(_words("Family of sources", 2), _words("Standing"), _words("Where it speaks", 3))
    return [Table("The five families of sources", columns, cells)]


def _matters(rows: Sequence[MatterItem]) -> list[Block]:
    columns = _columns(
        _words("What was decided", 3), _words("Owner"), _words("Due"), _words("Status"), _words("Progress", 2)
    )
    cells = [
        [
            Cell(one.text, (f"{one.board_name}, {day_words(one.decided_on)}: {one.report_title}, {one.period_label}",)),
            Cell(one.owner or DASH),
            Cell(day_words(one.due_on), _first_due(one)),
            Cell("Overdue", tone="red") if one.overdue else Cell(plain(one.status)),
            Cell(one.progress or DASH, (day_words(one.progress_on),) if one.progress_on else ()),
        ]
        for one in rows
    ]
    return [Table("Matters arising", columns, cells).kept()]


def _first_due(one: MatterItem) -> tuple[str, ...]:
    moved = one.originally_due_on is not None and one.originally_due_on != one.due_on
    return (f"first {day_words(one.originally_due_on)}",) if moved else ()


def _timeliness(rows: Sequence[TimelinessItem]) -> list[Block]:
    titles = ("Expected", "On time", "Late", "Open and late", "Missed")
    found: list[Block] = []
    for group in dict.fromkeys(one.group for one in rows):
        cells = [
            [Cell(one.title), *map(_count, (one.expected, one.on_time, one.late, one.open_late, one.missed))]
            for one in rows
            if one.group == group
        ]
        columns = _columns(_words("Whose" if group != "period" else "Period", 3), *map(_number, titles))
        found += [
            Heading(_GROUPS[group]),
            Table(f"How reports kept their time: {_GROUPS[group].lower()}", columns, cells),
        ]
    return found


def _contributions(rows: Sequence[ContributionItem]) -> list[Block]:
    columns = _columns(
        _words("Contributor", 3), _words("Due"), _words("Standing", 1.4), _words("Received"), _number("Chased"),
        _words("Remarks", 2),
    )  # fmt: skip
    cells = [
        [
            Cell(one.name), Cell(day_words(one.due_on)),
            Cell(capital(one.standing_label), tone=_STANDING.get(one.standing)), Cell(day_words(one.received_on)),
            Cell(f"{one.chased:,}", (f"last {day_words(one.last_chased_on)}",) if one.last_chased_on else ()),
            Cell(_remark(one)),
        ]
        for one in rows
    ]  # fmt: skip
    return [Table("Contributions asked for", columns, cells).kept()]


def _remark(one: ContributionItem) -> str:
    nothing = f"Nothing to report: {listed(one.nothing_to_report)}" if one.nothing_to_report else None
    return "; ".join(filter(None, (one.waived_reason, nothing))) or DASH


def _returns(rows: Sequence[ReturnItem]) -> list[Block]:
    columns = _columns(
        _words("Return", 2), _words("Due"), _words("Standing"), _words("Reviewed by"), _words("Submitted by"),
        _words("Submitted"),
    )  # fmt: skip
    cells = [
        [
            Cell(one.title, (capital(one.period_label),)), Cell(day_words(one.due_on)),
            Cell(capital(one.status_label), tone=_return_tone(one)),
            Cell(one.reviewed_by or DASH, (f"for {one.reviewed_for}",) if one.reviewed_for else ()),
            Cell(one.submitted_by or DASH),
            Cell(day_words(one.submitted_on), (f"submission {one.submission}",) if (one.submission or 1) > 1 else ()),
        ]
        for one in rows
    ]  # fmt: skip
    return [
        Table("Returns that fell due: each submitted after the review of exactly its content", columns, cells).kept()
    ]


def _return_tone(one: ReturnItem) -> Tone | None:
    return None if one.on_time is None else "green" if one.on_time else "red"


LAYOUTS: dict[str, Callable[[Any], list[Block]]] = {
    "commitment": _commitments,
    "owed_survey": _owed_surveys,
    "source_family": _families,
    "matter": _matters,
    "timeliness": _timeliness,
    "contribution": _contributions,
    "return": _returns,
}
