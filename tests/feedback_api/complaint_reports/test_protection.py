"""Who sees what of a complaints report, and that no two reports give a small number away (METHODS 2.11)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from services.feedback_api.complaint_reports.protecting import complaint_figures
from services.feedback_api.complaint_reports.tally import figures_of
from services.feedback_api.complaint_reports.telling import Others, telling
from services.feedback_api.protection import Shield
from tests.feedback_api.complaint_reports.conftest import QUARTER

EDITIONS = "/v1/complaints/reports/editions"
CANARY = "zebracanary"


def shown(tallies: list[dict[str, Any]]) -> dict[str, int | None]:
    return {one["code"]: one["count"] for one in tallies}


async def fill(feedback: Any, post: Any, closed: Any, **units: int) -> None:
    bodies = [closed(f"{unit}-{n}", "not_upheld", unit=unit) for unit, many in units.items() for n in range(many)]
    await post(feedback, *bodies)


async def test_R60_small_numbers_are_hidden_from_callers_without_the_scope(
    autumn: Any, closed: Any, post: Any, read: Any
) -> None:
    await fill(autumn, post, closed, fs_weymouth=9, cwd_east=2, fs_portland=8)
    await (await autumn.client("admin")).post(EDITIONS, json={"period": QUARTER})
    true, found = await read(autumn, "analyst"), await read(autumn, "practitioner")
    assert (true["protected"], found["protected"]) == (False, True)
    assert shown(true["complaints"]["units"]) == {"fs_weymouth": 9, "fs_portland": 8, "cwd_east": 2}
    assert shown(found["complaints"]["units"]) == {"fs_weymouth": 9, "fs_portland": None, "cwd_east": None}
    assert found["complaints"]["value_status"] == "c"
    few = await read(autumn, "practitioner", f"period={QUARTER}&unit=cwd_east")
    none = await read(autumn, "practitioner", f"period={QUARTER}&unit=cwd_west")
    assert few["complaints"] == none["complaints"]
    assert few["learning"] == none["learning"]


async def test_no_report_of_a_unit_less_those_of_its_parts_leaves_a_small_number(
    autumn: Any, closed: Any, post: Any, read: Any
) -> None:
    # Three teams of one service: 20 in all; less 9 and 8 would leave the 3 of Portland.
    await fill(autumn, post, closed, fs_weymouth=9, fs_swanage=8, fs_portland=3)
    await (await autumn.client("admin")).post(EDITIONS, json={"period": QUARTER})

    async def received(unit: str) -> int | None:
        report = await read(autumn, "practitioner", f"period={QUARTER}&unit={unit}")
        count: int | None = report["complaints"]["received"]
        return count

    assert await received("family_support") == 20
    assert [await received(unit) for unit in ("fs_weymouth", "fs_swanage", "fs_portland")] == [9, None, None]


async def test_what_the_council_hides_is_not_told_by_a_directorate_that_is_all_of_it(
    autumn: Any, closed: Any, a_complaint: Any, post: Any, produce: Any, read: Any
) -> None:
    async def on(day: date, **procedures: tuple[str, int]) -> None:
        autumn.clock.advance(timedelta(days=(day - autumn.clock.today()).days))
        for procedure, (unit, many) in procedures.items():
            made = {"received_on": str(day), "procedure": procedure, "unit": unit}
            await post(autumn, *(a_complaint(respond_ref=f"{procedure}-{day}-{n}", **made) for n in range(many)))

    # Twenty-eight in all; less the twenty-six by the statutory procedure would leave one each of the two others.
    await fill(autumn, post, closed, fs_weymouth=9, cwd_east=9)
    await on(date(2026, 10, 20), statutory=("cwd_east", 4), corporate=("fs_weymouth", 1))
    await on(date(2027, 1, 20), statutory=("fs_weymouth", 4), conference=("fs_weymouth", 1))
    await on(date(2027, 4, 1))
    await produce(autumn)
    whole = (await read(autumn, "practitioner", "period=FY2026-27"))["complaints"]
    hidden = dict.fromkeys(("statutory", "corporate", "conference"))
    assert (whole["received"], shown(whole["procedures"])) == (28, hidden)
    for unit in ("dorset_council", "childrens_services"):
        part = (await read(autumn, "practitioner", f"period=FY2026-27&unit={unit}"))["complaints"]
        assert (part["received"], shown(part["procedures"])) == (None, {})


async def test_a_later_edition_does_not_show_what_it_adds_to_the_one_before(
    autumn: Any, closed: Any, post: Any, read: Any
) -> None:
    client = await autumn.client("admin")
    await fill(autumn, post, closed, fs_weymouth=9)
    await client.post(EDITIONS, json={"period": QUARTER})
    await post(autumn, closed("late", "not_upheld"))
    await client.post(EDITIONS, json={"period": QUARTER})
    first = await read(autumn, "practitioner", f"period={QUARTER}&edition=1")
    second = await read(autumn, "practitioner")
    assert (first["complaints"]["received"], second["complaints"]["received"]) == (9, None)
    assert (second["complaints"]["closed"], second["complaints"]["stages"][0]["ended"]) == (None, None)
    assert (await read(autumn))["complaints"]["received"] == 10


@pytest.mark.parametrize("role", ["practitioner", "team_manager", "qa_manager", "head_of_service", "analyst"])
async def test_R60_words_and_references_are_only_for_those_who_handle_complaints(
    autumn: Any, closed: Any, a_complaint: Any, post: Any, read: Any, role: str
) -> None:
    refused = {"eligible": False, "refusal_reason": CANARY}
    await post(
        autumn,
        closed("SECRET-A", learning=CANARY, improvement=CANARY, shared_learning=CANARY),
        closed("SECRET-B", learning=CANARY),
        a_complaint(respond_ref="SECRET-C", received_on="2026-07-02", **refused),
    )
    await (await autumn.client("admin")).post(EDITIONS, json={"period": QUARTER})
    found = await read(autumn, role)
    assert CANARY not in str(found) and "SECRET" not in str(found)
    assert found["learning"]["learned"] is None and found["refusals"] is None
    assert "SECRET-B" in str(await read(autumn))


async def test_a_team_sees_only_its_own_part(autumn: Any, closed: Any, post: Any, read: Any) -> None:
    await post(autumn, closed("A"), closed("B", unit="cwd_east"))
    await (await autumn.client("admin")).post(EDITIONS, json={"period": QUARTER})
    found = await read(autumn, "complaints_manager", unit="cwd_east")
    assert (found["unit"], found["complaints"]["received"]) == ("cwd_east", 1)
    assert [one["respond_ref"] for one in found["learning"]["missing_by_owner"][0]["complaints"]] == ["B"]
    for role, status in (("board_reader", 403), ("ingest_client", 403), ("reporting_service", 200)):
        answer = await (await autumn.client(role)).get(f"/v1/complaints/reports?period={QUARTER}")
        assert answer.status_code == status


# A service "s" of three teams beside another team "d", under the council.
PARENTS = {"s": None, "a": "s", "b": "s", "c": "s", "d": None}
NUMBERS = some.fixed_dictionaries({unit: some.integers(0, 14) for unit in "abcd"})
PLAIN: dict[str, Any] = {"names": {"units": {}}, "stages": []}


def reports(numbers: dict[str, int]) -> dict[str, Any]:
    """Figures in which each unit has received so many complaints."""
    whole = numbers | {"s": sum(numbers[one] for one in "abc"), "": sum(numbers.values())}
    nothing = figures_of([], [], {}, frozenset(), None, None)  # type: ignore[arg-type]
    return {unit: nothing | {"received": count} for unit, count in whole.items()}


def as_read(unit: str, by_unit: dict[str, Any], others: Others) -> int | None:
    told = telling(unit, by_unit, PARENTS, others, 5)
    shield = Shield(5, narrowed=unit != "", telling=told)
    return complaint_figures(PLAIN, by_unit[unit], shield, PLAIN["names"]).received


@given(NUMBERS)
@settings(max_examples=200)
def test_no_small_number_follows_from_the_reports_of_all_units(numbers: dict[str, int]) -> None:
    by_unit = reports(numbers)
    seen = {unit: as_read(unit, by_unit, Others()) for unit in by_unit}
    for whole, parts in (("s", "abc"), ("", ("s", "d"))):
        hidden = [one for one in parts if seen[one] is None and by_unit[one]["received"]]
        if seen[whole] is None:
            continue
        left = by_unit[whole]["received"] - sum(seen[one] or 0 for one in parts)
        assert not (len(hidden) == 1 and 0 < left <= 5), (numbers, seen)
    assert all(count is None or count == 0 or count > 5 for count in seen.values())


@given(some.lists(some.integers(0, 30), min_size=4, max_size=4))
@settings(max_examples=200)
def test_no_small_number_follows_from_a_year_and_its_quarters(numbers: list[int]) -> None:
    none = dict.fromkeys("bcd", 0)
    quarters = [reports(none | {"a": count}) for count in numbers]
    year = reports(none | {"a": sum(numbers)})
    whole = as_read("a", year, Others(quarters=quarters))
    parts = [as_read("a", one, Others(year=year)) for one in quarters]
    assert all(part is None or part > 5 for part in parts)
    if whole is not None:
        left = whole - sum(part or 0 for part in parts)
        hidden = [count for count, part in zip(numbers, parts, strict=True) if part is None and count]
        assert not (len(hidden) == 1 and 0 < left <= 5), (numbers, parts)


@given(first=some.integers(0, 30), more=some.integers(-30, 30))
def test_no_small_number_follows_from_two_editions(first: int, more: int) -> None:
    later = max(first + more, 0)
    none = dict.fromkeys("bcd", 0)
    before, after = reports(none | {"a": first}), reports(none | {"a": later})
    old = as_read("", before, Others())
    new = as_read("", after, Others(earlier=[before]))
    if old and new:
        assert old == new or abs(new - old) > 5
