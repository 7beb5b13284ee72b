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
from services.feedback_api.tallies import count_by_unit, count_together

Make = Callable[..., dict[str, Any]]
SPAN = date(2026, 4, 1), date(2026, 11, 30)
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
                lists = lists_of(kind)
                live = (await count_records(session, kind, asked, lists)).get("", {})
                assert await count_together(session, kind, asked, lists) == Counted.of(live)
                parts = await count_records(session, kind, asked, lists, by_unit=True)
                by_unit = {unit: Counted.of(one) for unit, one in parts.items()}
                assert await count_by_unit(session, kind, asked, lists) == by_unit
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


async def test_what_is_no_longer_true_is_not_kept_while_its_month_goes_on_changing(kept: Any, a_view: Make) -> None:
    client = await kept.client("admin")
    await client.post("/v1/views", json=a_view(given_on="2026-08-04"))
    assert await keep_all(kept.database, kept.clock.now()) == 0
    assert await months(kept) == [date(2026, month, 1) for month in (5, 6, 7)]
    kept.clock.advance(timedelta(hours=1))
    assert await keep_all(kept.database, kept.clock.now()) == 1


@pytest.mark.parametrize("change", [
    {"unit": "cwd_east"}, {"themes": ["supervision"]}, {"themes": []}, {"rating": 5}, {"channel": "questionnaires"},
    {"respondent_group": "parent_carer"}, {"sentiment": "negative"}, {"given_on": "2026-04-09"},
])  # fmt: skip
async def test_every_correction_of_a_view_is_seen_at_once(kept: Any, change: dict[str, Any]) -> None:
    client = await kept.client("admin")
    (view,) = (await client.get("/v1/views?theme=neglect&limit=1")).json()["items"]
    answer = await client.patch(f"/v1/views/{view['id']}", json=change, headers={"If-Match": '"1"'})
    assert answer.status_code == 200, answer.text
    assert (await check(kept)).records == 6


async def test_a_view_released_from_quarantine_is_counted_in_a_month_that_was_kept(kept: Any, a_view: Make) -> None:
    client = await kept.client("admin")
    await client.post("/v1/views", json=a_view(given_on="2026-11-20"))
    batch = {"unit": "fs_weymouth", "channel": "questionnaires", "respondent_group": "young_person", "count": 10}
    (token, *_) = (await (await kept.client("practitioner")).post("/v1/token-batches", json=batch)).json()["tokens"]
    anyone = await kept.client(None)
    sent = {"token": token, "what_works": "They listen.", "rating": 4}
    assert (await anyone.post("/v1/public/views", json=sent)).status_code == 202
    kept.clock.advance(timedelta(hours=1))
    await keep_all(kept.database, kept.clock.now())
    assert date(2026, 11, 1) in await months(kept)
    (waiting,) = (await client.get("/v1/public-submissions")).json()["items"]
    path = f"/v1/public-submissions/{waiting['id']}/releases"
    assert (await client.post(path, json={"themes": ["neglect"]}, headers={"If-Match": '"1"'})).status_code == 200
    assert (await check(kept)).channels["questionnaires"] == 1


async def counted(running: Any, kind: str) -> int:
    await check(running)
    async with running.database.snapshot() as session:
        return (await count_together(session, kind, SCOPES[0], ["all_units"])).records


async def test_a_complaint_that_is_merged_counts_once_and_separated_again_twice(kept: Any, a_complaint: Make) -> None:
    client = await kept.client("admin")
    for ref in ("C-1", "C-2"):
        sent = a_complaint(respond_ref=ref, received_on="2026-10-12", themes=["neglect"])
        assert (await client.post("/v1/complaints", json=sent)).status_code == 201
    kept.clock.advance(timedelta(hours=1))
    assert await keep_all(kept.database, kept.clock.now()) == 1
    assert await counted(kept, "complaints") == 2
    for deed, left, version in (("merges", 1, 1), ("separations", 2, 2)):
        body, seen = {"respond_ref": "C-2", "reason": "x"}, {"If-Match": f'"{version}"'}
        answer = await client.post(f"/v1/complaints/C-1/{deed}", json=body, headers=seen)
        assert answer.status_code == 200, answer.text
        assert await counted(kept, "complaints") == left
        kept.clock.advance(timedelta(hours=1))
        assert await keep_all(kept.database, kept.clock.now()) == 1
        assert await counted(kept, "complaints") == left


async def test_a_compliment_that_became_a_complaint_is_none_until_that_is_undone(kept: Any, a_compliment: Make) -> None:
    client = await kept.client("admin")
    await client.post("/v1/compliments", json=a_compliment(themes=["neglect"]))
    kept.clock.advance(timedelta(hours=1))
    await keep_all(kept.database, kept.clock.now())
    assert await counted(kept, "compliments") == 1
    ref = {"kind": "compliment", "ref": "CPL-2026-0051"}
    body = ref | {"respond_ref": "C-9", "procedure": "statutory", "reason": "x"}
    assert (await client.post("/v1/recategorisations", json=body)).status_code == 201
    assert await counted(kept, "compliments") == 0
    kept.clock.advance(timedelta(hours=1))
    await keep_all(kept.database, kept.clock.now())
    assert await counted(kept, "compliments") == 0
    seen = {"If-Match": (await client.get("/v1/complaints/C-9")).headers["etag"]}
    undone = await client.post("/v1/complaints/C-9/restorations", json=ref | {"reason": "x"}, headers=seen)
    assert undone.status_code == 200, undone.text
    assert await counted(kept, "compliments") == 1


@pytest.mark.parametrize("query", ["", "&theme=planning", "&unit=fs_portland", "&unit=family_support&theme=planning",
                                   "&level=segment", "&level=local_office&theme=neglect"])  # fmt: skip
async def test_R17_a_summary_from_kept_months_is_the_summary_of_the_records(kept: Any, query: str) -> None:
    client = await kept.client("admin")
    path = f"/v1/summary?period=FY2026-27{query}"
    from_kept = await client.get(path)
    async with kept.database.transaction() as session:
        await session.execute(sa.text("DELETE FROM kept_month"))
    assert from_kept.status_code == 200
    assert (await client.get(path)).json() == from_kept.json()


async def test_a_unit_that_moves_takes_its_kept_counts_to_its_new_service(kept: Any) -> None:
    client = await kept.client("admin")
    path = "/v1/summary?period=FY2026-27&unit=children_who_are_disabled"
    before = (await client.get(path)).json()["views"]
    async with kept.database.transaction() as session:
        moved = "UPDATE org_unit SET parent = 'children_who_are_disabled' WHERE code = 'fs_portland'"
        await session.execute(sa.text(moved))
    assert (before, (await client.get(path)).json()["views"]) == (0, 2)
