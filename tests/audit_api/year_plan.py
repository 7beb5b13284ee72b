"""What happens in the year, as plain data: from this the tests count what the service must answer."""

from __future__ import annotations

from typing import Any

QA = "safeguarding_and_standards"
AUDITORS = ("auditor-1", "auditor-2", "auditor-3")
TEAMS = (
    "fs_weymouth", "fs_portland", "fs_chesil", "fs_dorchester", "fs_bridport", "fs_sherborne", "fs_blandford",
    "fs_gillingham", "fs_wimborne", "fs_ferndown", "fs_wareham", "fs_swanage", "cwd_east", "cwd_west",
)  # fmt: skip
MONTHS = tuple(f"{2026 + (n > 8)}-{(n + 3) % 12 + 1:02}" for n in range(12))
QUARTERS = {f"FY2026-27-Q{n + 1}": MONTHS[3 * n : 3 * n + 3] for n in range(4)}
NEVER_DONE = ("fs_portland", "2026-07")
VOID = ("cwd_west", "2026-08")
VOID_REASON = "The team had no case open for three months or longer."
LATE = ("fs_chesil", "2026-09")
LATE_DAY = "2026-10-16"
GRADES = ("inadequate", "requires_improvement", "good", "outstanding")
STRENGTH: dict[str, Any] = {
    "kind": "strength", "domain": "quality_of_intervention", "title": "Direct work that suits the child",
    "themes": ["voice_of_the_child"],
}  # fmt: skip
_DRIFT = {
    "kind": "area_for_improvement", "domain": "adherence_to_process", "title": "Reviews held late",
    "themes": ["drift_and_delay"],
}  # fmt: skip
# The June finding names that of April, which it repeats.
REPEATED = ("fs_weymouth", "2026-06")
# A grade the team disputes, and what another council's grader settles.
DISPUTED = ("fs_dorchester", "2026-06")
SETTLED = "good"
CONCERN = ("fs_swanage", "2026-10")
VISITED = "fs_ferndown"
# A thematic audit with the same tool beside the rounds.
THEMATIC = ("fs_chesil", "2026-11")
DRIFT = {("fs_weymouth", month): _DRIFT for month in MONTHS[:3]}
# The agencies' cases, by the day each was audited; the fourth was looked at again in December.
AGENCIES = [
    (f"MA-{number:02}", f"2026-{4 + number // 3:02}-{10 + number:02}") for number in range(15)
] + [("MA-03", "2026-12-10"), ("MA-15", "2027-01-12"), ("MA-16", "2027-02-09"), ("MA-17", "2027-03-09")]  # fmt: skip
SUPERVISED = TEAMS[:5]


def case(team: str, number: int) -> str:
    return f"SYN-{TEAMS.index(team):02}-{number:03}"


def given(team: str, month: str) -> str:
    """The grade of outcomes the auditor gives: every grade comes round, whatever the process was."""
    return GRADES[(TEAMS.index(team) + MONTHS.index(month)) % 4]


def outcome_of(team: str, month: str) -> str:
    """The grade of outcomes that stands at the end."""
    return SETTLED if (team, month) == DISPUTED else given(team, month)


def done(months: tuple[str, ...] = MONTHS) -> list[tuple[str, str]]:
    """Team and month of each audit that was submitted."""
    return [(t, m) for m in months for t in TEAMS if (t, m) not in (NEVER_DONE, VOID)]
