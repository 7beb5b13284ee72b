"""Counting a complaints report: pure, from the facts of a period to its true figures, unit by unit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import date, timedelta
from statistics import median
from typing import Any

from services.feedback_api.complaint_reports.facts import (
    ComplaintFact,
    ComplimentFact,
    Ground,
    StageFact,
    StageRule,
)
from services.feedback_api.complaint_reports.following import FOLLOWED, nothing_followed
from shared.working_days import count_working_days

COUNCIL = ""
UPHELD = ("upheld", "partially_upheld")
NOT_GIVEN = "not_given"
STAGE_COUNTS = (
    "began", "ended", "within_statutory", "past_statutory", "within_target", "past_target", "extended", "set_aside",
    "escalated",
)  # fmt: skip
Figures = dict[str, Any]


def figures_by_unit(ground: Ground, first: date, last: date) -> dict[str, Figures]:
    """The figures of the whole council, and of each unit with those below it that has any."""
    complaints: dict[str, list[ComplaintFact]] = {COUNCIL: ground.complaints}
    compliments: dict[str, list[ComplimentFact]] = {COUNCIL: ground.compliments}
    for complaint in ground.complaints:
        for unit in upwards(complaint.unit, ground.parents):
            complaints.setdefault(unit, []).append(complaint)
    for compliment in ground.compliments:
        for unit in upwards(compliment.unit, ground.parents):
            compliments.setdefault(unit, []).append(compliment)
    followed = _followed(ground)
    return {
        unit: figures_of(
            complaints.get(unit, []), compliments.get(unit, []), ground.stages, ground.days_off, first, last
        )
        | followed.get(unit, nothing_followed())
        for unit in sorted({*complaints, *compliments, *followed})
    }


def _followed(ground: Ground) -> dict[str, Figures]:
    """What followed complaints, of each unit with those below it and of the whole council."""
    found: dict[str, Figures] = {}
    for unit, counts in ground.followed.items():
        for place in (COUNCIL, *upwards(unit, ground.parents)):
            total = found.setdefault(place, nothing_followed())
            for kind, names in FOLLOWED.items():
                for name in names:
                    total[kind][name] += counts[kind][name]
    return found


def upwards(unit: str, parents: Mapping[str, str | None]) -> list[str]:
    """The unit and those above it."""
    path: list[str] = []
    at: str | None = unit
    while at is not None and at not in path:
        path.append(at)
        at = parents.get(at)
    return path


def figures_of(
    complaints: Sequence[ComplaintFact], compliments: Sequence[ComplimentFact],
    rules: Mapping[tuple[str, str], StageRule], off: Set[date], first: date, last: date,
) -> Figures:  # fmt: skip
    """The figures of these complaints and compliments in a span of days."""
    received = [one for one in complaints if first <= one.received_on <= last]
    closed = [one for one in complaints if one.closed_on is not None and first <= one.closed_on <= last]
    refused = [one for one in received if one.status == "refused"]
    upheld = [one for one in closed if one.outcome in UPHELD]
    untaught = [one for one in upheld if not (one.learning and one.improvement)]
    return {
        "received": len(received),
        "statuses": _count(one.status for one in received),
        "procedures": _count(one.procedure for one in received),
        **_by_whom("", received),
        "refusals": {
            "not_eligible": sum(one.eligible is False for one in refused),
            "no_consent": sum(one.consent_given is False for one in refused),
        },
        "closed": len(closed),
        "outcomes": _count(one.outcome or "not_recorded" for one in closed),
        "learning_complete": len(upheld) - len(untaught),
        "learning_missing": len(untaught),
        "learning_missing_units": _count(one.unit for one in untaught),
        "stages": _stages(complaints, rules, off, first, last),
        "compliments": len(compliments),
        **_by_whom("compliment_", compliments),
    }


def _by_whom(prefix: str, records: Sequence[ComplaintFact | ComplimentFact]) -> Figures:
    return {
        f"{prefix}units": _count(one.unit for one in records),
        f"{prefix}agencies": _count(one.agency or "own_service" for one in records),
        f"{prefix}groups": _count(one.respondent_group or NOT_GIVEN for one in records),
        f"{prefix}themes": _count(theme for one in records for theme in one.themes),
    }


def _count(codes: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(codes).items()))


def _stages(
    complaints: Sequence[ComplaintFact], rules: Mapping[tuple[str, str], StageRule], off: Set[date],
    first: date, last: date,
) -> list[Figures]:  # fmt: skip
    """By procedure and stage: those that began in the span, and of those that ended in it how long they took."""
    rows: dict[tuple[str, str], Counter[str]] = {}
    taken: dict[tuple[str, str], list[int]] = {}
    for complaint in complaints:
        for stage in complaint.stages:
            key = complaint.procedure, stage.stage
            tally = _of_stage(complaint, stage, rules.get(key), first, last)
            if tally:
                rows.setdefault(key, Counter()).update(tally)
            if tally["ended"] and stage.clock_starts_on is not None and not stage.led_on:
                counted, aside = days_taken(stage, complaint.set_aside, off)
                taken.setdefault(key, []).append(counted)
                rows[key]["days_set_aside"] += aside
    return [
        {
            "procedure": key[0],
            "stage": key[1],
            **{name: int(row[name]) for name in STAGE_COUNTS},
            "days_set_aside": row["days_set_aside"],
            "timed": len(taken.get(key, [])),
            "median_days": float(median(taken[key])) if key in taken else None,
        }
        for key, row in sorted(rows.items())
    ]


def _of_stage(
    complaint: ComplaintFact, stage: StageFact, rule: StageRule | None, first: date, last: date
) -> Counter[str]:
    tally: Counter[str] = Counter()
    tally["began"] = first <= stage.started_on <= last
    if stage.ended_on is not None and first <= stage.ended_on <= last:
        further = rule.followed_by if rule else None
        tally.update(
            ended=1,
            within_statutory=not stage.led_on and _met(stage.ended_on, stage.statutory_due_on, True),
            past_statutory=_met(stage.ended_on, stage.statutory_due_on, False),
            within_target=not stage.led_on and _met(stage.ended_on, stage.local_due_on, True),
            past_target=_met(stage.ended_on, stage.local_due_on, False),
            extended=stage.extended,
            set_aside=any(begun <= stage.ended_on and (ended or stage.ended_on) >= stage.started_on
                          for begun, ended in complaint.set_aside),
            escalated=further is not None and any(one.stage == further for one in complaint.stages),
        )  # fmt: skip
    return +tally


def _met(ended: date, due: date | None, wanted: bool) -> bool:
    return due is not None and (ended <= due) is wanted


def days_taken(stage: StageFact, set_aside: Iterable[tuple[date, date | None]], off: Set[date]) -> tuple[int, int]:
    """The working days from the clock's day 1 to the day the stage ended, and those set aside in between.

    A stage that ended before its day 1 took none.
    """
    begun, ended = stage.clock_starts_on, stage.ended_on
    assert begun is not None and ended is not None
    aside = {
        first + timedelta(days=number)
        for first, last in set_aside
        for number in range((min(last or ended, ended) - first).days + 1)
    }
    counted = count_working_days(begun, ended, off | aside)
    return counted, count_working_days(begun, ended, off) - counted
