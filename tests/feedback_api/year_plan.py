"""What is said in the year, as plain data: from this the tests count what the service must answer."""

from __future__ import annotations

from itertools import count
from typing import Any, NamedTuple

MONTHS = tuple(f"{2026 + (n > 8)}-{(n + 3) % 12 + 1:02}" for n in range(12))
QUARTERS = {f"FY2026-27-Q{n + 1}": MONTHS[3 * n : 3 * n + 3] for n in range(4)}
YEAR = "FY2026-27"
TEAMS = {
    "fs_weymouth": "family_support", "fs_portland": "family_support", "fs_chesil": "family_support",
    "cwd_east": "children_who_are_disabled", "cwd_west": "children_who_are_disabled",
}  # fmt: skip
SERVICES = ("family_support", "children_who_are_disabled")
# Who speaks through each channel, and how many a month.
CHANNELS = {
    "key_worker_assessment": ("child", 6), "review_process": ("young_person", 4), "case_audit": ("parent_carer", 3),
    "childrens_rights_service": ("child", 3), "childrens_advocates": ("child", 2),
    "young_inspectors": ("young_person", 2), "questionnaires": ("young_person", 3),
    "ehc_assessment_end": ("parent_carer", 2), "ehc_annual_review": ("parent_carer", 2),
    "staff_survey": ("practitioner", 2), "focus_group": ("practitioner", 1), "exit_interview": ("practitioner", 1),
    "supervision": ("practitioner", 1), "performance_development_review": ("manager", 1),
    "engagement_forum": ("manager", 1), "icrs_case_view": ("reviewing_manager", 2),
    "partnership_boards": ("partner_agency", 1), "learning_partnership": ("partner_agency", 1),
    "stakeholder_survey": ("school", 1), "partner_agency_complaint": ("partner_agency", 1),
    "peer_review": ("partner_agency", 1),
}  # fmt: skip
STAFF = (
    "staff_survey", "focus_group", "exit_interview", "supervision", "performance_development_review",
    "engagement_forum",
)  # fmt: skip
ONE_BY_ONE, BY_TOKEN = "key_worker_assessment", "questionnaires"
SILENT_QUARTER = "FY2026-27-Q3"
SILENT = ("young_inspectors", "ehc_annual_review")
THEMES = ("communication", "drift_and_delay", "quality_of_service", "planning")
# What more and more of them speak of in the last quarter.
GROWING = "communication"
FEELINGS = ("positive", "mixed", "negative", None)


class View(NamedTuple):
    """One voice of the year."""

    number: int
    month: str
    channel: str
    group: str
    unit: str
    themes: tuple[str, ...]
    sentiment: str | None
    rating: int | None
    words: str | None = None

    @property
    def quarter(self) -> str:
        return next(code for code, months in QUARTERS.items() if self.month in months)

    @property
    def day(self) -> str:
        return f"{self.month}-{10 + self.number % 9:02}"


def _views() -> list[View]:
    found, numbers = [], count()
    for at, month in enumerate(MONTHS):
        for channel, (group, many) in CHANNELS.items():
            if channel in SILENT and month in QUARTERS[SILENT_QUARTER]:
                continue
            for _ in range(many):
                n = next(numbers)
                grows = month in QUARTERS["FY2026-27-Q4"] and n % 3 > 0
                themes = () if n % 7 == 0 else (GROWING if grows else THEMES[n // 5 % 4],)
                if n % 11 == 0 and themes:
                    themes = (*themes, "management_oversight")
                # A batch of tokens is one team's.
                unit = list(TEAMS)[at % 5 if channel == BY_TOKEN else (3 * n + at) % 5]
                rating = None if n % 6 == 0 else n % 5 + 1
                found.append(View(n, month, channel, group, unit, tuple(sorted(themes)), FEELINGS[n % 4], rating))
    return found


# One child speaks of neglect, alone in the team and the whole council, in one quarter.
ALONE = View(9001, "2026-08", "childrens_advocates", "child", "cwd_west", ("neglect",), "negative", 2)
# What a young person says without a login, and what may be told of it.
DISCLOSED = View(9002, "2026-10", BY_TOKEN, "young_person", "fs_weymouth", ("communication",), "mixed", 3)
HARM = "I am scared of going home."
PRAISE = "Jo Marrow listens, even when I say nothing."
SHAREABLE = "[My worker] listens, even when I say nothing."
# Twenty views with words of which a person decides the theme.
_SAID = {
    "communication": "Nobody returned my calls or answered the letters. ({})",
    "planning": "The plan was never written down for us. ({})",
    "drift_and_delay": "There was one delay after the other. ({})",
    "attendance_and_education": "He is back in class and likes it. ({})",
}
DECIDED = [
    View(9100 + 5 * at + n, "2026-06", "review_process", "parent_carer", "fs_portland", (theme,), "mixed", 3,
         said.format(n + 1))
    for at, (theme, said) in enumerate(_SAID.items()) for n in range(5)
]  # fmt: skip
PLANNED = _views()

# A child's view of May that is recorded in December, after the first quarter was told.
LATE = View(9003, "2026-05", "childrens_advocates", "child", "cwd_east", ("planning",), "negative", 1)
VIEWS = [*PLANNED, ALONE, DISCLOSED, LATE, *DECIDED]

# How children took part in their reviews of July, by code; PN0 was too young to be counted.
REVIEW_CODES = {"PN0": 7, "PN1": 12, "PN2": 1, "PN3": 2, "PN4": 6, "PN5": 3, "PN6": 8, "PN7": 9}
TOOK_PART = ("PN1", "PN2", "PN3", "PN5", "PN6")

CHALLENGES = ("dscb", "ctb", "health_wellbeing_board", "dorset_learning_partnership")
UNANSWERED = "health_wellbeing_board"
# Day, unit, method, stage of commissioning, and how many took part of each group. Nobody is involved in tendering.
INVOLVED: list[tuple[str, str, str, str | None, dict[str, int]]] = [
    ("2026-05-14", "fs_weymouth", "group_discussion", "understanding_needs", {"young_person": 14, "parent_carer": 9}),
    ("2026-07-15", "fs_weymouth", "creative_work", "strategy_development", {"child": 12}),
    ("2026-08-18", "fs_swanage", "youth_forum", None, {"young_person": 8}),
    ("2026-09-10", "fs_swanage", "youth_forum", "review", {"young_person": 7, "parent_carer": 6}),
    ("2026-11-12", "cwd_east", "parent_carer_forum", "review", {"parent_carer": 11}),
]
NEVER_INVOLVED = "tendering"
ONE_METHOD = "fs_swanage"
NOBODY = ("sen_team", "2026-07-30")
COMMITMENTS = {"told_back": "done", "different_methods": "at_risk", "every_channel_heard": "on_track"}


def views(*, months: tuple[str, ...] = MONTHS, unit: str | None = None, theme: str | None = None) -> list[View]:
    """The voices of these months, within a team or service and of a theme."""
    tops = (None, "childrens_services", "dorset_council")
    return [
        one for one in VIEWS
        if one.month in months and (unit in tops or unit in (one.unit, TEAMS[one.unit]))
        and (theme is None or theme in one.themes)
    ]  # fmt: skip


def months_of(period: str) -> tuple[str, ...]:
    """The months of a month, a quarter or the year."""
    return QUARTERS.get(period) or ((period,) if period in MONTHS else MONTHS)


def tallies(rows: list[dict[str, Any]]) -> dict[str, int]:
    """What an answer counts by code, without what is nought or hidden."""
    return {one["code"]: one["count"] for one in rows if one["count"]}
