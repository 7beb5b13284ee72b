"""Figures read back: filters, pages, and what small numbers become for those who may not see them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa

from services.indicator_api.observations.page import Wanted, list_figures
from services.indicator_api.observations.rendering import render_figure
from services.indicator_api.observations.schemas import ObservationOut, PastObservationOut
from shared.auth.caller import system_caller
from shared.paging import Cursor
from tests.conftest import Running
from tests.indicator_api.observations.files import DORSET, body, many, row, send, stored

PATH = "/v1/observations"


async def load(indicator: Running, rows: list[dict[str, Any]]) -> None:
    answer = await send(await indicator.client("analyst"), body("json", rows), "json")
    assert answer.status_code == 200, answer.text


async def test_filters_find_what_they_name(indicator: Running) -> None:
    months = [row(period="2025-12", value=12)]
    months += [row(period=f"2026-{month:02}", value=month) for month in range(1, 12)]
    quarters = [
        row(indicator="complaints_received", area="fs_weymouth", period=f"FY2026-27-Q{quarter}", value=10 + quarter)
        for quarter in (1, 2, 3)
    ]
    await load(indicator, [*months, *quarters, row(area="E10000008"), row(breakdown="sex=male")])
    client = await indicator.client("analyst")

    async def found(**query: Any) -> int:
        return len(await stored(client, **query))

    assert await found() == 17
    assert await found(indicator="referrals_monthly") == 14
    assert await found(indicator=["referrals_monthly", "complaints_received"]) == 17
    assert await found(area="fs_weymouth") == 3
    assert await found(area=[DORSET, "E10000008"], breakdown="") == 13
    assert await found(period="2026-04") == 3
    assert await found(breakdown="sex=male") == 1
    assert await found(**{"from": "2026-09"}) == 3
    assert await found(to="2026-01") == 2
    assert await found(**{"from": "2026-02", "to": "2026-03"}) == 2
    assert await found(**{"from": "FY2026-27-Q2"}) == 2
    assert await found(to="FY2026-27-Q2", indicator="complaints_received") == 2
    assert await found(indicator="unheard_of") == 0


@pytest.mark.parametrize(
    "query",
    ["from=2026-04&to=RY2026", "from=2026-04&to=2026-01", "period=April", "after=rubbish", "limit=0", "limit=501",
     "indicator=%00", "area=../x", "as_at=yesterday", "breakdown=" + "x" * 101],
)  # fmt: skip
async def test_a_query_that_makes_no_sense_is_422(indicator: Running, query: str) -> None:
    client = await indicator.client("analyst")
    assert (await client.get(f"{PATH}?{query}")).status_code == 422


async def test_pages_join_without_gap_or_repetition(indicator: Running) -> None:
    await load(indicator, many(57))
    client = await indicator.client("analyst")
    seen: list[str] = []
    address = f"{PATH}?limit=10"
    for _ in range(6):
        answer = await client.get(address)
        seen += [item["breakdown"] for item in answer.json()["items"]]
        if "link" in answer.headers:
            address = answer.headers["link"].split(">")[0][1:]
    assert seen == [f"group={number:05}" for number in range(57)]
    assert answer.json()["next"] is None
    wrong = await client.get(PATH, params={"after": "WzFd"})
    assert wrong.status_code == 422


async def test_answers_have_the_declared_form(indicator: Running) -> None:
    await load(
        indicator, [row(source_ref='A "quoted", \\ source'), row(value=None, value_status="x", area="E10000008")]
    )
    client = await indicator.client("analyst")
    for item in await stored(client):
        ObservationOut.model_validate_json(ObservationOut(**item).model_dump_json())
    history = await client.get(f"{PATH}/history?indicator=referrals_monthly&area={DORSET}&period=2026-04")
    past = PastObservationOut(**history.json()["items"][0])
    assert past.source_ref == 'A "quoted", \\ source'
    assert past.recorded_by == "test-analyst"


async def test_postgresql_writes_a_figure_as_we_do(indicator: Running) -> None:
    await load(
        indicator,
        [
            row(source_ref='A "quoted", \\ source of £5 — ünïcode'),
            row(value=None, value_status="z", area="E10000008", source_ref=None),
            row(value=0, value_status="k", period="2026-03"),
            row(breakdown="sex=male", value=65.10),
            share(30, 41, "school"),
        ],
    )
    async with indicator.database.transaction() as session:
        for number, fraction in enumerate((0, 120_000, 123_456, 1)):
            moment = f"2027-01-0{number + 1} 09:00:00.{fraction:06}+00"
            which = {"number": number, "at": datetime.fromisoformat(moment)}
            await session.execute(sa.text(_NTH), which)
    async with indicator.database.snapshot() as session:
        figures = await list_figures(session, system_caller("test"), Wanted(), Cursor(None, 500))
    body = (await (await indicator.client("analyst")).get(PATH)).text
    assert body == f'{{"items":[{",".join(render_figure(one) for one in figures)}],"next":null}}'


_NTH = """
UPDATE observation SET recorded_at = :at WHERE (indicator, area, period, breakdown) =
  (SELECT indicator, area, period, breakdown FROM observation ORDER BY 1, 2, 3, 4 OFFSET :number LIMIT 1)
