"""Compliance with the reporting schedule in full: reasons, by board and owner, contributions, over time (R70)."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.reporting_api.contributions.clock import tick
from services.reporting_api.document import HELD_BACK
from services.reporting_api.punctuality import periods_up_to, tally
from shared.schemas.periods import Period
from tests.reporting_api.conftest import Desk, section
from tests.reporting_api.test_contributions import ask, move_to, send

OUTCOMES = ("on_time", "late", "open_late", "missed")


async def compliance(desk: Desk, path: str = "", role: str = "board_reader", **query: str) -> dict[str, Any]:
    answer = await (await desk.client(role)).get(f"/v1/compliance{path}", params=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def adds_up(found: dict[str, Any]) -> bool:
    return bool(found["expected"] == sum(found[name] for name in OUTCOMES))


async def explain(desk: Desk, report: str, period: str, cause: str, reason: str) -> None:
    wanted = await desk.occurrence(report, period)
    client = await desk.client("analyst")
    body = {"cause": cause, "reason": reason}
    assert (await client.post(f"/v1/occurrences/{wanted['id']}/lateness", json=body)).status_code == 201


async def test_R70_what_was_late_is_told_with_the_reason_last_given_and_what_nobody_explained(desk: Desk) -> None:
    await explain(desk, "csdg_monthly", "2026-09", "staff_absent", "The analyst was away.")
    await explain(desk, "csdg_monthly", "2026-09", "figures_late", "The return was reopened.")
    found = await compliance(desk, period="FY2026-27-Q3", board="csdg")
    september = next(one for one in found["items"] if one["report"] == "csdg_monthly")
    assert [one["reason"] for one in september["reasons"]] == ["The return was reopened.", "The analyst was away."]
    await explain(desk, "csdg_monthly", "2026-08", "other", "Three cases had to be read again.")
    held = await compliance(desk, period="FY2026-27-Q2", board="csdg")
    plain = await compliance(desk, role="head_of_service", period="FY2026-27-Q2", board="csdg")
    told = [next(one for one in answer["items"] if one["reasons"])["reasons"][0]["reason"] for answer in (held, plain)]
    assert told == [HELD_BACK, "Three cases had to be read again."]
    causes = {one["cause"]: one["count"] for one in found["causes"]}
    assert causes["figures_late"] == 1 and "staff_absent" not in causes
    assert sum(causes.values()) == found["expected"] - found["on_time"]
    assert causes["not_given"] == found["expected"] - found["on_time"] - 1


async def test_R70_the_counts_by_board_owner_and_report_add_up_to_the_whole(desk: Desk) -> None:
    await desk.occurrence()
    found = await compliance(desk, period="FY2026-27")
    assert adds_up(found) and found["expected"] == len(found["items"]) > 20
    for group in ("by_board", "by_owner", "by_report"):
        assert all(adds_up(one) for one in found[group])
    for group in ("by_owner", "by_report"):
        assert sum(one["expected"] for one in found[group]) == found["expected"]
    for one in found["by_board"]:
        of_board = await compliance(desk, period="FY2026-27", board=one["board"])
        assert of_board["expected"] == one["expected"]
        assert of_board["by_board"] == [one]
    for one in found["by_owner"]:
        narrowed = {"owner_role": one["owner_role"], "owner_unit": one["unit"]}
        of_owner = await compliance(desk, period="FY2026-27", **narrowed)
        assert of_owner["expected"] == one["expected"]


async def test_R70_the_quarters_of_a_year_add_up_to_it_and_the_trend_tells_the_same(desk: Desk) -> None:
    await desk.publish((await desk.draft(period="2026-10"))["id"])
    move_to(desk.reporting, "2027-06-30")
    await desk.client("analyst")
    year = await compliance(desk, period="FY2026-27", board="csdg")
    trend = await compliance(desk, "/trend", period="FY2026-27-Q4", periods="4", board="csdg")
    quarters = [point["period"]["code"] for point in trend["points"]]
    assert quarters == ["FY2026-27-Q1", "FY2026-27-Q2", "FY2026-27-Q3", "FY2026-27-Q4"]
    for name in ("expected", *OUTCOMES):
        assert sum(point["reports"][name] for point in trend["points"]) == year[name]
    assert year["on_time"] == 1
    third = await compliance(desk, period="FY2026-27-Q3", board="csdg")
    assert trend["points"][2]["reports"]["on_time_percent"] == third["on_time_percent"]


async def test_R70_the_denominator_is_frozen_on_the_due_date(desk: Desk) -> None:
    await desk.occurrence()
    move_to(desk.reporting, "2027-01-04")
    before = await compliance(desk, period="FY2026-27-Q3")
    await desk.publish((await desk.draft(period="2026-11"))["id"])
    move_to(desk.reporting, "2027-03-01")
    after = await compliance(desk, period="FY2026-27-Q3")
    assert after["expected"] == before["expected"]
    assert (after["late"], after["open_late"] + after["missed"]) == (
        before["late"] + 1, before["open_late"] + before["missed"] - 1,
    )  # fmt: skip


async def test_R70_R85_contributions_are_counted_by_agency_from_the_day_after_they_were_due(desk: Desk) -> None:
    await ask(desk)
    await send(desk)
    before = (await compliance(desk, period="FY2026-27-Q4", board="dscb_qa"))["contributions"]
    assert before["expected"] == 0
    move_to(desk.reporting, "2027-02-03")
    await tick(desk.reporting.database, desk.reporting.clock)
    await send(desk, "cafcass")
    move_to(desk.reporting, "2027-02-20")
    found = (await compliance(desk, period="FY2026-27-Q4", board="dscb_qa"))["contributions"]
    assert (found["expected"], found["on_time"], found["late"], found["missed"]) == (13, 1, 1, 11)
    by_agency = {one["contributor"]: one for one in found["by_contributor"]}
    assert (by_agency["dorset_police"]["on_time"], by_agency["cafcass"]["late"]) == (1, 1)
    assert all(adds_up(one) for one in found["by_contributor"])
    assert found["chases"] > 0
    trend = await compliance(desk, "/trend", period="FY2026-27-Q4", periods="2", board="dscb_qa")
    assert trend["points"][-1]["contributions"]["expected"] == 13


async def test_R70_the_board_s_report_tells_reasons_owners_contributors_and_the_trend(desk: Desk) -> None:
    await ask(desk)
    await send(desk)
    move_to(desk.reporting, "2027-04-01")
    told = section(
        await desk.document((await desk.draft("dscb_compliance_quarterly", "FY2026-27-Q4"))["id"]), "compliance"
    )
    totals = {one["code"]: one["value"] for one in told["summary"]}
    assert totals["contributions_expected"] == 13 == totals["contributions_on_time"] + totals["contributions_missed"]
    groups = {one["group"] for one in told["items"] if one["type"] == "timeliness"}
    assert groups == {"board", "owner", "contributor", "period"}
    assert {one["code"] for one in told["items"] if one.get("group") == "board"} <= {"dscb", "dscb_qa"}
    periods = [one for one in told["items"] if one.get("group") == "period"]
    assert [one["code"] for one in periods][-1] == "FY2026-27-Q4"
    assert periods[-1]["expected"] == totals["expected"]
    assert totals["expected"] - totals["on_time"] == sum(
        value for code, value in totals.items() if code.startswith("cause_")
    )


async def test_a_unit_s_caller_counts_its_own_reports_only(desk: Desk) -> None:
    await desk.occurrence()
    client = await desk.reporting.client("head_of_service", unit="school_improvement")
    found = (await client.get("/v1/compliance", params={"period": "FY2026-27"})).json()
    assert {one["unit"] for one in found["by_owner"]} == {"school_improvement"}


@given(st.lists(st.sampled_from(OUTCOMES)))
def test_a_tally_counts_each_once(outcomes: list[str]) -> None:
    found = tally(outcomes)
    assert found.expected == len(outcomes)
    assert found.on_time == outcomes.count("on_time")


@given(st.integers(1, 24), st.sampled_from(["FY2026-27-Q3", "2026-10", "FY2026-27", "AY2026-27-T2"]))
def test_periods_of_a_trend_follow_one_another(count: int, code: str) -> None:
    found = periods_up_to(Period.parse(code), count)
    assert found[-1].code == code and len(found) == count
    assert all(one.successor == following for one, following in pairwise(found))
