"""What happens in the year, as plain data: from this the tests count what the service must answer."""

from __future__ import annotations

from datetime import date, timedelta

from tests.reporting_api.year.counting import Body, Owed, by_the_calendar, when_asked, working_days_from

END = date(2027, 10, 29)
# The next year's schedule is not agreed: every report ends with this one.
SCHEDULE_ENDS = date(2027, 3, 30)
Key = tuple[str, str]
REQUESTS: dict[Key, date] = {
    ("multi_agency_audit_analysis", "FY2026-27-Q1"): date(2026, 7, 13),
    ("attainment_summaries", "AY2025-26"): date(2026, 10, 19),
    ("icrm_thematic_audits", "2026-10"): date(2026, 11, 6),
    ("specialist_teaching_on_request", "FY2026-27-Q2"): date(2026, 12, 1),
    ("icrm_thematic_audits", "2027-01"): date(2027, 2, 10),
}
OWED = [*by_the_calendar(), *(when_asked(*key, day) for key, day in REQUESTS.items())]
# Published so many working days after the due day, with the reason given for it.
LATE: dict[Key, tuple[int, str]] = {
    ("csdg_monthly", "2026-08"): (3, "figures_late"),
    ("children_in_care_monthly", "2026-12"): (25, "staff_absent"),  # when January's was due already
    ("audit_findings_quarterly", "FY2026-27-Q2"): (3, "source_unavailable"),
    ("agency_reports_quarterly", "FY2026-27-Q3"): (2, "contribution_late"),
    ("csoc_safeguarding", "FY2026-27-Q1"): (1, "not_signed"),
    ("specialist_teaching_on_request", "FY2026-27-Q2"): (4, "figures_late"),
    ("yot_cog_annual", "FY2026-27"): (10, "other"),
}  # fmt: skip
MISSED: set[Key] = {
    ("ics_monthly", "2026-07"), ("provider_information_half_termly", "AY2026-27-HT3"),
    ("sen_requests_quarterly", "FY2026-27-Q1"),
}  # fmt: skip
# Never published, and nothing of the kind fell due after them.
LEFT_OPEN: set[Key] = {("specialist_teaching_quarterly", "FY2026-27-Q4"), ("icrm_thematic_audits", "2027-01")}
OUTAGE = date(2026, 11, 5), date(2026, 11, 12)

# Whose part of which report came so many working days late, or never; what is not named came on its day.
PARTS_LATE: dict[tuple[str, Key], int] = {
    ("cafcass", ("agency_reports_quarterly", "FY2026-27-Q1")): 4,
    ("schools", ("section_11_annual", "FY2026-27")): 2,
    ("early_years", ("schools_causing_concern_half_termly", "AY2026-27-HT1")): 1,
}
PARTS_MISSING: set[tuple[str, Key]] = {
    ("voluntary_sector", ("agency_reports_quarterly", "FY2026-27-Q2")),
    ("further_education", ("training_uptake_annual", "FY2026-27")),
}
PARTS_WAIVED: set[tuple[str, Key]] = {("youth_justice_service", ("agency_reports_quarterly", "FY2026-27-Q4"))}

# A return of the department, the day it is due, and the day it is submitted, if it is.
RETURNS: dict[Key, tuple[date, date | None]] = {
    ("school_census", "AY2025-26-T2"): (date(2026, 4, 24), date(2026, 4, 20)),
    ("ssda903", "RY2026"): (date(2026, 6, 30), date(2026, 6, 26)),
    ("cin_census", "RY2026"): (date(2026, 7, 31), date(2026, 8, 4)),
    ("school_census", "AY2025-26-T3"): (date(2026, 8, 18), date(2026, 8, 14)),
    ("section_251_outturn", "FY2025-26"): (date(2026, 8, 31), date(2026, 8, 27)),
    ("social_work_workforce_census", "AY2025-26"): (date(2026, 11, 30), date(2026, 11, 27)),
    ("school_census", "AY2026-27-T1"): (date(2027, 1, 15), None),
    ("sen2", "CY2026"): (date(2027, 2, 28), date(2027, 2, 26)),
}
# Said otherwise by the indicator service from that day on.
RESTATED: dict[Key, tuple[date, float]] = {
    ("supervision_in_time", "2026-06"): (date(2026, 9, 7), 41.0),
    ("supervision_in_time", "2026-08"): (date(2026, 10, 30), 43.0),
}
# The board's report of June is corrected after that of September has gone out.
CORRECTED: Key = ("csdg_monthly", "2026-06")
CORRECTED_ON = date(2026, 10, 29)
MEETING_MOVED_ON = date(2026, 12, 7)
DECIDED_ON: Key = ("csdg_monthly", "2026-05")
FIRST_QUARTER_WITHOUT_PARTICIPATION = "FY2026-27-Q1"
NO_STRENGTHS = "2026-05"


