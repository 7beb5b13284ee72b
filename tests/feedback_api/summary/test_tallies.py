"""Kept theme counts: what is read from them is what the records say, whatever happened since."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from services.feedback_api.counting import KINDS, Asked, Counted, count_records, lists_of
from services.feedback_api.models import KeptMonth, table_of
from services.feedback_api.summary.jobs import keep_all
from services.feedback_api.tallies import count_together

Make = Callable[..., dict[str, Any]]
SPAN = date(2026, 4, 1), date(2026, 10, 31)
SCOPES = [Asked(*SPAN), Asked(*SPAN, units=["fs_portland"]), Asked(*SPAN, groups=["child"]), Asked(*SPAN, units=[])]


@pytest.fixture
async def kept(feedback: Any, a_view: Make) -> Any:
    """Views of two months, counted and kept an hour later."""
    client = await feedback.client("admin")
    views = [a_view(themes=["planning", "neglect"], given_on="2026-05-04")] * 3
    views += [a_view(themes=["planning"], unit="fs_portland", respondent_group="child", given_on="2026-08-03")] * 2
    views += [a_view(themes=[], given_on="2026-08-03")]
    views = [view | {"rating": 1 + at % 5, "channel": "case_audit" if at % 2 else "review_process"}
             for at, view in enumerate(views)]  # fmt: skip
    views = [view | {"source_ref": f"V-{at}"} for at, view in enumerate(views)]
    assert (await client.post("/v1/views/imports", json={"items": views})).status_code == 200
    feedback.clock.advance(timedelta(hours=1))
    await keep_all(feedback.database, feedback.clock.now())
    return feedback


async def check(running: Any) -> Counted:
    """The counts as read, after holding those of every scope against the records themselves."""
    async with running.database.snapshot() as session:
        for kind in KINDS:
            for asked in SCOPES:
                live = (await count_records(session, kind, asked, lists_of(kind))).get("", {})
                assert await count_together(session, kind, asked, lists_of(kind)) == Counted.of(live)
        return await count_together(session, "views", SCOPES[0], lists_of("views"))


async def months(running: Any) -> list[date]:
    async with running.database.snapshot() as session:
        kept = table_of(KeptMonth).c
        found = sa.select(kept.month).where(kept.kind == "views").order_by(kept.month)
        return list((await session.execute(found)).scalars())


async def test_settled_months_are_kept_and_read_as_the_records_say(kept: Any) -> None:
    assert await months(kept) == [date(2026, month, 1) for month in (5, 6, 7, 8)]
    assert (await check(kept)).pairs == {("neglect", "planning"): 3}
    assert await keep_all(kept.database, kept.clock.now()) == 0


async def test_a_tally_is_what_is_read_while_nothing_changes(kept: Any) -> None:
    async with kept.database.transaction() as session:
        await session.execute(sa.text("UPDATE kept_tally SET counts = '{}' WHERE month = '2026-08-01'"))
    async with kept.database.snapshot() as session:
        assert (await count_together(session, "views", SCOPES[0], ["all_units"])).records == 3


async def test_a_month_that_changed_is_counted_anew_also_where_a_record_left_it(kept: Any, a_view: Make) -> None:
    client = await kept.client("admin")
    (view,) = (await client.get("/v1/views?theme=neglect&limit=1")).json()["items"]
    path, match = f"/v1/views/{view['id']}", {"If-Match": '"1"'}
    assert (await client.patch(path, json={"given_on": "2026-08-20"}, headers=match)).status_code == 200
    assert (await check(kept)).records == 6
    await client.post("/v1/views", json=a_view(themes=["supervision"], given_on="2026-06-01"))
    assert (await check(kept)).themes["supervision"] == 1
    body = {"confirmed": ["supervision"]}
    await client.post(f"{path}/theme-decisions", json=body, headers={"If-Match": '"2"'})
    assert (await check(kept)).themes["supervision"] == 2


async def test_a_month_in_which_something_just_changed_is_not_kept(kept: Any, a_view: Make) -> None:
    client = await kept.client("admin")
    await client.post("/v1/views", json=a_view(given_on="2026-06-01"))
    await client.post("/v1/views", json=a_view(given_on="2026-09-01"))
    assert await keep_all(kept.database, kept.clock.now()) == 0
    assert date(2026, 9, 1) not in await months(kept)
    kept.clock.advance(timedelta(hours=1))
    assert await keep_all(kept.database, kept.clock.now()) == 2
    assert (await check(kept)).records == 8
