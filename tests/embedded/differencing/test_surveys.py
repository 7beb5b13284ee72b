"""No small number of a survey follows from its results over groups and units, its shares and the indicators of it."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from typing import Any, NamedTuple

import pytest

from services.feedback_api.surveys import told
from tests.conftest import Running
from tests.door import Door
from tests.doses import dose, tell
from tests.embedded.differencing.knowledge import Knowledge

QUESTION, TOP = "audit_helps", ("4", "5")
ANSWERS = ("1", "2", "3", "4", "5")
GROUPS = ("practitioner", "manager")
ABOVE = {
    "fs_weymouth": "family_support", "fs_portland": "family_support", "fs_chesil": "family_support",
    "cwd_east": "children_who_are_disabled", "cwd_west": "children_who_are_disabled",
    "family_support": "childrens_services", "children_who_are_disabled": "childrens_services",
    "childrens_services": "dorset_council",
}  # fmt: skip
LEFT_OUT = "left out"
WAVE = {
    "survey": "staff_survey", "unit": "childrens_services", "opens_on": "2026-11-02", "closes_on": "2026-11-23",
}  # fmt: skip


class Answered(NamedTuple):
    unit: str
    group: str
    answer: str


def of(units: Iterable[str], groups: Iterable[str], answers: Iterable[str]) -> list[Answered]:
    """Everybody who could be in a part of the wave, those whose group nobody knows too."""
    return [Answered(unit, group, answer) for unit in units for group in groups for answer in answers]


def below(unit: str) -> list[str]:
    return [one for one in ABOVE if unit in chain(one)]


def chain(unit: str) -> list[str]:
    found = [unit]
    while found[-1] in ABOVE:
        found.append(ABOVE[found[-1]])
    return found


def a_wave(chance: random.Random) -> Counter[Answered]:
    likely, most = [chance.choice([0, 1, 3, 8]) for _ in ANSWERS], chance.choice([3, 8, 20])
    truth: Counter[Answered] = Counter()
    for unit in chance.sample([*ABOVE], chance.randint(2, 6)):
        for group in GROUPS:
            for _ in range(chance.choice([0, 0, chance.randint(1, 5), chance.randint(1, most)])):
                answer = chance.choices(ANSWERS, likely)[0] if any(likely) and chance.random() > 0.05 else LEFT_OUT
                truth[Answered(unit, group, answer)] += 1
    return truth


async def put(feedback: Running, truth: Counter[Answered]) -> str:
    """The wave put, answered and closed; its path."""
    client = await feedback.client("admin")
    made = await client.post("/v1/survey-waves", json=WAVE)
    assert made.status_code == 201, made.text
    path = f"/v1/survey-waves/{made.json()['id']}"
    items = [
        {"unit": one.unit, "respondent_group": one.group,
         "answers": {"proud_to_work_here": 3} if one.answer == LEFT_OUT else {QUESTION: int(one.answer)}}
        for one in truth.elements()
    ]  # fmt: skip
    if items:
        assert (await client.post(f"{path}/responses/imports", json={"items": items})).status_code == 200
    feedback.clock.advance(timedelta(days=1))
    return path


async def everything(door: Door, path: str, known: Knowledge) -> int:
    """Asks for the wave, each group and each unit, and for the indicators made of it; how many questions that took."""
    groups = (*GROUPS, "not_given")
    asked: list[tuple[str, list[str], tuple[str, ...]]] = [
        ("", [*ABOVE], groups), *((f"?unit={unit}", below(unit), groups) for unit in ABOVE),
        *((f"?respondent_group={group}", [*ABOVE], (group,)) for group in GROUPS),
    ]  # fmt: skip
    for query, units, who in asked:
        answer = await door.get(f"{path}/results{query}")
        if answer.status_code == 200:
            hear(known, answer.json(), units, who)
    made = (await door.get("/v1/survey-indicators?period=2026-11")).json()["items"]
    for one in made:
        units = below(one["area"]) if one["area"] in ABOVE else [*ABOVE]
        known.hear(f"indicator of {one['area']}", of(units, groups, TOP), one["numerator"])
        known.hear(f"indicator of {one['area']}, of all", of(units, groups, ANSWERS), one["denominator"])
    return len(asked) + 1


def hear(known: Knowledge, answer: Any, units: list[str], who: tuple[str, ...]) -> None:
    every, name = (*ANSWERS, LEFT_OUT), f"{units[0]} {who}"
    known.hear(f"responses of {name}", of(units, who, every), answer["responses"])
    for one in answer["by_group"]:
        known.hear(f"responses of {one['code']}", of(units, (one["code"],), every), one["responses"])
    for one in answer["by_unit"]:
        known.hear(f"responses of {one['code']}", of(below(one["code"]), who, every), one["responses"])
    for one in (one for one in answer["questions"] if one["question"] == QUESTION):
        known.hear(f"answered in {name}", of(units, who, ANSWERS), one["answered"])
        for row in one["answers"]:
            known.hear(f"{row['value']} in {name}", of(units, who, (row["value"],)), row["count"])
        if one["favourable"]:
            known.hear(f"favourable in {name}", of(units, who, TOP), one["favourable"]["count"])
        if one["mean"] is not None and one["answered"]:
            cells = of(units, who, ANSWERS)
            for reach, sign in ((-0.005, 1), (0.005, -1)):
                factors = {cell: sign * (int(cell.answer) - one["mean"] - reach) for cell in cells}
                known.bounds(f"mean of {name}", factors, 0, 1e6)


@pytest.mark.parametrize("seed", range(dose(1, 60)))
async def test_R17_no_small_number_of_a_survey_follows_from_all_that_is_told(feedback: Running, seed: int) -> None:
    truth = a_wave(random.Random(seed))
    known = Knowledge(truth)
    questions = await everything(feedback.door("practitioner"), await put(feedback, truth), known)
    assert known.found() == []
    tell(worlds=1, questions=questions, figures=known.figures, small_numbers=len(known.ranges()))


async def test_the_attack_finds_them_where_small_answers_alone_are_hidden(
    feedback: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    def careless(item: Any, counts: Any, parts: Any, threshold: int, gone: Any) -> Any:
        return {
            part: frozenset(cell for cell, count in one.items() if 0 < count <= threshold)
            for part, one in counts.items()
        }

    monkeypatch.setattr(told, "_hidden_answers", careless)
    truth = Counter({Answered("fs_weymouth", "practitioner", answer): n for answer, n in (("5", 20), ("1", 3))})
    known = Knowledge(truth)
    await everything(feedback.door("practitioner"), await put(feedback, truth), known)
    assert any(one.count == 3 for one in known.found())
