"""What happens besides the reports: others' parts, returns, a decision, an outage, a correction."""

from __future__ import annotations

import hashlib
from typing import Any

from tests.reporting_api.year.counting import MOVED, REPORTS, Body, Owed
from tests.reporting_api.year.people import Year
from tests.reporting_api.year.plan import CORRECTED, DECIDED_ON, NO_STRENGTHS, OWED, edits, key_actions

BY_KEY = {one.key: one for one in OWED}


async def look_ahead(year: Year) -> None:
    """The whole year stands in the calendar on its first day."""
    found: list[Body] = []
    after: dict[str, str] = {}
    while True:
        page = await year.read("ann", "occurrences", limit=500, **after)
        found += page["items"]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    year.told["calendar"] = found
    year.occurrences |= {(one["report"], one["period"]["code"]): one["id"] for one in found}


async def _part(year: Year, one: Owed, code: str) -> Body:
    who = {"period": one.period, "report": one.report, "limit": 500}
    rows = (await year.read("quinn", "contributions", **who))["items"]
    found: Body = next(row for row in rows if row["contributor"] == code)
    return found


async def send_part(year: Year, one: Owed, kind: str, code: str) -> None:
    """Whoever was asked sends its part with its own token."""
    who = f"{kind}:{code}"
    found = (await year.read(who, "contributions", report=one.report, period=one.period))["items"]
    (asked,) = [row for row in found if row["contributor"] == code]
    figure = {"label": "Conferences attended", "measure": "count", "value": 111, "denominator": 120}
    parts: list[Body] = [{"part": part["code"], "text": "Attendance rose."} for part in asked["parts"]]
    parts[0]["figures"] = [figure]
    await year.do(who, "POST", f"contributions/{asked['id']}/submissions", {"parts": parts}, version=asked["version"])


async def waive(year: Year, one: Owed, code: str) -> None:
    asked = await _part(year, one, code)
    reason = {"reason": "The service reports through another council this time."}
    await year.do("quinn", "POST", f"contributions/{asked['id']}/waivers", reason, version=asked["version"])


async def send_return(year: Year, code: str, period: str) -> None:
    """Prepared by one, reviewed by the Head of Service, submitted: only exactly what was reviewed goes."""
    digest = hashlib.sha256(f"{code} {period}".encode()).hexdigest()
    body = {"return": code, "period": period, "file": {"name": f"{code}.zip", "sha256": digest}}
    found = await year.do("ann", "POST", "returns", body)
    address, content = f"returns/{found['id']}", {"content_hash": found["content_hash"]}
    if code == "ssda903":
        year.told["unreviewed"] = await year.refused(
            "ann", "POST", f"{address}/submissions", content, version=found["version"]
        )
    found = await year.do("hal", "POST", f"{address}/signatures", content, version=found["version"])
    if code == "ssda903":
        year.told["own review"] = await year.refused(
            "hal", "POST", f"{address}/submissions", content, version=found["version"]
        )
    await year.do("ann", "POST", f"{address}/submissions", content, version=found["version"])


async def board_decides(year: Year) -> None:
    report = year.published[*DECIDED_ON, 1]
    body = {
        "board": "SDG", "meeting_on": "2026-07-06", "owner_role": "head_of_service", "owner_unit": "family_support",
        "decided": "Late reviews are to be looked at team by team.", "due_on": "2026-08-14",
    }  # fmt: skip
    year.told["decision"] = await year.do("quinn", "POST", f"reports/{report['id']}/decisions", body)


async def decision_done(year: Year) -> None:
    address = f"decisions/{year.told['decision']['id']}"
    version = (await year.read("quinn", address))["version"]
    body = {"words": "All teams were visited.", "status": "done"}
    await year.do("quinn", "POST", f"{address}/updates", body, version=version)


async def correct(year: Year) -> None:
    """A figure of June was restated: the report of June gets a new edition beside the first."""
    one, first = BY_KEY[CORRECTED], year.published[*CORRECTED, 1]
    state = await year.read("ann", f"reports/{first['id']}/state")
    year.told["bytes before"] = (await year.call("ann", "GET", f"reports/{first['id']}")).content
    reason = {"reason": "Supervision in time of June was restated."}
    address = f"reports/{first['id']}/supersessions"
    begun = await year.do("ann", "POST", address, reason, version=state["version"])
    again = await year.assemble(one)
    assert again["id"] == begun["id"]
    await year.to_its_board(one, again)
    year.told["bytes after"] = (await year.call("ann", "GET", f"reports/{first['id']}")).content


