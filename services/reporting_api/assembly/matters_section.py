"""Matters arising: what the board decided on earlier reports, until it is done."""

from __future__ import annotations

from typing import Any

from services.reporting_api.assembly.indicator_sections import line
from services.reporting_api.assembly.sections import Work, ours
from services.reporting_api.document import held_back
from services.reporting_api.matters import is_overdue
from services.reporting_api.words import counted, period_words, sentence
from shared.schemas.board_follow_up_items import MatterItem
from shared.schemas.board_report import BoardSection
from shared.schemas.framework.reporting import ReportSection, SectionKind

# Where a report's definition has no place for them, they stand at its end: nobody forgets a decision by leaving it out.
APPENDED = ReportSection(code="matters_arising", title="Matters arising", kind=SectionKind.matters_arising)


def matters_arising(work: Work) -> BoardSection:
    """Each open decision, the longest overdue first, then those ended since the last report of this kind."""
    section = ours(work, f"/v1/decisions?board={work.brief.report.audiences[0]}")
    rows, today = work.records.matters, work.brief.today
    ranked = sorted(rows, key=lambda row: (row.status != "open", not is_overdue(row, today), row.meeting_on))
    section.items = [_matter(work, row) for row in ranked]
    still = [row for row in rows if row.status == "open"]
    overdue = sum(is_overdue(row, today) for row in still)
    section.summary = [
        line("open", "Open", len(still)),
        line("overdue", "Overdue", overdue),
        line("done", "Done since the last report", sum(row.status == "done" for row in rows)),
        line("cancelled", "Cancelled since the last report", sum(row.status == "cancelled" for row in rows)),
    ]
    section.headline = sentence(
        f"{counted(len(still), 'decision')} of earlier meetings open, {overdue} of them overdue"
    )
    return section


def _matter(work: Work, row: Any) -> MatterItem:
    board = work.brief.known.boards.get(row.board)
    hide = held_back if work.protected and row.disclosure == "full" else str
    return MatterItem(
        id=str(row.id), board=row.board, board_name=board.name if board else row.board, decided_on=row.meeting_on,
        report_title=row.title, period_label=period_words(row.period), text=hide(row.decided) or "",
        owner=_owner(work, row), originally_due_on=row.originally_due_on, due_on=row.due_on, status=row.status,
        overdue=is_overdue(row, work.brief.today), progress=hide(row.progress) if row.progress else None,
        progress_on=row.progress_on,
    )  # fmt: skip


def _owner(work: Work, row: Any) -> str | None:
    names = work.brief.names
    role = (row.owner_role or "").replace("_", " ").capitalize()
    place = names.get(row.owner_agency or row.owner_unit or "", row.owner_agency or row.owner_unit or "")
    return ", ".join(part for part in (role, place) if part) or None
