"""The sections that need no neighbour: compliance, the schedule, returns and narrative."""

from __future__ import annotations

from services.reporting_api.assembly.indicator_sections import line
from services.reporting_api.assembly.sections import Work, ours
from services.reporting_api.definitions import boards_of
from services.reporting_api.occurrences import OUTCOME_WORDS, outcome_of
from services.reporting_api.words import counted, period_words, sentence
from shared.schemas.board_report import BoardSection
from shared.schemas.board_report_items import OccurrenceItem, ScheduledItem


def compliance(work: Work) -> BoardSection:
    """Which reports this board was due in the period, and which came on time (R70)."""
    occurrence, found = work.brief.occurrence, work.brief.timeliness
    assert found is not None
    board = work.brief.report.audiences[0]
    section = ours(work, f"/v1/compliance?board={board}&period={occurrence.period}")
    section.items = [
        OccurrenceItem(
            report=row.report, title=work.brief.known.title(row.report), period=row.period,
            period_label=period_words(row.period), due_on=row.due_on, outcome=outcome_of(row),
            outcome_label=OUTCOME_WORDS[outcome_of(row)], published_on=row.published_on,
        )
        for row in found.rows
    ]  # fmt: skip
    on_time = found.count("on_time")
    section.summary = [
        line("expected", "Reports due", found.expected),
        line("on_time", "On time", on_time),
        line("late", "Late", found.count("late")),
        line("open_late", "Open and late", found.count("open_late")),
        line("missed", "Missed", found.count("missed")),
    ]
    section.headline = sentence(f"{on_time} of {counted(found.expected, 'report')} due came on time")
    return section


def schedule(work: Work) -> BoardSection:
    """The reports this board gets, how often, and when the next is due (R78)."""
    boards = set(work.brief.report.audiences)
    section = ours(work, f"/v1/schedule?board={work.brief.report.audiences[0]}")
    section.items = [
        ScheduledItem(
            report=report.code, title=report.title, cadence=report.cadence, owner_role=report.owner_role,
            next_due_on=work.brief.next_due.get(report.code),
        )
        for report in work.brief.known.in_use()
        if boards & set(boards_of(report))
    ]  # fmt: skip
    section.headline = sentence(f"{counted(len(section.items), 'report')} on the schedule of this board")
    return section


def narrative(work: Work) -> BoardSection:
    """A section that a person writes."""
    return work.blank()


def not_offered(work: Work) -> BoardSection:
    """A section for which no service has a source yet."""
    return work.unavailable("not_offered")