async def audit_is_down(year: Year) -> None:
    """Five days into the outage: one report was drafted without audits, another is drafted again."""
    drafted = await year.draft(BY_KEY["icrm_thematic_audits", "2026-10"])
    year.told["drafted in the outage"] = await year.document(drafted)
    year.told["compliance in november"] = await year.read("bea", "compliance", period="FY2026-27-Q3")
    one = BY_KEY["audit_findings_quarterly", "FY2026-27-Q2"]
    year.told["refreshed in the outage"] = await year.document(await year.assemble(one))


async def audit_is_back(year: Year) -> None:
    """The clock tries again by itself; by noon the neighbour is trusted with more than one question at a time."""
    await year.go(year.running.clock.today(), hour=12)
    for name, key in (
        ("drafted in the outage, after", ("icrm_thematic_audits", "2026-10")),
        ("refreshed in the outage, after", ("audit_findings_quarterly", "FY2026-27-Q2")),
    ):
        year.told[name] = await year.document(await year.draft(BY_KEY[key]))


async def move_meeting(year: Year) -> None:
    ((planned, day),) = MOVED.items()
    address = f"boards/csoc/meetings/{planned}"
    version = (await year.read("admin", address))["version"]
    body = {"to": day.isoformat(), "reason": "The committee's room is closed."}
    await year.do("admin", "POST", f"{address}/moves", body, version=version)


async def end_schedule(year: Year) -> None:
    """What the next year will have is not agreed yet."""
    items: list[Body] = []
    after: dict[str, Any] = {}
    while True:
        page = await year.read("admin", "framework/reports", limit=500, **after)
        items += page["items"]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert {one["code"] for one in items} == set(REPORTS)
    changed = [
        {"kind": "reports", "code": one["code"], "content": {**one["content"], "valid_to": "2027-03-31"}}
        for one in items
    ]
    await year.do("admin", "POST", "framework/applications", {"items": changed})


async def before_it_goes(year: Year, one: Owed) -> None:
    """What is tried on some reports on their way, and must be refused; as it is drafted none of them goes."""
    if one.report not in year.first_tries:
        draft = await year.draft(one)
        address = f"reports/{draft['id']}/submissions"
        year.first_tries[one.report] = await year.refused("ann", "POST", address, version=draft["version"])
    if one.report == "dscb_annual_report":
        await _six_key_actions(year, one)
    if one.key == ("csdg_monthly", NO_STRENGTHS):
        await _without_strengths(year, one)
    if one.report == "dfe_returns_annual":
        await _signed_by_its_submitter(year, one)


async def _six_key_actions(year: Year, one: Owed) -> None:
    draft = await year.draft(one)
    address, body = f"reports/{draft['id']}", {**edits(one), "key_actions": key_actions(6)}
    at = await year.do("ann", "PATCH", address, body, version=draft["version"])
    year.told["six key actions"] = await year.refused("ann", "POST", f"{address}/submissions", version=at["version"])


async def _without_strengths(year: Year, one: Owed) -> None:
    draft = await year.draft(one)
    address, body = f"reports/{draft['id']}", edits(one)
    body["sections"] = [told for told in body["sections"] if told["code"] != "audit_findings"]
    at = await year.do("ann", "PATCH", address, body, version=draft["version"])
    year.told["without strengths"] = await year.refused("ann", "POST", f"{address}/submissions", version=at["version"])


async def _signed_by_its_submitter(year: Year, one: Owed) -> None:
    draft = await year.draft(one)
    address = f"reports/{draft['id']}"
    at = await year.do("ann", "PATCH", address, edits(one), version=draft["version"])
    at = await year.do("hal", "POST", f"{address}/submissions", version=at["version"])
    signature = {"role": "head_of_service", "content_hash": at["content_hash"]}
    year.told["own signature"] = await year.refused(
        "hal", "POST", f"{address}/signatures", signature, version=at["version"]
    )
    year.told["unsigned"] = await year.refused("pam", "POST", f"{address}/publications", version=at["version"])
    why = {"reason": "Another is to submit it."}
    await year.do("hal", "POST", f"{address}/withdrawals", why, version=at["version"])
