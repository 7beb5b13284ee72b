"""The answers of compliance, made of what was read."""

from __future__ import annotations

from datetime import date
from typing import Any

from services.reporting_api.compliance.schemas import (
    BoardTally,
    CauseCount,
    ComplianceItem,
    ComplianceOut,
    ContributionsOut,
    ContributorTally,
    OwnerTally,
    ReportTally,
    WithdrawnItem,
)
from services.reporting_api.definitions import Definitions
from services.reporting_api.occurrences import outcome_of, readable
from services.reporting_api.owed import Names
from services.reporting_api.punctuality import CAUSE_WORDS, Punctuality, owner_of, tallied
from services.reporting_api.words import period_words
from shared.schemas.board_report import PeriodRef

MOST_ITEMS = 5000


def compliance_out(
    known: Definitions, names: Names, asked: dict[str, Any], found: Punctuality, today: date, *, plain: bool
) -> ComplianceOut:
    """The whole answer; `asked` are the period and what narrowed the question.

    `plain` tells reasons as they were written; else those that tell a number are held back.
    """
    rows = found.reports.rows
    # Of a board that was not asked for, only what it shares with the one that was would be counted.
    by_board = tallied(rows, outcome_of, lambda row: [one for one in row.boards if asked["board"] in (None, one)])
    by_owner = tallied(rows, outcome_of, lambda row: [owner_of(row)])
    by_report = tallied(rows, outcome_of, lambda row: [row.report])
    return ComplianceOut.of(
        found.of_reports, **asked, as_of=today,
        causes=[CauseCount(cause=cause, label=CAUSE_WORDS[cause], count=count) for cause, count in found.causes()],
        by_board=[
            BoardTally.of(one, board=code, name=known.boards[code].name if code in known.boards else code)
            for code, one in sorted(by_board.items())
        ],
        by_owner=[
            OwnerTally.of(one, owner_role=role, unit=unit)
            for (role, unit), one in sorted(by_owner.items(), key=lambda item: (item[0][0], item[0][1] or ""))
        ],
        by_report=[
            ReportTally.of(one, report=code, title=known.title(code)) for code, one in sorted(by_report.items())
        ],
        contributions=_contributions(names, found),
        items=[_item(known, row, found, plain) for row in rows[:MOST_ITEMS]],
        withdrawn=[_withdrawn(known, row) for row in found.reports.withdrawn[:MOST_ITEMS]],
    )  # fmt: skip


def _contributions(names: Names, found: Punctuality) -> ContributionsOut:
    return ContributionsOut.of(
        found.of_contributions, chases=found.owed.chases,
        by_contributor=[
            ContributorTally.of(one, contributor_kind=kind, contributor=code, name=names.get((kind, code), code))
            for (kind, code), one in sorted(found.by_contributor().items())
        ],
    )  # fmt: skip


def _item(known: Definitions, row: Any, found: Punctuality, plain: bool) -> ComplianceItem:
    reasons = readable(found.reasons.get(row.id, []), plain=plain)
    return ComplianceItem(**_due(known, row), published_on=row.published_on, outcome=outcome_of(row), reasons=reasons)


def _withdrawn(known: Definitions, row: Any) -> WithdrawnItem:
    return WithdrawnItem(**_due(known, row), withdrawn_on=row.withdrawn_on, reason=row.withdrawn_reason)


def _due(known: Definitions, row: Any) -> dict[str, Any]:
    period = PeriodRef(code=row.period, label=period_words(row.period), start=row.period_start, end=row.period_end)
    return {
        "occurrence": str(row.id), "report": row.report, "title": known.title(row.report), "period": period,
        "audiences": row.audiences, "owner_role": row.owner_role, "unit": row.unit, "due_on": row.due_on,
    }  # fmt: skip
