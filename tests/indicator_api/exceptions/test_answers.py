"""R50: the owner answers, for as long as it holds; everything else stands unanswered, and can be asked for."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from httpx import AsyncClient

from tests.conftest import Running
from tests.indicator_api.exceptions.test_keeping import CHANGES, ask, keep_now, store
from tests.indicator_api.published import DORSET, item, months

KEY = f"supervision_in_time.{DORSET}.2026-10.SIGNIFICANT_CHANGE"
WORDS = {"explanation": "Two teams had no manager in October.", "action": "Both posts are filled."}


@pytest.fixture
async def changed(indicator: Running) -> Running:
    await store(indicator, months("supervision_in_time", DORSET, "2025-10", CHANGES))
    await keep_now(indicator)
    return indicator


async def owner(indicator: Running) -> AsyncClient:
    row = (await ask(indicator))["items"][0]
    return await indicator.client(row["owner_role"], subject="the-owner")


async def answer(indicator: Running, **more: Any) -> Any:
    sent = await (await owner(indicator)).post(f"/v1/exceptions/{KEY}/answers", json=WORDS | more)
    assert sent.status_code == 201, sent.text
    return sent.json()


async def test_R50_the_owners_answer_stands_beside_the_exception_until_a_quarter_has_gone(changed: Running) -> None:
    row = (await ask(changed))["items"][0]
    given = await answer(changed)
    assert (given["key"], given["inputs_hash"], given["answered_by"]) == (KEY, row["inputs_hash"], "the-owner")
    assert given["holds_until"] == "2027-02-23"
    (row,) = (await ask(changed))["items"]
    assert row["answered"] == {
        "by": "the-owner", "at": "2026-11-23T09:00:00Z", "explanation": WORDS["explanation"], "expected_until": None,
    }  # fmt: skip
    assert row["unanswered_days"] is None
    client = await changed.client("analyst")
    assert (await client.get(f"/v1/exceptions/{KEY}")).json() == row
    listed = (await client.get(f"/v1/exceptions/{KEY}/answers")).json()
    assert listed == {"items": [given], "next": None}


async def test_R50_an_answer_holds_on_for_the_next_figure_in_the_same_direction_and_not_after_its_day(
    changed: Running,
) -> None:
    await answer(changed, expected_until="2026-12-31")
    changed.clock._at = datetime(2026, 12, 20, 9, tzinfo=UTC)
    await store(changed, [item("supervision_in_time", DORSET, "2026-11", 59)])
    await keep_now(changed)
    (row,) = (await ask(changed, answered="true"))["items"]
    assert (row["period"], row["answered"]["by"]) == ("2026-11", "the-owner")
    changed.clock._at = datetime(2027, 1, 10, 9, tzinfo=UTC)
    await keep_now(changed)
    assert (await ask(changed, answered="true"))["items"] == []
    (row,) = (await ask(changed, answered="false"))["items"]
    assert (row["trigger"], row["answered"], row["unanswered_days"]) == ("SIGNIFICANT_CHANGE", None, 9)


async def test_R50_what_was_over_and_comes_back_needs_an_answer_of_its_own(changed: Running) -> None:
    await answer(changed)
    await store(changed, [item("supervision_in_time", DORSET, "2026-10", 92)])
    assert (await ask(changed))["items"] == []
    changed.clock._at = datetime(2026, 11, 24, 9, tzinfo=UTC)
    await store(changed, [item("supervision_in_time", DORSET, "2026-10", 58)])
    (row,) = (await ask(changed))["items"]
    assert (row["answered"], row["unanswered_days"]) == (None, 0)


async def test_R50_only_the_owner_answers_and_only_what_stands(changed: Running) -> None:
    row = (await ask(changed))["items"][0]
    assert row["allowed_actions"] == (["answer"] if row["owner_role"] == "analyst" else [])
    path = f"/v1/exceptions/{KEY}/answers"
    others = [one for one in ("analyst", "team_manager", "complaints_manager") if one != row["owner_role"]]
    for role in others:
        assert (await (await changed.client(role)).post(path, json=WORDS)).status_code == 403
    assert (await (await changed.client("practitioner")).post(path, json=WORDS)).status_code == 403
    admin = await changed.client("admin")
    gone = path.replace("2026-10", "2026-09")
    assert (await admin.post(gone, json=WORDS)).status_code == 404
    assert (await admin.post(path, json={"explanation": ""})).status_code == 422
    assert (await admin.post(path, json=WORDS | {"expected_until": "2026-11-01"})).status_code == 422
    assert (await admin.post(path, json=WORDS)).status_code == 201
    await changed.seal()
    feed = (await admin.get("/v1/activity?limit=500")).json()["items"]
    assert [one["data"]["key"] for one in feed if one["action"] == "exception.answered"] == [KEY]


async def test_R50_an_answer_with_an_identifier_is_refused_where_the_setting_says_so(start: Any) -> None:
    indicator = await start("indicator", free_text_identifiers="refuse")
    await store(indicator, months("supervision_in_time", DORSET, "2025-10", CHANGES))
    body = {"explanation": "Ring 01305 251000 about it."}
    answer = await (await indicator.client("admin")).post(f"/v1/exceptions/{KEY}/answers", json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/explanation"
    assert "251000" not in answer.text


async def test_R50_words_about_hidden_figures_are_for_those_who_may_see_them(indicator: Running) -> None:
    quarters = [f"FY{2023 + at // 4}-{24 + at // 4}-Q{at % 4 + 1}" for at in range(14)]
    values = [40, 43, 41, 44, 42, 40, 43, 41, 44, 42, 40, 43, 41, 90]
    figures = [item("complaints_received", DORSET, *pair) for pair in zip(quarters, values, strict=True)]
    await store(indicator, figures)
    await keep_now(indicator)
    (row,) = [one for one in (await ask(indicator))["items"] if one["trigger"] == "SIGNIFICANT_CHANGE"]
    path = f"/v1/exceptions/{row['key']}/answers"
    sent = await (await indicator.client("admin")).post(path, json=WORDS)
    assert sent.status_code == 201, sent.text
    for role, seen in (("head_of_service", WORDS["explanation"]), ("practitioner", None)):
        found = [one for one in (await ask(indicator, role))["items"] if one["key"] == row["key"]]
        assert found[0]["answered"]["explanation"] == seen
        listed = (await (await indicator.client(role)).get(path)).json()["items"]
        assert listed[0]["explanation"] == seen
        assert (listed[0]["inputs_hash"] is None) is (seen is None)


async def test_an_answer_to_what_only_hidden_figures_raise_leaves_no_trace(indicator: Running) -> None:
    quarters = [f"FY{2023 + at // 4}-{24 + at // 4}-Q{at % 4 + 1}" for at in range(14)]
    # Whoever knows all but the last finds it by the hash of the inputs in five guesses.
    values = [40, 43, 41, 44, 42, 40, 43, 41, 44, 42, 40, 43, 41, 2]
    await store(indicator, [item("complaints_received", DORSET, *pair) for pair in zip(quarters, values, strict=True)])
    (row,) = [one for one in (await ask(indicator))["items"] if one["trigger"] == "SIGNIFICANT_CHANGE"]
    path = f"/v1/exceptions/{row['key']}/answers"
    reader = await indicator.client("practitioner")
    before = await reader.get(path)
    assert (await (await indicator.client("admin")).post(path, json=WORDS)).status_code == 201
    after = await reader.get(path)
    assert (after.status_code, after.text) == (before.status_code, before.text) == (200, '{"items":[],"next":null}')
    assert len((await (await indicator.client("analyst")).get(path)).json()["items"]) == 1
