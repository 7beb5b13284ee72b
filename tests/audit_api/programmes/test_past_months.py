"""R22: the denominator of a month that has passed moves with nothing, whether or not anybody made its round."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

import httpx
import pytest

from shared.schemas.periods import Period, PeriodKind
from tests.audit_api.framework import apply, close_unit, dorset_programme
from tests.audit_api.papers import PROGRAMME, TEAMS, activity_of, cover, make_round
from tests.conftest import Running

PASSED = ("2025-04", "2026-05", "2026-10")


async def expected(client: httpx.AsyncClient, *periods: str) -> list[int]:
    return [(await cover(client, period))["expected"] for period in periods]


def only(*units: str, **changed: Any) -> dict[str, Any]:
    programme = dorset_programme(**changed)
    programme["slots"] = [slot for slot in programme["slots"] if slot["unit"] in units]
    return programme


async def test_R22_a_round_nobody_made_keeps_its_teams_when_slots_are_taken_out(audit: Running) -> None:
    admin = await audit.client("admin")
    before = [await cover(admin, period) for period in PASSED]
    assert (await apply(admin, "programmes", only("cwd_east", due_working_days_after_period=3))).status_code == 200
    after = [await cover(admin, period) for period in PASSED]
    for was, now in zip(before, after, strict=True):
        assert [now[name] for name in ("expected", "missed", "late", "due_on", "rag")] == [
            was[name] for name in ("expected", "missed", "late", "due_on", "rag")
        ]
        assert [slot["unit"] for slot in now["slots"]] == [slot["unit"] for slot in was["slots"]]
    # The month that is running has not passed.
    assert await expected(admin, "2026-11", "2026-12") == [1, 1]


async def test_R22_slots_added_for_days_past_do_not_add_to_months_past(audit: Running) -> None:
    admin = await audit.client("admin")
    programme = dorset_programme()
    programme["slots"].append({"unit": "sen_team", "effective_from": "2025-04-01"})
    assert (await apply(admin, "programmes", programme)).status_code == 200
    assert await expected(admin, *PASSED, "2026-11") == [TEAMS] * 3 + [TEAMS + 1]


async def test_R22_a_team_closed_or_merged_afterwards_stays_in_the_months_it_was_in(audit: Running) -> None:
    admin = await audit.client("admin")
    await close_unit(admin, "fs_portland", "2026-06-30")
    await close_unit(admin, "fs_swanage", "2026-06-30", "fs_wareham")
    assert await expected(admin, "2026-06", "2026-09", "2026-10", "2026-11") == [TEAMS, TEAMS, TEAMS, TEAMS - 2]


async def test_R22_a_programme_retired_keeps_its_missed_months(audit: Running) -> None:
    admin = await audit.client("admin")
    other = dorset_programme(code="another")
    assert (await apply(admin, "programmes", other, retire_missing=True)).status_code == 200
    found = await cover(admin, "2026-05")
    assert (found["expected"], found["missed"], found["rag"]) == (TEAMS, TEAMS, "red")
    path = f"/v1/coverage?programme={PROGRAMME}&period=2026-12"
    assert (await admin.get(path)).status_code == 404


async def test_R22_months_that_pass_between_changes_are_kept_as_they_stood(audit: Running) -> None:
    admin = await audit.client("admin")
    assert (await apply(admin, "programmes", only("cwd_east", "cwd_west"))).status_code == 200
    audit.clock.advance(timedelta(days=70))
    assert (await apply(admin, "programmes", only("cwd_east"))).status_code == 200
    assert await expected(admin, "2026-10", "2026-11", "2027-01", "2027-02") == [TEAMS, 2, 2, 1]


async def test_R22_a_dry_run_and_an_application_that_changes_nothing_write_no_rounds(audit: Running) -> None:
    admin = await audit.client("admin")
    assert (await apply(admin, "programmes", only("cwd_east"), dry_run=True)).status_code == 200
    assert (await apply(admin, "programmes", dorset_programme())).status_code == 200
    assert (await admin.get(f"/v1/programmes/{PROGRAMME}/rounds")).json()["items"] == []


async def test_R22_rounds_written_down_are_rounds_like_others(audit: Running) -> None:
    admin = await audit.client("admin")
    kept = await make_round(admin, "2026-09")
    assert (await apply(admin, "programmes", only("cwd_east"))).status_code == 200
    assert (await make_round(admin, "2026-09"))["id"] == kept["id"]
    found = await make_round(admin, "2026-05")
    assert (len(found["slots"]), found["created_by"]) == (TEAMS, "system:catching_up")
    await audit.seal()
    listed = (await admin.get(f"/v1/programmes/{PROGRAMME}/rounds")).json()["items"]
    assert {one["subject_id"] for one in await activity_of(admin, "round")} >= {one["id"] for one in listed}


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_R22_no_history_of_changes_moves_a_month_that_has_passed(audit: Running, seed: int) -> None:
    admin, dice = await audit.client("admin"), random.Random(seed)
    programme, told = dorset_programme(), dict[str, tuple[Any, ...]]()
    for _ in range(10):
        deed = dice.choice(["end", "add", "due", "close", "wait", "make", "retire"])
        slot = dice.choice([one for one in programme["slots"] if one["effective_from"] < "2026-01-01"])
        today = audit.clock.today()
        if deed == "end":
            slot["effective_to"] = str(max(today - timedelta(days=dice.randrange(200)), date(2026, 1, 1)))
        elif deed == "add":
            unit = dice.choice(["sen_team", "participation", "hearing_support"])
            programme["slots"] = [one for one in programme["slots"] if one["unit"] != unit]
            programme["slots"].append({"unit": unit, "effective_from": f"2025-{dice.randint(4, 12):02}-01"})
        elif deed == "due":
            programme["due_working_days_after_period"] = dice.randint(0, 20)
        elif deed == "close":
            await close_unit(admin, slot["unit"], str(today - timedelta(days=dice.randrange(90))))
        elif deed == "wait":
            audit.clock.advance(timedelta(days=dice.randint(10, 70)))
        elif deed == "make":
            await make_round(admin, f"{today.year}-{today.month:02}")
        items = [dorset_programme(code="another")] if deed == "retire" else [programme]
        applied = await apply(admin, "programmes", *items, retire_missing=deed == "retire")
        assert applied.status_code == 200, (deed, applied.text)
        await apply(admin, "programmes", programme)
        last = Period.containing(PeriodKind.month, audit.clock.today()).predecessor.code
        query = {"programme": PROGRAMME, "from": "2025-04", "to": last}
        for one in (await admin.get("/v1/coverage/periods", params=query)).json()["periods"]:
            made_of = (one["expected"], one["due_on"], one["missed_after"], [slot["unit"] for slot in one["slots"]])
            assert told.setdefault(one["period"], made_of) == made_of, (deed, one["period"])
    assert len(told) >= 19


async def test_coverage_of_many_months_tells_those_nobody_made_among_them(audit: Running) -> None:
    client = await audit.client("qa_manager")
    await make_round(client, "2026-10")
    path = "/v1/coverage/periods"
    answer = await client.get(path, params={"programme": PROGRAMME, "from": "2026-08", "to": "2027-04"})
    assert answer.status_code == 200, answer.text
    periods = answer.json()["periods"]
    assert [(one["period"], one["expected"], one["rag"]) for one in periods[:4]] == [
        ("2026-08", 14, "red"), ("2026-09", 14, "red"), ("2026-10", 14, "red"), ("2026-11", 14, "not_started"),
    ]  # fmt: skip
    assert (periods[-1]["period"], periods[-1]["expected"]) == ("2027-04", 17)
    assert [one["round"] is None for one in periods[:4]] == [True, True, False, True]
    services = {one["unit"]: one["expected"] for one in periods[-1]["services"]}
    assert services == {"family_support": 12, "children_who_are_disabled": 2, "fostering": 1, "horizon": 1,
                        "adoption_and_kinship": 1}  # fmt: skip
    for one in periods:
        single = await cover(client, one["period"])
        assert one == single
        assert one["expected"] == sum(part["expected"] for part in one["services"])
        states = one["on_time"] + one["late"] + one["missed"] + one["void"] + one["not_yet_due"]
        assert one["expected"] == states


@pytest.mark.parametrize(
    ("span", "pointer"),
    [
        (("2026-10", "2026-09"), "/query/to"), (("2026-10", "FY2026-27"), "/query/to"),
        (("FY2026-27", "FY2027-28"), "/query/from"), (("2020-01", "2026-01"), "/query/to"),
    ],
)  # fmt: skip
async def test_a_span_that_is_none_is_refused(audit: Running, span: tuple[str, str], pointer: str) -> None:
    client = await audit.client("qa_manager")
    answer = await client.get("/v1/coverage/periods", params={"programme": PROGRAMME, "from": span[0], "to": span[1]})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)


async def test_coverage_of_many_months_is_of_the_callers_own_teams(audit: Running) -> None:
    query = {"programme": PROGRAMME, "from": "2026-10", "to": "2026-11"}
    team = await audit.client("team_manager", "fs_chesil")
    found = (await team.get("/v1/coverage/periods", params=query)).json()["periods"]
    assert [[slot["unit"] for slot in one["slots"]] for one in found] == [["fs_chesil"]] * 2
    other = await audit.client("team_manager", "sen_team")
    assert (await other.get("/v1/coverage/periods", params=query)).status_code == 404
