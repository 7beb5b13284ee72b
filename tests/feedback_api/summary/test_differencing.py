"""That no small number is left when a summary is taken from one of more people."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from services.feedback_api.protection import Cell, telling_cells
from services.feedback_api.summary.differencing import wider_scopes
from services.feedback_api.summary.queries import Scope
from shared.schemas.periods import parse_period

Make = Callable[..., dict[str, Any]]
PERIOD = "period=2026-10"


async def read(feedback: Any, query: str, unit: str | None = None, role: str = "practitioner") -> Any:
    answer = await (await feedback.client(role, unit=unit)).get(f"/v1/summary?{query}")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def send_complaints(feedback: Any, make: Make, numbers: dict[tuple[str, str], int], **fields: Any) -> None:
    """So many complaints of each unit and day."""
    client = await feedback.client("admin")
    for (unit, day), number in numbers.items():
        for at in range(number):
            body = make(respond_ref=f"{unit}-{day}-{at}", received_on=day, unit=unit, **fields)
            assert (await client.post("/v1/complaints", json=body)).status_code == 201


async def test_a_team_s_complaints_are_hidden_where_they_leave_a_small_rest_of_the_council_s(
    feedback: Any, a_complaint: Make
) -> None:
    await send_complaints(feedback, a_complaint, {("fs_weymouth", "2026-10-05"): 8, ("cwd_east", "2026-10-05"): 2})
    assert (await read(feedback, PERIOD))["complaints"]["received"] == 10
    narrowed = f"{PERIOD}&unit=fs_weymouth"
    for found in (await read(feedback, narrowed), await read(feedback, PERIOD, unit="fs_weymouth")):
        complaints = found["complaints"]
        assert (complaints["received"], complaints["open"], complaints["overdue"]) == (None, None, None)
        assert (complaints["stages"], complaints["value_status"]) == ([], "c")
    true = await read(feedback, narrowed, role="qa_manager")
    assert true["complaints"]["received"] == 8


async def test_a_team_s_figures_are_compared_with_its_service_s_too(feedback: Any, a_complaint: Make) -> None:
    day = "2026-10-05"
    numbers = {("fs_weymouth", day): 8, ("fs_portland", day): 2, ("cwd_east", day): 9}
    await send_complaints(feedback, a_complaint, numbers)
    assert (await read(feedback, f"{PERIOD}&unit=family_support"))["complaints"]["received"] == 10
    assert (await read(feedback, f"{PERIOD}&unit=fs_weymouth"))["complaints"]["received"] is None
    assert (await read(feedback, f"{PERIOD}&unit=cwd_east"))["complaints"]["received"] == 9


async def test_a_team_with_enough_beside_it_is_shown(feedback: Any, a_complaint: Make) -> None:
    day = "2026-10-05"
    await send_complaints(feedback, a_complaint, {("fs_weymouth", day): 8, ("cwd_east", day): 6})
    assert (await read(feedback, f"{PERIOD}&unit=fs_weymouth"))["complaints"]["received"] == 8


async def test_a_theme_s_figures_are_hidden_where_they_leave_a_small_rest(feedback: Any, a_view: Make) -> None:
    client = await feedback.client("admin")
    views = [a_view(themes=["planning"], rating=4)] * 8 + [a_view(themes=[], rating=1)] * 2
    assert (await client.post("/v1/views/imports", json={"items": views})).status_code == 200
    assert (await read(feedback, PERIOD))["views"] == 10
    for query in (f"{PERIOD}&theme=planning", f"{PERIOD}&theme=planning&unit=fs_weymouth"):
        found = await read(feedback, query)
        assert (found["views"], found["views_status"]) == (None, "c")
        assert {tally["count"] for tally in (*found["channels"], *found["respondent_groups"])} == {None}
        assert (found["units"], found["sentiment"]["positive"], found["rating"]["given"]) == ([], None, None)


@pytest.mark.parametrize("longer", ["FY2026-27-Q3", "FY2026-27", "CY2026"])
async def test_a_month_is_hidden_where_it_leaves_a_small_rest_of_its_quarter_or_year(
    feedback: Any, a_view: Make, a_complaint: Make, a_compliment: Make, longer: str
) -> None:
    client = await feedback.client("admin")
    other = "2026-11-02" if longer.endswith("Q3") else "2026-08-03"
    views = [a_view()] * 8 + [a_view(given_on=other)] * 2
    assert (await client.post("/v1/views/imports", json={"items": views})).status_code == 200
    await send_complaints(feedback, a_complaint, {("fs_weymouth", "2026-10-05"): 8, ("fs_weymouth", other): 2})
    for at in range(10):
        body = a_compliment(respond_ref=f"C-{at}", received_on="2026-10-09" if at < 8 else other)
        assert (await client.post("/v1/compliments", json=body)).status_code == 201
    whole = await read(feedback, f"period={longer}")
    assert (whole["views"], whole["complaints"]["received"], whole["compliments"]) == (10, 10, 10)
    month = await read(feedback, PERIOD)
    assert (month["views"], month["complaints"]["received"], month["compliments"]) == (None, None, None)
    assert {tally["count"] for tally in month["respondent_groups"] if tally["count"] != 0} == {None}


async def test_those_still_open_from_before_are_compared_either_way_round(feedback: Any, a_complaint: Make) -> None:
    numbers = {("fs_weymouth", "2026-09-28"): 8, ("fs_weymouth", "2026-10-05"): 2}
    await send_complaints(feedback, a_complaint, numbers)
    assert (await read(feedback, "period=FY2026-27-Q3"))["complaints"]["open_earlier"] == 8
    assert (await read(feedback, "period=2026-11"))["complaints"]["open_earlier"] is None


def test_the_wider_scopes_of_a_month_of_a_team_s_theme_are_each_counted_once() -> None:
    month = parse_period("2026-10")
    scope = Scope(month.start, month.end, ["a"], "planning", date(2026, 11, 23))
    found = wider_scopes(scope, month, [["a", "b"]])
    assert [(one.units, one.theme) for one in found[:5]] == [
        (["a"], None), (["a", "b"], "planning"), (["a", "b"], None), (None, "planning"), (None, None),
    ]  # fmt: skip
    assert [(one.first.isoformat(), one.last.isoformat()) for one in found[5:]] == [
        ("2026-10-01", "2026-12-31"), ("2026-04-01", "2027-03-31"), ("2026-01-01", "2026-12-31"),
        ("2026-09-01", "2027-08-31"),
    ]  # fmt: skip
    year = parse_period("CY2026")
    assert wider_scopes(Scope(year.start, year.end, None, None, date(2026, 11, 23)), year, []) == []


def test_nought_and_equal_counts_tell_nothing() -> None:
    own: dict[Cell, int] = {("a",): 0, ("b",): 8, ("c",): 8, ("d",): 8, ("e",): 8}
    wider: dict[Cell, int] = {("a",): 3, ("b",): 8, ("c",): 13, ("d",): 14, ("e",): 4}
    assert set(telling_cells(own, wider, 5)) == {("c",), ("e",)}
