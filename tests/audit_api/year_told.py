"""The year itself, told in the order of its days."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from tests.audit_api import year_events as events
from tests.audit_api.year_plan import (
    AGENCIES,
    AUDITORS,
    LATE,
    LATE_DAY,
    MONTHS,
    NEVER_DONE,
    QA,
    SUPERVISED,
    TEAMS,
    VOID,
    VOID_REASON,
)  # fmt: skip
from tests.audit_api.year_steps import Body, Year

Diary = list[tuple[str, Callable[[], Awaitable[object]]]]


async def live(year: Year) -> None:
    """Everything that happens from April to April."""
    for name in AUDITORS:
        trained: Body = {
            "unit": QA, "level": "senior_manager", "capacity_per_month": 30, "available_from": "2026-01-01",
            "tools": ["case_audit"],
        }  # fmt: skip
        await year.do("qa", "PUT", f"auditors/{name}", trained)
    diary: Diary = []
    for month in MONTHS:
        voided = {VOID[0]: VOID_REASON} if month == VOID[1] else {}
        diary.append((f"{month}-01", lambda m=month, v=voided: year.begin_month(m, v)))  # type: ignore[misc]
        diary.append((f"{month}-25", lambda m=month: _hand_in(year, m)))  # type: ignore[misc]
    diary.append((LATE_DAY, lambda: year.submit(*LATE)))
    for reference, day in AGENCIES:
        diary.append((day, lambda r=reference: _together(year, r)))  # type: ignore[misc]
    diary += [
        ("2026-04-27", lambda: _raise_action(year)),
        ("2026-05-26", lambda: _close_two_at_once(year)),
        ("2026-06-26", lambda: events.dispute(year)),
        ("2026-10-06", lambda: events.danger(year)),
        ("2026-10-05", lambda: events.visits(year)),
        ("2026-11-02", lambda: events.outside(year)),
        ("2026-11-03", lambda: events.managers_own(year)),
        ("2026-11-04", lambda: events.few_key_actions(year)),
        ("2026-11-05", lambda: events.observed(year)),
        ("2027-01-20", lambda: events.everyday(year)),
        ("2026-07-02", lambda: _answer_recurrence(year)),
        ("2026-08-03", lambda: _plan_peer(year)),
        ("2026-08-06", lambda: _start_peer(year)),
        ("2026-09-15", lambda: _supervision(year)),
        ("2026-09-16", lambda: _escalate(year)),
        ("2026-09-17", lambda: _assessments(year)),
        ("2026-12-15", lambda: _look_at_overdue(year)),
        ("2027-02-20", lambda: _finish_action(year)),
        ("2027-04-20", lambda: _phase_two(year)),
    ]
    for day, step in sorted(diary, key=lambda entry: entry[0]):
        year.go(day)
        await step()


async def _hand_in(year: Year, month: str) -> None:
    for team in TEAMS:
        if (team, month) not in (NEVER_DONE, VOID, LATE):
            await year.submit(team, month)


async def _together(year: Year, reference: str) -> None:
    if reference == AGENCIES[-1][0]:
        year.told["at 17"] = await year.read("qa", "commitments/multi-agency", year="FY2026-27")
    await year.whole("qa", "multi_agency_case_audit", "fs_dorchester", reference, auditor_unit=QA)


async def _raise_action(year: Year) -> None:
    finding = next(one for one in year.findings["fs_weymouth", "2026-04"] if one["kind"] != "strength")
    body = {
        "finding": finding["id"], "title": "Hold reviews within their time limits", "body": "dscb_qa",
        "owner": {"subject": "manager"}, "due_on": "2026-07-31",
    }  # fmt: skip
    made = await year.do("qa", "POST", "actions", body)
    year.told["action"] = made["id"]
    for version, day in enumerate(("2026-09-30", "2026-11-30", "2027-02-26"), start=1):
        moved = {"due_on": day, "reason": "The training day was moved."}
        await year.do("qa", "PUT", f"actions/{made['id']}/due-date", moved, version=version)


async def _close_two_at_once(year: Year) -> None:
    audit = year.audits["fs_weymouth", "2026-04"]
    seen = (await year.read("qa", f"audits/{audit}"))["version"]
    year.told["no learning"] = await year.refused("qa", "POST", f"audits/{audit}/closures", {}, version=seen)
    learned = {
        "unit": "fs_weymouth", "title": "Book the next review before the last one ends", "kind": "new",
        "audience": ["practitioner"], "visibility": "service", "themes": ["drift_and_delay"], "disseminate": True,
        "sources": [{"kind": "audit", "id": audit}],
    }  # fmt: skip
    item = (await year.do("qa", "POST", "learning", learned))["id"]
    year.told["learning"] = item
    await year.do("practitioner", "POST", f"learning/{item}/acknowledgements", {"level": "practitioner"})
    course = {"training_ref": "TR-1", "title": "Planning that lasts", "commissioned_on": "2026-05-26"}
    await year.do("qa", "POST", f"learning/{item}/training", course)
    path = f"audits/{audit}/closures"
    both = [year.call(who, "POST", path, {}, version=seen) for who in ("qa", "admin")]
    year.told["closings"] = await asyncio.gather(*both)


async def _answer_recurrence(year: Year) -> None:
    asked = {"period": "FY2026-27-Q1"}
    year.told["recurring"] = await year.read("qa", "recurrences", **asked)
    path = "recurrences/FY2026-27-Q1/team_theme/fs_weymouth/drift_and_delay/response"
    answer = {"response": "The team books reviews ahead.", "action": year.told["action"]}
    made = await year.people["qa"].put(f"/v1/{path}", json=answer, headers={"If-None-Match": "*"})
    assert made.status_code in (200, 201), made.text
    year.told["recurring, answered"] = await year.read("qa", "recurrences", **asked)


async def _plan_peer(year: Year) -> None:
    body = {
        "unit": "fs_weymouth", "tool": "unannounced_peer_audit", "case_reference": "SYN-99-001", "announced": False,
        "auditor": "auditor-1", "auditor_unit": QA, "due_on": "2026-08-31",
    }  # fmt: skip
    before = await year.read("manager", "audits", limit=500)
    year.told["peer"] = (await year.do("qa", "POST", "audits", body))["id"]
    year.told["peer hidden"] = await year.refused("manager", "GET", f"audits/{year.told['peer']}")
    year.told["lists"] = before, await year.read("manager", "audits", limit=500)


async def _start_peer(year: Year) -> None:
    paper = await year.filled("unannounced_peer_audit")
    await year.do("auditor-1", "PUT", f"audits/{year.told['peer']}/answers", paper, version=1)
    year.told["peer seen"] = await year.read("manager", f"audits/{year.told['peer']}")


async def _supervision(year: Year) -> None:
    for team in SUPERVISED:
        who = {"auditor": f"manager-of-{team}", "auditor_unit": team}
        await year.whole("qa", "supervision_audit", team, f"SUP-{team[3:6].upper()}-1", **who)


async def _escalate(year: Year) -> None:
    body = {
        "policy": "practice_concern", "unit": "fs_weymouth", "about": {"kind": "plan", "reference": "SYN-00-001"},
        "title": "The plan has not changed in two reviews", "reason": "Raised at both reviews.",
        "against": {"account": "manager"},
    }  # fmt: skip
    made = await year.do("auditor-2", "POST", "escalations", body)
    path = f"escalations/{made['id']}"
    year.told["subject before"] = (await year.refused("manager", "GET", path))[0]
    await year.do("auditor-2", "PUT", f"{path}/subject-told", version=1)
    ended = {"outcome": "not_upheld", "text": "The plan is as it should be."}
    year.told["subject closes"] = await year.refused("manager", "POST", f"{path}/closures", ended, version=2)
    year.told["closed"] = await year.do("head", "POST", f"{path}/closures", ended | {"outcome": "upheld"}, version=2)


async def _assessments(year: Year) -> None:
    looks = {"SEN-1": ("manager_sign_off", "panel"), "SEN-2": ("manager_sign_off",), "SEN-3": ()}
    for reference, passed in looks.items():
        body = {"reference": reference, "unit": "sen_team", "started_on": "2026-09-01"}
        made = await year.do("sen manager", "POST", "sen-assessments", body)
        for version, look in enumerate(passed, start=1):
            who = "sen manager" if look == "manager_sign_off" else "panel"
            agreed = {"checkpoint": look, "outcome": "agreed", "held_on": "2026-09-17"}
            await year.do(who, "POST", f"sen-assessments/{made['id']}/checkpoints", agreed, version=version)


async def _look_at_overdue(year: Year) -> None:
    year.told["action in december"] = await year.read("qa", f"actions/{year.told['action']}")
    year.told["overdue by body"] = await year.read("qa", "actions/overdue-by-body")
    year.told["supervision overdue"] = await year.read("qa", "supervision-audits", overdue="true")


async def _finish_action(year: Year) -> None:
    path = f"actions/{year.told['action']}"
    await year.do("manager", "POST", f"{path}/completions", {"note": "All in time."}, version=4)
    accepted = {"verdict": "accepted"}
    year.told["own word"] = await year.refused("manager", "POST", f"{path}/verifications", accepted, version=5)
    await year.do("head", "POST", f"{path}/verifications", accepted, version=5)
    year.told["no impact"] = await year.refused("qa", "POST", f"{path}/closures", {}, version=6)
    shown = {"impact": "positive", "evidence": [{"kind": "indicator", "ref": "protection_reviews_in_time"}]}
    year.told["action at the end"] = await year.do("qa", "POST", f"{path}/closures", shown, version=6)


async def _phase_two(year: Year) -> None:
    query = {"params": {"period": "2027-04"}}
    year.told["phase two"] = await year.do("qa", "POST", "programmes/monthly_case_audit/rounds", **query)
