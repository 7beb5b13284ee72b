"""Everything that may be asked of the year's views, and what each figure told counts, as the plan has it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import product
from typing import Any

from tests.feedback_api.year_complaints import COMPLAINTS, COMPLIMENTS, Complaint
from tests.feedback_api.year_plan import (
    ALONE,
    LATE,
    QUARTERS,
    SERVICES,
    TEAMS,
    VIEWS,
    YEAR,
    View,
    months_of,
    views,
)
from tests.feedback_api.year_steps import WHO, Body, Year

PERIODS = (*QUARTERS, YEAR, ALONE.month)
UNITS = (None, "childrens_services", *SERVICES, *TEAMS)
ASKED_THEMES = (None, "neglect", "planning")
LEVELS = (None, "whole_service", "segment", "local_office")
# A set of records as a number, one bit a record, and how many the service says there are.
Told = tuple[int, int]
FAMILIES: dict[str | None, tuple[str, ...]] = {
    "children_and_families": ("child", "young_person", "parent_carer"), "staff": ("practitioner", "manager"),
}  # fmt: skip
Record = View | Complaint | str
_PLACES = {one: place for place, one in enumerate([*VIEWS, *COMPLAINTS, *COMPLIMENTS])}


def as_set(records: Iterable[Record]) -> int:
    """The records as a set; what was recorded after its quarter was first told is in none that is told."""
    return sum(1 << _PLACES[one] for one in records if one is not LATE)


def _others(months: tuple[str, ...], unit: str | None, theme: str | None) -> tuple[list[Complaint], list[str]]:
    """The complaints and compliments of these months."""

    def here(where: str, day: str) -> bool:
        return day[:7] in months and unit in (None, "childrens_services", where, TEAMS[where])

    complaints = [one for one in COMPLAINTS if here(one.unit, one.received_on) and theme in (None, "communication")]
    return complaints, [ref for ref, (where, day) in COMPLIMENTS.items() if here(where, day) and theme is None]


async def everything(year: Year, who: str, periods: tuple[str, ...] = PERIODS) -> tuple[list[Told], set[int]]:
    """All that summaries and analyses tell somebody, over every combination, and the statuses that came back."""
    found: list[Told] = []
    statuses, own = set(), WHO[who][1]
    for period, unit, theme, level in product(periods, UNITS, ASKED_THEMES, LEVELS):
        asked = {"period": period, "unit": unit, "theme": theme, "level": level}
        answer = await year.call(who, "GET", "summary", params={k: v for k, v in asked.items() if v})
        statuses.add(answer.status_code)
        if answer.is_success:
            told, months = answer.json(), months_of(period)
            found += _of_summary(told, views(months=months, unit=unit or own, theme=theme))
            found += _of_others(told, *_others(months, unit or own, theme))
    for period, (unit, family) in product(periods, [*product(UNITS, [None]), *product([None], FAMILIES)]):
        asked = {"period": period, "unit": unit, "family": family, "of": "views", "level": "local_office", "back": "0"}
        answer = await year.call(who, "GET", "themes/analysis", params={k: v for k, v in asked.items() if v})
        if answer.is_success:
            said = views(months=months_of(period), unit=unit or own)
            found += _of_analysis(answer.json(), [one for one in said if one.group in FAMILIES.get(family, one.group)])
    for period, unit in product(set(periods) - {ALONE.month}, UNITS):
        asked = {"period": period} | ({"unit": unit} if unit else {})
        answer = await year.call(who, "GET", "complaints/reports", params=asked)
        if answer.is_success:
            found += _of_report(answer.json(), period, unit or own)
    return found, statuses


def _of_summary(answer: Body, said: list[View]) -> Iterator[Told]:
    if answer["views"] is not None:
        yield as_set(said), answer["views"]
    for name, counts in (
        ("channels", lambda one: {one.channel}), ("respondent_groups", lambda one: {one.group}),
        ("units", lambda one: {one.unit, TEAMS[one.unit]}), ("themes", lambda one: set(one.themes)),
    ):  # fmt: skip
        cells = {row["code"]: row["count"] for row in answer[name]}
        yield from _cells(cells, said, counts, adds_up=name != "themes")
    feelings = {word: answer["sentiment"][word] for word in ("positive", "mixed", "negative", "not_given")}
    yield from _cells(feelings, said, lambda one: {one.sentiment or "not_given"}, adds_up=True)
    if (given := answer["rating"]["given"]) is not None:
        yield as_set(one for one in said if one.rating), given


def _of_others(answer: Body, complaints: list[Complaint], compliments: list[str]) -> Iterator[Told]:
    if answer["compliments"] is not None:
        yield as_set(compliments), answer["compliments"]
    told = answer["complaints"]
    if told["received"] is not None:
        yield as_set(complaints), told["received"]
    ended = [one for one in complaints if one.outcome]
    yield from _cells(told["outcomes"], ended, lambda one: {one.outcome}, adds_up=True)


def _of_report(answer: Body, period: str, unit: str | None) -> Iterator[Told]:
    """What was received; what was closed in a period is of other complaints than what was received in it."""
    complaints, compliments = _others(months_of(period), unit, None)
    told = answer["complaints"]
    for counted, count in ((complaints, told["received"]), (compliments, answer["compliments"]["received"])):
        if count is not None:
            yield as_set(counted), count
    for name, code in (("units", lambda one: {one.unit}), ("procedures", lambda one: {one.procedure})):
        yield from _cells({row["code"]: row["count"] for row in told[name]}, complaints, code, adds_up=True)


def _of_analysis(answer: Body, said: list[View]) -> Iterator[Told]:
    records = answer["records"].get("views", {})
    themed = [one for one in said if one.themes]
    for name, counted in (("records", said), ("themed", themed)):
        if records.get(name) is not None:
            yield as_set(counted), records[name]
    cells = {row["theme"]: row["counts"]["views"] for row in answer["themes"]}
    yield from _cells(cells, said, lambda one: set(one.themes), adds_up=False)
    for part in answer["units"] + answer["groups"]:
        here = [one for one in themed if part["code"] in (one.unit, TEAMS[one.unit], one.group)]
        if part["code"] != "elsewhere":
            yield from _cells({"": part["themed"]}, here, lambda _: {""}, adds_up=False)
            yield from _cells(part["themes"], here, lambda one: set(one.themes), adds_up=False)
    for pair in answer["pairs"]:
        yield as_set(one for one in said if set(pair["themes"]) <= set(one.themes)), pair["count"]


def _cells(
    cells: dict[str, Any], said: Sequence[Any], counts: Callable[[Any], set[Any]], *, adds_up: bool
) -> Iterator[Told]:
    """Each cell that is told and, where no view is in two, all of them together: the rest of a sum is told by it."""
    told = {code: count for code, count in cells.items() if count is not None}
    for code, count in told.items():
        yield as_set(one for one in said if code in counts(one)), count
    if adds_up:
        yield as_set(one for one in said if counts(one) & told.keys()), sum(told.values())


def small_differences(told: Iterable[Told]) -> list[int]:
    """The small groups that one figure less another gives away."""
    sets = sorted({which for which, count in told if count}, key=int.bit_count)
    return [
        more.bit_count() - less.bit_count()
        for at, less in enumerate(sets) for more in sets[at + 1 :]
        if less & more == less and 1 <= more.bit_count() - less.bit_count() <= 5
    ]  # fmt: skip
