"""Reading views, correcting them, and who may."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from services.feedback_api.models import ViewHistory, table_of
from shared.tables import read_log

Make = Callable[..., dict[str, Any]]


@pytest.mark.parametrize(
    ("role", "read", "write"),
    [
        ("practitioner", 403, 201), ("team_manager", 403, 201), ("auditor", 403, 201), ("qa_manager", 200, 201),
        ("head_of_service", 200, 201), ("analyst", 200, 403), ("board_reader", 403, 403),
        ("ingest_client", 403, 201), ("complaints_manager", 200, 201), ("reporting_service", 200, 403),
        (None, 401, 401),
    ],
)  # fmt: skip
async def test_each_role_reads_and_writes_what_its_scopes_say(
    feedback: Any, a_view: Make, role: str | None, read: int, write: int
) -> None:
    client = await feedback.client(role)
    admin = await feedback.client("admin")
    view = (await admin.post("/v1/views", json=a_view())).json()
    assert (await client.get("/v1/views")).status_code == read
    assert (await client.get(f"/v1/views/{view['id']}")).status_code == read
    assert (await client.post("/v1/views", json=a_view())).status_code == write
    batch = await client.post("/v1/views/imports", json={"items": [a_view()]})
    assert batch.status_code == (200 if write == 201 else write)
    change = await client.patch(f"/v1/views/{view['id']}", json={"rating": 1}, headers={"If-Match": '"1"'})
    assert change.status_code == (200 if write == 201 else write)


@pytest.mark.parametrize("role", ["practitioner", "team_manager", "auditor"])
async def test_single_views_of_the_whole_council_need_true_figures_and_those_of_a_team_its_token(
    feedback: Any, a_view: Make, role: str
) -> None:
    view = (await (await feedback.client("admin")).post("/v1/views", json=a_view(what_works="Calm."))).json()
    council, team = await feedback.client(role), await feedback.client(role, unit="fs_weymouth")
    path = f"/v1/views/{view['id']}"
    for address in ("/v1/views", "/v1/views?unit=fs_weymouth", path):
        answer = await council.get(address)
        assert (answer.status_code, answer.json()["needed_scope"]) == (403, "feedback:figures")
        assert (await team.get(address)).status_code == 200
    assert (await team.get(path)).json()["what_works"] == "Calm."
    changed = (await council.patch(path, json={"rating": 1}, headers={"If-Match": '"1"'})).json()
    assert (changed["what_works"], changed["words_withheld"]) == (None, True)


async def test_another_unit_s_view_is_not_there(feedback: Any, a_view: Make) -> None:
    admin = await feedback.client("admin")
    view = (await admin.post("/v1/views", json=a_view(source_ref="V-1"))).json()
    other = await feedback.client("team_manager", unit="cwd_east")
    path = f"/v1/views/{view['id']}"
    assert (await other.get(path)).status_code == 404
    assert (await other.patch(path, json={"rating": 1}, headers={"If-Match": '"1"'})).status_code == 404
    assert (await other.get("/v1/views")).json()["items"] == []
    assert (await other.get("/v1/views?unit=fs_weymouth")).status_code == 404
    assert (await other.get("/v1/views?unit=no_such_unit")).status_code == 404
    answer = await other.post("/v1/views", json=a_view())
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/unit"]
    taken = await other.post("/v1/views", json=a_view(unit="cwd_east", source_ref="V-1"))
    assert (taken.status_code, taken.json()["type"]) == (409, "/problems/view-reference-in-use")


async def test_a_service_sees_the_views_of_its_teams(feedback: Any, a_view: Make) -> None:
    admin = await feedback.client("admin")
    for unit in ("fs_weymouth", "fs_swanage", "cwd_east"):
        await admin.post("/v1/views", json=a_view(unit=unit))
    head = await feedback.client("head_of_service", unit="family_support")
    found = (await head.get("/v1/views")).json()["items"]
    assert {one["unit"] for one in found} == {"fs_weymouth", "fs_swanage"}
    assert len((await admin.get("/v1/views?unit=family_support")).json()["items"]) == 2


async def test_a_list_leaves_the_words_out_and_a_single_reading_is_logged(feedback: Any, a_view: Make) -> None:
    client = await feedback.client("practitioner", unit="fs_weymouth", subject="worker-1")
    view = (await client.post("/v1/views", json=a_view(what_works="Calm."))).json()
    (row,) = (await client.get("/v1/views")).json()["items"]
    assert "what_works" not in row
    assert row["has_words"] is True
    path = f"/v1/views/{view['id']}"
    answer = await client.get(path)
    assert (await client.get(path, headers={"If-None-Match": answer.headers["etag"]})).status_code == 304
    async with feedback.database.snapshot() as session:
        reads = (await session.execute(sa.select(read_log))).all()
    # Whoever holds it and is told that it stands reads it again.
    assert [(one.actor, one.operation, one.subject_id) for one in reads] == 2 * [("worker-1", "get_view", view["id"])]


async def test_a_system_that_only_writes_is_not_given_anyone_s_words(feedback: Any, a_view: Make) -> None:
    client = await feedback.client("ingest_client")
    view = (await client.post("/v1/views", json=a_view(what_works="Calm."))).json()
    assert (view["what_works"], view["words_withheld"], view["has_words"]) == (None, True, True)


async def test_filters_narrow_the_list_and_pages_follow_on(feedback: Any, a_view: Make) -> None:
    client = await feedback.client("admin")
    for day in range(1, 8):
        await client.post("/v1/views", json=a_view(given_on=f"2026-10-0{day}", themes=["planning"] if day > 5 else []))
    found = (await client.get("/v1/views?from=2026-10-03&to=2026-10-05")).json()["items"]
    assert [one["given_on"] for one in found] == ["2026-10-05", "2026-10-04", "2026-10-03"]
    assert len((await client.get("/v1/views?theme=planning")).json()["items"]) == 2
    assert (await client.get("/v1/views?respondent_group=child")).json()["items"] == []
    seen, address = [], "/v1/views?limit=3"
    while address:
        answer = await client.get(address)
        page = answer.json()
        seen += [one["given_on"] for one in page["items"]]
        address = f"/v1/views?limit=3&after={page['next']}" if page["next"] else ""
        assert ("link" in answer.headers) == bool(address)
    assert seen == [f"2026-10-0{day}" for day in range(7, 0, -1)]


@pytest.mark.parametrize("query", ["after=zzz", "after=WyJhIiwiYiJd", "limit=0", "limit=501", "unit=A'B", "from=soon"])
async def test_a_filter_that_cannot_be_is_refused(feedback: Any, query: str) -> None:
    client = await feedback.client("admin")
    for path in ("/v1/views", "/v1/complaints", "/v1/compliments"):
        assert (await client.get(f"{path}?{query}")).status_code == 422


async def test_a_correction_names_the_version_it_saw(feedback: Any, a_view: Make) -> None:
    client = await feedback.client("admin")
    path = f"/v1/views/{(await client.post('/v1/views', json=a_view())).json()['id']}"
    assert (await client.patch(path, json={"rating": 2})).status_code == 428
    answer = await client.patch(path, json={"rating": 2, "reason": "Misheard."}, headers={"If-Match": '"1"'})
    assert (answer.status_code, answer.headers["etag"], answer.json()["rating"]) == (200, '"2"', 2)
    assert (await client.patch(path, json={"rating": 3}, headers={"If-Match": '"1"'})).status_code == 412
    async with feedback.database.snapshot() as session:
        (old,) = (await session.execute(sa.select(table_of(ViewHistory)))).all()
    assert (old.version, old.reason, old.content["rating"]) == (1, "Misheard.", None)


async def test_a_correction_that_changes_nothing_makes_no_version(feedback: Any, a_view: Make) -> None:
    client = await feedback.client("admin")
    view = (await client.post("/v1/views", json=a_view())).json()
    path = f"/v1/views/{view['id']}"
    same = {"sentiment": "positive", "links": []}
    assert (await client.patch(path, json=same, headers={"If-Match": '"1"'})).json() == view


@pytest.mark.parametrize(
    ("edit", "pointer"),
    [({"unit": "nowhere"}, "/unit"), ({"channel": None}, "/channel"), ({"given_on": "2027-01-01"}, "/given_on"),
     ({"themes": ["planning", "planning"]}, "/themes"), ({"source_ref": "x"}, "")],
)  # fmt: skip
async def test_a_correction_keeps_the_rules_of_recording(
    feedback: Any, a_view: Make, edit: dict[str, Any], pointer: str
) -> None:
    client = await feedback.client("admin")
    view = (await client.post("/v1/views", json=a_view())).json()
    answer = await client.patch(f"/v1/views/{view['id']}", json=edit, headers={"If-Match": '"1"'})
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]


async def test_a_correction_moves_a_view_only_between_units_the_caller_has(feedback: Any, a_view: Make) -> None:
    head = await feedback.client("head_of_service", unit="family_support")
    path = f"/v1/views/{(await head.post('/v1/views', json=a_view())).json()['id']}"
    assert (await head.patch(path, json={"unit": "cwd_east"}, headers={"If-Match": '"1"'})).status_code == 422
    moved = await head.patch(path, json={"unit": "fs_swanage"}, headers={"If-Match": '"1"'})
    assert moved.json()["unit"] == "fs_swanage"


async def test_the_history_of_a_view_says_who_when_and_why_and_stays_in_its_unit(feedback: Any, a_view: Make) -> None:
    client = await feedback.client("qa_manager")
    path = f"/v1/views/{(await client.post('/v1/views', json=a_view(what_works='Calls.'))).json()['id']}"
    edit = {"what_works": "Visits.", "reason": "Misheard."}
    assert (await client.patch(path, json=edit, headers={"If-Match": '"1"'})).status_code == 200
    newest, first = (await client.get(f"{path}/history")).json()["items"]
    assert (newest["version"], newest["changed"], newest["reason"]) == (2, ["what_works"], "Misheard.")
    assert (first["content"]["what_works"], first["valid_to"]) == ("Calls.", newest["valid_from"])
    elsewhere = await feedback.client("team_manager", unit="cwd_east")
    assert (await elsewhere.get(f"{path}/history")).status_code == 404
    assert (await (await feedback.client("practitioner")).get(f"{path}/history")).status_code == 403
