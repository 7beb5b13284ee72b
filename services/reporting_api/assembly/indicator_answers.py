"""What the indicator service answers beside its series, read for the few fields a report needs."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from services.reporting_api.assembly.evidence import Lenient
from shared.schemas.base import Count


class SetBeside(Lenient):
    """A figure beside one comparator set, of the very same period."""

    comparator_set: str
    name: str
    kind: str
    version: str
    in_force: bool
    value: float | None = None
    mean: float | None = None
    median: float | None = None
    best: float | None = None
    n_available: Count
    n_members: Count
    outcome: str


class AmongAuthorities(Lenient):
    rank: Count | None = None
    band: str | None = None
    q1: float | None = None
    q3: float | None = None
    n_available: Count


class PositionRow(Lenient):
    """Where an indicator's figure of one period stands."""

    indicator: str
    period: str | None
    comparators: list[SetBeside]
    among_authorities: AmongAuthorities


class PositionRows(Lenient):
    items: list[PositionRow]


class FocusNamed(Lenient):
    title: str
    why: str
    indicators: list[str]


class FocusList(Lenient):
    unit: str
    unit_name: str
    carried_from: str | None
    items: list[FocusNamed]
    named_at: datetime


class FocusLists(Lenient):
    """What the Heads of Service ask the board to look at (R49)."""

    lists: list[FocusList]
    indicators: list[str]


class SupportGiven(Lenient):
    what: str


class ConcernEntry(Lenient):
    """An entry of a register of providers (R54)."""

    provider: str
    provider_name: str
    provider_register: str
    category: str
    at_risk: bool
    opened_on: date
    closed_on: date | None
    support: list[SupportGiven]
    reported_to_members_on: date | None
    flags: list[str]


class ConcernEntries(Lenient):
    items: list[ConcernEntry]
    next: str | None = None


class ReviewsOwed(Lenient):
    period: str
    expected: Count
    held: Count
    missing: Count


class RegisterYear(Lenient):
    """A register over a school year."""

    provider_register: str
    name: str
    open: Count
    at_risk: Count
    not_reported_to_members: Count
    periods: list[ReviewsOwed]
    called_for: list[str]


class Judged(Lenient):
    framework: str
    judgement: str
    grade: str
    judged_on: date
    latest: bool


class ProviderNumber(Lenient):
    indicator: str
    title: str
    period: str
    display: str


class ProviderNote(Lenient):
    kind: Literal["visit", "review", "information"]
    noted_on: date
    words: str


class ProviderPage(Lenient):
    """A provider's hard figures and soft information (R86)."""

    code: str
    kind: str
    judgements: list[Judged]
    figures: list[ProviderNumber]
    notes: list[ProviderNote]


class ChecksOfKind(Lenient):
    kind: str
    required: Count
    valid: Count
    lapsed: Count
    missing: Count
    expiring_90: Count


class Registrations(Lenient):
    """Checks and registrations of the workforce on one day (R45)."""

    on: date
    staff: Count
    by_kind: list[ChecksOfKind]


class Restated(Lenient):
    indicator: str
    period: str
    breakdown: str | None
    restated_at: datetime
    reason: str | None


class Restatements(Lenient):
    items: list[Restated]
    next: str | None = None
