"""What is told to those who may not see true figures: each quarter once, and nothing small in it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from services.feedback_api.spans import told_from
from services.feedback_api.summary.jobs import tell_due
from services.feedback_api.summary.protected import NOT_KEPT
from services.feedback_api.summary.releases import quarters_of
from shared.clock import FixedClock
from shared.schemas.feedback_summary import FeedbackSummary
from shared.schemas.periods import parse_period
from shared.tables import activity

Make = Callable[..., dict[str, Any]]
SUMMER = "period=FY2026-27-Q2"


async def load(running: Any, views: list[dict[str, Any]]) -> None:
    client = await running.client("admin")
    assert (await client.post("/v1/views/imports", json={"items": views})).status_code == 200


@pytest.fixture
async def filled(feedback: Any, a_view: Make) -> Any:
    """Eighteen views of one quarter from three teams."""
    august = {"given_on": "2026-08-14"}
    views = [a_view(rating=4, themes=["communication", "planning"], **august)] * 7
    views += [a_view(channel="case_audit", unit="fs_portland", sentiment="mixed", rating=2, **august)] * 9
    views += [a_view(channel="case_audit", unit="cwd_east", sentiment=None, respondent_group="child", **august)] * 2
    await load(feedback, views)
    return feedback


async def summary(running: Any, query: str = SUMMER, role: str = "team_manager", unit: str | None = None) -> Any:
    answer = await (await running.client(role, unit=unit)).get(f"/v1/summary?{query}")
    assert answer.status_code == 200, answer.text
    FeedbackSummary.model_validate_json(answer.content)
    return answer.json()


def counts(tallies: list[dict[str, Any]]) -> dict[str, int | None]:
    return {tally["code"]: tally["count"] for tally in tallies if tally["count"] != 0}


async def test_small_numbers_and_what_would_give_them_away_are_hidden(filled: Any) -> None:
    found = await summary(filled)
    assert found["protected"] is True
    # Two children of one team: with the total and the others they would follow, so the next smallest goes too.
    assert counts(found["units"]) == {"fs_portland": 9, "fs_weymouth": None, "cwd_east": None}
    assert counts(found["respondent_groups"]) == {"child": None, "young_person": None}
    assert found["sentiment"] == {
        "positive": None, "mixed": 9, "negative": 0, "not_given": None, "value_status": "c",
    }  # fmt: skip
    assert found["rating"] == {"given": None, "mean": None, "value_status": "c"}
    assert (found["views"], counts(found["channels"])) == (18, {"case_audit": 11, "review_process": 7})
    assert (found["withheld"], found["told_from"]) == (None, None)


@pytest.mark.parametrize("level", ["segment", "local_office"])
async def test_R17_levels_of_a_protected_summary_hide_the_same_teams(filled: Any, level: str) -> None:
    found = await summary(filled, f"{SUMMER}&level={level}")
    assert counts(found["units"]).get("cwd_east") is None
    assert counts(found["units"]).get("children_who_are_disabled") is None
    assert counts(found["units"])[{"segment": "family_support", "local_office": "fs_portland"}[level]] in (9, None)


async def test_a_team_of_few_is_not_told_apart_from_a_silent_one(filled: Any) -> None:
    few = await summary(filled, f"{SUMMER}&unit=cwd_east")
    none = await summary(filled, f"{SUMMER}&unit=hearing_support")
    for found in (few, none):
        del found["unit"]
    assert few == none
    assert (few["views"], few["views_status"], few["silent_channels_status"]) == (None, "c", "c")
    own = await summary(filled, unit="cwd_east")
    assert (own["views"], own["units"], own["themes"]) == (None, [], [])


async def test_a_unit_or_a_theme_that_many_speak_of_is_counted_and_no_more(filled: Any) -> None:
    portland = await summary(filled, f"{SUMMER}&unit=fs_portland")
    assert (portland["views"], portland["rating"]["given"], set(counts(portland["channels"]).values())) == (
        9, None, {None},
    )  # fmt: skip
    assert (await summary(filled, f"{SUMMER}&theme=planning"))["views"] == 7
    assert (await summary(filled, f"{SUMMER}&theme=planning&unit=fs_portland"))["views"] is None


@pytest.mark.parametrize(
    ("period", "from_day"),
    [("2026-08", None), ("FY2026-27-Q3", "2027-02-01"), ("FY2026-27", "2027-05-01"), ("CY2026", "2027-02-01"),
     ("AY2026-27", None)],
)  # fmt: skip
async def test_other_periods_and_quarters_not_yet_told_are_withheld_with_the_reason(
    filled: Any, period: str, from_day: str | None
) -> None:
    found = await summary(filled, f"period={period}")
    assert (found["views"], found["complaints"]["received"], found["compliments"]) == (None, None, None)
    assert found["withheld"]
    assert found["told_from"] == from_day
    assert (await summary(filled, f"period={period}", "analyst"))["withheld"] is None


async def test_a_quarter_is_told_once_whatever_is_recorded_or_decided_later(filled: Any, a_view: Make) -> None:
    first = await summary(filled)
    filled.clock.advance(timedelta(days=2))
    await load(filled, [a_view(given_on="2026-08-20", unit="fs_portland")])
    again = await summary(filled)
    assert again == first
    async with filled.database.snapshot() as session:
        told = sa.select(activity.c.subject_id).where(activity.c.action == "quarter.told")
        assert (await session.execute(told)).scalars().all() == ["FY2026-27-Q2"]
    assert (await summary(filled, role="analyst"))["views"] == 19


async def test_on_its_day_a_quarter_is_told_before_anyone_asks_once_by_two_keepers(start: Any, a_view: Make) -> None:
    running = await start("feedback", clock=FixedClock(datetime(2026, 10, 31, 9, tzinfo=UTC)))
    await load(running, [a_view(given_on="2026-08-14")] * 7 + [a_view(given_on="2026-05-04")] * 7)
    assert await tell_due(running.database, running.clock.now(), 5) is False
    running.clock.advance(timedelta(days=1))
    both = await asyncio.gather(*(tell_due(running.database, running.clock.now(), 5) for _ in range(2)))
    assert both == [True, True]
    async with running.database.snapshot() as session:
        told = sa.select(activity.c.subject_id).where(activity.c.action == "quarter.told")
        assert (await session.execute(told)).scalars().all() == ["FY2026-27-Q2"], "and no quarter that was due before"
    await load(running, [a_view(given_on="2026-08-20")])
    assert (await summary(running))["views"] == 7


async def refuse_changes(running: Any, refused: str | None) -> None:
    """As a standby does, a full disk, or read-only mode."""
    if refused is None:
        settings = running.app.state.settings
        running.app.state.settings = settings.model_copy(update={"read_only": True})
        return
    body = f"BEGIN RAISE EXCEPTION USING ERRCODE = '{refused}'; END"
    at = "BEFORE INSERT ON protected_release FOR EACH ROW EXECUTE FUNCTION refuse()"
    async with running.database.transaction() as session:
        await session.execute(sa.text(f"CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $${body}$$"))
        await session.execute(sa.text(f"CREATE TRIGGER refuse {at}"))


@pytest.mark.parametrize("refused", ["25006", "53100", None])
async def test_while_nothing_can_be_kept_what_was_told_is_told_and_a_quarter_that_was_not_is_withheld(
    filled: Any, a_view: Make, refused: str | None
) -> None:
    before = await summary(filled)
    await load(filled, [a_view(given_on="2026-05-04")] * 7)
    await refuse_changes(filled, refused)
    assert await summary(filled) == before
    spring = await summary(filled, "period=FY2026-27-Q1")
    assert (spring["views"], spring["withheld"], spring["told_from"]) == (None, NOT_KEPT, "2026-08-01")
    client = await filled.client("team_manager")
    themes = (await client.get("/v1/themes/analysis?period=FY2026-27-Q2&back=1")).json()
    assert (themes["themes"], themes["withheld"]) == ([], NOT_KEPT)
    alone = (await client.get("/v1/themes/analysis?period=FY2026-27-Q2&back=0")).json()
    assert (bool(alone["themes"]), alone["withheld"]) == (True, None)


async def test_a_year_is_the_sum_of_its_quarters_where_each_is_told(start: Any, a_view: Make) -> None:
    running = await start("feedback", clock=FixedClock(datetime(2027, 6, 1, 9, tzinfo=UTC)))
    days = ["2026-04-02", "2026-08-14", "2026-10-14", "2027-03-31"]
    views = [a_view(given_on=day, themes=["planning"]) for day in days for _ in range(10)]
    views += [a_view(given_on=days[0], unit="fs_portland", themes=["planning"])] * 8
    views += [a_view(given_on=days[1], unit="fs_portland", themes=["planning"])] * 3
    await load(running, views)
    year = await summary(running, "period=FY2026-27")
    assert (year["views"], counts(year["themes"])) == (51, {"planning": 51})
    assert counts(year["units"]) == {"fs_portland": None, "fs_weymouth": None}
    assert counts((await summary(running, "period=FY2026-27-Q1"))["units"]) == {"fs_portland": 8, "fs_weymouth": 10}
    assert (await summary(running, "period=FY2026-27&unit=fs_portland"))["views"] is None


async def test_small_numbers_of_complaints_are_hidden_too(feedback: Any, a_complaint: Make, a_compliment: Make) -> None:
    client = await feedback.client("admin")
    await client.post("/v1/complaints", json=a_complaint(received_on="2026-08-03"))
    await client.post("/v1/compliments", json=a_compliment(received_on="2026-08-03"))
    found = await summary(feedback, role="practitioner")
    complaints = found["complaints"]
    assert (complaints["received"], complaints["open"], complaints["value_status"]) == (None, None, "c")
    assert (found["compliments"], found["compliments_status"]) == (None, "c")


async def test_what_counts_the_same_complaints_in_another_way_is_not_told_beside_their_list(
    feedback: Any, a_complaint: Make
) -> None:
    client, day = await feedback.client("admin"), "2026-08-03"
    ended = [{"stage": "stage_1", "started_on": day, "ended_on": "2026-08-06", "outcome": "upheld"}]
    for at in range(16):
        body = a_complaint(respond_ref=f"CSC-{at}", received_on=day, **({"stages": ended} if at < 9 else {}))
        assert (await client.post("/v1/complaints", json=body)).status_code == 201
    true = (await summary(feedback, role="analyst"))["complaints"]
    assert (true["overdue"], true["learning_missing"], true["stages"][0]["closed"]) == (7, 9, 9)
    told = (await summary(feedback, role="practitioner"))["complaints"]
    assert (told["received"], told["open"], told["outcomes"]["upheld"], told["stages"]) == (16, 7, 9, [])
    assert {told[name] for name in ("open_earlier", "overdue", "learning_missing")} == {None}
    assert (true["value_status"], told["value_status"]) == (None, "c")


async def test_a_mean_of_ratings_that_tells_of_one_who_gave_less_is_not_told(feedback: Any, a_view: Make) -> None:
    august = {"given_on": "2026-08-14"}
    await load(feedback, [a_view(rating=5, **august)] * 7 + [a_view(rating=4, **august)])
    assert (await summary(feedback))["rating"] == {"given": 8, "mean": None, "value_status": "c"}
    assert (await summary(feedback, role="analyst"))["rating"]["mean"] == 4.88


async def test_an_empty_quarter_is_nought_and_not_yet_told_for_good(feedback: Any, a_view: Make) -> None:
    found = await summary(feedback, role="practitioner")
    assert (found["views"], found["compliments"], found["complaints"]["received"]) == (0, 0, 0)
    assert found["rating"] == {"given": 0, "mean": None, "value_status": None}
    assert len(found["silent_channels"]) == 21
    await load(feedback, [a_view(given_on="2026-08-14")] * 7)
    assert (await summary(feedback, role="practitioner"))["views"] == 7


def test_the_quarters_of_a_period_and_the_day_each_is_told() -> None:
    assert [one.code for one in quarters_of(parse_period("CY2026"))] == [
        "FY2025-26-Q4", "FY2026-27-Q1", "FY2026-27-Q2", "FY2026-27-Q3",
    ]  # fmt: skip
    assert quarters_of(parse_period("AY2026-27")) == quarters_of(parse_period("2026-10")) == []
    assert told_from(parse_period("FY2026-27-Q2")) == date(2026, 11, 1)
    assert told_from(parse_period("FY2026-27-Q3")) == date(2027, 2, 1)
