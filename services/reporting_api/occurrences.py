"""What an occurrence's state means, told the same way wherever it is read: status, outcome, SQL and words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting_api.document import held_back
from services.reporting_api.models import LatenessReason, Occurrence
from services.reporting_api.registry import table_of
from shared.schemas.base import OutModel

Status = Literal[
    "planned", "due", "assembling", "draft", "submitted", "signed_off", "published", "late", "missed", "withdrawn"
]
LatenessCause = Literal[
    "figures_late", "contribution_late", "source_unavailable", "not_signed", "meeting_changed", "staff_absent", "other"
]
Outcome = Literal["on_time", "late", "open_late", "missed"]
OUTCOME_WORDS: dict[str, str] = {
    "on_time": "on time",
    "late": "late",
    "open_late": "open and late",
    "missed": "missed",
}

table, lateness_table = table_of(Occurrence), table_of(LatenessReason)
c = table.c

# A late report keeps its stage; lateness is what its status tells until it is published.
STATUS: sa.ColumnElement[str] = sa.case(
    (c.withdrawn_on.is_not(None), "withdrawn"),
    (c.stage == "published", "published"),
    (c.missed_on.is_not(None), "missed"),
    (c.late_on.is_not(None), "late"),
    else_=c.stage,
)
# Stages in which nobody has put a report forward for signature.
NOT_PUT_FORWARD = ("planned", "due", "assembling", "draft")
OPEN: sa.ColumnElement[bool] = sa.and_(c.published_on.is_(None), c.withdrawn_on.is_(None))


def status_of(row: Any) -> Status:
    """The status of an occurrence in memory, as STATUS gives it in SQL."""
    if row.withdrawn_on is not None:
        return "withdrawn"
    if row.stage == "published":
        return "published"
    if row.missed_on is not None:
        return "missed"
    found: Status = "late" if row.late_on is not None else row.stage
    return found


def outcome_of(row: Any) -> Outcome:
    """What became of an occurrence whose due date has passed."""
    if row.published_on is not None:
        return "on_time" if row.published_on <= row.due_on else "late"
    return "missed" if row.missed_on is not None else "open_late"


@dataclass(frozen=True)
class Timeliness:
    """Reports that fell due in a period; each is counted once, from the day after its due date.

    `withdrawn` are those whose report had left the schedule before that day: told, and counted nowhere.
    """

    rows: Sequence[Any]
    withdrawn: Sequence[Any] = ()

    @property
    def expected(self) -> int:
        return len(self.rows)

    def count(self, outcome: Outcome) -> int:
        return sum(outcome_of(row) == outcome for row in self.rows)


async def read_timeliness(
    session: AsyncSession,
    first: date,
    last: date,
    today: date,
    *,
    boards: Sequence[str] = (),
    units: frozenset[str] | None = None,
    leave_out: UUID | None = None,
) -> Timeliness:
    """The occurrences due from `first` to `last` whose due date has passed.

    The denominator is frozen at the due date: nothing is moved or withdrawn after it.
    """
    statement = sa.select(table).where(c.due_on.between(first, last), c.due_on < today)
    if boards:
        statement = statement.where(c.boards.overlap(list(boards)))
    if units is not None:
        statement = statement.where(c.unit.in_(sorted(units)))
    if leave_out is not None:
        statement = statement.where(c.id != leave_out)
    found = (await session.execute(statement.order_by(c.due_on, c.report, c.period, c.occasion))).all()
    withdrawn = [row for row in found if row.withdrawn_on is not None]
    return Timeliness([row for row in found if row.withdrawn_on is None], withdrawn)


class LatenessOut(OutModel):
    """Why a report is or will be late, as somebody said it."""

    cause: LatenessCause
    reason: str
    expected_on: date | None
    given_by: str
    given_at: datetime


def readable(reasons: Sequence[LatenessOut], *, plain: bool) -> list[LatenessOut]:
    """The reasons as they were said, or, for whoever may not see small numbers, those that tell a number held back."""
    if plain:
        return list(reasons)
    return [one.model_copy(update={"reason": held_back(one.reason)}) for one in reasons]


async def read_lateness(session: AsyncSession, occurrences: Sequence[UUID]) -> dict[UUID, list[LatenessOut]]:
    """What was said of the lateness of each occurrence, the newest first."""
    reason = lateness_table.c
    statement = sa.select(lateness_table).where(reason.occurrence.in_(occurrences))
    found: dict[UUID, list[LatenessOut]] = {}
    for row in (await session.execute(statement.order_by(reason.occurrence, reason.id.desc()))).all():
        found.setdefault(row.occurrence, []).append(LatenessOut.model_validate(row))
    return found
