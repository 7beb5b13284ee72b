"""What the complaints report counts (R60)."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as some

from services.feedback_api.complaint_reports.facts import ComplaintFact, StageFact
from services.feedback_api.complaint_reports.tally import days_taken, figures_of
from tests.feedback_api.complaint_reports.conftest import QUARTER

EDITIONS = "/v1/complaints/reports/editions"


def counts(tallies: list[dict[str, Any]]) -> dict[str, int | None]:
    return {one["code"]: one["count"] for one in tallies if one["count"] != 0}


async def test_R60_complaints_are_counted_by_all_that_the_report_is_asked_for(
    autumn: Any, a_complaint: Any, a_compliment: Any, closed: Any, post: Any, read: Any
) -> None:
    refused = {"eligible": False, "refusal_reason": "About a court report."}
    await post(
        autumn,
        closed("A", themes=["communication", "planning"], respondent_group="parent_carer"),
        closed("B", "withdrawn", unit="cwd_east", agency="dorset_police"),
        closed("C", "not_upheld", received_on="2026-06-20", procedure="conference"),
        a_complaint(respond_ref="D", received_on="2026-09-01"),
        a_complaint(respond_ref="E", received_on="2026-09-02", procedure="corporate", **refused),
        a_complaint(respond_ref="F", received_on="2026-06-30"),
    )
    client = await autumn.client("admin")
    for ref, day in (("K", "2026-07-01"), ("L", "2026-09-30"), ("M", "2026-06-30")):
        await client.post("/v1/compliments", json=a_compliment(respond_ref=ref, received_on=day))
    await client.post(EDITIONS, json={"period": QUARTER})
    found = await read(autumn)
    complaints = found["complaints"]
    assert (complaints["received"], complaints["closed"]) == (4, 3)
    assert counts(complaints["statuses"]) == {"closed": 2, "open": 1, "refused": 1}
    assert counts(complaints["procedures"]) == {"statutory": 3, "corporate": 1}
    assert counts(complaints["units"]) == {"fs_weymouth": 3, "cwd_east": 1}
    assert counts(complaints["agencies"]) == {"own_service": 3, "dorset_police": 1}
    assert counts(complaints["respondent_groups"]) == {"not_given": 3, "parent_carer": 1}
    assert counts(complaints["themes"]) == {"communication": 1, "planning": 1}
    assert counts(complaints["outcomes"]) == {"upheld": 1, "withdrawn": 1, "not_upheld": 1}
    assert complaints["refused"] == {"not_eligible": 1, "no_consent": 0}
    assert found["refusals"] == [{"respond_ref": "E", "unit": "fs_weymouth", "reason": "About a court report."}]
    assert found["compliments"]["received"] == 2
    assert counts(found["compliments"]["units"]) == {"hearing_support": 2}
    titles = {one["code"]: one["title"] for one in complaints["units"] + complaints["procedures"]}
    assert titles["cwd_east"] == "Children who are Disabled, East"
    assert titles["statutory"].startswith("Children's social care complaints")
    of_team = await read(autumn, query=f"period={QUARTER}&unit=cwd_east")
    assert (of_team["complaints"]["received"], of_team["compliments"]["received"], of_team["refusals"]) == (1, 0, [])
    of_service = await read(autumn, query=f"period={QUARTER}&unit=family_support")
    assert of_service["complaints"]["received"] == 3


async def test_R60_time_is_told_in_working_days_with_limits_extensions_and_days_set_aside(
    autumn: Any, a_complaint: Any, post: Any, read: Any
) -> None:
    def stage(first: str, last: str, **more: Any) -> list[dict[str, Any]]:
        return [{"stage": "stage_1", "started_on": first, "ended_on": last, "outcome": "not_upheld"} | more]

    longer = [{"working_days": 5, "reason": "A witness is away.", "granted_on": "2026-07-10"}]
    aside = [{"from": "2026-07-09", "to": "2026-07-12", "reason": "A court sits."}]
    two = stage("2026-07-01", "2026-07-06")
    two.append({"stage": "stage_2", "started_on": "2026-07-08"})
    await post(
        # Day 1 is 2 July: ended on day 10, on day 15 with five more, on day 17 late, on day 3 with the next asked for.
        autumn,
        a_complaint(respond_ref="A", received_on="2026-07-01", stages=stage("2026-07-01", "2026-07-15")),
        a_complaint(
            respond_ref="B", received_on="2026-07-01", stages=stage("2026-07-01", "2026-07-22", extensions=longer)
        ),
        a_complaint(
            respond_ref="C", received_on="2026-07-01", stages=stage("2026-07-01", "2026-07-28"), set_aside=aside
        ),
        a_complaint(respond_ref="D", received_on="2026-07-01", stages=two),
    )
    client = await autumn.client("admin")
    await client.post(EDITIONS, json={"period": QUARTER})
    first, second = (await read(autumn))["complaints"]["stages"]
    assert first == {
        "procedure": "statutory", "stage": "stage_1", "title": "Local resolution", "began": 4, "ended": 4,
        "within_statutory": 3, "past_statutory": 1, "within_target": 2, "past_target": 2, "extended": 1,
        "set_aside": 1, "days_set_aside": 2, "median_days": 12.5, "escalated": 1, "escalation_rate": 25.0,
    }  # fmt: skip
    assert (second["stage"], second["began"], second["ended"], second["median_days"]) == ("stage_2", 1, 0, None)
    assert (second["escalated"], second["escalation_rate"]) == (0, None)


async def test_a_stage_without_a_legal_limit_or_without_a_next_stage_has_none_in_the_report(
    autumn: Any, a_complaint: Any, post: Any, read: Any
) -> None:
    stages = [
        {"stage": "stage_1", "started_on": "2026-07-01", "ended_on": "2026-07-06", "outcome": "not_upheld"},
        {"stage": "stage_2", "started_on": "2026-07-08", "ended_on": "2026-07-10", "outcome": "not_upheld"},
    ]
    await post(autumn, a_complaint(received_on="2026-07-01", procedure="conference", stages=stages))
    await (await autumn.client("admin")).post(EDITIONS, json={"period": QUARTER})
    first, second = (await read(autumn))["complaints"]["stages"]
    assert (first["within_statutory"], first["within_target"], first["escalation_rate"]) == (None, 1, 100.0)
    assert (second["past_statutory"], second["escalated"]) == (None, None)


def stage_fact(first: date, last: date) -> StageFact:
    return StageFact("stage_1", 1, first, last, first, None, None, extended=False)


def test_days_taken_pass_over_christmas_and_what_is_set_aside() -> None:
    # 21 to 24 December and 29 to 31 December, then 4 January; without 22 and 23 December.
    stage = stage_fact(date(2026, 12, 21), date(2027, 1, 4))
    assert days_taken(stage, [], frozenset()) == (8, 0)
    assert days_taken(stage, [(date(2026, 12, 22), date(2026, 12, 23))], frozenset()) == (6, 2)
    assert days_taken(stage, [(date(2026, 12, 31), None)], frozenset({date(2026, 12, 30)})) == (5, 2)


COMPLAINTS = some.builds(
    ComplaintFact,
    id=some.builds(uuid4), version=some.just(1), respond_ref=some.just("A"),
    procedure=some.sampled_from(["statutory", "corporate"]), unit=some.sampled_from("abc"),
    agency=some.sampled_from([None, "dorset_police"]), respondent_group=some.sampled_from([None, "child"]),
    themes=some.lists(some.sampled_from("xyz"), unique=True),
    received_on=some.dates(date(2026, 3, 1), date(2026, 8, 1)),
    status=some.sampled_from(["open", "closed", "refused"]), outcome=some.sampled_from([None, "upheld", "withdrawn"]),
    closed_on=some.none() | some.dates(date(2026, 3, 1), date(2026, 8, 1)), eligible=some.none() | some.booleans(),
    consent_given=some.none() | some.booleans(), learning=some.booleans(), improvement=some.booleans(),
    learning_owner=some.none(), learning_due_on=some.none(), stages=some.just([]), set_aside=some.just([]),
)  # fmt: skip


@given(some.lists(COMPLAINTS, max_size=30))
def test_every_breakdown_sums_to_its_total(complaints: list[ComplaintFact]) -> None:
    found = figures_of(complaints, [], {}, frozenset(), date(2026, 4, 1), date(2026, 6, 30))
    for name in ("statuses", "procedures", "units", "agencies", "groups"):
        assert sum(found[name].values()) == found["received"], name
    assert sum(found["outcomes"].values()) == found["closed"]
    assert sum(found["learning_missing_units"].values()) == found["learning_missing"]
    assert found["learning_complete"] + found["learning_missing"] == found["outcomes"].get("upheld", 0)
