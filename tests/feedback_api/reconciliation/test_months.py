"""The monthly reconciliation with the complaints system (R59)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from services.feedback_api.reconciliation.months import due_on
from shared.clock import FixedClock
from shared.schemas.periods import Period

Make = Callable[..., dict[str, Any]]
MONTHS = "/v1/reconciliation/months"
OCTOBER = f"{MONTHS}/2026-10"


def manifest(complaints: list[str], compliments: list[str]) -> dict[str, Any]:
    counts = {"complaints": len(complaints), "compliments": len(compliments)}
    return {"counts": counts, "complaints": complaints, "compliments": compliments}


@pytest.fixture
async def november(start: Any, a_complaint: Make, a_compliment: Make) -> Any:
    """Recorded in October: complaints A of September, B and C of October, and the compliment K."""
    feedback = await start("feedback", clock=FixedClock(datetime(2026, 10, 30, 9, tzinfo=UTC)))
    client = await feedback.client("admin")
    for ref, day in (("A", "2026-09-30"), ("B", "2026-10-01"), ("C", "2026-10-20")):
        await client.post("/v1/complaints", json=a_complaint(respond_ref=ref, received_on=day))
    await client.post("/v1/compliments", json=a_compliment(respond_ref="K"))
    feedback.clock.advance(timedelta(days=4))
    return feedback


async def test_R59_what_is_missing_on_either_side_stays_listed_until_it_is_there_or_explained(
    november: Any, a_complaint: Make
) -> None:
    client = await november.client("complaints_manager")
    posted = await client.post(f"{OCTOBER}/manifests", json=manifest(["A", "B", "X"], ["K"]))
    assert (posted.status_code, posted.headers["location"]) == (201, "/v1/reconciliation/months/2026-10")
    found = posted.json()
    assert (found["reconciled"], found["open_differences"], found["complaints"]) == (False, 3, 2)
    assert [(one["respond_ref"], one["difference"], one["here_now"]) for one in found["differences"]] == [
        ("A", "received_outside", True),
        ("C", "missing_in_source", True),
        ("X", "missing_here", False),
    ]
    await client.post("/v1/complaints", json=a_complaint(respond_ref="X", received_on="2026-10-05"))
    held = (await client.get(OCTOBER)).json()["differences"][2]
    assert (held["state"], held["here_now"]) == ("open", True)
    reason = {"kind": "complaints", "respond_ref": "C", "difference": "missing_in_source", "reason": "A duplicate."}
    settled = await client.post(f"{OCTOBER}/resolutions", json=reason)
    assert (settled.status_code, settled.json()["state"], settled.json()["resolved_by"]) == (
        201, "resolved", "test-complaints_manager",
    )  # fmt: skip
    again = (await client.post(f"{OCTOBER}/manifests", json=manifest(["B", "X"], ["K"]))).json()
    assert {one["respond_ref"]: one["state"] for one in again["differences"]} == {
        "A": "gone", "C": "resolved", "X": "gone",
    }  # fmt: skip
    assert (again["reconciled"], again["open_differences"]) == (True, 0)
    assert [(run["run"], run["differences"], run["complaints_in_source"]) for run in again["runs"]] == [
        (2, 1, 2),
        (1, 3, 3),
    ]


async def test_R59_the_same_list_again_is_no_new_run(november: Any) -> None:
    client = await november.client("complaints_manager")
    for status in (201, 200, 200):
        answer = await client.post(f"{OCTOBER}/manifests", json=manifest(["C", "B"], ["K"]))
        assert (answer.status_code, len(answer.json()["runs"])) == (status, 1)
    await november.seal()
    deeds = await (await november.client("admin")).get("/v1/activity?subject_type=reconciliation")
    assert [deed["data"] for deed in deeds.json()["items"]] == [{"run": 1, "differences": 0}]


async def test_R59_a_month_not_compared_by_its_tenth_working_day_is_overdue(november: Any) -> None:
    client = await november.client("complaints_manager")

    async def october() -> dict[str, Any]:
        items = (await client.get(f"{MONTHS}?from=2026-09&to=2026-10")).json()["items"]
        # Before the service was used nobody owed a comparison.
        assert [one["month"] for one in items] == ["2026-10", "2026-09"] and items[1]["overdue"] is False
        found: dict[str, Any] = items[0]
        return found

    assert ((await october())["due_on"], (await october())["overdue"]) == ("2026-11-13", False)
    november.clock.advance(datetime(2026, 11, 13, 23, tzinfo=UTC) - november.clock.now())
    assert (await october())["overdue"] is False
    november.clock.advance(timedelta(hours=2))
    assert (await october())["overdue"] is True
    await client.post(f"{OCTOBER}/manifests", json=manifest(["B", "C"], ["K"]))
    assert ((await october())["overdue"], (await october())["reconciled"]) == (False, True)


async def test_a_month_compared_before_it_was_over_is_compared_again_after(november: Any) -> None:
    client = await november.client("complaints_manager")
    november.clock.advance(-timedelta(days=4))
    early = await client.post(f"{OCTOBER}/manifests", json=manifest(["B", "C"], ["K"]))
    assert (early.status_code, early.json()["reconciled"]) == (201, False)
    november.clock.advance(timedelta(days=4))
    late = await client.post(f"{OCTOBER}/manifests", json=manifest(["B", "C"], ["K"]))
    assert (late.status_code, late.json()["reconciled"]) == (201, True)


def test_a_month_is_due_on_its_tenth_working_day() -> None:
    # After December: 4 January is the first working day. After March: Good Friday and Easter Monday are none.
    assert due_on(Period.parse("2026-12"), frozenset()) == date(2027, 1, 15)
    assert due_on(Period.parse("2026-03"), frozenset()) == date(2026, 4, 16)
    assert due_on(Period.parse("2026-10"), frozenset({date(2026, 11, 9)})) == date(2026, 11, 16)


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        (f"{OCTOBER}/manifests", manifest(["B"], []) | {"counts": {"complaints": 2, "compliments": 0}}, 422),
        (f"{OCTOBER}/manifests", manifest(["B", "B"], []), 422),
        (f"{OCTOBER}/manifests", {"complaints": [], "compliments": []}, 422),
        (f"{MONTHS}/2026-13/manifests", manifest([], []), 422),
        (f"{MONTHS}/2026-12/manifests", manifest([], []), 409),
        (f"{OCTOBER}/resolutions", {"kind": "complaints", "respond_ref": "B", "difference": "missing_here"}, 422),
        (
            f"{OCTOBER}/resolutions",
            {"kind": "complaints", "respond_ref": "B", "difference": "missing_here", "reason": "x"},
            404,
        ),
    ],
)
async def test_what_cannot_be_compared_or_settled_is_refused(
    november: Any, path: str, body: dict[str, Any], status: int
) -> None:
    answer = await (await november.client("complaints_manager")).post(path, json=body)
    assert answer.status_code == status, answer.text


async def test_a_difference_is_settled_once(november: Any) -> None:
    client = await november.client("complaints_manager")
    await client.post(f"{OCTOBER}/manifests", json=manifest(["B"], ["K"]))
    body = {"kind": "complaints", "respond_ref": "C", "difference": "missing_in_source", "reason": "A duplicate."}
    assert (await client.post(f"{OCTOBER}/resolutions", json=body)).status_code == 201
    again = await client.post(f"{OCTOBER}/resolutions", json=body | {"reason": "Another."})
    assert (again.status_code, again.json()["type"]) == (409, "/problems/difference-resolved")


async def test_a_case_that_is_erased_is_in_no_kept_answer_about_its_month(november: Any) -> None:
    client, officer = await november.client("complaints_manager"), await november.client("data_protection_officer")
    key, listed = {"Idempotency-Key": "k"}, manifest(["B", "C", "CASE-7"], ["K"])
    assert "CASE-7" in (await client.post(f"{OCTOBER}/manifests", json=listed, headers=key)).text
    erasure = {"subject": {"by": "case", "reference": "CASE-7"}, "ground": "unlawful", "request_reference": "DPO-1"}
    done = (await officer.post("/v1/privacy/erasures", json=erasure)).json()
    assert done["records"] == {"reconciliation_difference": 1}
    async with november.database.snapshot() as session:
        bodies = await session.execute(sa.text("SELECT convert_from(body, 'UTF8') FROM idempotency_key"))
        assert not [body for body in bodies.scalars() if "CASE-7" in body]


async def test_only_the_whole_council_s_complaints_manager_compares_months(november: Any) -> None:
    for role, unit in (("practitioner", None), ("analyst", None), ("complaints_manager", "fs_weymouth")):
        client = await november.client(role, unit=unit)
        assert (await client.get(MONTHS)).status_code == 403
        assert (await client.get(OCTOBER)).status_code == 403
        assert (await client.post(f"{OCTOBER}/manifests", json=manifest([], []))).status_code == 403


async def test_months_are_listed_for_a_year_unless_told(november: Any) -> None:
    client = await november.client("complaints_manager")
    items = (await client.get(MONTHS)).json()["items"]
    assert (len(items), items[0]["month"], items[-1]["month"]) == (12, "2026-11", "2025-12")
    for query in ("from=2026-10&to=2026-09", "from=2001-01&to=2026-09", "to=2026-1"):
        assert (await client.get(f"{MONTHS}?{query}")).status_code == 422
