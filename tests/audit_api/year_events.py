"""What happens in the year only once: a dispute, a child in danger, visits nobody was told of, reviews by others."""

from __future__ import annotations

from tests.audit_api.year_plan import CONCERN, DISPUTED, QA, SETTLED, THEMATIC, VISITED
from tests.audit_api.year_steps import Body, Year

_DOMAINS = ("quality_of_intervention", "outcomes_achieved", "adherence_to_process")


async def dispute(year: Year) -> None:
    """A team disputes a grade; two graders will not agree; another council's grader decides."""
    audit = year.audits[DISPUTED]
    seen = (await year.read("disputing manager", f"audits/{audit}"))["version"]
    asked = {"reason": "The outcomes are better than the grade says."}
    path = f"audits/{audit}/moderations"
    number = (await year.do("disputing manager", "POST", path, asked, version=seen))["id"]
    here = f"moderations/{number}"
    own: Body = {"grader": year.told["auditor", *DISPUTED], "grader_unit": QA}
    year.told["own grader"] = await year.refused("qa", "POST", f"{here}/allocations", own, version=1)
    await year.do("qa", "POST", f"{here}/allocations", {"grader": "moderator", "grader_unit": QA}, version=1)
    blind = await year.read("moderator", f"audits/{audit}")
    year.told["blind"] = blind["blind"], blind["grades"]
    first = (await year.read("qa", f"audits/{audit}"))["grades"]
    second: Body = {"grades": {one: {"grade": first[one]} for one in _DOMAINS}}
    off = {"grades": second["grades"] | {"outcomes_achieved": {"grade": "splendid"}}}
    year.told["off the scale"] = await year.refused("moderator", "POST", f"{here}/gradings", off, version=2)
    second["grades"]["outcomes_achieved"] = {"grade": "outstanding"}
    await year.do("moderator", "POST", f"{here}/gradings", second, version=2)
    year.told["my work in dispute"] = await year.read("moderator", "my-work")
    year.told["closed in dispute"] = await year.refused(
        "qa", "POST", f"audits/{audit}/closures", {}, version=(await year.read("qa", f"audits/{audit}"))["version"]
    )
    await year.do("moderator", "POST", f"{here}/conflicts", {"reason": "We read the plan differently."}, version=3)
    third = {
        "grades": {"outcomes_achieved": {"grade": SETTLED, "reason": "Safety improved, attendance did not."}},
        "external": {"council": "Example Council", "reference": "EX-QA-7", "evidence": "DOC-2026-118"},
    }  # fmt: skip
    year.told["settled"] = await year.do("qa", "POST", f"{here}/third-gradings", third, version=4)
    year.told["after the dispute"] = await year.read("qa", f"audits/{audit}")


async def danger(year: Year) -> None:
    """An auditor saves an immediate concern in a draft, days before the audit is handed in."""
    audit, who = year.audits[CONCERN], year.told["auditor", *CONCERN]
    concern = {
        "kind": "concern", "domain": "outcomes_achieved", "title": "A child may be unsafe today",
        "themes": ["thresholds"], "immediate_concern": True,
    }  # fmt: skip
    saved = await year.do(who, "PUT", f"audits/{audit}/answers", {"findings": [concern]}, version=1)
    (kept,) = saved["findings"]
    year.told["concern"] = kept
    year.told["concern raised"] = await year.read("qa", f"escalations/{kept['escalation']}")
    # A finding that called somebody is not taken back by leaving it out.
    gone = await year.call(who, "PUT", f"audits/{audit}/answers", {"findings": []}, version=saved["version"])
    year.told["concern left out"] = gone.status_code, await year.read("qa", f"escalations/{kept['escalation']}")
    await year.do("head", "POST", f"escalations/{kept['escalation']}/closures", {
        "outcome": "upheld", "text": "A worker saw the child the same day.",
    }, version=1)  # fmt: skip


async def visits(year: Year) -> None:
    """A round of peer audits is planned above the teams, and one of them begins."""
    asked = {"programme": "unannounced_peer", "period": "FY2026-27-Q3"}

    async def seen() -> list[object]:
        lists: list[object] = [await year.read("visited manager", one) for one in ("overdue", "calendar", "my-work")]
        return [*lists, await year.refused("visited manager", "GET", "coverage", params=asked)]

    before = await seen()
    made = await year.do("qa", "POST", "programmes/unannounced_peer/rounds", params={"period": "FY2026-27-Q3"})
    year.told["visits planned"] = await year.read("qa", "coverage", **asked)
    year.told["visits unknown"] = before, await seen()
    slot = next(one["id"] for one in made["slots"] if one["unit"] == VISITED)
    year.told["slot unknown"] = await year.refused("visited manager", "GET", f"slots/{slot}")
    body = {
        "slot": slot, "tool": "unannounced_peer_audit", "unit": VISITED, "case_reference": "SYN-99-002",
        "auditor": "auditor-2", "auditor_unit": QA,
    }  # fmt: skip
    audit = (await year.do("qa", "POST", "audits", body))["id"]
    year.told["visit unknown"] = await year.refused("visited manager", "GET", f"audits/{audit}")
    paper = await year.filled("unannounced_peer_audit")
    saved = await year.do("auditor-2", "PUT", f"audits/{audit}/answers", paper, version=1)
    await year.do("auditor-2", "POST", f"audits/{audit}/submissions", version=saved["version"])
    year.told["visit known"] = await year.read("visited manager", f"audits/{audit}")
    year.told["visits done"] = [await year.read(who, "coverage", **asked) for who in ("qa", "visited manager")]


