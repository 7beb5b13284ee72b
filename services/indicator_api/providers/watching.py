"""What is missing in an entry of a register, and which grades call for one: plain data in, plain data out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from services.indicator_api.days import first_day, last_day
from services.indicator_api.providers.concern_schemas import Flag
from shared.schemas.framework.providers import ProviderRegister
from shared.schemas.periods import Period, PeriodKind

_PARTS = {PeriodKind.half_term: 6, PeriodKind.term: 3}


@dataclass(frozen=True, slots=True)
class Entry:
    """What an entry's flags follow from."""

    opened_on: date
    closed_on: date | None
    supported: bool
    reported_to_members_on: date | None


def periods_of(register: ProviderRegister, year: int) -> list[Period]:
    """The periods of a school year that owe a review each; none where reviews are held when needed."""
    kind = register.review_cycle.period_kind
    return [] if kind is None else [Period(kind, year, part) for part in range(1, _PARTS[kind] + 1)]


def owes_review(entry: Entry, period: Period, today: date) -> bool:
    """Whether a period that has ended owed a review: the entry stood in it to its end.

    Terms have no dates in this service; a period ends with the month it can reach into.
    """
    end = last_day(period)
    return end < today and entry.opened_on <= end and (entry.closed_on is None or entry.closed_on >= end)


def reviews_missing(register: ProviderRegister, entry: Entry, held: Collection[str], today: date) -> list[str]:
    """The periods since the entry was opened that ended without their review."""
    first = entry.opened_on.year - (entry.opened_on.month < 9)
    return [
        period.code
        for year in range(first, today.year + 1)
        for period in periods_of(register, year)
        if first_day(period) <= today and period.code not in held and owes_review(entry, period, today)
    ]


def report_due(register: ProviderRegister, entry: Entry) -> date:
    return entry.opened_on + timedelta(days=register.report_to_members_within_days)


def flags_of(register: ProviderRegister, entry: Entry, missing: Collection[str], today: date) -> list[Flag]:
    """What somebody must see to; a closed entry is still flagged if members were never told."""
    found: list[Flag] = []
    if entry.reported_to_members_on is None:
        found.append("not_reported_to_members")
        if report_due(register, entry) < today:
            found.append("report_to_members_overdue")
    if not entry.supported and entry.closed_on is None:
        found.append("support_missing")
    if missing:
        found.append("review_missing")
    return found


def latest_judgements(rows: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Of each judgement the last grade under the framework the provider was last inspected by.

    An inspection under a newer framework supersedes what an older one said, although the two cannot be compared.
    """
    ordered = sorted(rows, key=lambda row: row["judged_on"])
    found = {row["judgement"]: row for row in ordered if row["framework"] == ordered[-1]["framework"]}
    return list(found.values())


def calling(registers: Iterable[ProviderRegister], kind: str, framework: str, judgement: str, grade: str) -> list[str]:
    """The registers whose rules a grade meets; a rule holds for its own framework only."""
    return [
        register.code
        for register in registers
        if kind in register.provider_kinds
        and any(
            (call.framework, call.judgement) == (framework, judgement) and grade in call.grades
            for call in register.calls_for_support
        )
    ]
