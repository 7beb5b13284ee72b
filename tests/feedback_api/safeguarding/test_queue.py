"""The duty queue: told at once, taken up when nobody answers, and never empty before a person decided."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from services.feedback_api.safeguarding.jobs import Waiting, look_after_flags
from shared.tables import read_log
from shared.telemetry import Telemetry

Make = Callable[..., dict[str, Any]]
HARM = "Zebracanary: he hits me at home"
DONE = {"outcome": "referred", "note": "Passed to the front door."}


async def raised(feedback: Any, a_view: Make, **fields: Any) -> tuple[Any, dict[str, Any]]:
    """A duty officer and the flag, as they read it, of a view just recorded."""
    recorder = await feedback.client("practitioner", unit="fs_weymouth")
    view = (await recorder.post("/v1/views", json=a_view(what_works=HARM, **fields))).json()
    duty = await feedback.client("duty_officer")
    rows = (await duty.get("/v1/safeguarding-flags?limit=500")).json()["items"]
    flags = [(await duty.get(f"/v1/safeguarding-flags/{row['id']}")).json() for row in rows]
    return duty, next(flag for flag in flags if flag["subject_ref"] == view["id"])


async def post(client: Any, flag: dict[str, Any], what: str, body: Any = None) -> Any:
    headers = {"If-Match": f'"{flag["version"]}"'}
    return await client.post(f"/v1/safeguarding-flags/{flag['id']}/{what}", json=body, headers=headers)


async def deeds(feedback: Any, action: str) -> list[dict[str, Any]]:
    await feedback.seal()
    feed = await (await feedback.client("admin")).get("/v1/activity?limit=500")
    return [deed for deed in feed.json()["items"] if deed["action"] == action]


async def tick(feedback: Any, seen: Waiting | None = None) -> int:
    return await look_after_flags(feedback.database, feedback.clock.now(), seen or Waiting())


async def test_the_queue_tells_what_waits_and_no_word_of_anyone(feedback: Any, a_view: Make) -> None:
    duty, _ = await raised(feedback, a_view, source="case_management", source_ref="V-77")
    feedback.clock.advance(timedelta(minutes=61))
    answer = await duty.get("/v1/safeguarding-flags")
    (row,) = answer.json()["items"]
    assert (row["unit"], row["reasons"]) == ("fs_weymouth", ["hurt_by_someone"])
    assert (row["age_minutes"], row["overdue"], row["role"]) == (61, True, "duty_officer")
    assert "Zebracanary" not in answer.text and "V-77" not in answer.text


async def test_a_flag_gives_the_words_and_the_way_to_the_child_and_its_reading_is_logged(
    feedback: Any, a_view: Make
) -> None:
    links = [{"kind": "review", "ref": "R-2026-0033"}]
    _, flag = await raised(feedback, a_view, source="case_management", source_ref="V-77", links=links)
    assert flag["words"] == [{"field": "what_works", "text": HARM}]
    assert (flag["source"], flag["source_ref"], flag["links"]) == ("case_management", "V-77", links)
    assert flag["recorded_by"] == "test-practitioner"
    async with feedback.database.snapshot() as session:
        read = sa.select(read_log.c.subject_id).where(read_log.c.operation == "get_safeguarding_flag")
        assert (await session.execute(read)).scalars().all() == [flag["id"]]


async def test_words_corrected_away_stay_before_the_duty_role_until_a_person_decides(
    feedback: Any, a_view: Make
) -> None:
    duty, flag = await raised(feedback, a_view)
    admin = await feedback.client("admin")
    changed = {"what_works": None, "consent": "internal_only"}
    answer = await admin.patch(f"/v1/views/{flag['subject_ref']}", json=changed, headers={"If-Match": '"1"'})
    assert answer.status_code == 200
    again = (await duty.get(f"/v1/safeguarding-flags/{flag['id']}")).json()
    assert (again["status"], again["words"]) == ("waiting", [])
    assert again["earlier"][0]["words"] == [{"field": "what_works", "text": HARM}]


async def test_a_flag_is_acknowledged_then_decided_and_leaves_the_queue(feedback: Any, a_view: Make) -> None:
    duty, flag = await raised(feedback, a_view)
    taken = (await post(duty, flag, "acknowledgements")).json()
    assert (taken["status"], taken["acknowledged_by"]) == ("acknowledged", "test-duty_officer")
    assert taken["due_at"] == "2026-11-25T00:00:00Z"
    done = (await post(duty, taken, "outcomes", DONE)).json()
    assert (done["status"], done["outcome"], done["due_at"]) == ("decided", "referred", None)
    assert done["allowed_actions"] == ["reopen"]
    assert (await duty.get("/v1/safeguarding-flags")).json()["items"] == []
    assert (await post(duty, done, "outcomes", DONE)).json()["type"].endswith("/flag-decided")
    back = (await post(duty, done, "reopenings", {"reason": "The school rang with more."})).json()
    assert (back["status"], back["outcome"], back["level"]) == ("waiting", None, 1)
    kinds = [event["kind"] for event in back["events"]]
    assert kinds == ["raised", "acknowledged", "decided", "reopened"]
    assert (await post(duty, back, "reopenings", {"reason": "Again."})).json()["type"].endswith("/flag-not-decided")


async def test_two_who_take_it_at_once_do_not_overwrite_each_other(feedback: Any, a_view: Make) -> None:
    duty, flag = await raised(feedback, a_view)
    other = await feedback.client("duty_officer", subject="the-other")
    answers = await asyncio.gather(post(duty, flag, "acknowledgements"), post(other, flag, "acknowledgements"))
    assert sorted(answer.status_code for answer in answers) == [200, 412]
    held = (await duty.get(f"/v1/safeguarding-flags/{flag['id']}")).json()
    assert (await post(other, held, "acknowledgements")).json()["acknowledged_by"] == "the-other"


async def test_a_flag_nobody_acknowledges_goes_up_level_by_level_each_told_once(feedback: Any, a_view: Make) -> None:
    duty, flag = await raised(feedback, a_view)
    for minutes, level, role in [(59, 1, "duty_officer"), (2, 2, "qa_manager"), (30, 3, "head_of_service")]:
        feedback.clock.advance(timedelta(minutes=minutes))
        await tick(feedback)
        await tick(feedback)
        now = (await duty.get(f"/v1/safeguarding-flags/{flag['id']}")).json()
        assert (now["level"], now["role"]) == (level, role)
    feedback.clock.advance(timedelta(days=3))
    assert await tick(feedback) == 0
    assert [deed["data"]["role"] for deed in await deeds(feedback, "safeguarding.escalated")] == [
        "qa_manager",
        "head_of_service",
    ]
    assert (await duty.get("/v1/safeguarding-flags?overdue=true")).json()["items"][0]["level"] == 3


async def test_a_keeper_that_slept_takes_a_flag_up_through_all_levels_at_once(feedback: Any, a_view: Make) -> None:
    duty, flag = await raised(feedback, a_view)
    feedback.clock.advance(timedelta(days=2))
    assert await tick(feedback) == 1
    now = (await duty.get(f"/v1/safeguarding-flags/{flag['id']}")).json()
    assert now["level"] == 3
    assert [event["happened_at"] for event in now["events"]] == [
        "2026-11-23T09:00:00Z", "2026-11-23T10:00:00Z", "2026-11-23T10:30:00Z",
    ]  # fmt: skip


async def test_an_acknowledged_flag_without_an_outcome_goes_up_after_a_working_day(feedback: Any, a_view: Make) -> None:
    duty, flag = await raised(feedback, a_view)
    await post(duty, flag, "acknowledgements")
    feedback.clock.advance(timedelta(hours=38))
    assert await tick(feedback) == 0
    feedback.clock.advance(timedelta(hours=2))
    assert await tick(feedback) == 1
    now = (await duty.get(f"/v1/safeguarding-flags/{flag['id']}")).json()
    assert (now["level"], now["status"], now["due_at"]) == (2, "acknowledged", "2026-11-26T00:00:00Z")


async def test_two_replicas_that_look_at_once_take_each_flag_up_once(feedback: Any, a_view: Make) -> None:
    for _ in range(6):
        await raised(feedback, a_view)
    feedback.clock.advance(timedelta(minutes=61))
    moved = await asyncio.gather(*(tick(feedback) for _ in range(4)))
    assert sum(moved) == 6
    assert len(await deeds(feedback, "safeguarding.escalated")) == 6


async def test_the_metrics_count_what_waits_and_say_nothing_while_they_cannot_know(feedback: Any, a_view: Make) -> None:
    seen, telemetry = Waiting(), Telemetry("feedback")
    seen.watch(telemetry)

    def shown(name: str) -> str:
        return str(telemetry.registry.get_sample_value(f"qapf_safeguarding_{name}"))

    assert shown("flags_waiting") == "nan"
    duty, flag = await raised(feedback, a_view)
    await raised(feedback, a_view)
    await post(duty, flag, "acknowledgements")
    feedback.clock.advance(timedelta(minutes=90))
    await tick(feedback, seen)
    assert (shown("flags_waiting"), shown("flags_overdue"), shown("oldest_flag_seconds")) == ("1.0", "0.0", "5400.0")


async def test_the_queue_is_paged_with_the_oldest_unacknowledged_first(feedback: Any, a_view: Make) -> None:
    found = []
    for _ in range(5):
        duty, flag = await raised(feedback, a_view)
        found.append(flag)
        feedback.clock.advance(timedelta(minutes=1))
    await post(duty, found[0], "acknowledgements")
    await post(duty, found[1], "outcomes", DONE)
    walked: list[str] = []
    where = "/v1/safeguarding-flags?status=all&limit=2"
    while where:
        page = (await duty.get(where)).json()
        walked += [row["id"] for row in page["items"]]
        where = page["next"] and f"/v1/safeguarding-flags?status=all&limit=2&after={page['next']}"
    assert walked == [found[at]["id"] for at in (2, 3, 4, 0, 1)]


async def test_a_unit_s_duty_officer_sees_its_own_flags_and_nobody_else_sees_any(feedback: Any, a_view: Make) -> None:
    _, flag = await raised(feedback, a_view)
    for role, unit, status in [
        ("duty_officer", "cwd_east", 404), ("duty_officer", "fs_weymouth", 200), ("practitioner", "fs_weymouth", 403),
        ("analyst", None, 403), ("complaints_manager", None, 403), ("board_reader", None, 403),
    ]:  # fmt: skip
        client = await feedback.client(role, unit=unit)
        assert (await client.get(f"/v1/safeguarding-flags/{flag['id']}")).status_code == status, role
    other = await feedback.client("duty_officer", unit="cwd_east")
    assert (await other.get("/v1/safeguarding-flags")).json()["items"] == []


async def test_a_council_without_a_policy_is_told_all_the_same(start: Any, a_view: Make) -> None:
    feedback = await start("feedback")
    async with feedback.database.transaction() as session:
        await session.execute(sa.text("UPDATE framework_item SET retired = true WHERE kind = 'duty_policies'"))
    _, flag = await raised(feedback, a_view)
    assert (flag["role"], flag["due_at"]) == ("duty_officer", "2026-11-23T10:00:00Z")


async def test_the_flag_is_stored_in_the_transaction_that_stores_the_words(
    feedback: Any, a_view: Make, monkeypatch: Any
) -> None:
    """Whoever kills the service after the words are written and before the flag is leaves neither."""

    async def fail(*_: Any, **__: Any) -> None:
        raise ConnectionResetError

    client = await feedback.client("admin")
    with monkeypatch.context() as broken:
        broken.setattr("services.feedback_api.flagging.record_activity", fail)
        assert (await client.post("/v1/views", json=a_view(what_works=HARM))).status_code >= 500
    async with feedback.database.snapshot() as session:
        for table in ("view", "safeguarding_flag", "safeguarding_event"):
            assert (await session.execute(sa.text(f"SELECT count(*) FROM {table}"))).scalar_one() == 0
    await client.post("/v1/views", json=a_view(what_works=HARM))
    async with feedback.database.snapshot() as session:
        same = "SELECT view.xmin = safeguarding_flag.xmin FROM view, safeguarding_flag"
        assert (await session.execute(sa.text(same))).scalars().all() == [True]
