"""Lists of open cases: whole or not at all, kept by day, pseudonymous, and read by few."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from shared.tables import read_log
from tests.audit_api.papers import activity_of, send, whole
from tests.audit_api.selecting import AS_AT, case, cases, draw_one, keep_auditor, post_cases
from tests.conftest import Running

PATH = "/v1/units/fs_weymouth/open-cases"
CANARY = "Canary-Kingfisher"


def lines(items: list[dict[str, Any]]) -> bytes:
    return "".join(f"{json.dumps(item)}\n" for item in items).encode()


async def put_lines(client: httpx.AsyncClient, content: bytes, **query: str) -> httpx.Response:
    return await client.put(PATH, content=content, params=query, headers={"Content-Type": "application/x-ndjson"})


async def test_a_list_is_taken_whole_and_the_same_again_changes_nothing(audit: Running) -> None:
    client = await audit.client("ingest_client")
    answer = await client.put(PATH, json={"as_at": AS_AT, "items": cases(12)})
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert (made["cases"], made["revision"], made["unchanged"]) == (12, 1, False)
    assert made["strata"] == {"status": {"child_in_need": 9, "child_protection": 3}}
    again = await client.put(PATH, json={"as_at": AS_AT, "items": cases(12)[::-1]})
    assert (again.status_code, again.json()) == (200, made | {"unchanged": True})
    one_a_line = await put_lines(client, lines(cases(12)) + b"\n", as_at=AS_AT)
    assert (one_a_line.status_code, one_a_line.json()) == (200, made | {"unchanged": True})
    await audit.seal()
    (deed,) = await activity_of(await audit.client("admin"), "open_case_list")
    assert deed["data"] == {"as_at": AS_AT, "revision": 1, "cases": 12}


async def test_another_list_of_the_day_replaces_it_and_other_days_stay(audit: Running) -> None:
    client = await audit.client("qa_manager")
    await post_cases(client, "fs_weymouth", cases(3), "2026-11-01")
    await post_cases(client, "fs_weymouth", cases(2))
    changed = await post_cases(client, "fs_weymouth", [case(7)])
    assert (changed["revision"], changed["cases"]) == (2, 1)
    now = (await client.get(PATH)).json()
    assert ([one["case_reference"] for one in now["items"]], now["as_at"], now["revision"]) == (
        ["SYN-00007"], AS_AT, 2,
    )  # fmt: skip
    assert now["items"][0] == case(7, closed_on=None)
    earlier = (await client.get(PATH, params={"as_at": "2026-11-19"})).json()
    assert (earlier["as_at"], earlier["cases"]) == ("2026-11-01", 3)
    assert (await client.get(PATH, params={"as_at": "2026-10-31"})).status_code == 404
    (row,) = (await client.get("/v1/open-cases")).json()["items"]
    assert (row["unit"], row["as_at"], row["cases"], row["days_old"]) == ("fs_weymouth", AS_AT, 1, 3)


async def test_a_team_with_no_open_case_posts_an_empty_list(audit: Running) -> None:
    client = await audit.client("ingest_client")
    assert (await post_cases(client, "fs_weymouth", []))["cases"] == 0
    assert (await client.get(PATH)).json()["items"] == []


async def test_reading_is_paged_and_recorded(audit: Running) -> None:
    client = await audit.client("qa_manager")
    await post_cases(client, "fs_weymouth", cases(5))
    found, after = [], None
    while True:
        page = (await client.get(PATH, params={"limit": 2} | ({"after": after} if after else {}))).json()
        found += [one["case_reference"] for one in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert found == [one["case_reference"] for one in cases(5)]
    async with audit.database.transaction() as session:
        read = (await session.execute(sa.select(read_log.c.operation, read_log.c.actor))).all()
    assert [tuple(row) for row in read] == [("list_open_cases", "test-qa_manager")] * 3


@pytest.mark.parametrize(
    ("item", "pointer"),
    [
        (case(1, case_reference=CANARY), "/items/1/case_reference"),
        (case(1, case_reference="9434765919"), "/items/1/case_reference"),
        (case(1, case_reference="SYN-00002"), "/items/1/case_reference"),
        (case(1, opened_on=CANARY), "/items/1/opened_on"),
        (case(1, closed_on="2026-01-11"), "/items/1"),
        (case(1, workers=[f"{CANARY} Smith"]), "/items/1/workers/0"),
        (case(1, strata={CANARY: "a"}), "/items/1/strata"),
        (case(1, strata={"status": CANARY}), "/items/1/strata"),
        (case(1, strata={"status": [CANARY]}), "/items/1/strata"),
        (case(1) | {CANARY: CANARY}, "/items/1"),
        (CANARY, "/items/1"),
        (None, "/items/1"),
    ],
)
async def test_one_wrong_row_keeps_the_list_out_and_is_pointed_at_without_its_value(
    audit: Running, item: Any, pointer: str
) -> None:
    client = await audit.client("ingest_client")
    await post_cases(client, "fs_weymouth", cases(4))
    for answer in (
        await client.put(PATH, json={"as_at": AS_AT, "items": [case(2), item]}),
        await put_lines(client, lines([case(2), item]), as_at=AS_AT),
    ):
        assert answer.status_code == 422, answer.text
        assert answer.json()["type"] == "/problems/case-list-refused"
        assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]
        assert CANARY not in answer.text
    assert (await client.get(PATH)).json()["cases"] == 4


async def test_what_is_no_list_is_refused(audit: Running) -> None:
    client = await audit.client("ingest_client")
    for body, pointer in (
        ({"items": []}, ""),
        ({"as_at": AS_AT}, ""),
        ({"as_at": AS_AT, "items": {}}, ""),
        ({"as_at": CANARY, "items": []}, "/as_at"),
        ({"as_at": "2026-11-24", "items": []}, "/as_at"),
        ({"as_at": "2019-03-31", "items": []}, "/as_at"),
        ([], ""),
    ):
        answer = await client.put(PATH, json=body)
        assert answer.status_code == 422, (body, answer.text)
        assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]
        assert CANARY not in answer.text
    assert (await put_lines(client, lines(cases(1)))).json()["errors"][0]["pointer"] == "/query/as_at"
    twice = await client.put(PATH, json={"as_at": AS_AT, "items": []}, params={"as_at": AS_AT})
    assert twice.json()["errors"][0]["pointer"] == "/query/as_at"
    many = await client.put(PATH, json={"as_at": AS_AT, "items": [1] * 10_001})
    assert many.json()["errors"][0]["pointer"] == "/items"
    assert (await client.put(PATH, content=b"a,b", headers={"Content-Type": "text/csv"})).status_code == 415
    assert (await client.put("/v1/units/nowhere/open-cases", json={"as_at": AS_AT, "items": []})).status_code == 404


async def test_ten_thousand_cases_are_taken_in_one_request(audit: Running) -> None:
    client = await audit.client("ingest_client")
    items = cases(10_000)
    begun = time.perf_counter()
    answer = await client.put(PATH, json={"as_at": AS_AT, "items": items})
    assert answer.status_code == 201, answer.text
    assert answer.json()["cases"] == 10_000
    assert time.perf_counter() - begun < 10


async def test_old_lists_go_but_for_those_a_draw_rests_on(audit: Running) -> None:
    client = await audit.client("qa_manager")
    await post_cases(client, "fs_weymouth", cases(3), "2026-02-02")
    await post_cases(client, "fs_portland", cases(3), "2026-02-02")
    await post_cases(client, "fs_weymouth", cases(3))
    assert (await client.get(PATH, params={"as_at": "2026-02-02"})).status_code == 404
    assert (await client.get("/v1/units/fs_portland/open-cases")).status_code == 200
    await keep_auditor(client, "auditor-1")
    found = await draw_one(client, unit="fs_weymouth", tool="case_audit")
    audit.clock.advance(timedelta(days=120))
    await post_cases(client, "fs_weymouth", cases(3), "2027-03-20")
    assert (await client.get(PATH, params={"as_at": AS_AT})).json()["cases"] == 3
    assert (await client.get(f"/v1/draws/{found['id']}/redraw")).json()["same"] is True


async def test_who_works_on_a_case_as_the_case_system_says_is_given_no_audit_of_it(audit: Running) -> None:
    client = await audit.client("qa_manager")
    await post_cases(client, "fs_weymouth", [case(1, workers=["somebody"]), case(2, managers=["somebody"])])
    for reference in ("SYN-00001", "SYN-00002"):
        body = whole(case_reference=reference, auditor="somebody", submit=False, answers={}, views={}, findings=[])
        answer = await client.post("/v1/audits", json=body)
        assert (answer.status_code, answer.json()["type"]) == (409, "/problems/own-case")
    # Given to another worker since, as at the same day.
    await post_cases(client, "fs_weymouth", [case(1), case(2, managers=["somebody"])])
    await send(client, whole(case_reference="SYN-00001", auditor="somebody"))


async def test_lists_are_for_few_and_of_the_own_units(audit: Running) -> None:
    client = await audit.client("qa_manager")
    await post_cases(client, "fs_weymouth", cases(2))
    for role in ("practitioner", "team_manager", "auditor", "head_of_service", "analyst"):
        assert (await (await audit.client(role)).get(PATH)).status_code == 403
    own = await audit.client("qa_manager", "family_support")
    assert (await own.get(PATH)).status_code == 200
    other = await audit.client("qa_manager", "fs_portland")
    assert (await other.get(PATH)).status_code == 404
    assert (await other.put(PATH, json={"as_at": AS_AT, "items": []})).status_code == 404
    assert (await other.get("/v1/open-cases")).json()["items"] == []
