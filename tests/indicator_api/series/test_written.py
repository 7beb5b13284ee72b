"""What is written for those who see every figure is to the last byte what the longer way says and the model takes."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from pydantic_core import to_json

from services.indicator_api.series.asked import Window
from services.indicator_api.series.known import FIGURES_SCOPE, Veil
from services.indicator_api.series.pack import PackQuestion, write_pack
from services.indicator_api.series.service import Question, answer
from shared.auth.caller import Caller
from shared.schemas.series import IndicatorSeries
from tests.conftest import Running
from tests.indicator_api.published import DORSET, RESTORED, item, load, months

TEAMS = ("fs_weymouth", "fs_portland", "cwd_east")
SEEING = Caller("someone", scopes=frozenset({"indicator:read", FIGURES_SCOPE}))


async def stored(indicator: Running) -> None:
    rising = [61.0, 64.5, 66.7, 70.0, 71.2, 74.4, 75.9, 77.7, None, 80.1, 81.0, 79.4, 78.6, 83.3]
    figures = months("supervision_in_time", DORSET, "2025-01", rising)
    for place, team in enumerate(TEAMS):
        counted = [(f"FY2025-26-Q{quarter}", 3 * quarter + place) for quarter in (1, 2, 4)]
        figures += [item("complaints_received", team, period, n) for period, n in counted]
        figures += [
            item("supervision_in_time", team, f"2025-{month:02d}", None, numerator=40 + month * place, denominator=80)
            for month in range(1, 13)
        ]
    await load(await indicator.client("analyst"), figures)


@pytest.mark.parametrize(
    ("code", "areas", "query"),
    [
        ("supervision_in_time", [DORSET, *TEAMS], {}),
        ("supervision_in_time", [DORSET, "fs_weymouth"], {"from": "2025-03", "to": "2025-09"}),
        ("supervision_in_time", ["fs_weymouth"], {"to": "2024-12"}),
        ("complaints_received", ["children_who_are_disabled", *TEAMS], {"continued": "true"}),
        ("complaints_received", ["fs_weymouth"], {"breakdown": "stage=stage_1"}),
    ],
)
async def test_bytes_are_those_of_the_longer_way(
    indicator: Running, code: str, areas: list[str], query: dict[str, str]
) -> None:
    await stored(indicator)
    window = Window(query.get("from"), query.get("to"))
    question = Question(code, areas, window, (), query.get("breakdown", ""), None, "continued" in query)
    async with indicator.database.snapshot() as session:
        veil = Veil.for_caller(SEEING, indicator.app.state.settings.small_number_threshold)
        expected = to_json(await answer(session, SEEING, question, veil, indicator.clock.now()))
    client = await indicator.client("analyst")
    params: dict[str, Any] = {"area": areas} | query
    for _ in range(2):
        written = await client.get(f"/v1/indicators/{code}/series", params=params)
        assert written.status_code == 200, written.text
        assert written.content == expected
        assert IndicatorSeries.model_validate_json(expected).model_dump_json(by_alias=True).encode() == expected


async def test_a_pack_is_that_of_the_longer_way_too_before_and_after_a_change(indicator: Running) -> None:
    await stored(indicator)
    client, codes = await indicator.client("analyst"), ("supervision_in_time", "complaints_received", "no_such_thing")
    question = PackQuestion(codes, [DORSET, *TEAMS], Window(None, None), 2, None, marked=True)
    params: dict[str, Any] = {"indicator": codes, "area": [DORSET, *TEAMS], "newest": 2, "marked": "true"}
    veil = Veil.for_caller(SEEING, indicator.app.state.settings.small_number_threshold)
    for number in (3, 12):
        await load(client, [item("complaints_received", TEAMS[0], "FY2026-27-Q1", number)])
        async with indicator.database.snapshot() as session:
            expected = await write_pack(session, SEEING, question, veil, indicator.clock.now())
        for _ in range(2):
            written = await client.get("/v1/series", params=params)
            assert (written.content, written.headers["etag"]) == expected
    async with indicator.database.transaction() as session:
        await session.execute(sa.text(RESTORED))
    for _ in range(2):
        assert "As restored" in (await client.get("/v1/series", params=params)).text


async def test_an_unknown_indicator_or_unit_is_refused_as_before(indicator: Running) -> None:
    client = await indicator.client("analyst")
    for path, area in (("nothing_known", DORSET), ("supervision_in_time", "no_such_unit")):
        answered = await client.get(f"/v1/indicators/{path}/series", params={"area": area})
        assert (answered.status_code, answered.json()["status"]) == (404, 404)