"""


async def test_pages_are_the_same_whoever_reads_what_is_not_hidden(indicator: Running) -> None:
    await load(indicator, [row(period=f"2026-{month:02}", value=100 + month) for month in range(1, 12)])
    await load(indicator, [row(area="E10000008", value=50), row(breakdown="sex=male", value=60)])
    seeing, reading = await indicator.client("analyst"), await indicator.client("practitioner")
    for query in (
        {}, {"limit": 4}, {"area": DORSET}, {"area": ["E10000009", "E10000008"]}, {"indicator": "referrals_monthly"},
        {"period": "2026-04"}, {"from": "2026-03", "to": "2026-05"}, {"breakdown": ""},
        {"as_at": "2099-01-01T00:00:00Z"},
    ):  # fmt: skip
        answers = [await client.get(PATH, params=query) for client in (seeing, reading)]
        assert answers[0].content == answers[1].content
        assert answers[0].headers.get("link") == answers[1].headers.get("link")
        assert answers[0].json()["items"]


async def test_a_caller_of_one_unit_is_given_public_areas_and_its_units_in_the_one_statement(
    indicator: Running,
) -> None:
    rows = [row(area=area, value=30) for area in (DORSET, "fs_weymouth", "cwd_east", "cwd_west")]
    await load(indicator, rows)
    for role in ("analyst", "practitioner"):
        client = await indicator.client(role, "children_who_are_disabled")
        assert {item["area"] for item in await stored(client)} == {DORSET, "cwd_east", "cwd_west"}
        assert [item["area"] for item in await stored(client, area=["fs_weymouth", "cwd_west"])] == ["cwd_west"]


TEAM = "fs_weymouth"
QUARTER = "FY2026-27-Q1"


def share(numerator: int, denominator: int, source: str) -> dict[str, Any]:
    return row(
        indicator="sen_20_weeks_quarterly", area=TEAM, period=QUARTER, numerator=numerator, denominator=denominator,
        value=None, breakdown=f"request_source={source}",
    )  # fmt: skip


async def test_small_numbers_of_people_are_hidden_without_the_scope(indicator: Running) -> None:
    counts = [
        row(indicator="sen_requests_quarterly", area=TEAM, period=f"FY202{year}-2{year + 1}-Q1", value=value)
        for year, value in ((4, 0), (5, 5), (6, 6))
    ]
    shares = [share(3, 40, "school"), share(38, 40, "health"), share(20, 40, "other"), share(0, 4, "parent_carer")]
    await load(indicator, [*counts, *shares])
    seeing, reading = await indicator.client("analyst"), await indicator.client("practitioner")
    assert all(item["value"] is not None for item in await stored(seeing))
    hidden = {(item["indicator"], item["breakdown"] or item["period"]): item for item in await stored(reading)}
    assert [hidden["sen_requests_quarterly", f"FY202{y}-2{y + 1}-Q1"]["value"] for y in (4, 5, 6)] == [0, None, 6]
    assert hidden["sen_requests_quarterly", "FY2025-26-Q1"]["value_status"] == "c"
    for source, shown in (("school", None), ("health", None), ("other", 50), ("parent_carer", None)):
        item = hidden["sen_20_weeks_quarterly", f"request_source={source}"]
        assert item["value"] == shown
        assert (item["numerator"] is None) == (shown is None)
        assert item["value_status"] == (None if shown else "c")


async def test_small_numbers_stay_hidden_in_the_past_and_as_at(indicator: Running) -> None:
    figure = row(indicator="sen_requests_quarterly", area=TEAM, period=QUARTER)
    await load(indicator, [figure | {"value": 3}])
    await load(indicator, [figure | {"value": 30}])
    reading = await indicator.client("practitioner")
    history = await reading.get(f"{PATH}/history?indicator=sen_requests_quarterly&area={TEAM}&period={QUARTER}")
    assert [item["value"] for item in history.json()["items"]] == [30]
    seen = await (await indicator.client("analyst")).get(str(history.url))
    old = await stored(reading, as_at=seen.json()["items"][1]["recorded_at"])
    assert [item["value_status"] for item in old] == ["c"]


async def test_a_published_figure_comes_back_as_published_and_a_teams_own_does_not(indicator: Running) -> None:
    await load(indicator, [row(value=3), row(value=3, area=TEAM), row(indicator="multi_agency_cases_audited",
                                                                     period="FY2025-26", value=3)])  # fmt: skip
    reading = await indicator.client("practitioner")
    shown = {(item["indicator"], item["area"]): item["value"] for item in await stored(reading)}
    assert shown == {
        ("referrals_monthly", DORSET): 3,
        ("referrals_monthly", TEAM): None,
        ("multi_agency_cases_audited", DORSET): 3,
    }


async def test_what_a_client_without_the_scope_records_is_not_told_back(indicator: Running) -> None:
    client = await indicator.client("ingest_client")
    answer = await client.post(PATH, json=row(value=3, area=TEAM))
    assert answer.status_code == 201
    assert (answer.json()["value"], answer.json()["value_status"]) == (None, "c")
