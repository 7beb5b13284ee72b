"""What happens in the year only once: a child in danger, words that are shared, boards that ask, people taking part."""

from __future__ import annotations

from tests.feedback_api.year_plan import (
    CHALLENGES,
    COMMITMENTS,
    DISCLOSED,
    HARM,
    INVOLVED,
    NOBODY,
    PRAISE,
    SHAREABLE,
    UNANSWERED,
)  # fmt: skip
from tests.feedback_api.year_steps import Body, Year


async def disclosure(year: Year) -> None:
    """A young person tells of harm without a login; the duty role is late, and then there."""
    batch: Body = {"unit": DISCLOSED.unit, "channel": DISCLOSED.channel, "respondent_group": DISCLOSED.group}
    tokens = (await year.do("admin", "POST", "token-batches", batch | {"count": 8}))["tokens"]
    sent: Body = {"token": tokens[0], "what_works": PRAISE, "what_should_change": HARM, "rating": DISCLOSED.rating}
    sent |= {"consent": "anonymous", "colour": "blue"}
    answer = await year.call("anybody", "POST", "public/views", sent)
    year.told["sent"] = answer.status_code, [one["phone"] for one in answer.json()["call_now"]][:2]
    year.told["sent again"] = await year.refused("anybody", "POST", "public/views", sent)
    (flag,) = (await year.read("duty", "safeguarding-flags", status="waiting"))["items"]
    year.told["flagged"] = flag
    year.go(year.running.clock.today().isoformat(), "10:10")
    (late,) = (await year.read("duty", "safeguarding-flags", overdue="true"))["items"]
    await year.keep()
    path = f"safeguarding-flags/{flag['id']}"
    (up,) = (await year.read("duty", "safeguarding-flags", status="waiting"))["items"]
    year.told["late"] = late["role"], late["age_minutes"], up["role"]
    year.told["words for duty"] = (await year.read("duty", path))["words"]
    taken = await year.do("duty", "POST", f"{path}/acknowledgements", version=up["version"])
    done = {"outcome": "referred", "note": "Passed to the front door, who rang the school."}
    year.told["duty"] = await year.do("duty", "POST", f"{path}/outcomes", done, version=taken["version"])


async def release(year: Year) -> None:
    """It becomes a view, without what was said of home."""
    (row,) = (await year.read("complaints", "public-submissions", state="waiting"))["items"]
    given: Body = {"themes": list(DISCLOSED.themes), "sentiment": DISCLOSED.sentiment, "what_should_change": None}
    path = f"public-submissions/{row['id']}/releases"
    await year.do("complaints", "POST", path, given, version=row["version"])
    asked = {"channel": DISCLOSED.channel, "from": "2026-10-11", "to": "2026-10-11"}
    (view,) = (await year.read("complaints", "views", **asked))["items"]
    year.told["view"] = view["id"]


async def quote(year: Year) -> None:
    """What may be quoted of it is put forward, redacted, and approved by another."""
    year.told["approved words"] = [await _approved(year)]
    quoted: Body = {"subject_kind": "view", "subject_ref": year.told["view"], "field": "what_works"}
    quoted |= {"consent": "anonymous", "names_on_record": ["Jo Marrow"], "text": PRAISE}
    made = await year.do("complaints", "POST", "quotations", quoted)
    year.told["blocked"] = made["blocked"]
    path = f"quotations/{made['id']}"
    redacted = {"text": SHAREABLE, "names_on_record": ["Jo Marrow"]}
    ready = await year.do("complaints", "PATCH", path, redacted, version=made["version"])
    year.told["approved words"].append(await _approved(year))
    approval = {"audience": "boards"}
    year.told["own hand"] = await year.refused(
        "complaints", "POST", f"{path}/approvals", approval, version=ready["version"]
    )
    await year.do("qa", "POST", f"{path}/approvals", approval, version=ready["version"])
    year.told["approved words"].append(await _approved(year))
    year.told["board itself"] = (await year.refused("board", "GET", "approved-words", params=_WORDS))[0]


_WORDS = {"period": DISCLOSED.quarter, "audience": "boards"}


async def _approved(year: Year) -> list[str]:
    found = await year.read("board's service", "approved-words", **_WORDS)
    return [one["text"] for one in found["items"]]


async def consent_withdrawn(year: Year) -> None:
    path = f"views/{year.told['view']}"
    version = (await year.read("complaints", path))["version"]
    changed = {"consent": "internal_only", "reason": "The young person asked for it."}
    await year.do("complaints", "PATCH", path, changed, version=version)
    year.told["approved words"].append(await _approved(year))


async def boards_ask(year: Year) -> None:
    for body in CHALLENGES:
        asked = {
            "raised_by_body": body, "raised_on": "2026-10-20", "unit": "family_support",
            "about": {"kind": "theme", "ref": "information_sharing"}, "question": "Why are partners told so late?",
        }  # fmt: skip
        year.told["challenge", body] = await year.do("qa", "POST", "challenges", asked)


async def boards_are_answered(year: Year) -> None:
    answer = {"response": "Each plan names who stays in touch.", "outcome": "accepted", "responded_on": "2026-11-10"}
    decided = {"decision": "accepted", "decided_on": "2026-11-10"}
    for body in CHALLENGES:
        if body != UNANSWERED:
            path = f"challenges/{year.told['challenge', body]['id']}"
            held = await year.do("head", "PUT", f"{path}/response", answer, version=1)
            await year.do("qa", "PUT", f"{path}/decision", decided, version=held["version"])


async def take_part(year: Year, at: int) -> None:
    """One activity of the plan, what was said and done in it, told back and approved by another."""
    day, unit, method, stage, people = INVOLVED[at]
    body: Body = {
        "unit": unit, "title": "What should the family hub be like?", "method": method, "began_on": day,
        "who": [{"respondent_group": group, "people": many} for group, many in people.items()],
        "asked": "What would make you come?", "commissioning_stage": stage,
    }  # fmt: skip
    made = await year.do("qa", "POST", "participation/activities", body)
    year.told["activity", at] = made["id"]
    change = {"said": f"We asked {at}.", "did": f"It was done {at}.", "told_back_on": day}
    path = f"participation/activities/{made['id']}/changes"
    said = await year.do("admin", "POST", path, change)
    if at % 2 == 0:
        path = f"participation/changes/{said['id']}/approval"
        await year.do("qa", "PUT", path, version=said["version"])


async def nobody_took_part(year: Year) -> None:
    unit, day = NOBODY
    body: Body = {"unit": unit, "title": "Review of short breaks", "took_place": False, "began_on": day}
    body |= {"why_nobody": "Both evenings fell into the holidays.", "what_follows": "Families choose the time."}
    await year.do("qa", "POST", "participation/activities", body)


async def strategy_stands(year: Year) -> None:
    bare: Body = {"status": "done", "stood_on": "2026-09-29", "words": "Every entry has its day."}
    path = "strategy/commitments/told_back/status"
    year.told["bare commitment"] = await year.refused("qa", "PUT", path, bare, version=0)
    evidence = [
        {"kind": "activity", "ref": year.told["activity", 0]}, {"kind": "view_summary", "ref": "FY2026-27-Q1"},
    ]  # fmt: skip
    for code, status in COMMITMENTS.items():
        told = bare | {"status": status, "evidence": evidence if status == "done" else []}
        await year.do("qa", "PUT", f"strategy/commitments/{code}/status", told, version=0)
