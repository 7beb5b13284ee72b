"""How the duty role has answered can be shown."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from services.feedback_api.safeguarding.jobs import Waiting, look_after_flags

Make = Callable[..., dict[str, Any]]
SPAN = "from=2026-11-23&to=2026-11-23"


async def test_flags_are_counted_by_how_soon_they_were_acknowledged_and_what_came_of_them(
    feedback: Any, a_view: Make
) -> None:
    admin, duty = await feedback.client("admin"), await feedback.client("duty_officer")
    words = ["he hits me", "I want to die", "he hits me, I want to die", "I am scared of going home"]
    for text in words:
        await admin.post("/v1/views", json=a_view(what_works=text))
    await admin.post("/v1/views", json=a_view(what_works="he hits me", unit="cwd_east"))
    rows = (await duty.get("/v1/safeguarding-flags?unit=fs_weymouth")).json()["items"]

    async def post(row: dict[str, Any], what: str, body: dict[str, Any] | None = None) -> None:
        path = f"/v1/safeguarding-flags/{row['id']}"
        headers = {"If-Match": (await duty.get(path)).headers["etag"]}
        assert (await duty.post(f"{path}/{what}", json=body, headers=headers)).status_code == 200

    feedback.clock.advance(timedelta(minutes=10))
    await post(rows[0], "acknowledgements")
    feedback.clock.advance(timedelta(minutes=20))
    await post(rows[1], "outcomes", {"outcome": "no_concern", "note": "A song."})
    await post(rows[1], "reopenings", {"reason": "It was no song."})
    feedback.clock.advance(timedelta(minutes=60))  # the one that was opened again is as late as the two others
    await look_after_flags(feedback.database, feedback.clock.now(), Waiting())
    await post(rows[2], "outcomes", {"outcome": "referred", "note": "To the front door."})
    found = (await duty.get(f"/v1/safeguarding-flags/figures?{SPAN}&unit=fs_weymouth")).json()
    assert found == {
        "raised": 4, "waiting": 2, "decided": 1, "acknowledged": 3, "acknowledged_in_time": 2, "escalated": 3,
        "median_minutes": 30.0, "longest_minutes": 90.0,
        "by_reason": {"afraid": 1, "hurt_by_someone": 2, "self_harm": 2}, "by_outcome": {"referred": 1},
        "by_kind": {"view": 4},
    }  # fmt: skip
    assert (await duty.get(f"/v1/safeguarding-flags/figures?{SPAN}")).json()["raised"] == 5


async def test_days_without_flags_have_no_times_and_another_unit_s_are_not_there(feedback: Any) -> None:
    duty = await feedback.client("duty_officer", unit="cwd_east")
    none = (await duty.get(f"/v1/safeguarding-flags/figures?{SPAN}")).json()
    assert (none["raised"], none["median_minutes"], none["by_kind"]) == (0, None, {})
    assert (await duty.get(f"/v1/safeguarding-flags/figures?{SPAN}&unit=fs_weymouth")).status_code == 404
    assert (await duty.get("/v1/safeguarding-flags/figures?from=2026-11-23")).status_code == 422
