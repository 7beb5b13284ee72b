"""The sections that need no neighbour: compliance, the schedule, contributions, returns and narrative."""

from __future__ import annotations

from services.reporting_api.assembly.indicator_sections import line
from services.reporting_api.assembly.sections import Work
from services.reporting_api.definitions import boards_of
from services.reporting_api.occurrences import OUTCOME_WORDS, outcome_of
from services.reporting_api.words import counted, period_words, sentence
from shared.schemas.board_report import BoardSection, Source
from shared.schemas.board_report_items import ContributionItem, OccurrenceItem, ScheduledItem


def _ours(work: Work, path: str) -> BoardSection:
    """A section out of this service's own records."""
    section = work.blank()
    now = work.brief.now
    section.sources = [Source(service="reporting", path=path, fetched_at=now, as_of=now, availability="available")]
    section.as_of = now
    return section


def compliance(work: Work) -> BoardSection:
    """Which reports this board was due in the period, and which came on time (R70)."""
    occurrence, found = work.brief.occurrence, work.brief.timeliness
    assert found is not None
    board = work.brief.report.audiences[0]
    section = _ours(work, f"/v1/compliance?board={board}&period={occurrence.period}")
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
    ours = set(work.brief.report.audiences)
    section = _ours(work, f"/v1/schedule?board={work.brief.report.audiences[0]}")
    section.items = [
        ScheduledItem(
            report=report.code, title=report.title, cadence=report.cadence, owner_role=report.owner_role,
            next_due_on=work.brief.next_due.get(report.code),
        )
        for report in work.brief.known.in_use()
        if ours & set(boards_of(report))
    ]  # fmt: skip
    section.headline = sentence(f"{counted(len(section.items), 'report')} on the schedule of this board")
    return section


def contributions(work: Work) -> BoardSection:
    """Who is due to send a part of this report (R85); what has come is not recorded yet, and the section says so."""
    section = _ours(work, f"/v1/schedule?board={work.brief.report.audiences[0]}")
    senders = [str(one.agency or one.unit) for one in work.brief.report.contributors]
    section.items = [
        ContributionItem(contributor=code, name=work.brief.names.get(code, code), due_on=work.brief.occurrence.due_on)
        for code in senders
    ]
    section.headline = sentence(f"{counted(len(senders), 'contribution')} due")
    section.caveats = ["Which contributions have come is not recorded yet."]
    return section


def narrative(work: Work) -> BoardSection:
    """A section that a person writes."""
    return work.blank()
