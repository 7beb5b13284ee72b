"""The questions put to the neighbours of a theme or a team, and of whom and when they are asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting_api.asking import Question, question
from services.reporting_api.testimony import (
    Actions,
    AllSaidAndDone,
    AllSharedLearning,
    AllWords,
    Challenges,
    Learning,
    Recommendations,
    Recurrences,
    Standings,
    ThemesTold,
)
from services.reporting_api.words import period_words
from shared.auth.caller import Caller
from shared.framework.store import read_items
from shared.organisation.units import require_visible
from shared.problems import Fault, Malformed, NotFound
from shared.schemas.audit_summary import AuditAnalysis
from shared.schemas.board_report import PeriodRef
from shared.schemas.feedback_summary import FeedbackSummary
from shared.schemas.periods import Period, PeriodKind, TermDatesUnknown

# Words are told by whole quarters and years: a month would say too nearly who spoke.
_WITH_WORDS = (PeriodKind.financial_quarter, PeriodKind.financial_year, PeriodKind.calendar_year)


@dataclass(frozen=True)
class Subject:
    """Of whom and when something is told; without a unit it is of all that the caller sees."""

    span: PeriodRef
    unit: str | None
    unit_name: str | None
    names: dict[str, str]

    def name(self, code: str | None) -> str:
        return self.names.get(code or "", code or "")


async def read_subject(
    session: AsyncSession, caller: Caller, period: str | None, unit: str | None, today: date
) -> Subject:
    """The unit, else the caller's own, and the period, else the last whole quarter; raises NotFound and Malformed."""
    named = unit or caller.unit
    known = {
        one["code"]: one["name"]
        for kind in ("boards", "agencies", "units")
        for one in await read_items(session, kind, retired=True)
    }
    units = {one["code"] for one in await read_items(session, "units", retired=True)}
    if named is not None:
        await require_visible(session, caller, named)
        if named not in units:
            raise NotFound()
    span = _begun(period or _last_quarter(today), today)
    return Subject(span, named, known.get(named) if named else None, known)


def _last_quarter(today: date) -> str:
    return Period.containing(PeriodKind.financial_quarter, today).predecessor.code


def _begun(code: str, today: date) -> PeriodRef:
    try:
        start, end = Period.parse(code).dates()
    except TermDatesUnknown:
        fault = Fault("/query/period", "period", "give a month, quarter or year: only a calendar dates a term")
        raise Malformed("The period has no dates of its own.", errors=[fault]) from None
    if start > today:
        fault = Fault("/query/period", "not_begun", "this period has not begun; give one that has")
        raise Malformed("Of a period that has not begun there is nothing to tell.", errors=[fault])
    return PeriodRef(code=code, label=period_words(code), start=start, end=end)


def standings_of(subject: Subject, indicators: Sequence[str] = ()) -> Question:
    return question(
        "indicator", "/v1/standing", Standings,
        period=subject.span.code, area=subject.unit, indicator=indicators, limit="500",
    )  # fmt: skip


def analysis_of(subject: Subject) -> Question:
    return question("audit", "/v1/analysis", AuditAnalysis, period=subject.span.code, unit=subject.unit)


def actions_of(subject: Subject, theme: str | None = None) -> Question:
    return question("audit", "/v1/actions", Actions, theme=theme, unit=subject.unit, limit="500")


def learning_of(subject: Subject, theme: str | None = None) -> Question:
    return question(
        "audit", "/v1/learning", Learning, status="disseminated", theme=theme, unit=subject.unit, limit="100"
    )


def recurrences_of(subject: Subject) -> Question:
    return question("audit", "/v1/recurrences", Recurrences, period=subject.span.code, unit=subject.unit)


def recommendations_of(subject: Subject) -> Question:
    return question("audit", "/v1/scrutiny/recommendations", Recommendations, unit=subject.unit, limit="100")


def summary_of(subject: Subject) -> Question:
    return question("feedback", "/v1/summary", FeedbackSummary, period=subject.span.code, unit=subject.unit)


def themes_of(subject: Subject, *, family: str | None = None, of: str) -> Question:
    return question(
        "feedback", "/v1/themes/analysis", ThemesTold,
        period=subject.span.code, unit=subject.unit, family=family, of=of, back="1",
    )  # fmt: skip


def challenges_of(subject: Subject, theme: str | None = None, *, about_themes: bool = True) -> Question:
    return question(
        "feedback", "/v1/challenges", Challenges, about="theme" if about_themes else None, ref=theme,
        unit=subject.unit, to=subject.span.end.isoformat(), limit="500",
    )  # fmt: skip


def said_and_done_of(subject: Subject, theme: str | None = None) -> Question:
    return question(
        "feedback", "/v1/you-said-we-did", AllSaidAndDone,
        period=subject.span.code, unit=subject.unit, theme=theme, limit="100",
    )  # fmt: skip


def shared_learning_of(theme: str | None = None) -> Question:
    return question("feedback", "/v1/shared-learning", AllSharedLearning, theme=theme, limit="500")


def words_of(subject: Subject, theme: str | None = None) -> list[Question]:
    """Words that were approved for boards; none to ask for of a period that is not made of quarters."""
    if Period.parse(subject.span.code).kind not in _WITH_WORDS:
        return []
    asked = {"period": subject.span.code, "unit": subject.unit, "theme": theme, "audience": "boards", "limit": "20"}
    return [question("feedback", "/v1/approved-words", AllWords, **asked)]
