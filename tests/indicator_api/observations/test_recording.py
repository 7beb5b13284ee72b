"""One figure recorded by hand: upsert, history, as-at, and what is refused."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from services.indicator_api.observations.rows.checks import Batch, Checker, Rules
from tests.conftest import TODAY, Running
from tests.indicator_api.exceptions.cases import definition
from tests.indicator_api.observations.files import DORSET, body, row, send, stored

PATH = "/v1/observations"
RATE = {"indicator": "looked_after_rate", "area": DORSET, "period": "RY2025"}


async def test_a_new_figure_is_201_and_the_same_again_changes_nothing(indicator: Running) -> None:
    client = await indicator.client("analyst")
    first = await client.post(PATH, json=RATE | {"value": 64, "source_ref": "DfE LAIT LAC 2025"})
    again = await client.post(PATH, json=RATE | {"value": 64.0, "source_ref": "DfE LAIT LAC 2025"})
    assert first.status_code == 201, first.text
    assert again.status_code == 200
    assert first.json() == again.json()
    assert first.json() | {"value": 64, "revision": 1, "revised": False, "provisional": False} == first.json()
    assert len((await client.get(f"{PATH}/imports")).json()["items"]) == 1


async def test_a_figure_keeps_the_digits_it_was_published_with(indicator: Running) -> None:
    client = await indicator.client("analyst")
    answer = await client.post(PATH, content=b'{"indicator":"looked_after_rate","area":"E06000059",'
                               b'"period":"RY2025","numerator":440,"denominator":67120,"value":65.6}',
                               headers={"Content-Type": "application/json"})  # fmt: skip
    assert '"value":65.6,' in answer.text
    assert '"numerator":440,' in answer.text


@pytest.mark.parametrize(
    ("indicator_code", "period", "parts", "value"),
    [
        ("looked_after_rate", "RY2025", {"numerator": 440, "denominator": 67120}, 65.5542312277),
        ("rereferrals", "RY2025", {"numerator": 1, "denominator": 8}, 12.5),
        ("emotional_health_score", "RY2025", {"numerator": 700, "denominator": 50}, 14),
        ("referrals_monthly", "2026-04", {"numerator": 412}, 412),
        ("budget_variance", "2026-04", {"numerator": -50, "denominator": 4}, -12.5),
    ],
)
async def test_a_value_left_out_is_made_of_its_parts(
    indicator: Running, indicator_code: str, period: str, parts: dict[str, int], value: float
) -> None:
    client = await indicator.client("analyst")
    figure = {"indicator": indicator_code, "area": DORSET, "period": period, **parts}
    answer = await client.post(PATH, json=figure)
    assert answer.status_code == 201, answer.text
    assert answer.json()["value"] == value


async def test_a_given_value_wins_over_its_parts(indicator: Running) -> None:
    client = await indicator.client("analyst")
    answer = await client.post(PATH, json=RATE | {"numerator": 440, "denominator": 67120, "value": 66})
    assert answer.json()["value"] == 66


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"indicator": "unheard_of"}, "/indicator", "unknown_indicator"),
        ({"area": "E06999999"}, "/area", "unknown_area"),
        ({"area": "nowhere_team"}, "/area", "unknown_area"),
        ({"period": "RY2026"}, "/period", "period_kind"),
        ({"value": None}, "/value", "value_missing"),
        ({"value": 5, "value_status": "c"}, "/value", "value_with_status"),
        ({"value": None, "numerator": 3, "value_status": "c"}, "/numerator", "confidential"),
        ({"value": 2, "value_status": "k"}, "/value", "not_zero"),
        ({"numerator": -1}, "/numerator", "negative"),
        ({"denominator": -1}, "/denominator", "negative"),
        ({"breakdown": "=cmd"}, "/breakdown", "formula"),
        ({"source_ref": "@SUM(A1)"}, "/source_ref", "formula"),
        ({"source_ref": "a\u202eb"}, "/source_ref", "text"),
        ({"source_ref": "a\nb"}, "/source_ref", "text"),
        ({"breakdown": "sex="}, "/breakdown", "breakdown"),
        ({"breakdown": "sex=a;sex=b"}, "/breakdown", "dimension_twice"),
    ],
)
async def test_an_unfit_figure_is_refused_at_the_place(
    indicator: Running, change: dict[str, Any], pointer: str, code: str
) -> None:
    client = await indicator.client("analyst")
    answer = await client.post(PATH, json=row(**change))
    assert answer.status_code == 422
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [(pointer, code)]
    assert await stored(client) == []


async def test_a_percentage_has_no_more_above_than_below(indicator: Running) -> None:
    client = await indicator.client("analyst")
    figure = {"indicator": "rereferrals", "area": DORSET, "period": "RY2025", "numerator": 9, "denominator": 8}
    answer = await client.post(PATH, json=figure)
    assert answer.json()["errors"][0]["code"] == "numerator_over_denominator"
    nought = await client.post(PATH, json=figure | {"numerator": 0, "denominator": 0})
    assert nought.json()["errors"][0]["code"] == "zero_denominator"
    assert (await client.post(PATH, json=figure | {"numerator": 0, "denominator": 0, "value_status": "z"})).is_success


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"indicator": "rereferrals", "value": 100.1}, "/value", "impossible"),
        ({"indicator": "rereferrals", "value": -0.1}, "/value", "impossible"),
        ({"value": -1}, "/value", "impossible"),
        ({"indicator": "looked_after", "value": -1}, "/value", "impossible"),
        ({"period": "RY2028", "value": 64}, "/period", "period_not_begun"),
    ],
)
async def test_an_impossible_figure_is_refused(
    indicator: Running, change: dict[str, Any], pointer: str, code: str
) -> None:
    client = await indicator.client("analyst")
    answer = await client.post(PATH, json=RATE | change)
    assert answer.status_code == 422
    assert [(one["pointer"], one["code"]) for one in answer.json()["errors"]] == [(pointer, code)]
    assert await stored(client) == []
    report = await send(client, body("json", [row(**RATE | change)]), "json", mode="partial")
    assert [(one["pointer"], one["code"]) for one in report.json()["errors"]] == [(f"/items/0{pointer}", code)]


async def test_a_period_that_has_begun_may_have_its_year_to_date(indicator: Running) -> None:
    client = await indicator.client("analyst")
    assert (await client.post(PATH, json=RATE | {"period": "RY2027", "value": 64})).status_code == 201
    december = {"indicator": "referrals_monthly", "area": DORSET, "period": "2026-12", "value": 41}
    assert (await client.post(PATH, json=december)).status_code == 422
    indicator.clock.advance(timedelta(days=8))
    assert (await client.post(PATH, json=december)).status_code == 201


def test_money_may_be_below_nought_and_a_percentage_above_100_where_its_rule_allows_it() -> None:
    def checked(code: str, value: str, **changes: Any) -> tuple[list[str], list[str]]:
        refused: list[str] = []
        warned: list[str] = []
        checker = Checker(
            Rules({code: definition(code, **changes)}, {"units": []}, lambda: TODAY.date()), {DORSET: DORSET}
        )
        cells = [code, DORSET, "2026-06" if code == "budget_variance" else "RY2025", "", "", "", value, "", ""]
        checker.check(
            Batch(1, None, [cells]),
            lambda place, faults: refused.extend(fault.code for fault in faults),
            lambda place, fault: warned.append(fault.code),
        )
        return refused, warned

    assert checked("budget_variance", "-120") == ([], [])
    assert checked("rereferrals", "104") == (["impossible"], [])
    assert checked("rereferrals", "104", quality_rule={"minimum": 0, "maximum": 120}) == ([], [])
    assert checked("rereferrals", "121", quality_rule={"minimum": 0, "maximum": 120}) == (["impossible"], [])
    assert checked("rereferrals", "70", quality_rule={"minimum": 0, "maximum": 60}) == ([], ["implausible"])


async def test_the_answer_says_what_is_doubtful_about_the_figure(indicator: Running) -> None:
    client = await indicator.client("analyst")
    figure = {"indicator": "referrals_monthly", "area": DORSET, "period": "2026-10", "value": 41.5}
    (doubt,) = (await client.post(PATH, json=figure)).json()["warnings"]
    assert (doubt["pointer"], doubt["code"]) == ("/value", "not_whole")
    assert (await client.post(PATH, json=figure)).json()["warnings"] == [doubt]
    assert (await client.post(PATH, json=figure | {"value": 41})).json()["warnings"] == []


async def test_declared_dimensions_bind_and_are_put_in_order(indicator: Running) -> None:
    client = await indicator.client("analyst")
    figure = {"indicator": "sen_requests_quarterly", "area": DORSET, "period": "FY2026-27-Q1", "value": 40}
    good = await client.post(PATH, json=figure | {"breakdown": "request_source = School"})
    assert good.json()["breakdown"] == "request_source=school"
    other = await client.post(PATH, json=figure | {"breakdown": "request_source=moon"})
    assert other.json()["errors"][0]["code"] == "unknown_value"
    unknown = await client.post(PATH, json=figure | {"breakdown": "sex=male"})
    assert unknown.json()["errors"][0]["code"] == "unknown_dimension"
    unit = {"indicator": "supervision_in_time", "area": DORSET, "period": "2026-04", "value": 90}
    assert (await client.post(PATH, json=unit | {"breakdown": "unit=fs_weymouth"})).is_success
    free = await client.post(PATH, json=row(breakdown="sex=male;age=5-9"))
    assert free.json()["breakdown"] == "age=5-9;sex=male"


async def test_a_former_code_of_the_same_footprint_is_stored_under_the_present_one(indicator: Running) -> None:
    client = await indicator.client("analyst")
    areas = (await client.get("/v1/areas?limit=500")).json()["items"]
    moved = next(area for area in areas if area["former_codes"])
    figure = row(area=moved["former_codes"][0])
    answer = await client.post(PATH, json=figure)
    assert answer.json()["area"] == moved["code"]
    assert len(await stored(client, area=moved["former_codes"][0])) == 1
    history = await client.get(f"{PATH}/history", params={k: figure[k] for k in ("indicator", "area", "period")})
    assert len(history.json()["items"]) == 1


async def test_every_past_value_is_kept_with_who_and_by_what(indicator: Running) -> None:
    one, two = await indicator.client("analyst", subject="one"), await indicator.client("analyst", subject="two")
    first = (await one.post(PATH, json=row(value=10), params={"provisional": True})).json()
    indicator.clock.advance(timedelta(days=1))
    second = (await two.post(PATH, json=row(value=12))).json()
    indicator.clock.advance(timedelta(days=1))
    third = (await one.post(PATH, json=row(value=12, source_ref="Another"))).json()
    history = await one.get(f"{PATH}/history", params={"indicator": "referrals_monthly", "area": DORSET,
                                                      "period": "2026-04", "limit": 2})  # fmt: skip
    assert [item["revision"] for item in history.json()["items"]] == [3, 2]
    rest = await one.get(history.headers["link"].split(">")[0][1:])
    items = history.json()["items"] + rest.json()["items"]
    assert [(item["value"], item["recorded_by"], item["provisional"], item["revised"]) for item in items] == [
        (12, "one", False, True), (12, "two", False, True), (10, "one", True, False)
    ]  # fmt: skip
    assert items[0]["superseded_at"] is None
    assert items[0]["superseded_by"] is None
    assert [item["superseded_by"] for item in items[1:]] == [third["import_id"], second["import_id"]]
    assert [item["superseded_at"] for item in items[1:]] == [third["recorded_at"], second["recorded_at"]]
    assert items[2]["import_id"] == first["import_id"]


async def test_figures_are_read_as_they_stood_at_a_moment(indicator: Running) -> None:
    client = await indicator.client("analyst")
    moments = []
    for value in (10, 12, 14):
        await client.post(PATH, json=row(value=value))
        indicator.clock.advance(timedelta(hours=1))
        moments.append((indicator.clock.now() - timedelta(minutes=30)).isoformat())
    seen = [(await stored(client, as_at=moment))[0]["value"] for moment in moments]
    assert seen == [10, 12, 14]
    assert await stored(client, as_at="2020-01-01T00:00:00Z") == []
    assert (await client.get(PATH, params={"as_at": "2026-01-01T00:00:00"})).status_code == 422


async def test_two_values_in_one_instant_follow_each_other(indicator: Running) -> None:
    client = await indicator.client("analyst")
    for value in (1, 2, 3):
        await client.post(PATH, json=row(value=value))
    past = await client.get(f"{PATH}/history", params={"indicator": "referrals_monthly", "area": DORSET,
                                                      "period": "2026-04"})  # fmt: skip
    moments = [item["recorded_at"] for item in past.json()["items"]]
    assert moments == sorted(moments, reverse=True)
    assert len(set(moments)) == 3


async def test_no_writer_can_overwrite_without_history(indicator: Running) -> None:
    client = await indicator.client("analyst")
    await client.post(PATH, json=row(value=10))
    async with indicator.database.transaction() as session:
        await session.execute(
            sa.text("UPDATE observation SET value = 11, revision = 2, recorded_at = recorded_at + interval '1 day'")
        )
        count = (await session.execute(sa.text("SELECT value FROM observation_history"))).scalars().all()
    assert count == [10]


async def test_the_database_refuses_what_the_schema_promises_never_to_store(indicator: Running) -> None:
    client = await indicator.client("analyst")
    await client.post(PATH, json=row())
    for change in ("value = NULL", "value = 'NaN'", "value = 'Infinity'", "value_status = 'c'", "numerator = 1e20"):
        with pytest.raises(sa.exc.IntegrityError):
            async with indicator.database.transaction() as session:
                await session.execute(sa.text(f"UPDATE observation SET {change}"))


async def test_a_figure_is_recorded_once_under_its_idempotency_key(indicator: Running) -> None:
    client = await indicator.client("ingest_client")
    first = await client.post(PATH, json=row(), headers={"Idempotency-Key": "k"})
    again = await client.post(PATH, json=row(), headers={"Idempotency-Key": "k"})
    other = await client.post(PATH, json=row(value=1), headers={"Idempotency-Key": "k"})
    assert (first.status_code, again.status_code, other.status_code) == (201, 201, 422)
    assert again.headers["idempotency-replayed"] == "true"


async def test_recording_needs_its_scope_and_leaves_one_row_in_the_activity(indicator: Running) -> None:
    reader = await indicator.client("practitioner")
    assert (await reader.post(PATH, json=row())).status_code == 403
    assert (await (await indicator.client("board_reader")).get(PATH)).status_code == 403
    await (await indicator.client("analyst")).post(PATH, json=row())
    await indicator.seal()
    feed = (await (await indicator.client("admin")).get("/v1/activity?subject_type=observation_import")).json()
    assert [(item["action"], item["actor"], item["data"]["created"]) for item in feed["items"]] == [
        ("observations.imported", "test-analyst", 1)
    ]


async def test_a_caller_of_one_unit_writes_and_reads_its_own_and_public_areas_only(indicator: Running) -> None:
    council = await indicator.client("analyst")
    own = await indicator.client("analyst", unit="family_support")
    assert (await own.post(PATH, json=row(area="fs_weymouth"))).status_code == 201
    for area in ("children_in_care", DORSET, "unheard_of"):
        answer = await own.post(PATH, json=row(area=area))
        assert answer.json()["errors"][0]["code"] == "unknown_area"
        await council.post(PATH, json=row(area=area))
    assert [item["area"] for item in await stored(own)] == [DORSET, "fs_weymouth"]
    assert len(await stored(council)) == 3
    assert await stored(own, area="children_in_care") == []
    hidden = await own.get(f"{PATH}/history?indicator=referrals_monthly&area=children_in_care&period=2026-04")
    assert hidden.json()["items"] == []
    imports = (await own.get(f"{PATH}/imports")).json()["items"]
    assert [item["unit"] for item in imports] == ["family_support"]
    others = (await council.get(f"{PATH}/imports")).json()["items"]
    assert len(others) == 3
    foreign = next(item["id"] for item in others if item["unit"] is None)
    assert (await own.get(f"{PATH}/imports/{foreign}")).status_code == 404
    assert (await council.get(f"{PATH}/imports/{foreign}")).status_code == 200
