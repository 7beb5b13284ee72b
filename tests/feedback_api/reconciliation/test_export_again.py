"""The complaints system's export loaded three times, and once more with one correction in it (R59)."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from services.feedback_api.models import metadata

Make = Callable[..., dict[str, Any]]
# What grows with each deed; an export sent again must leave all of it alone.
COUNTED = (
    "complaint", "complaint_stage", "complaint_extension", "complaint_freeze", "complaint_history", "compliment",
    "compliment_history", "activity",
)  # fmt: skip


def the_export(a_complaint: Make, a_compliment: Make) -> list[tuple[str, dict[str, Any]]]:
    """Sixty complaints and twenty compliments of the autumn, some through several stages."""
    items = []
    for n in range(60):
        ended = {"stage": "stage_1", "started_on": "2026-10-01", "ended_on": "2026-10-09", "outcome": "upheld"}
        stages = [ended, {"stage": "stage_2", "started_on": "2026-10-12", "complaint_finalised_on": "2026-10-14"}]
        more: dict[str, Any] = [{}, {"stages": [ended]}, {"stages": stages}][n % 3]
        if n % 5 == 0:
            more = more | {"set_aside": [{"from": "2026-10-15", "to": "2026-10-20", "reason": "A court sits."}]}
        items.append(("complaints", a_complaint(respond_ref=f"R-{n}", received_on="2026-10-01", **more)))
    items += [("compliments", a_compliment(respond_ref=f"P-{n}", words=f"Thank you {n}.")) for n in range(20)]
    return items


async def load(feedback: Any, export: list[tuple[str, dict[str, Any]]]) -> list[int]:
    client = await feedback.client("ingest_client")
    answers = [await client.post(f"/v1/{kind}", json=item) for kind, item in export]
    assert all(answer.is_success for answer in answers), [one.text for one in answers if not one.is_success][:1]
    return [answer.status_code for answer in answers]


async def rows(feedback: Any) -> dict[str, int]:
    async with feedback.database.snapshot() as session:
        return {
            name: (await session.execute(sa.select(sa.func.count()).select_from(metadata.tables[name]))).scalar_one()
            for name in COUNTED
        }


async def versions(feedback: Any) -> dict[str, tuple[int, Any]]:
    async with feedback.database.snapshot() as session:
        found = {}
        for name in ("complaint", "compliment"):
            table = metadata.tables[name]
            statement = sa.select(table.c.respond_ref, table.c.version, table.c.changed_at)
            found |= {ref: (version, at) for ref, version, at in (await session.execute(statement)).all()}
        return found


async def test_R59_the_same_export_three_times_changes_nothing_and_one_correction_changes_exactly_one(
    feedback: Any, a_complaint: Make, a_compliment: Make
) -> None:
    export = the_export(a_complaint, a_compliment)
    assert await load(feedback, export) == [201] * 80
    before, as_it_was = await rows(feedback), await versions(feedback)
    assert (before["complaint"], before["compliment"], before["complaint_history"]) == (60, 20, 0)
    for _ in range(2):
        feedback.clock.advance(timedelta(days=1))
        assert await load(feedback, copy.deepcopy(export)) == [200] * 80
        assert (await rows(feedback), await versions(feedback)) == (before, as_it_was)
    corrected = copy.deepcopy(export)
    corrected[7][1]["themes"] = ["communication"]
    assert await load(feedback, corrected) == [200] * 80
    after, now = await rows(feedback), await versions(feedback)
    assert after == before | {"complaint_history": 1, "activity": before["activity"] + 1}
    assert {ref for ref in now if now[ref] != as_it_was[ref]} == {"R-7"} and now["R-7"][0] == 2
    # The older export once more takes the correction back: it is again one change, and none is lost.
    await load(feedback, export)
    assert (await rows(feedback))["complaint_history"] == 2
    counts = await (await feedback.client("complaints_manager")).get("/v1/reconciliation?from=2026-10-01&to=2026-10-31")
    assert (counts.json()["complaints"], counts.json()["compliments"]) == (60, 20)
