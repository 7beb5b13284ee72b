"""The figures expected of a stretch of time, and how completely and how timely they came."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.checking.figures import Stretch
from services.indicator_api.days import last_day, periods_ending
from services.indicator_api.quality import queries
from services.indicator_api.quality.expectations import Edition, Expected, Recorder, Status, expected_of
from services.indicator_api.quality.ground import Ground, read_ground
from services.indicator_api.series.known import period_of
from shared.auth.caller import Caller
from shared.framework.store import read_items
from shared.schemas.periods import Period, PeriodKind


@dataclass(frozen=True)
class Question:
    """Whose figures of which stretch are asked about."""

    first: date
    last: date
    area: str | None = None
    source_system: str | None = None
    indicators: Sequence[str] = ()


async def read_expected(session: AsyncSession, caller: Caller, question: Question) -> list[Expected]:
    """Every figure expected for a period that ends in the stretch, by indicator, place and period."""
    ground = await read_ground(session, caller, question.area)
    editions = await queries.read_editions(session)
    if question.indicators:
        editions = {code: editions[code] for code in question.indicators if code in editions}
    periods = _by_kind(periods_ending(question.first, question.last))
    recorders = await _recorders(session, ground, editions)
    wanted = _stretches(editions, periods)
    receipts = await queries.read_receipts(session, wanted, ground.names)
    found = [
        Expected(definition, place, period, due, receipts.get((code, place.code, period)))
        for code, every in editions.items()
        for place in recorders[code]
        for definition, period, due in expected_of(every, place, _periods_of(every, periods))
        if question.source_system in (None, definition.content["source_system"])
    ]
    return sorted(found, key=key_of)


def key_of(one: Expected) -> tuple[str, str, str]:
    return one.definition.code, one.place.code, one.period.code


def _by_kind(periods: Iterable[Period]) -> dict[PeriodKind, list[Period]]:
    found: dict[PeriodKind, list[Period]] = {}
    for period in periods:
        found.setdefault(period.kind, []).append(period)
    return found


def _kinds(editions: Iterable[Edition]) -> list[PeriodKind]:
    return list(dict.fromkeys(one.definition.period_kind for one in editions))


def _periods_of(editions: Iterable[Edition], periods: Mapping[PeriodKind, Sequence[Period]]) -> list[Period]:
    return [period for kind in _kinds(editions) for period in periods.get(kind, ())]


def _stretches(
    editions: Mapping[str, Sequence[Edition]], periods: Mapping[PeriodKind, Sequence[Period]]
) -> set[Stretch]:
    """What to read of each indicator: its periods are in the order of their ends."""
    return {
        (code, periods[kind][0].code, periods[kind][-1].code)
        for code, every in editions.items()
        for kind in _kinds(every)
        if kind in periods
    }


async def _recorders(
    session: AsyncSession, ground: Ground, editions: Mapping[str, Sequence[Edition]]
) -> dict[str, list[Recorder]]:
    """Who owes an indicator: whoever ever recorded it, or the council for one that nobody has yet."""
    kinds = {code: every[-1].definition.period_kind for code, every in editions.items()}
    everywhere = set(ground.names) | (ground.units | {ground.council} if ground.council else set())
    first = await queries.read_first_periods(session, kinds, everywhere)
    lives = await queries.read_lives(session)
    recording = {indicator for indicator, _ in first}
    found: dict[str, list[Recorder]] = {}
    for code in editions:
        places = [
            Recorder(place, name, first[code, place], lives.get(place, ()))
            for place, name in ground.names.items()
            if (code, place) in first
        ]
        if code not in recording and ground.council is not None:
            places = [Recorder(ground.council, ground.names[ground.council], None)]
        found[code] = places
    return found


async def completeness(session: AsyncSession, caller: Caller, question: Question, today: date) -> list[dict[str, Any]]:
    """Per source system how complete and how timely its figures are: in all, by period and by indicator."""
    expected = await read_expected(session, caller, question)
    names = await source_names(session)
    return [
        {
            "source_system": source,
            "name": names.get(source, source),
            **counted(every, today),
            "periods": [
                {"period": period, **counted(rows, today)}
                for period, rows in _in_time(_grouped(every, lambda one: one.period.code))
            ],
            "indicators": [
                {"indicator": code, "title": rows[-1].definition.title, **counted(rows, today)}
                for code, rows in sorted(_grouped(every, lambda one: one.definition.code).items())
            ],
        }
        for source, every in sorted(_grouped(expected, _source).items())
    ]


async def summarised(
    session: AsyncSession, expected: Sequence[Expected], findings: Sequence[str], today: date
) -> list[dict[str, Any]]:
    """The counts of each source system that anything is expected of or found in; `findings` are sources, repeated."""
    names, found = await source_names(session), Counter(findings)
    by_source = _grouped(expected, _source)
    return [
        {
            "source_system": source,
            "name": names.get(source, source),
            "findings": found[source],
            **counted(by_source.get(source, ()), today),
        }
        for source in sorted(by_source.keys() | found.keys())
    ]


async def source_names(session: AsyncSession) -> dict[str, str]:
    """The names of the source systems by code, retired ones too."""
    return {item["code"]: item["name"] for item in await read_items(session, "source_systems", retired=True)}


def _source(one: Expected) -> str:
    return str(one.definition.content["source_system"])


def _grouped(rows: Iterable[Expected], key: Callable[[Expected], str]) -> dict[str, list[Expected]]:
    found: dict[str, list[Expected]] = {}
    for one in rows:
        found.setdefault(key(one), []).append(one)
    return found


def _in_time(groups: Mapping[str, list[Expected]]) -> list[tuple[str, list[Expected]]]:
    return sorted(groups.items(), key=lambda one: (last_day(period_of(one[0])), one[0]))


def counted(rows: Sequence[Expected], today: date) -> dict[str, Any]:
    """QualityCounts over what is due; what is not due yet is no part of any share."""
    due = [one for one in rows if one.is_due(today)]
    received = [one for one in due if one.receipt is not None]
    on_time = sum(one.in_time for one in received)
    return {
        "expected": len(due),
        "received": len(received),
        "on_time": on_time,
        "late": len(received) - on_time,
        "missing": len(due) - len(received),
        "provisional": sum(one.status(today) is Status.provisional for one in received),
        "unavailable": sum(one.receipt is not None and one.receipt.unavailable for one in received),
        "not_due": sum(not one.is_due(today) for one in rows),
        "complete_share": round(len(received) / len(due), 4) if due else None,
        "on_time_share": round(on_time / len(due), 4) if due else None,
    }
