"""The participation statement: from real records, and nothing a small number could be worked out from."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from services.feedback_api.app import SERVICE
from services.feedback_api.coverage.jobs import keep_told, tell_people
from services.feedback_api.coverage.people import TOTAL, added, told, untold, with_total
from services.feedback_api.coverage.told_once import RETENTION
from services.feedback_api.holdings import ACTIVITY
from shared.clock import FixedClock
from shared.schemas.participation_statement import ParticipationRecord
from shared.tables import activity

Make = Callable[..., dict[str, Any]]
PATH = "/v1/participation/activities"
NOBODY = {
    "unit": "sen_team",
    "title": "Short breaks",
    "took_place": False,
    "began_on": "2026-10-30",
    "why_nobody": "Half term.",
    "what_follows": "Families choose the time.",
}


async def statement(feedback: Any, query: str, role: str = "admin", unit: str | None = None) -> Any:
    answer = await (await feedback.client(role, unit=unit)).get(f"/v1/participation-statement?{query}")
    assert answer.status_code == 200, answer.text
    ParticipationRecord.model_validate_json(answer.content)
    return answer.json()


def who(code: str, people: int) -> dict[str, Any]:
    return {"respondent_group": code, "people": people}


@pytest.fixture
async def recorded(feedback: Any, an_activity: Make) -> Any:
    """Twelve young people and nine parents in October, thirty children in August, and staff who are not counted."""
    client = await feedback.client("admin")
    sent = [
        an_activity(who=[who("young_person", 12), who("parent_carer", 9)], commissioning_stage="tendering"),
        an_activity(method="workshop", unit="fs_portland", began_on="2026-08-12", who=[who("child", 30)]),
        an_activity(method="staff_focus_group", who=[who("practitioner", 8)]),
    ]
    for body in sent:
        made = await client.post(PATH, json=body)
        assert made.status_code == 201, made.text
        if body is sent[0]:
            entry = {"said": "The door is hard to find.", "did": "There is a sign now.", "told_back_on": "2026-11-02"}
            change = await client.post(f"{PATH}/{made.json()['id']}/changes", json=entry)
            feedback.change = change.json()["id"]
    return feedback


async def approve(feedback: Any) -> None:
    client = await feedback.client("qa_manager")
    path = f"/v1/participation/changes/{feedback.change}/approval"
    assert (await client.put(path, headers={"If-Match": '"1"'})).status_code == 200


async def test_R11_the_statement_is_made_of_the_records(recorded: Any) -> None:
    await approve(recorded)
    found = await statement(recorded, "period=FY2026-27-Q3")
    assert (found["took_place"], found["ready"]) == (True, True)
    assert [(one["code"], one["activities"]) for one in found["methods"]] == [("group_discussion", 1)]
    assert {one["code"]: one["people"] for one in found["who"]} == {"young_person": 12, "parent_carer": 9}
    assert (found["how_many"], found["how_many_status"]) == (21, None)
    assert [one["said"] for one in found["what_changed"]] == ["The door is hard to find."]
    assert [one["code"] for one in found["commissioning_stages"]] == ["tendering"]
    assert {one["source"]: one["records"] for one in found["sources"]} == {"activities": 1, "you_said_we_did": 1}
    assert {gap["code"] for gap in found["gaps"]} == {"single_method", "uncovered_stages"}
    year = await statement(recorded, "period=FY2026-27")
    assert (year["how_many"], len(year["methods"])) == (51, 2)


async def test_R11_words_nobody_approved_are_no_part_of_it_and_it_is_not_ready(recorded: Any) -> None:
    found = await statement(recorded, "period=FY2026-27-Q3")
    assert (found["what_changed"], found["ready"]) == ([], False)
    assert {"nothing_changed", "words_not_approved"} <= {gap["code"] for gap in found["gaps"]}


async def test_R11_that_nobody_took_part_is_said_with_why_and_what_follows(feedback: Any) -> None:
    client = await feedback.client("admin")
    empty = await statement(feedback, "period=2026-10")
    assert (empty["ready"], empty["took_place"], empty["how_many"]) == (False, False, 0)
    assert "nothing_recorded" in {gap["code"] for gap in empty["gaps"]}
    assert (await client.post(PATH, json=NOBODY)).status_code == 201
    found = await statement(feedback, "period=2026-10")
    assert (found["ready"], found["took_place"]) == (True, False)
    assert [(one["why"], one["what_follows"]) for one in found["none_took_part"]] == [
        ("Half term.", "Families choose the time.")
    ]


async def test_words_that_could_identify_somebody_are_left_out_and_said_to_be(feedback: Any) -> None:
    client = await feedback.client("admin")
    await client.post(PATH, json=NOBODY | {"why_nobody": "Call 01305 550142."})
    found = await statement(feedback, "period=2026-10")
    assert (found["none_took_part"], found["ready"]) == ([], False)
    assert "words_identify" in {gap["code"] for gap in found["gaps"]}


async def test_a_withdrawn_activity_is_no_part_of_the_statement(recorded: Any) -> None:
    client = await recorded.client("admin")
    for row in (await client.get(PATH)).json()["items"]:
        await client.put(f"{PATH}/{row['id']}/withdrawal", json={"reason": "x"}, headers={"If-Match": '"1"'})
    found = await statement(recorded, "period=FY2026-27")
    assert (found["methods"], found["how_many"], found["sources"][0]["records"]) == ([], 0, 0)


async def shown(feedback: Any, *periods: str) -> dict[str, dict[str, int | None]]:
    """The numbers of people that somebody of the whole council without true figures is told."""
    found = {one: await statement(feedback, f"period={one}", role="auditor") for one in periods}
    return {
        one: {group["code"]: group["people"] for group in answer["who"]} | {TOTAL: answer["how_many"]}
        for one, answer in found.items()
    }


async def test_few_people_are_hidden_and_a_quarter_is_told_once(feedback: Any, an_activity: Make) -> None:
    client, told_of = await feedback.client("admin"), ("FY2026-27-Q2", "FY2026-27-Q3", "FY2026-27")

    async def record(day: str, *people: dict[str, Any]) -> Any:
        made = await client.post(PATH, json=an_activity(began_on=day, who=list(people)))
        assert made.status_code == 201, made.text
        return made

    first = await record("2026-10-14", who("care_leaver", 3), who("young_person", 40))
    await record("2026-11-12", who("child", 30))
    # Recorded too late for its quarter.
    await record("2026-08-12", who("care_leaver", 20))
    hidden = dict.fromkeys(("care_leaver", "child", "young_person", TOTAL))
    before = {told_of[0]: dict.fromkeys(("care_leaver", TOTAL)), told_of[1]: hidden, told_of[2]: hidden}
    assert await shown(feedback, *told_of) == before
    true = await statement(feedback, f"period={told_of[1]}", role="analyst")
    assert (true["how_many"], true["protected"]) == (73, False)

    feedback.clock.advance(timedelta(days=75))
    q3 = (await shown(feedback, told_of[1]))[told_of[1]]
    assert (q3["care_leaver"], q3["young_person"]) == (None, 40) and None in (q3["child"], q3[TOTAL])
    # Who reads it again after three more took part, or were taken out, is told what they were told before.
    late = {"who": [who("care_leaver", 7), who("young_person", 43)], "began_on": "2026-10-14"}
    edit = an_activity(**late) | {"reason": "The second list came late."}
    changed = await client.put(f"{PATH}/{first.json()['id']}", json=edit, headers={"If-Match": '"1"'})
    assert changed.status_code == 200, changed.text
    await record("2026-11-12", who("young_person", 2))
    assert await shown(feedback, *told_of[:2]) == {told_of[0]: before[told_of[0]], told_of[1]: q3}
    true = await statement(feedback, f"period={told_of[1]}", role="analyst")
    assert (true["how_many"], true["how_many_told"]) == (82, q3[TOTAL])


async def test_a_quarter_is_told_from_an_hour_into_its_day_and_for_good(feedback: Any, an_activity: Make) -> None:
    client, query = await feedback.client("admin"), "period=FY2026-27-Q3"
    body = an_activity(began_on="2026-10-14", who=[who("young_person", 40)])
    made = (await client.post(PATH, json=body)).json()["id"]

    async def totals(moment: datetime) -> list[int | None]:
        feedback.clock.advance(moment - feedback.clock.now())
        found = [await statement(feedback, query, role=role) for role in ("auditor", "analyst")]
        # Said whatever differs, and to whom nothing is told yet.
        assert {tuple(one["told_as_at"]) for one in found} == {("2027-02-01",)}
        assert found[0]["how_many"] == found[0]["how_many_told"] == found[1]["how_many_told"]
        return [one["how_many"] for one in found]

    # Its request began before the moment, and might still be under way after it.
    assert await totals(datetime(2027, 2, 1, 0, 59, tzinfo=UTC)) == [None, 40]
    assert await totals(datetime(2027, 2, 1, 1, tzinfo=UTC)) == [40, 40]
    edit = body | {"who": [who("young_person", 43)], "reason": "The second list came late."}
    assert (await client.put(f"{PATH}/{made}", json=edit, headers={"If-Match": '"1"'})).status_code == 200
    assert await totals(datetime(2033, 10, 1, 12, tzinfo=UTC)) == [40, 43]


async def test_a_quarter_nobody_asked_of_is_not_told_once_its_records_may_have_left(
    feedback: Any, an_activity: Make
) -> None:
    client = await feedback.client("admin")
    body = an_activity(began_on="2026-10-14", who=[who("young_person", 40)])
    assert (await client.post(PATH, json=body)).status_code == 201
    feedback.clock.advance(datetime(2033, 10, 1, 12, tzinfo=UTC) - feedback.clock.now())
    assert (await shown(feedback, "FY2026-27-Q3"))["FY2026-27-Q3"] == {"young_person": None, TOTAL: None}
    assert ACTIVITY.retention == RETENTION


async def test_what_was_told_stays_where_a_record_leaves_early_or_a_group_moves_to_another_family(
    feedback: Any, an_activity: Make
) -> None:
    client, quarter = await feedback.client("admin"), "FY2026-27-Q3"
    for body in (
        an_activity(began_on="2026-10-14", who=[who("young_person", 37), who("child", 12)]),
        an_activity(began_on="2026-10-15", who=[who("young_person", 3)]),
    ):
        assert (await client.post(PATH, json=body)).status_code == 201
    feedback.clock.advance(timedelta(days=75))
    both = await asyncio.gather(*(shown(feedback, quarter) for _ in range(2)))
    assert both == [{quarter: {"young_person": 40, "child": 12, TOTAL: 52}}] * 2
    async with feedback.database.transaction() as session:
        telling = sa.select(activity.c.subject_type).where(activity.c.action == "quarter.told")
        assert (await session.execute(telling)).scalars().all() == ["participation_told"]
        await session.execute(sa.text("DELETE FROM participation_group WHERE people = 3"))
        moved = "UPDATE framework_item SET content = content || '{\"family\": \"staff\"}' WHERE code = 'child'"
        await session.execute(sa.text(moved))
    assert await shown(feedback, quarter) == both[0]
    assert (await statement(feedback, f"period={quarter}", role="analyst"))["how_many_told"] == 52


async def test_R11_a_quarter_told_as_nought_is_ready_once_late_records_say_all_it_needs(
    start: Any, an_activity: Make
) -> None:
    told_of = ("FY2025-26-Q4", "FY2026-27-Q2")
    running = await begun(start, an_activity, datetime(2026, 6, 2, 9, tzinfo=UTC))
    running.clock.advance(timedelta(days=400))
    before = await shown(running, *told_of)
    assert before == {told_of[0]: {TOTAL: None}, told_of[1]: {TOTAL: 0}}
    client = await running.client("admin")
    for day in ("2026-02-12", "2026-08-12"):
        made = await client.post(PATH, json=an_activity(began_on=day, who=[who("child", 30)]))
        entry = {"said": "The door is hard to find.", "did": "There is a sign now."}
        change = await client.post(f"{PATH}/{made.json()['id']}/changes", json=entry)
        running.change = change.json()["id"]
        await approve(running)
    found = [await statement(running, f"period={one}", role="auditor") for one in told_of]
    assert [(one["took_place"], one["who"], one["ready"]) for one in found] == [(True, [], True)] * 2
    assert await shown(running, *told_of) == before


async def begun(start: Any, an_activity: Make, moment: datetime) -> Any:
    """A service that has forty young people of the day before."""
    running = await start("feedback", clock=FixedClock(moment))
    body = an_activity(began_on=str(moment.date() - timedelta(days=1)), who=[who("young_person", 40)])
    made = await (await running.client("admin")).post(PATH, json=body)
    assert made.status_code == 201, made.text
    return running


async def test_a_quarter_told_as_nought_stays_nought_and_so_does_its_year(start: Any, an_activity: Make) -> None:
    told_of = ("FY2025-26", "FY2026-27-Q1", "FY2026-27-Q2", "FY2026-27-Q3", "FY2026-27-Q4", "FY2026-27")
    running = await begun(start, an_activity, datetime(2026, 6, 2, 9, tzinfo=UTC))
    running.clock.advance(timedelta(days=400))
    before = await shown(running, *told_of)
    assert [one[TOTAL] for one in before.values()] == [None, 40, 0, 0, 0, 40], "before the first record is no nought"
    client = await running.client("admin")
    for day in ("2025-07-01", "2026-08-12", "2026-10-14"):
        late = an_activity(began_on=day, who=[who("child", 30)])
        assert (await client.post(PATH, json=late)).status_code == 201
    assert await shown(running, *told_of) == before
    assert (await statement(running, "period=FY2026-27", role="analyst"))["how_many"] == 100


async def test_on_its_day_a_quarter_is_told_before_anyone_asks_and_before_a_record_leaves(
    start: Any, an_activity: Make
) -> None:
    assert keep_told in SERVICE.background
    running = await begun(start, an_activity, datetime(2026, 12, 31, 9, tzinfo=UTC))
    told_now = []
    for moment in (datetime(2027, 1, 31, 9), datetime(2027, 2, 1, 0, 30), datetime(2027, 2, 1, 1)):
        running.clock.advance(moment.replace(tzinfo=UTC) - running.clock.now())
        told_now.append(await tell_people(running.database, running.clock.now(), 5))
    assert told_now == [False, False, True]
    async with running.database.transaction() as session:
        await session.execute(sa.text("DELETE FROM participation_group"))
    assert (await shown(running, "FY2026-27-Q3"))["FY2026-27-Q3"] == {"young_person": 40, TOTAL: 40}


@pytest.mark.parametrize("refused", ["25006", "53100", None])
async def test_while_the_database_takes_no_changes_a_quarter_is_told_and_not_kept(
    start: Any, an_activity: Make, refused: str | None
) -> None:
    running = await begun(start, an_activity, datetime(2026, 12, 31, 9, tzinfo=UTC))
    running.clock.advance(timedelta(days=60))
    if refused is None:
        settings = running.app.state.settings
        running.app.state.settings = settings.model_copy(update={"read_only": True})
    else:
        async with running.database.transaction() as session:
            refuse = f"BEGIN RAISE EXCEPTION USING ERRCODE = '{refused}'; END"
            await session.execute(sa.text(f"CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $${refuse}$$"))
            at = "BEFORE INSERT ON participation_told FOR EACH ROW EXECUTE FUNCTION refuse()"
            await session.execute(sa.text(f"CREATE TRIGGER refuse {at}"))
    assert (await shown(running, "FY2026-27-Q3"))["FY2026-27-Q3"] == {"young_person": 40, TOTAL: 40}
    async with running.database.snapshot() as session:
        assert (await session.execute(sa.text("SELECT count(*) FROM participation_told"))).scalar_one() == 0


@pytest.mark.parametrize("query", ["period=2026-10", "period=CY2026", "period=FY2026-27-Q3&unit=fs_weymouth"])
async def test_of_a_month_or_a_part_of_the_council_no_number_of_people_is_told_to_those_without_figures(
    recorded: Any, query: str
) -> None:
    found = await statement(recorded, query, role="practitioner")
    assert {one["people"] for one in found["who"]} == {None}
    assert (found["how_many"], found["how_many_status"]) == (None, "c")
    assert found["methods"][0]["activities"] == 1


async def test_another_units_statement_is_not_there(recorded: Any) -> None:
    client = await recorded.client("qa_manager", unit="sen_team")
    assert (await client.get("/v1/participation-statement?period=2026-10&unit=fs_weymouth")).status_code == 404
    own = await statement(recorded, "period=FY2026-27", role="team_manager", unit="fs_portland")
    assert (own["how_many"], own["protected"]) == (30, False)


PEOPLE = st.dictionaries(st.sampled_from(["child", "young_person", "parent_carer"]), st.integers(1, 30))


@given(st.lists(PEOPLE, min_size=4, max_size=4))
def test_no_small_number_is_shown_or_is_what_is_left_of_the_others(people: list[dict[str, int]]) -> None:
    quarters = [told(one, 5) for one in people]
    for shown, true in zip(quarters, people, strict=True):
        counts = with_total(true)
        assert all(number is None or (number == counts[of] and not 1 <= number <= 5) for of, number in shown.items())
        assert list(shown.values()).count(None) != 1, "one hidden figure would be what is left of the others"
    for group, number in added(quarters).items():
        # The year tells what its quarters tell, and nothing where one of them does not.
        told_of = [one.get(group, None if set(one.values()) == {None} else 0) for one in quarters]
        assert number == (None if None in told_of else sum(filter(None, told_of)))


def test_a_year_tells_no_number_of_a_group_where_a_quarter_tells_none_at_all() -> None:
    known, nought = told({"child": 40}, 5), told({}, 5)
    assert added([known, nought, known, known]) == {"child": 120, TOTAL: 120}
    for unknown in (untold({}), untold({"young_person": 30})):
        assert set(added([unknown, known, known, known]).values()) == {None}
