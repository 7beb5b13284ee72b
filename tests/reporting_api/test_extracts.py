"""Flat extracts and the OData feed: what was published and when, to each caller as he may read it, and nothing lost."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from services.reporting_api.schedule.progress import mark as mark_progress
from shared.auth.caller import system_caller
from tests.conftest import Running
from tests.reporting_api.conftest import Desk, slug
from tests.reporting_api.schedule_calls import materialise
from tests.reporting_api.test_protected_copy import COUNT, show_complaints

FIGURES, SCHEDULE = "/v1/extracts/published-figures.ndjson", "/v1/extracts/occurrences.ndjson"
FEED = "/v1/odata/PublishedFigures"


async def load(client: httpx.AsyncClient, path: str, after: str | None = None) -> tuple[list[dict[str, Any]], str]:
    answer = await client.get(path, params={"after": after} if after else {})
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()], answer.headers["extract-next"]


async def published(desk: Desk, **which: str) -> dict[str, Any]:
    report = await desk.publish((await desk.draft(**which))["id"])
    await desk.reporting.seal()
    return report


def told(report: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [
        (report["id"], one["code"], figure["indicator"], figure["value"], figure["value_status"], figure["display"])
        for one in report["sections"]
        for figure in one["figures"]
    ]


def rows_of(rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    names = ("report_id", "section", "indicator", "value", "value_status", "display")
    return [tuple(row[name] for name in names) for row in rows]


async def test_the_rows_are_the_figures_of_the_published_document_and_no_others(desk: Desk) -> None:
    client = await desk.client("analyst")
    draft = await desk.draft()
    await desk.reporting.seal()
    assert (await load(client, FIGURES))[0] == []
    report = await desk.publish(draft["id"])
    await desk.reporting.seal()
    rows, _ = await load(client, FIGURES)
    assert rows_of(rows) == told(report)
    assert {(row["edition"], row["board"], row["report_period"]) for row in rows} == {(1, "csdg", "2026-10")}


@pytest.mark.parametrize("role", ["analyst", "board_reader", "practitioner"])
async def test_each_caller_loads_the_copy_he_reads(desk: Desk, role: str) -> None:
    await show_complaints(desk)
    desk.neighbours.points[COUNT] = [("FY2026-27-Q1", 3.0, None, None)]
    report = await published(desk)
    mine = await desk.document(report["id"], role)
    client = await desk.client(role)
    rows, _ = await load(client, FIGURES)
    assert rows_of(rows) == told(mine)
    feed = (await client.get(FEED)).json()["value"]
    assert rows_of(feed) == told(mine)
    count = next(row for row in rows if row["indicator"] == COUNT)
    assert (count["value"], count["display"]) == ((3.0, "3") if role == "analyst" else (None, "c"))
    guessed = (await client.get(f"{FEED}?$filter=indicator eq '{COUNT}' and value eq 3")).json()["value"]
    assert bool(guessed) == (role == "analyst")


async def test_a_correction_comes_as_new_rows_that_name_those_they_take_the_place_of(desk: Desk) -> None:
    client = await desk.client("analyst")
    first = await published(desk)
    before, mark = await load(client, FIGURES)
    assert await load(client, FIGURES, mark) == ([], mark)
    newer = (await desk.step(first["id"], "supersessions", {"reason": "A figure was wrong."}, role="analyst")).json()
    desk.neighbours.points["rereferrals"] = [("RY2025", 20.5, 205.0, 1000.0)]
    await desk.draft()
    second = await desk.publish(newer["id"])
    await desk.reporting.seal()
    rows, _ = await load(client, FIGURES, mark)
    assert rows_of(rows) == told(second)
    assert {(row["edition"], row["supersedes"]) for row in rows} == {(2, first["id"])}
    whole, _ = await load(client, FIGURES)
    assert whole == before + rows


async def test_what_is_loaded_piece_by_piece_is_what_is_loaded_at_once(desk: Desk) -> None:
    client = await desk.client("analyst")
    held: dict[tuple[str, ...], dict[str, Any]] = {}
    mark: str | None = None
    for period in ("2026-08", "2026-09", "2026-10"):
        await published(desk, period=period)
        rows, mark = await load(client, FIGURES, mark)
        held |= {tuple(row[name] for name in ("report_id", "section", "indicator", "area")): row for row in rows}
    assert list(held.values()) == (await load(client, FIGURES))[0]


async def test_R70_the_schedule_is_told_again_only_where_it_changed(desk: Desk) -> None:
    client = await desk.client("analyst")
    draft = await desk.draft()
    whole, mark = await load(client, SCHEDULE)
    assert len({row["occurrence_id"] for row in whole}) == len(whole) > 50
    assert (await load(client, SCHEDULE, mark))[0] == []
    assert (await desk.publish(draft["id"]))["due_on"] >= "2026-11-23"
    rows, _ = await load(client, SCHEDULE, mark)
    assert [(row["report"], row["period"], row["status"], row["outcome"]) for row in rows] == [
        ("csdg_monthly", "2026-10", "published", "on_time")
    ]


async def test_R70_a_change_that_commits_late_is_told_to_who_read_while_it_was_at_work(reporting: Running) -> None:
    client = await reporting.client("analyst")
    await materialise(client)
    _, mark = await load(client, SCHEDULE)
    name = "UPDATE occurrence SET owner_role = 'late' WHERE id = (SELECT min(id::text)::uuid FROM occurrence)"
    async with reporting.database.transaction() as slow:
        await slow.execute(sa.text(name))
        async with reporting.database.transaction() as quick:
            other = "UPDATE occurrence SET owner_role = 'quick' WHERE id = (SELECT max(id::text)::uuid FROM occurrence)"
            await quick.execute(sa.text(other))
        rows, mark = await load(client, SCHEDULE, mark)
        assert [row["owner_role"] for row in rows] == ["quick"]
    rows, mark = await load(client, SCHEDULE, mark)
    assert "late" in [row["owner_role"] for row in rows]
    assert (await load(client, SCHEDULE, mark))[0] == []


async def test_R70_the_rows_say_what_compliance_says(desk: Desk) -> None:
    client = await desk.client("analyst")
    await desk.publish((await desk.draft())["id"])
    desk.reporting.clock.advance(timedelta(days=37))
    async with desk.reporting.database.transaction() as session:
        await mark_progress(session, system_caller("test"), desk.reporting.clock.today())
    rows, _ = await load(client, SCHEDULE)
    counted = (await client.get("/v1/compliance", params={"period": "FY2026-27"})).json()
    due = [row for row in rows if row["due_on"] < "2026-12-30" and not row["withdrawn_on"]]
    due = [row for row in due if "2026-04-01" <= row["due_on"] <= "2027-03-31"]
    for outcome in ("on_time", "late", "open_late", "missed"):
        assert sum(row["outcome"] == outcome for row in due) == counted[outcome]
    assert len(due) == counted["expected"] > 0


@pytest.mark.parametrize("path", [FIGURES, SCHEDULE])
async def test_after_a_restore_a_follower_is_told_to_begin_anew(desk: Desk, path: str) -> None:
    client = await desk.client("analyst")
    _, mark = await load(client, path)
    async with desk.reporting.database.transaction() as session:
        await session.execute(sa.text("UPDATE activity_head SET epoch = gen_random_uuid()"))
    answer = await client.get(path, params={"after": mark})
    assert (answer.status_code, slug(answer)) == (409, "extract-restarted")


async def test_a_mark_of_another_table_or_none_is_refused(desk: Desk) -> None:
    client = await desk.client("analyst")
    _, mark = await load(client, FIGURES)
    assert slug(await client.get(SCHEDULE, params={"after": mark})) == "extract-restarted"
    for text in ("x", "WyJhIl0", "WyJhIiwiYiIsImMiXQ", "WyJhIiwiYiIsIi0xIl0"):
        assert (await client.get(SCHEDULE, params={"after": text})).status_code == 422


async def test_a_caller_of_one_unit_loads_no_reports_of_the_council(desk: Desk) -> None:
    await published(desk)
    client = await desk.reporting.client("team_manager", unit="fs_weymouth")
    assert (await load(client, FIGURES))[0] == []
    assert (await load(client, SCHEDULE))[0] == []
    assert (await client.get(f"{FEED}?$count=true")).json()["@odata.count"] == 0


async def test_csv_has_the_same_rows_under_the_described_columns(desk: Desk) -> None:
    client = await desk.client("analyst")
    await published(desk)
    tables = {one["name"]: one for one in (await client.get("/v1/extracts")).json()["items"]}
    for name, table in tables.items():
        rows, _ = await load(client, table["ndjson"])
        text = (await client.get(table["csv"])).text
        found = list(csv.DictReader(io.StringIO(text)))
        assert list(found[0]) == [one["name"] for one in table["columns"]]
        key = table["key"]
        assert [[row[part] for part in key] for row in found] == [[row[part] for part in key] for row in rows], name


async def test_the_feed_filters_counts_and_selects_as_power_bi_asks(desk: Desk) -> None:
    client = await desk.client("analyst")
    report = await published(desk)
    every = (await client.get(FEED)).json()["value"]
    query = "$filter=indicator eq 'rereferrals' and edition eq 1 and published_at gt 2026-01-01T00:00:00Z"
    answer = await client.get(f"{FEED}?{query}&$select=indicator,display&$count=true")
    body = answer.json()
    wanted = [one for one in every if one["indicator"] == "rereferrals"]
    assert body["@odata.count"] == len(wanted) > 0
    assert body["value"] == [{"indicator": "rereferrals", "display": one["display"]} for one in wanted]
    assert answer.headers["odata-version"] == "4.0"
    late = (await client.get("/v1/odata/Occurrences?$filter=status eq 'published'")).json()["value"]
    assert [one["report"] for one in late] == [report["report"]]
    metadata = (await client.get("/v1/odata/$metadata")).text
    assert 'EntityType Name="PublishedFigure"' in metadata
    # A client that reads these sends no function and no order, and so is not refused.
    assert "ConformanceLevelType/Minimal" in metadata and 'FilterFunctions"><Collection' in metadata
    root, with_slash = [(await client.get(f"/v1/odata{end}")).content for end in ("", "/")]
    assert root == with_slash != b""
    assert (await client.get("/v1/odata/Reports")).status_code == 404


async def test_the_feed_leads_from_page_to_page_until_all_was_read(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.reporting_api.feeds.routes.PAGE", 7)
    client = await desk.client("analyst")
    await published(desk)
    whole, _ = await load(client, FIGURES)
    for first, path in ((whole, FEED), ((await load(client, SCHEDULE))[0], "/v1/odata/Occurrences")):
        found: list[Any] = []
        following: str | None = path
        while following:
            body = (await client.get(following)).json()
            found += body["value"]
            following = body.get("@odata.nextLink")
        assert found == first
    top = (await client.get(f"{FEED}?$top=9")).json()
    rest = (await client.get(top["@odata.nextLink"])).json()
    assert (len(top["value"]), len(rest["value"]), "@odata.nextLink" in rest) == (7, 2, False)


@pytest.mark.parametrize(
    "query",
    [
        "$filter=edition eq 99999999999999999999999", "$filter=edition eq 1.5", f"$filter=value gt {'9' * 400}",
        "$filter=edition gt null", "$filter=report_period_end lt 9999-12-31", "$filter=report_period_end lt 0001-01-01",
        "$filter=published_at gt 1900-01-01T00:00:00Z", "$skip=100000", "$top=2147483647", "$top=0",
        "$filter=display eq '\u00e9''x'", "$filter=value ne null and (target eq null or rag eq 'green')",
    ],
)  # fmt: skip
async def test_an_odd_question_is_answered_or_refused_and_never_a_fault(desk: Desk, query: str) -> None:
    client = await desk.client("analyst")
    await published(desk)
    assert (await client.get(f"{FEED}?{query}")).status_code in (200, 422)


async def test_a_figure_once_laid_flat_is_as_final_as_its_report(desk: Desk) -> None:
    await published(desk)
    with pytest.raises(sa.exc.DBAPIError, match="never changed"):
        async with desk.reporting.database.transaction() as session:
            await session.execute(sa.text("UPDATE published_figure SET value = 0"))
