"""The complaints of the year as plain data: what arrives, what is done about each on which day, what comes of it."""

from __future__ import annotations

from typing import Any, NamedTuple

Body = dict[str, Any]
PROCLAIMED = "2026-06-12"
# The days on which a quarter's report comes, and with the last that of the year.
REPORTED = {
    "2026-07-01": ["FY2026-27-Q1"], "2026-10-01": ["FY2026-27-Q2"], "2027-01-01": ["FY2026-27-Q3"],
    "2027-04-01": ["FY2026-27", "FY2026-27-Q4"],
}  # fmt: skip
LEARNED: Body = {"learning": "Nobody rang back.", "improvement": "A rota answers the telephone."}


class Complaint(NamedTuple):
    """A complaint and how it stands when the year is over."""

    ref: str
    received_on: str
    unit: str
    outcome: str | None
    closed_on: str | None
    learned: bool = False
    procedure: str = "statutory"

    @property
    def upheld(self) -> bool:
        return self.outcome in ("upheld", "partially_upheld")


# What the complaints system's export of September holds, each closed at its first stage.
_OUTCOMES = ("upheld", "partially_upheld", "not_upheld")
EXPORTED = [
    Complaint(f"EXP-{n}", f"2026-07-{6 + n:02}", ("fs_weymouth", "fs_portland", "cwd_east")[n % 3],
              _OUTCOMES[n // 3], f"2026-07-{17 + n}", n % 2 == 0)
    for n in range(9)
]  # fmt: skip
COMPLIMENTS = {f"CPL-{n}": ("fs_portland", f"2026-07-{10 + n}") for n in range(7)}
CASES = [
    Complaint("LATE", "2026-04-13", "fs_chesil", "not_upheld", "2026-06-30"),
    Complaint("PROCLAIMED", "2026-06-01", "fs_weymouth", "upheld", "2026-06-16"),
    Complaint("STAGES", "2026-08-10", "fs_weymouth", "upheld", "2026-12-22", True),
    Complaint("REFUSED", "2026-09-07", "cwd_west", "partially_upheld", "2026-09-30"),
    Complaint("TWICE-1", "2026-10-05", "fs_portland", "not_upheld", "2026-10-16"),
    Complaint("CORPORATE", "2026-10-12", "fs_chesil", "not_upheld", "2026-10-26", procedure="corporate"),
    Complaint("WITHDRAWN", "2026-11-02", "cwd_east", "not_upheld", "2026-11-27"),
    Complaint("CONFERENCE", "2026-11-09", "fs_chesil", "upheld", "2026-11-20", True, "conference"),
    Complaint("CHRISTMAS", "2026-12-18", "fs_weymouth", "upheld", "2027-01-05", True),
    Complaint("EASTER", "2027-03-19", "cwd_east", None, None),
]
COMPLAINTS = [*EXPORTED, *CASES]
# The second reference of a complaint that was keyed in twice.
TWICE = Complaint("TWICE-2", "2026-10-06", "fs_portland", None, None)

_IP: Body = {
    "stage": "stage_2", "role": "independent_person", "person": "ip-1", "employed_by_council": False,
    "in_line_of_service": False, "appointed_on": "2026-09-02",
}  # fmt: skip
_PANEL: Body = _IP | {"stage": "stage_3", "role": "panel_member", "appointed_on": "2026-10-26"}


def _ends(stage: str, day: str, outcome: str | None, **more: Any) -> tuple[str, str, Body]:
    return day, "outcomes", {"stage": stage, "ended_on": day, "outcome": outcome} | more


# What is done about each, on its day: `people` with "replaces" names the person there before.
DEEDS: dict[str, list[tuple[str, str, Body]]] = {
    "LATE": [
        _ends("stage_1", "2026-04-24", "not_upheld"),
        ("2026-06-01", "refused stages", {"stage": "stage_2", "started_on": "2026-06-01"}),
        ("2026-06-01", "stages", {"stage": "stage_2", "started_on": "2026-06-01", "accepted_because": "In hospital.",
                                  "complaint_finalised_on": "2026-06-01"}),
        _ends("stage_2", "2026-06-30", "not_upheld", adjudicated_on="2026-06-30"),
    ],
    "PROCLAIMED": [_ends("stage_1", "2026-06-16", "upheld", learning_owner="manager", learning_due_on="2026-06-30")],
    "STAGES": [
        ("2026-08-19", "freezes", {"from": "2026-08-19", "to": "2026-09-11", "reason": "Proceedings."}),
        _ends("stage_1", "2026-08-26", "not_upheld"),
        ("2026-09-01", "stages", {"stage": "stage_2", "started_on": "2026-08-28",
                                  "complaint_finalised_on": "2026-09-01"}),
        ("2026-09-02", "people", _IP | {"role": "investigating_officer", "person": "io-1",
                                        "employed_by_council": True}),
        ("2026-09-02", "refused people", _IP | {"employed_by_council": True}),
        ("2026-09-02", "people", _IP),
        ("2026-09-21", "people", _IP | {"person": "ip-2", "appointed_on": "2026-09-21", "replaces": "ip-1",
                                        "reason": "Moved away."}),
        _ends("stage_2", "2026-10-15", "partially_upheld", adjudicated_on="2026-10-15"),
        ("2026-10-22", "stages", {"stage": "stage_3", "started_on": "2026-10-22", "requested_on": "2026-10-22"}),
        ("2026-10-26", "refused people", _PANEL),
        *(("2026-10-26", "people", _PANEL | {"person": f"panel-{n}"}) for n in range(3)),
        _ends("stage_3", "2026-12-01", None),
        _ends("panel_report", "2026-12-08", None),
        _ends("authority_response", "2026-12-22", "upheld", ombudsman_told_on="2026-12-22", **LEARNED),
    ],
    "REFUSED": [
        ("2026-09-09", "decisions", {"about": "eligibility", "accepted": False, "refusal_code": "over_a_year_old",
                                     "matter_on": "2025-06-01", "reason": "It lies over a year back.",
                                     "decided_by": "officer-2", "decided_on": "2026-09-09"}),
        ("2026-09-21", "decisions", {"about": "eligibility", "accepted": True, "decided_by": "officer-3",
                                     "decided_on": "2026-09-21", "reason": "The child could not complain before."}),
        _ends("stage_1", "2026-09-30", "partially_upheld"),
    ],
    "TWICE-1": [
        ("2026-10-08", "merges", {"respond_ref": TWICE.ref, "reason": "Keyed in twice."}),
        _ends("stage_1", "2026-10-16", "not_upheld"),
    ],
    "CORPORATE": [_ends("acknowledgement", "2026-10-14", None), _ends("stage_1", "2026-10-26", "not_upheld")],
    "WITHDRAWN": [
        _ends("stage_1", "2026-11-06", "withdrawn"),
        ("2026-11-16", "stages", {"stage": "stage_1", "started_on": "2026-11-16"}),
        _ends("stage_1", "2026-11-27", "not_upheld"),
    ],
    "CONFERENCE": [_ends("stage_1", "2026-11-20", "upheld", **LEARNED)],
    "CHRISTMAS": [
        _ends("stage_1", "2027-01-05", "upheld", shared_learning="Say when the office is closed.", **LEARNED)
    ],
}  # fmt: skip

# By hand with a calendar: 2026-12-25 and 28, 2027-01-01, 2027-03-26 and 29 are bank holidays, and 12 June was made one.
DUE = {
    ("LATE", "stage_1"): "2026-04-27", ("LATE", "stage_2"): "2026-07-07", ("PROCLAIMED", "stage_1"): "2026-06-16",
    ("STAGES", "stage_1"): "2026-09-17", ("STAGES", "stage_2"): "2026-10-16", ("STAGES", "stage_3"): "2026-12-03",
    ("STAGES", "panel_report"): "2026-12-08", ("STAGES", "authority_response"): "2026-12-31",
    ("CHRISTMAS", "stage_1"): "2027-01-06", ("EASTER", "stage_1"): "2027-04-06",
    ("CORPORATE", "acknowledgement"): "2026-10-19", ("CORPORATE", "stage_1"): "2026-10-28",
}  # fmt: skip


def received(months: tuple[str, ...]) -> list[Complaint]:
    return [one for one in COMPLAINTS if one.received_on[:7] in months]


def closed(months: tuple[str, ...]) -> list[Complaint]:
    return [one for one in COMPLAINTS if one.closed_on and one.closed_on[:7] in months]


def exported(one: Complaint) -> Body:
    """A complaint as the complaints system has it."""
    body: Body = {
        "respond_ref": one.ref, "procedure": one.procedure, "received_on": one.received_on, "unit": one.unit,
        "respondent_group": "parent_carer", "themes": ["communication"],
    }  # fmt: skip
    if one in EXPORTED:
        stage = {"stage": "stage_1", "started_on": one.received_on, "ended_on": one.closed_on, "outcome": one.outcome}
        body |= {"stages": [stage]} | (LEARNED if one.learned and one.upheld else {})
    return body
