"""The sections that need no neighbour: the schedule, returns and narrative."""

from __future__ import annotations

from services.reporting_api.assembly.sections import Work, ours
from services.reporting_api.definitions import boards_of
from services.reporting_api.words import counted, sentence
from shared.schemas.board_report import BoardSection
from shared.schemas.board_report_items import ScheduledItem


def schedule(work: Work) -> BoardSection:
    """The reports this board gets, how often, and when the next is due (R78)."""
    boards = set(work.brief.report.audiences)
    section = ours(work, f"/v1/schedule?board={work.brief.report.audiences[0]}")
    section.items = [
        ScheduledItem(
            report=report.code, title=report.title, cadence=report.cadence, owner_role=report.owner_role,
            next_due_on=work.records.next_due.get(report.code),
        )
        for report in work.brief.known.in_use()
        if boards & set(boards_of(report))
    ]  # fmt: skip
    section.headline = sentence(f"{counted(len(section.items), 'report')} on the schedule of this board")
    return section


def narrative(work: Work) -> BoardSection:
    """A section that a person writes."""
    return work.blank()
