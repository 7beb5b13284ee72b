"""Compliance with the reporting schedule as a section: what was due, what came on time, why not, the trend (R70)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from services.reporting_api.assembly.indicator_sections import line
from services.reporting_api.assembly.sections import Work, ours
from services.reporting_api.document import held_back
from services.reporting_api.occurrences import OUTCOME_WORDS, outcome_of
from services.reporting_api.punctuality import CAUSE_WORDS, Punctuality, Tally, owner_of, tallied
from services.reporting_api.words import counted, period_words, sentence
from shared.schemas.board_follow_up_items import TimelinessItem
from shared.schemas.board_report import BoardSection
from shared.schemas.board_report_items import OccurrenceItem, SummaryLine

Group = Literal["board", "owner", "contributor", "period"]
_OUTCOMES = ("on_time", "late", "open_late", "missed")


def compliance(work: Work) -> BoardSection:
    """Which reports this board was due in the period, which came on time, why the others did not, and by whom."""
    occurrence, found = work.brief.occurrence, work.records.punctuality
    assert found is not None
    board = work.brief.report.audiences[0]
    section = ours(work, f"/v1/compliance?board={board}&period={occurrence.period}")
    rows = found.reports.rows
    section.items = [
        *(_report(work, row, found) for row in rows),
        *_tallies("board", tallied(rows, outcome_of, _boards_told(work)), lambda code: _board(work, code)),
        *_tallies("owner", tallied(rows, outcome_of, lambda row: [owner_of(row)]), lambda key: _owner(work, key)),
        *_tallies("contributor", found.by_contributor(), lambda key: _contributor(work, key)),
        *_tallies("period", work.records.punctuality_trend, lambda code: (code, period_words(code))),
    ]
    reports, sent, gone = found.of_reports, found.of_contributions, len(found.reports.withdrawn)
    section.summary = [
        *_lines("", "Reports", reports),
        *([line("withdrawn", "Reports taken off the schedule before their day", gone)] if gone else []),
        *(line(f"cause_{cause}", f"Not on time: {CAUSE_WORDS[cause]}", count) for cause, count in found.causes()),
        *(_lines("contributions_", "Contributions", sent) if sent.expected else []),
    ]
    section.headline = sentence(f"{reports.on_time} of {counted(reports.expected, 'report')} due came on time")
    return section


def _lines(prefix: str, what: str, found: Tally) -> list[SummaryLine]:
    counts = ((name, f"{what} {OUTCOME_WORDS[name]}", getattr(found, name)) for name in _OUTCOMES)
    return [
        line(f"{prefix}expected", f"{what} due", found.expected),
        *(line(f"{prefix}{name}", label, count) for name, label, count in counts),
    ]


def _report(work: Work, row: Any, found: Punctuality) -> OccurrenceItem:
    outcome, reasons = outcome_of(row), found.reasons.get(row.id)
    words = reasons[0].reason if reasons else None
    return OccurrenceItem(
        report=row.report, title=work.brief.known.title(row.report), period=row.period,
        period_label=period_words(row.period), due_on=row.due_on, outcome=outcome,
        outcome_label=OUTCOME_WORDS[outcome], published_on=row.published_on,
        reason=held_back(words) if work.protected else words,
    )  # fmt: skip


def _tallies(group: Group, found: Mapping[Any, Tally], named: Callable[[Any], tuple[str, str]]) -> list[TimelinessItem]:
    rows = []
    for key, one in found.items():
        code, title = named(key)
        rows.append(
            TimelinessItem(
                group=group, code=code, title=title, expected=one.expected, on_time=one.on_time, late=one.late,
                open_late=one.open_late, missed=one.missed,
            )
        )  # fmt: skip
    return rows if group == "period" else sorted(rows, key=lambda row: row.code)


def _boards_told(work: Work) -> Callable[[Any], list[str]]:
    """Of a board that does not get this report, only what it shares with those that do would be counted."""
    told = work.brief.occurrence.boards
    return lambda row: [code for code in row.boards if code in told]


def _board(work: Work, code: str) -> tuple[str, str]:
    known = work.brief.known.boards.get(code)
    return code, known.name if known else code


def _owner(work: Work, key: tuple[str, str | None]) -> tuple[str, str]:
    role, unit = key
    title = role.replace("_", " ").capitalize()
    return (f"{role}:{unit}", f"{title}, {work.brief.names.get(unit, unit)}") if unit else (role, title)


def _contributor(work: Work, key: tuple[str, str]) -> tuple[str, str]:
    return ":".join(key), work.brief.names.get(key[1], key[1])
