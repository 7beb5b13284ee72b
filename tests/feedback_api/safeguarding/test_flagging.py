"""A record whose words read like harm has one flag, stored with it or not at all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from services.feedback_api.flagging import events, flags, raise_flag

Make = Callable[..., dict[str, Any]]
HARM = "he hits me"


async def rows(feedback: Any, table: sa.Table = flags) -> list[Any]:
    async with feedback.database.snapshot() as session:
        return list((await session.execute(sa.select(table))).all())


async def test_each_view_that_reads_like_harm_has_one_flag_however_it_came(feedback: Any, a_view: Make) -> None:
    client = await feedback.client("admin")
    single = (await client.post("/v1/views", json=a_view(what_works=HARM))).json()["id"]
    await client.post("/v1/views/imports", json={"items": [a_view(what_works=HARM), a_view(what_works="Calm.")]})
    calm = (await client.post("/v1/views", json=a_view(what_works="Calm."))).json()["id"]
    await client.patch(f"/v1/views/{calm}", json={"what_works": "I want to die"}, headers={"If-Match": '"1"'})
    found = {row.subject_ref: row for row in await rows(feedback)}
    assert len(found) == 3
    assert (found[single].unit, found[single].status) == ("fs_weymouth", "waiting")
    assert found[calm].reasons == ["self_harm"]


async def test_a_view_sent_again_tells_nobody_twice(feedback: Any, a_view: Make) -> None:
    client = await feedback.client("admin")
    for _ in range(3):
        await client.post("/v1/views", json=a_view(source_ref="V-1", what_works=HARM))
    assert len(await rows(feedback)) == 1
    assert [row.kind for row in await rows(feedback, events)] == ["raised"]


async def test_other_words_and_new_reasons_open_what_was_decided_again(feedback: Any) -> None:
    now = feedback.clock.now()
    decided = {
        "status": "decided", "due_at": None, "outcome": "no_concern", "decided_by": "duty", "decided_at": now,
        "acknowledged_by": "duty", "acknowledged_at": now,
    }  # fmt: skip
    steps: list[tuple[list[str], bool, str]] = [
        (["afraid"], False, "decided"),
        (["afraid"], True, "waiting"),
        (["self_harm"], False, "waiting"),
    ]
    async with feedback.database.transaction() as session:
        await raise_flag(session, "complaint", "CSC-1", "fs_weymouth", ["afraid"], now)
    for reasons, reworded, status in steps:
        async with feedback.database.transaction() as session:
            await session.execute(sa.update(flags).values(decided))
            later = now + timedelta(days=1)
            await raise_flag(session, "complaint", "CSC-1", "fs_weymouth", reasons, later, reworded=reworded)
        (row,) = await rows(feedback)
        assert row.status == status
    assert row.reasons == ["afraid", "self_harm"]
    assert row.told_at == later and row.raised_at == now


async def test_a_flag_follows_its_view_to_another_unit(feedback: Any, a_view: Make) -> None:
    client = await feedback.client("admin")
    view = (await client.post("/v1/views", json=a_view(what_works=HARM))).json()["id"]
    await client.patch(f"/v1/views/{view}", json={"unit": "cwd_east"}, headers={"If-Match": '"1"'})
    assert [(row.unit, row.status) for row in await rows(feedback)] == [("cwd_east", "waiting")]


async def test_a_record_that_is_rolled_back_leaves_no_flag_and_a_flag_no_record(feedback: Any) -> None:
    with pytest.raises(RuntimeError):
        async with feedback.database.transaction() as session:
            await raise_flag(session, "view", "V-1", None, ["afraid"], feedback.clock.now())
            raise RuntimeError
    assert await rows(feedback) == []
