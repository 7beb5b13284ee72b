"""Small councils of random voices: views, complaints and compliments, many groups of which are of a few."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import httpx

QUARTERS = {"FY2025-26-Q4": "2026-02-11", "FY2026-27-Q1": "2026-05-13", "FY2026-27-Q2": "2026-08-12"}
# The year of which all but the last quarter is empty.
PERIODS = (*QUARTERS, "FY2025-26")
SERVICES = {"fs_weymouth": "family_support", "fs_portland": "family_support", "cwd_east": "children_who_are_disabled"}
UNITS = {**SERVICES, "family_support": "family_support", "childrens_services": ""}
GROUPS = ("child", "young_person", "practitioner")
FAMILIES = {"children_and_families": ("child", "young_person"), "staff": ("practitioner",)}
THEMES = (frozenset[str](), frozenset({"planning"}), frozenset({"neglect"}), frozenset({"planning", "neglect"}))
FEELINGS = ("positive", "mixed", "negative", "not_given")
CHANNELS = ("review_process", "case_audit", "questionnaires")
RATINGS = (1, 2, 3, 4, 5, None)
PROCEDURES = ("statutory", "conference")
OUTCOMES = ("upheld", "partially_upheld", "not_upheld", "withdrawn")
STATES = ("open", *OUTCOMES)


class View(NamedTuple):
    quarter: str
    unit: str
    group: str
    themes: frozenset[str]


class Said(NamedTuple):
    """One more thing that a view says, of which the totals alone are told."""

    what: str
    quarter: str
    value: Any


class Complaint(NamedTuple):
    quarter: str
    unit: str
    themes: frozenset[str]
    procedure: str
    state: str
    learned: bool


class Compliment(NamedTuple):
    quarter: str
    unit: str
    themes: frozenset[str]


Record = View | Complaint | Compliment
ATOMS: dict[type, list[Any]] = {
    View: [View(q, u, g, t) for q in QUARTERS for u in UNITS for g in GROUPS for t in THEMES],
    Complaint: [
        Complaint(q, u, t, p, s, learned)
        for q in QUARTERS for u in SERVICES for t in THEMES[:3] for p in PROCEDURES for s in STATES
        for learned in (False, True)
    ],
    Compliment: [Compliment(q, u, t) for q in QUARTERS for u in SERVICES for t in THEMES[:3]],
}  # fmt: skip
SAID = {"felt": FEELINGS, "channel": CHANNELS, "rating": RATINGS}


@dataclass(frozen=True)
class World:
    """How many records of each sort there are."""

    truth: Counter[Any]

    @classmethod
    def random(cls, chance: random.Random) -> World:
        most = chance.choice([1, 2, 4, 9])
        truth: Counter[Any] = Counter()
        for one in ATOMS[View]:
            if one.unit != "childrens_services" or chance.random() < 0.2:
                truth[one] = chance.choice([0, 0, 0, chance.randint(1, most), chance.randint(3, 9)])
        for quarter in QUARTERS:
            for state in STATES:
                for _ in range(chance.choice([0, 0, 0, 2, 3, 7, 9, 12])):
                    learned = state in OUTCOMES and chance.random() < 0.3
                    procedure = chance.choices(PROCEDURES, [19, 1])[0]
                    unit, themes = chance.choice([*SERVICES]), chance.choice(THEMES[:3])
                    truth[Complaint(quarter, unit, themes, procedure, state, learned)] += 1
            for _ in range(chance.choice([0, 3, 9, 15])):
                truth[Compliment(quarter, chance.choice([*SERVICES]), chance.choice(THEMES[:3]))] += 1
        return cls(truth)

    def bodies(self, chance: random.Random) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]]]:
        """The records as they are sent; what views say besides is drawn here and counted."""
        views, complaints, compliments = [], [], []
        likely = {what: [chance.choice([1, 3, 20]) for _ in values] for what, values in SAID.items()}
        for one in list(self.truth.elements()):
            match one:
                case View():
                    said = {what: chance.choices(values, likely[what])[0] for what, values in SAID.items()}
                    for what, value in said.items():
                        self.truth[Said(what, one.quarter, value)] += 1
                    views.append(_view(one, said))
                case Complaint():
                    complaints.append(_complaint(one, len(complaints)))
                case Compliment():
                    compliments.append(_compliment(one, len(compliments)))
        return views, complaints, compliments


def _view(one: View, said: dict[str, Any]) -> dict[str, Any]:
    feeling = {} if said["felt"] == "not_given" else {"sentiment": said["felt"]}
    rating = {} if said["rating"] is None else {"rating": said["rating"]}
    return {
        "channel": said["channel"], "respondent_group": one.group, "unit": one.unit, "given_on": QUARTERS[one.quarter],
        "themes": sorted(one.themes), "consent": "shared", **feeling, **rating,
    }  # fmt: skip


def _complaint(one: Complaint, at: int) -> dict[str, Any]:
    day = QUARTERS[one.quarter]
    ended = {} if one.state == "open" else {"ended_on": f"{day[:8]}{int(day[8:]) + 3}", "outcome": one.state}
    learned = {"learning": "Nobody rang back.", "improvement": "A rota answers."} if one.learned else {}
    return {
        "respond_ref": f"CSC-{at}", "procedure": one.procedure, "received_on": day, "unit": one.unit,
        "themes": sorted(one.themes), "stages": [{"stage": "stage_1", "started_on": day, **ended}], **learned,
    }  # fmt: skip


def _compliment(one: Compliment, at: int) -> dict[str, Any]:
    return {
        "respond_ref": f"CPL-{at}",
        "received_on": QUARTERS[one.quarter],
        "unit": one.unit,
        "themes": sorted(one.themes),
    }


async def fill(admin: httpx.AsyncClient, world: World, chance: random.Random) -> None:
    views, complaints, compliments = world.bodies(chance)
    answer = await admin.post("/feedback/v1/views/imports", json={"items": views})
    assert answer.status_code == 200, answer.text
    for path, bodies in (("complaints", complaints), ("compliments", compliments)):
        for body in bodies:
            answer = await admin.post(f"/feedback/v1/{path}", json=body)
            assert answer.status_code == 201, answer.text


def of(kind: type, *conditions: Callable[[Any], bool]) -> Iterable[Any]:
    """The records of a kind that meet every condition."""
    return [one for one in ATOMS[kind] if all(condition(one) for condition in conditions)]


def within(unit: str | None) -> Callable[[Any], bool]:
    tops = {None, "childrens_services", "dorset_council"}
    return lambda one: unit in tops or unit in (one.unit, UNITS[one.unit])


def during(period: str) -> Callable[[Any], bool]:
    return lambda one: one.quarter.startswith(period)


def about(*themes: str) -> Callable[[Any], bool]:
    return lambda one: one.themes >= set(themes)


def themed(one: Any) -> bool:
    return bool(one.themes)


def by(*groups: str) -> Callable[[Any], bool]:
    return lambda one: one.group in groups


def told_apart() -> Iterator[tuple[str, frozenset[Any]]]:
    """Every group of views that a filter, a level or a date can name, alone and crossed."""
    units = [None, *UNITS]
    groups = [GROUPS, *((one,) for one in GROUPS), ("child", "young_person")]
    sorts = {"all": about(), "themed": themed, "planning": about("planning"), "neglect": about("neglect")}
    for period in QUARTERS:
        for unit in units:
            for who in groups:
                for name, sort in sorts.items():
                    atoms = frozenset(of(View, during(period), within(unit), by(*who), sort))
                    yield f"views of {period} {unit} {who} {name}", atoms
