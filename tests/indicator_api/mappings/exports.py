"""Lines as official statistics print them, and the mappings that read them.

Sources, under the Open Government Licence v3.0, Department for Education: children's social work workforce 2025; the
Local Authority Interactive Tool (LAC, ReReferral); pupil attendance 2025/26 to date; children in need, referrals by
month.
"""

from __future__ import annotations

from typing import Any

WORKFORCE = """\
time_period,geographic_level,old_la_code,area_code,area_name,inpost_fte,leavers_fte,turnover_rate_fte,agency_fte
2024,Local authority,838,E06000059,Dorset,205.1,24.7,12,48.4
2025,Local authority,838,E06000059,Dorset,215.7,17.1,7.9,29.8
2025,Regional,,E12000009,South West,3264.1,429.2,13.1,403.1
"""
WORKFORCE_MAPPING: dict[str, Any] = {
    "title": "Social work workforce by authority",
    "source_system": "workforce_census",
    "other_columns": "ignore",
    "columns": {"area": "Area_Code"},
    "period": {"columns": ["time_period"], "reading": "dfe", "identifier": "CY"},
    "constants": {"source_ref": "DfE social work workforce"},
    "only": {"geographic_level": ["local authority"]},
    "figures": [
        {"columns": {"value": "inpost_fte"}, "constants": {"indicator": "social_workers_in_post"}},
        {
            "columns": {"value": "turnover_rate_fte", "numerator": "leavers_fte", "denominator": "inpost_fte"},
            "constants": {"indicator": "social_worker_turnover"},
        },
        {"columns": {"value": "agency_fte"}, "constants": {"indicator": "agency_social_workers"}},
    ],
}

LAIT = """\
measure,period,la_number,value
LAC,2019,838,-
LAC,2024,838,67
LAC,2025,838,65
LAC,2025,839,94
ReReferral,2025,838,25.4
EYFSP_unknown,2025,838,3
"""
LAIT_MAPPING: dict[str, Any] = {
    "title": "LAIT values that are years to 31 March",
    "source_system": "ssda903",
    "columns": {"indicator": "measure", "area": "la_number", "value": "value"},
    "area_by": "la_number",
    "period": {"columns": ["period"], "reading": "dfe", "identifier": "RY"},
    "only": {"measure": ["LAC", "ReReferral"]},
    "translations": {"indicator": {"LAC": "looked_after_rate", "ReReferral": "rereferrals"}},
}

ATTENDANCE = """\
time_period;time_identifier;area_code;education_phase;attendance_perc
202526;Academic year;E06000059;Primary;94.4008204160453
202526;Academic year;E06000059;Special;88.1486148362825
202526;Academic year;E06000059;Total;92.5002274008516
"""
ATTENDANCE_MAPPING: dict[str, Any] = {
    "title": "Attendance of the year to date",
    "source_system": "raise",
    "delimiter": "semicolon",
    "columns": {"area": "area_code", "value": "attendance_perc"},
    "constants": {"indicator": "attendance_to_date"},
    "period": {"columns": ["time_period", "time_identifier"], "reading": "dfe"},
    "breakdown": {"phase": "education_phase"},
    "translations": {"breakdown": {"Total": ""}},
}

REFERRALS = """\
month,year_ending_march,geographic_level,old_la_code,area_code,area_name,referrals,year_total
2022-02-01,2022,Local authority,838,E06000059,Dorset,258,2899
2022-03-01,2022,Local authority,838,E06000059,Dorset,288,2899
"""
REFERRALS_MAPPING: dict[str, Any] = {
    "title": "Referrals by month",
    "source_system": "cin_census",
    "other_columns": "ignore",
    "columns": {"area": "area_code", "value": "referrals"},
    "constants": {"indicator": "referrals_monthly"},
    "period": {"columns": ["month"], "reading": "date"},
}

# An invented export of a case management system: months side by side, teams by their names, two lines of title.
MONTHS = """\
"Referrals, all teams"\t\t\t
Printed 23/11/2026\t\t\t
Team\tApr-26\tMay-26\tTotal
"Family Support, Weymouth"\t41\t..\t41
Family Support Portland\t\t12\t12
"""
MONTHS_MAPPING: dict[str, Any] = {
    "title": "Referrals by team and month",
    "source_system": "raise",
    "delimiter": "tab",
    "skip_lines": 2,
    "other_columns": "ignore",
    "blank_figures": "skip",
    "columns": {"area": "Team"},
    "constants": {"indicator": "referrals_monthly"},
    "translations": {
        "area": {"Family Support, Weymouth": "fs_weymouth", "Family Support Portland": "fs_portland"},
        "value": {"..": "x"},
    },
    "figures": [
        {"columns": {"value": "Apr-26"}, "constants": {"period": "2026-04"}},
        {"columns": {"value": "May-26"}, "constants": {"period": "2026-05"}},
    ],
}
EXPORTS = {
    "workforce": (WORKFORCE, WORKFORCE_MAPPING),
    "lait": (LAIT, LAIT_MAPPING),
    "attendance": (ATTENDANCE, ATTENDANCE_MAPPING),
    "referrals": (REFERRALS, REFERRALS_MAPPING),
    "months": (MONTHS, MONTHS_MAPPING),
}
# Indicator, area, period, breakdown, numerator, denominator, value, symbol.
Stored = tuple[str, str, str, str | None, float | None, float | None, float | None, str | None]
STORED: dict[str, list[Stored]] = {
    "workforce": [
        ("agency_social_workers", "E06000059", "CY2024", None, None, None, 48.4, None),
        ("agency_social_workers", "E06000059", "CY2025", None, None, None, 29.8, None),
        ("social_worker_turnover", "E06000059", "CY2024", None, 24.7, 205.1, 12, None),
        ("social_worker_turnover", "E06000059", "CY2025", None, 17.1, 215.7, 7.9, None),
        ("social_workers_in_post", "E06000059", "CY2024", None, None, None, 205.1, None),
        ("social_workers_in_post", "E06000059", "CY2025", None, None, None, 215.7, None),
    ],
    "lait": [
        ("looked_after_rate", "E06000058", "RY2025", None, None, None, 94, None),
        ("looked_after_rate", "E06000059", "RY2019", None, None, None, None, "x"),
        ("looked_after_rate", "E06000059", "RY2024", None, None, None, 67, None),
        ("looked_after_rate", "E06000059", "RY2025", None, None, None, 65, None),
        ("rereferrals", "E06000059", "RY2025", None, None, None, 25.4, None),
    ],
    "attendance": [
        ("attendance_to_date", "E06000059", "AY2025-26", None, None, None, 92.5002274008516, None),
        ("attendance_to_date", "E06000059", "AY2025-26", "phase=primary", None, None, 94.4008204160453, None),
        ("attendance_to_date", "E06000059", "AY2025-26", "phase=special", None, None, 88.1486148362825, None),
    ],
    "referrals": [
        ("referrals_monthly", "E06000059", "2022-02", None, None, None, 258, None),
        ("referrals_monthly", "E06000059", "2022-03", None, None, None, 288, None),
    ],
    "months": [
        ("referrals_monthly", "fs_portland", "2026-05", None, None, None, 12, None),
        ("referrals_monthly", "fs_weymouth", "2026-04", None, None, None, 41, None),
        ("referrals_monthly", "fs_weymouth", "2026-05", None, None, None, None, "x"),
    ],
}