def published_on(one: Owed) -> date | None:
    """The day on which a report is published: the working day before it is due, if the plan says nothing else."""
    if one.key in MISSED | LEFT_OPEN:
        return None
    if one.key in LATE:
        return working_days_from(one.due_on, LATE[one.key][0])
    return max(one.opens_on, working_days_from(one.due_on, -1))


def outcome(one: Owed, as_of: date) -> str | None:
    """What became of it by a day; None where it is not due yet."""
    if one.due_on >= as_of:
        return None
    done = published_on(one)
    if done is not None and done <= as_of:
        return "on_time" if done <= one.due_on else "late"
    later = [other.due_on for other in OWED if other.report == one.report and other.start > one.start]
    regular = one.key not in REQUESTS
    return "missed" if regular and any(due < as_of for due in later) else "open_late"


def part_sent_on(contributor: str, one: Owed) -> date | None:
    if (contributor, one.key) in PARTS_MISSING | PARTS_WAIVED:
        return None
    return working_days_from(one.contributions_due_on, PARTS_LATE.get((contributor, one.key), 0))


def part_outcome(contributor: str, one: Owed, as_of: date) -> str | None:
    """What became of one contribution by a day; None where it is not due, or was not asked for in the end."""
    due = one.contributions_due_on
    if due >= as_of or (contributor, one.key) in PARTS_WAIVED:
        return None
    sent = part_sent_on(contributor, one)
    if sent is not None and sent <= as_of:
        return "on_time" if sent <= due else "late"
    done = published_on(one)
    return "missed" if one.due_on < as_of or (done is not None and done <= as_of) else "open_late"


def quarter(code: str) -> tuple[date, date]:
    """The days of a financial quarter or year."""
    first = int(code[2:6])
    if "-Q" not in code:
        return date(first, 4, 1), date(first + 1, 3, 31)
    number = int(code[-1])
    start = date(first + number // 4, (3 * number) % 12 + 1, 1)
    following = start.month + 3
    return start, date(start.year + following // 13, (following - 1) % 12 + 1, 1) - timedelta(days=1)


def edits(one: Owed) -> Body:
    """What people write into a report so that it passes its gates."""
    closing = ("right_things", "making_a_difference")
    told = [
        {"code": section["code"], "narrative": "Seen to as agreed; what was learned is in use."}
        for section in one.definition["sections"]
        if section["kind"] in ("narrative", "value_for_money") and section["code"] not in closing
    ]
    if one.key == ("csdg_monthly", NO_STRENGTHS):
        told.append({"code": "audit_findings", "narrative": "The auditors were asked to name strengths next time."})
    found: Body = {
        "doing_the_right_things": "The evidence supports the plan; late reviews are being caught up.",
        "making_a_difference": "Fewer children wait for a plan than a year ago, and parents say so too.",
        "sections": told,
    }
    if "key_actions_cap" in one.definition["gates"]:
        found["key_actions"] = key_actions(3)
    if "participation_statement" in one.definition["gates"] and one.period == FIRST_QUARTER_WITHOUT_PARTICIPATION:
        found["participation"] = {
            "took_place": False, "why_not": "The group had no members.", "what_follows": "It begins anew in August.",
        }  # fmt: skip
    return found


def key_actions(number: int) -> list[Body]:
    return [{"text": f"Key action {one}", "evidence": ["supervision_in_time"]} for one in range(1, number + 1)]
