"""What the indicator service says of focus, registers of providers and the workforce's checks; all of it invented."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from starlette.requests import Request


def rarer_answers() -> dict[str, dict[str, Any]]:
    """By path, each true to its contract."""
    return {
        "/v1/focus": {"period": "2026-10", "lists": [a_focus()], "indicators": ["rereferrals", "adopted_share"]},
        "/v1/concerns": {"items": [a_concern(), a_concern("little_acorns_invented", told=False)], "next": None},
        "/v1/concerns/overview": {
            "provider_register": "schools_causing_concern", "name": "Schools Causing Concern", "year": "AY2026-27",
            "review_cycle": "half_termly", "open": 2, "at_risk": 1, "not_reported_to_members": 1,
            "periods": [{"period": "AY2026-27-HT1", "expected": 2, "held": 1, "missing": 1}], "called_for": [],
        },
        "/v1/providers/example_hill_primary": a_provider("example_hill_primary"),
        "/v1/providers/little_acorns_invented": a_provider("little_acorns_invented"),
        "/v1/registrations/summary": {
            "on": "2026-10-31", "staff": 120,
            "by_kind": [
                {"kind": "dbs_enhanced", "required": 120, "valid": 117, "lapsed": 2, "missing": 1, "expiring_90": 9}
            ],
        },
    }  # fmt: skip


def given_answers(given: Mapping[str, dict[str, Any]]) -> dict[str, Callable[[Request], dict[str, Any]]]:
    """One route for each path, whose answer a test may change."""

    def answering(path: str) -> Callable[[Request], dict[str, Any]]:
        return lambda _: given[path]

    return {path: answering(path) for path in given}


def a_focus() -> dict[str, Any]:
    return {
        "unit": "family_support", "unit_name": "Family Support", "period": "2026-09", "carried_from": "2026-09",
        "items": [
            {"indicator": "rereferrals", "focus_area": None, "title": "Repeat referrals",
             "why": "Above England two years running.", "indicators": ["rereferrals"]},
            {"indicator": None, "focus_area": "permanence", "title": "Permanence and adoption",
             "why": "Only 3 children were adopted.", "indicators": ["adopted_share"]},
        ],
        "named_by": "head", "named_at": "2026-10-02T09:00:00Z", "version": 1, "allowed_actions": [],
    }  # fmt: skip


def a_concern(code: str = "example_hill_primary", *, told: bool = True) -> dict[str, Any]:
    return {
        "id": "01a20000-0000-7000-8000-00000000000a", "provider": code,
        "provider_name": code.replace("_", " ").title(), "provider_register": "schools_causing_concern",
        "category": "safeguarding", "at_risk": told, "opened_on": "2026-09-14", "closed_on": None,
        "closed_because": None, 
        "support": [{"what": "Adviser two days a week", "from_day": "2026-10-01", "to_day": None}],
        "reported_to_members_on": "2026-10-12" if told else None, "report_to_members_due": "2026-11-13",
        "reviews_missing": [], "flags": [] if told else ["not_reported_to_members", "review_missing"], "version": 1,
    }  # fmt: skip


def a_provider(code: str) -> dict[str, Any]:
    return {
        "code": code, "name": code, "kind": "school", "version": 1,
        "judgements": [
            {"framework": "ofsted_report_card_2025", "judgement": "safeguarding", "grade": "not_met",
             "judged_on": "2026-09-10", "source_ref": None, "latest": True, "calls_for_support": []}
        ],
        "figures": [{"indicator": "absence", "title": "Absence", "period": "AY2024-25", "display": "7.4%"}],
        "notes": [
            {"id": "n1", "kind": "visit", "noted_on": "2026-10-13", "words": "Lessons calm.", "recorded_by": "x",
             "recorded_at": "2026-10-13T15:00:00Z"},
            {"id": "n2", "kind": "information", "noted_on": "2026-03-01", "words": "Long ago.", "recorded_by": "x",
             "recorded_at": "2026-03-01T15:00:00Z"},
        ],
    }  # fmt: skip
