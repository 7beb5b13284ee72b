"""One contribution as a caller sees it, with what that caller may do now."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting_api.contributions import queries
from services.reporting_api.contributions.schemas import (
    AskedPartOut,
    ContributionDetail,
    ContributionOut,
    EventOut,
    SubmissionOut,
)
from services.reporting_api.definitions import Definitions, read_definitions
from services.reporting_api.owed import Names, read_names, standing_of
from services.reporting_api.words import period_words
from shared.auth.caller import Caller
from shared.organisation.units import visible_units
from shared.schemas.board_report import PeriodRef


class Shower:
    """What every row of an answer is shown with: titles, names, and the units the caller answers for."""

    def __init__(
        self, known: Definitions, names: Names, caller: Caller, allowed: frozenset[str] | None, today: date
    ) -> None:
        self._known, self._names, self._today = known, names, today
        self._writes, self._allowed = caller.may("reporting:write"), allowed

    @classmethod
    async def read(cls, session: AsyncSession, caller: Caller, today: date) -> Shower:
        known, names = await read_definitions(session), await read_names(session)
        return cls(known, names, caller, await visible_units(session, caller), today)

    def row(self, row: Any) -> ContributionOut:
        return ContributionOut(**self._fields(row))

    async def detail(self, session: AsyncSession, row: Any) -> ContributionDetail:
        trail = await queries.read_trail(session, row.id)
        sent = await queries.read_submissions(session, row.id)
        return ContributionDetail(
            **self._fields(row), trail=[EventOut.model_validate(one) for one in trail],
            submissions=[SubmissionOut.model_validate(one) for one in sent],
        )  # fmt: skip

    def _fields(self, row: Any) -> dict[str, Any]:
        label, meetings = period_words(row.period), self._known.meeting_days(row.boards[0])
        return {
            **{name: str(getattr(row, name)) for name in ("id", "occurrence")},
            **{
                name: getattr(row, name)
                for name in (
                    "report", "contributor_kind", "contributor", "asked_on", "due_on", "originally_due_on",
                    "report_due_on", "received_on", "chases", "last_chased_on", "waived_on", "waived_reason", "version",
                )
            },
            "title": self._known.title(row.report),
            "period": PeriodRef(code=row.period, label=label, start=row.period_start, end=row.period_end),
            "name": self._names.get((row.contributor_kind, row.contributor), row.contributor),
            "parts": [AskedPartOut(**part) for part in row.parts],
            "board_meets_on": next((day for day in meetings if day > row.report_due_on), None),
            "standing": standing_of(row, self._today),
            "allowed_actions": self._allowed_actions(row),
        }  # fmt: skip

    def _allowed_actions(self, row: Any) -> list[str]:
        coordinates = self._writes and (self._allowed is None or row.unit in self._allowed)
        if row.waived_on is not None:
            return []
        if row.received_on is not None:
            if row.published_on is not None:
                return []
            return ["submit", *(["refuse"] if coordinates else [])]
        found = ["submit", *(["chase"] if coordinates else [])]
        return [*found, "waive"] if coordinates and row.due_on >= self._today else found


async def show(session: AsyncSession, caller: Caller, wanted: UUID, today: date) -> ContributionDetail:
    row = await queries.find_contribution(session, caller, wanted)
    return await (await Shower.read(session, caller, today)).detail(session, row)