async def outside(year: Year) -> None:
    """A review by others with its recommendation, and the thematic audit it sets off."""
    review = await year.do("qa", "POST", "scrutiny/reviews", {
        "kind": "serious_case_review", "reference": "SCR-EXAMPLE-1", "title": "Serious case review",
        "unit": "childrens_services", "led_by": "The safeguarding partnership", "published_on": "2026-10-14",
        "areas": [{"topic": "information_sharing", "standing": "serious_concern"}],
    })  # fmt: skip
    told = {
        "words": "Tell partners within a day when a plan changes.", "topic": "information_sharing",
        "owner_role": "head_of_service", "due_on": "2027-01-29",
        "milestones": [{"title": "The form is agreed with partners", "due_on": "2026-12-18"}],
    }  # fmt: skip
    path = f"scrutiny/reviews/{review['id']}"
    year.told["recommendation"] = (await year.do("qa", "POST", f"{path}/recommendations", told))["id"]
    asked = {
        "title": "Telling partners", "units": [THEMATIC[0]], "trigger": "serious_case_review",
        "trigger_reference": "SCR-EXAMPLE-1",
    }  # fmt: skip
    look = await year.do("qa", "POST", "programmes/thematic_audit/rounds", asked, params={"period": THEMATIC[1]})
    (slot,) = look["slots"]
    paper = await year.filled("case_audit", outcomes_overall="good", process_overall="good")
    await year.do("qa", "POST", "audits", {
        "slot": slot["id"], "tool": "case_audit", "unit": THEMATIC[0], "case_reference": "SYN-99-003", "submit": True,
        "auditor_unit": QA, "participants": [{"part": "contributor", "level": "director"}],
    } | paper)  # fmt: skip
    year.told["review"] = await year.read("qa", path)
    year.told["thematic"] = await year.read("qa", f"rounds/{look['id']}/coverage")


async def managers_own(year: Year) -> None:
    """A manager sets off an audit in the own team, which another team's manager may not."""
    asked = {"title": "Plans of children we know long", "units": ["fs_weymouth"]}
    path, month = "programmes/managers_case_audit/rounds", {"params": {"period": "2026-11"}}
    year.told["others' team"] = await year.refused("other manager", "POST", path, asked, **month)
    year.told["own round"] = await year.do("manager", "POST", path, asked, **month)


async def few_key_actions(year: Year) -> None:
    """A plan of two key actions refuses the third, and one that rests on nothing never comes about."""
    plan = await year.do("qa", "POST", "plans", {
        "title": "Key actions ahead", "unit": "family_support", "body": "csdg", "period": "FY2027-28",
        "max_key_actions": 2,
    })  # fmt: skip
    action = {
        "unit": "fs_chesil", "title": "Agree the form with partners", "owner": {"role": "head_of_service"},
        "due_on": "2027-06-30", "evidence": [{"kind": "research", "ref": "R-1"}],
    }  # fmt: skip
    path = f"plans/{plan['id']}/key-actions"
    numbers = [(await year.do("qa", "POST", "actions", action))["id"] for _ in range(3)]
    for version, number in enumerate(numbers[:2], start=1):
        await year.do("qa", "POST", path, {"action": number}, version=version)
    year.told["third key action"] = await year.refused("qa", "POST", path, {"action": numbers[2]}, version=3)
    bare = {name: value for name, value in action.items() if name != "evidence"}
    year.told["bare action"] = await year.refused("qa", "POST", "actions", bare)
    year.told["plan"] = await year.read("qa", f"plans/{plan['id']}")


async def observed(year: Year) -> None:
    """The QA and Safeguarding Manager watches a conference."""
    made = await year.do("qa", "POST", "programmes/cp_conference_observed/rounds", params={"period": "FY2026-27-Q3"})
    (slot,) = made["slots"]
    await year.whole(
        "qa", "observation_cp_conference", slot["unit"], "SYN-99-004", slot=slot["id"], auditor="qa", auditor_unit=QA
    )
    year.told["observed"] = await year.read("qa", f"rounds/{made['id']}/coverage")


async def everyday(year: Year) -> None:
    """What a manager, and whoever watches over all, find on a day in January."""
    year.told["my work"] = await year.read("manager", "my-work", limit=500)
    year.told["overdue"] = await year.read("qa", "overdue", limit=500)
    year.told["calendar"] = await year.read("qa", "calendar", first="2027-02-01", last="2027-02-28", limit=500)
