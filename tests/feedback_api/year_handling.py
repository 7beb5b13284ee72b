"""Complaints through the year: the feed of the complaints system, the hand of their manager, the reports."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from tests.feedback_api.year_complaints import (
    CASES,
    COMPLIMENTS,
    DEEDS,
    EXPORTED,
    PROCLAIMED,
    REPORTED,
    TWICE,
    Body,
    Complaint,
    exported,
    received,
)  # fmt: skip
from tests.feedback_api.year_plan import MONTHS
from tests.feedback_api.year_steps import Year

Diary = list[tuple[str, Callable[[], Awaitable[object]]]]


def complaints(year: Year) -> Diary:
    """What happens to complaints, by its day."""
    diary: Diary = [(one.received_on, lambda c=one: _arrive(year, c)) for one in [*CASES, TWICE]]  # type: ignore[misc]
    for ref, deeds in DEEDS.items():
        for day, deed, body in deeds:
            diary.append((day, lambda r=ref, d=deed, b=body: _deed(year, r, d, b)))  # type: ignore[misc]
    for at, month in enumerate(MONTHS):
        after = f"{MONTHS[at + 1]}-05" if at < 11 else "2027-04-05"
        diary.append((after, lambda m=month: _reconcile(year, m)))  # type: ignore[misc]
    return [
        *diary,
        ("2026-06-08", lambda: _proclaim(year)),
        ("2026-08-01", lambda: _load(year)),
        ("2026-09-28", lambda: _load(year)),
        ("2026-10-28", lambda: _load(year)),
        ("2027-01-18", lambda: _ombudsman(year)),
        *((day, lambda d=day: _report(year, d)) for day in REPORTED),  # type: ignore[misc]
        ("2026-07-02", lambda: _add_learning(year)),
        ("2027-01-07", lambda: _share(year)),
    ]


async def _arrive(year: Year, one: Complaint) -> None:
    await year.do("respond", "POST", "complaints", exported(one))


async def _deed(year: Year, ref: str, deed: str, body: Body) -> None:
    seen = await year.read("complaints", f"complaints/{ref}")
    if "replaces" in body:
        before = {one["person"]: one["id"] for one in seen["current"]["people"]}
        body = body | {"replaces": before[body["replaces"]]}
    path, version = f"complaints/{ref}/{deed.split()[-1]}", seen["version"]
    if deed.startswith("refused"):
        year.told[ref, deed, body["stage"]] = await year.refused("complaints", "POST", path, body, version=version)
    else:
        await year.do("complaints", "POST", path, body, version=version)


async def _proclaim(year: Year) -> None:
    async def due() -> str:
        return str((await year.read("complaints", "complaints/PROCLAIMED"))["current"]["statutory"]["due_on"])

    before = await due()
    day = {"day": PROCLAIMED, "name": "Proclaimed bank holiday"}
    moved = (await year.do("admin", "POST", "bank-holidays", day))["due_dates_moved"]
    year.told["proclaimed"] = before, await due(), moved


async def _load(year: Year) -> None:
    """The complaints system sends all it has, as it does every month."""
    answers = [await year.call("respond", "POST", "complaints", exported(one)) for one in EXPORTED]
    for ref, (unit, day) in COMPLIMENTS.items():
        body = {"respond_ref": ref, "received_on": day, "unit": unit, "respondent_group": "child"}
        answers.append(await year.call("respond", "POST", "compliments", body))
    year.told.setdefault("loads", []).append({one.status_code for one in answers})


async def _reconcile(year: Year, month: str) -> None:
    """The source's own list; of July one is missing on each side."""
    refs = [one.ref for one in received((month,))] + [TWICE.ref] * (month == TWICE.received_on[:7])
    compliments = [ref for ref, (_, day) in COMPLIMENTS.items() if day.startswith(month)]
    if month == "2026-07":
        refs = [*refs[1:], "SRC-1"]
    counts = {"complaints": len(refs), "compliments": len(compliments)}
    listed = {"counts": counts, "complaints": refs, "compliments": compliments}
    path = f"reconciliation/months/{month}/manifests"
    year.told["reconciled", month] = await year.do("complaints", "POST", path, listed)


async def _ombudsman(year: Year) -> None:
    asked = {
        "reference": "LGSCO 26 000 001", "received_on": "2027-01-18", "response_due_on": "2027-02-01",
        "owner": "head-1",
    }  # fmt: skip
    enquiry = await year.do("complaints", "POST", "complaints/STAGES/ombudsman-enquiries", asked)
    remedy = {
        "kind": "payment", "from_source": "stage", "stage": "authority_response", "amount_pence": 20000,
        "owner": "head-1", "description": "For time and trouble.", "promised_on": "2027-01-18", "due_on": "2027-03-01",
    }  # fmt: skip
    year.told["remedy"] = (await year.do("complaints", "POST", "complaints/STAGES/remedies", remedy))["id"]
    decided: Body = {"response_sent_on": "2027-01-18", "decision": "upheld", "decided_on": "2027-01-18"}
    decided |= {"fault_found": True, "injustice_found": True}
    await year.do("complaints", "PATCH", f"ombudsman-enquiries/{enquiry['id']}", decided, version=1)


async def _report(year: Year, day: str) -> None:
    year.told["reported", day] = sorted(await year.keep())


async def _add_learning(year: Year) -> None:
    period = "FY2026-27-Q1"
    year.told["Q1, first"] = await year.read("complaints", "complaints/reports", period=period)
    added = {"learning": "Nobody rang back.", "improvement": "A rota answers the telephone."}
    path = f"complaints/reports/updates/{period}/fs_weymouth"
    made = await year.call("manager", "PUT", path, added, headers={"If-None-Match": "*"})
    assert made.is_success, made.text
    edition = {"period": period, "reason": "Weymouth has added what it learned."}
    await year.do("complaints", "POST", "complaints/reports/editions", edition)


async def _share(year: Year) -> None:
    """An agency's learning, and what a council's team makes of it."""
    lesson = {
        "agency": "dorset_police", "source_ref": "LRN-1", "learned_on": "2026-12-01", "themes": ["communication"],
        "learning": "Families were not told when a strategy discussion had ended.",
    }  # fmt: skip
    made = await year.do("complaints", "POST", "shared-learning", lesson)
    path = f"shared-learning/{made['id']}/evaluations/fs_weymouth"
    await year.do("manager", "PUT", path, {"relevant": True, "what_we_did": "The duty desk rings the family."})
    before = await year.read("manager", "shared-learning", origin="complaint")
    (waiting,) = (await year.read("qa", "quotations", status="proposed", subject_kind="complaint"))["items"]
    approval = {"audience": "boards"}
    await year.do("qa", "POST", f"quotations/{waiting['id']}/approvals", approval, version=waiting["version"])
    after = await year.read("manager", "shared-learning")
    year.told["shared"] = before["items"], after["items"]
    year.told["linked"] = await year.do(
        "head", "POST", "weaknesses/links",
        {"action_ref": "ACT-2026-031", "unit": "fs_weymouth", "theme": "communication"},
    )  # fmt: skip
