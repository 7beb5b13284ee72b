"""What days set aside mean at the edges of a stage: at its end, and for asking for the next."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from shared.clock import FixedClock


async def test_a_stage_that_ended_while_set_aside_has_kept_its_limit(feedback: Any, begin: Any) -> None:
    case = await begin(feedback)
    await case.must("freezes", **{"from": "2026-11-18", "reason": "Proceedings."})
    ended = await case.must("outcomes", stage="stage_1", ended_on="2026-11-20", outcome="withdrawn")
    clock = ended["stages"][0]["statutory"]
    assert (clock["due_on"], clock["state"]) == (None, "met")
    # That the setting aside has ended is still to be told: the time to ask for the next stage counts from there.
    assert "resume" in ended["allowed_actions"]
    assert "resume" not in (await case.must("resumptions", to="2026-11-21"))["allowed_actions"]


async def test_days_set_aside_do_not_count_towards_the_time_for_asking(start: Any, begin: Any) -> None:
    feedback = await start("feedback", clock=FixedClock(datetime(2027, 3, 1, 9, tzinfo=UTC)))
    case = await begin(feedback)
    await case.must("freezes", **{"from": "2026-11-25", "to": "2026-12-04", "reason": "Proceedings."})
    await case.must("outcomes", stage="stage_1", ended_on="2026-11-27", outcome="not_upheld")
    # Without 30 November to 4 December twenty working days after 27 November end on 6 January.
    await case.cannot("stages", "stage-asked-for-too-late", stage="stage_2", started_on="2027-01-07")
    await case.must("stages", stage="stage_2", started_on="2027-01-06")


async def test_no_extension_is_given_before_the_stage_began(feedback: Any, begin: Any) -> None:
    case = await begin(feedback)
    refused = await case.do("extensions", working_days=2, reason="x", granted_on="2026-11-11")
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/granted_on")
