"""The surveys of the year as plain data, and how they are put and answered."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from tests.feedback_api.year_steps import Body, Year

Diary = list[tuple[str, Callable[[], Awaitable[object]]]]
# What staff of each team say of audit in either wave: how many gave each answer; 4 and 5 are favourable.
ATTITUDE = {
    "first": {"fs_weymouth": {5: 12, 2: 12}, "cwd_east": {4: 10, 1: 10}},
    "second": {"fs_weymouth": {5: 18, 2: 8}, "cwd_east": {4: 14, 1: 7}},
}
# Three people leave: fewer than the threshold.
LEAVERS = 3
# How sure those who were on a course are, at its end and three months later, by the code only they know.
COURSE = "Child exploitation, September 2026"
SURE = {f"code-{n:02}": (2, 3 if n < 12 else 2 if n < 18 else 1) for n in range(20)}
# What each group says of the hearing support service; settings are never asked (R63).
STAKEHOLDERS = {"child": 8, "young_person": 9, "parent_carer": 12, "school": 7}
NEVER_ASKED = "setting"
POPULATION = 100


def favourable(wave: str) -> tuple[int, int]:
    """How many of all spoke well of audit."""
    answers = [(answer, many) for team in ATTITUDE[wave].values() for answer, many in team.items()]
    return sum(many for answer, many in answers if answer > 3), sum(many for _, many in answers)


def surveys(year: Year) -> Diary:
    """What is asked and answered, by its day."""
    return [
        ("2026-05-05", lambda: _staff(year, "first", "2026-05-04", "2026-05-22")),
        ("2026-11-03", lambda: _staff(year, "second", "2026-11-02", "2026-11-20")),
        ("2026-12-01", lambda: _leavers(year)),
        ("2026-09-25", lambda: _course(year, 0, "2026-09-25", "2026-10-02")),
        ("2026-12-15", lambda: _course(year, 1, "2026-12-14", "2026-12-23")),
        ("2027-01-12", lambda: _stakeholders(year)),
    ]


async def _wave(year: Year, name: str, survey: str, opens: str, closes: str, **more: Any) -> str:
    asked = {"survey": survey, "unit": "childrens_services", "opens_on": opens, "closes_on": closes}
    year.told["wave", name] = (await year.do("qa", "POST", "survey-waves", asked | more))["id"]
    return f"survey-waves/{year.told['wave', name]}"


async def _answers(year: Year, wave: str, items: list[Body]) -> None:
    report = await year.do("qa", "POST", f"{wave}/responses/imports", {"items": items})
    assert report["created"] == len(items)


async def _staff(year: Year, name: str, opens: str, closes: str) -> None:
    wave = await _wave(year, name, "staff_survey", opens, closes)
    answers = [
        {"unit": unit, "respondent_group": "practitioner", "answers": {"audit_helps": answer}}
        for unit, told in ATTITUDE[name].items() for answer, many in told.items() for _ in range(many)
    ]  # fmt: skip
    await _answers(year, wave, answers)


async def _leavers(year: Year) -> None:
    wave = await _wave(year, "leavers", "exit_interview", "2026-12-01", "2026-12-18")
    said: Body = {"unit": "fs_weymouth", "respondent_group": "practitioner", "answers": {"going_to": "agency_work"}}
    await _answers(year, wave, [said] * LEAVERS)


async def _course(year: Year, at: int, opens: str, closes: str) -> None:
    if at == 0:
        groups = ["practitioner"]
        wave = await _wave(
            year, "course", "course_evaluation", opens, closes, course=COURSE, agency="dorset_police",
            respondent_groups=groups,
        )  # fmt: skip
    else:
        year.told["owed"] = (await year.read("qa", "survey-duties", year="FY2026-27"))["follow_ups"]
        first = year.told["wave", "course"]
        wave = await _wave(year, "after", "course_evaluation", opens, closes, follows=first, month=3)
    answers = [
        {"respondent_group": "practitioner", "answers": {"confident": sure[at]}, "pair_code": code}
        for code, sure in SURE.items()
    ]  # fmt: skip
    await _answers(year, wave, answers)


async def _stakeholders(year: Year) -> None:
    """Four groups are asked; one child answers without a login, in its own way."""
    unit = "hearing_support"
    known = [{"unit": unit, "respondent_group": group, "number": POPULATION} for group in STAKEHOLDERS]
    wave = await _wave(
        year, "stakeholders", "stakeholder_survey", "2027-01-11", "2027-02-05", unit=unit, populations=known,
        respondent_groups=list(STAKEHOLDERS),
    )  # fmt: skip
    answers = [
        {"unit": unit, "respondent_group": group, "answers": {"overall": 4}}
        for group, many in STAKEHOLDERS.items() for _ in range(many - (group == "child"))
    ]  # fmt: skip
    await _answers(year, wave, answers)
    tokens = await year.do("qa", "POST", f"{wave}/tokens", {"unit": unit, "respondent_group": "child", "count": 8})
    said = {"overall": 4, "feels_heard": "a bit", "what_works": "She signs with me."}
    sent = {"token": tokens["tokens"][0], "answers": said}
    year.told["public answer"] = await year.do("anybody", "POST", "public/survey-responses", sent)
    year.told["public again"] = await year.refused("anybody", "POST", "public/survey-responses", sent)
    asked = {"state": "quarantined"}
    year.told["quarantined"] = (await year.read("complaints", f"{wave}/words", **asked))["items"]
