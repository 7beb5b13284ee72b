"""The summary that reports are made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from shared.schemas.feedback_summary import FeedbackSummary
from shared.tables import read_log

Make = Callable[..., dict[str, Any]]
UPHELD = {"stage": "stage_1", "started_on": "2026-10-05", "ended_on": "2026-10-19", "outcome": "upheld"}


@pytest.fixture
async def filled(feedback: Any, a_view: Make) -> Any:
    """Eighteen views of October from three teams, and six of September."""
    client = await feedback.client("admin")
    views = [a_view(rating=4, themes=["communication", "planning"])] * 7
    views += [a_view(channel="case_audit", unit="fs_portland", sentiment="mixed", rating=2)] * 9
    views += [a_view(channel="case_audit", unit="cwd_east", sentiment=None, respondent_group="child")] * 2
    views += [a_view(given_on="2026-09-30")] * 6
    assert (await client.post("/v1/views/imports", json={"items": views})).status_code == 200
    return feedback


async def summary(feedback: Any, role: str = "admin", query: str = "period=2026-10", unit: str | None = None) -> Any:
    answer = await (await feedback.client(role, unit=unit)).get(f"/v1/summary?{query}")
    assert answer.status_code == 200, answer.text
    FeedbackSummary.model_validate_json(answer.content)
    return answer.json()


def counts(tallies: list[dict[str, Any]]) -> dict[str, int | None]:
    return {tally["code"]: tally["count"] for tally in tallies if tally["count"] != 0}


async def test_R13_a_summary_counts_views_by_channel_and_names_the_silent_ones(filled: Any) -> None:
    found = await summary(filled)
    assert (found["views"], found["protected"], found["start"]) == (18, False, "2026-10-01")
    assert counts(found["channels"]) == {"case_audit": 11, "review_process": 7}
    assert len(found["silent_channels"]) == 19
    assert "young_inspectors" in found["silent_channels"]
    assert "case_audit" not in found["silent_channels"]
    assert {tally["family"] for tally in found["channels"]} == {"children_and_families", "staff", "partners"}


async def test_R61_views_are_counted_by_group_theme_team_sentiment_and_rating(filled: Any) -> None:
    found = await summary(filled)
    assert counts(found["respondent_groups"]) == {"child": 2, "young_person": 16}
    assert counts(found["themes"]) == {"communication": 18, "planning": 7}
    assert counts(found["units"]) == {"fs_portland": 9, "fs_weymouth": 7, "cwd_east": 2}
    assert found["units"][0]["title"] == "Family Support, Portland"
    sentiment = {"positive": 7, "mixed": 9, "negative": 0, "not_given": 2, "value_status": None}
    assert found["sentiment"] == sentiment
    assert found["rating"] == {"given": 16, "mean": 2.88, "value_status": None}


@pytest.mark.parametrize(
    ("query", "views"),
    [
        ("period=2026-09", 6), ("period=2026-10", 18), ("period=FY2026-27-Q2", 6), ("period=FY2026-27-Q3", 18),
        ("period=FY2026-27", 24), ("period=CY2026", 24), ("period=2026-08", 0), ("period=2026-10&theme=planning", 7),
        ("period=2026-10&unit=family_support", 16), ("period=2026-10&unit=cwd_east&theme=planning", 0),
    ],
)  # fmt: skip
async def test_a_summary_is_of_its_period_unit_and_theme(filled: Any, query: str, views: int) -> None:
    assert (await summary(filled, query=query))["views"] == views


async def test_silence_is_told_whatever_the_theme(filled: Any) -> None:
    found = await summary(filled, query="period=2026-10&theme=planning")
    assert counts(found["channels"]) == {"review_process": 7}
    assert "case_audit" not in found["silent_channels"]


@pytest.mark.parametrize("query", ["", "period=soon", "period=2026-13", "period=AY2026-27-T1", "period=2026-10&unit=A"])
async def test_a_summary_that_cannot_be_asked_for_is_refused(feedback: Any, query: str) -> None:
    client = await feedback.client("admin")
    assert (await client.get(f"/v1/summary?{query}")).status_code == 422


async def test_unknown_and_other_units_are_not_there(feedback: Any) -> None:
    client = await feedback.client("head_of_service", unit="family_support")
    for unit in ("nowhere", "cwd_east", "childrens_services"):
        assert (await client.get(f"/v1/summary?period=2026-10&unit={unit}")).status_code == 404
    assert (await client.get("/v1/summary?period=2026-10&unit=fs_swanage")).status_code == 200


@pytest.mark.parametrize(
    ("role", "status", "protected"),
    [("practitioner", 200, True), ("team_manager", 200, True), ("auditor", 200, True), ("qa_manager", 200, False),
     ("head_of_service", 200, False), ("analyst", 200, False), ("complaints_manager", 200, False),
     ("reporting_service", 200, False), ("admin", 200, False), ("board_reader", 403, None),
     ("ingest_client", 403, None)],
)  # fmt: skip
async def test_who_sees_true_figures(feedback: Any, role: str, status: int, protected: bool | None) -> None:
    answer = await (await feedback.client(role)).get("/v1/summary?period=2026-10")
    assert answer.status_code == status
    assert answer.json().get("protected") is protected


async def test_R59_R60_complaints_are_counted_by_stage_clock_outcome_and_missing_learning(
    feedback: Any, a_complaint: Make, a_compliment: Make
) -> None:
    client = await feedback.client("admin")
    october = {"received_on": "2026-10-05"}
    learned = {"learning": "Ring first.", "improvement": "A rota.", "shared_learning": "Families are rung first."}
    late = UPHELD | {"ended_on": "2026-10-27", "outcome": "not_upheld"}
    for body in (
        a_complaint(respond_ref="1", **october, stages=[UPHELD]),
        a_complaint(respond_ref="2", **october, stages=[UPHELD], **learned),
        a_complaint(respond_ref="3", **october, stages=[late]),
        a_complaint(respond_ref="4", **october),
        a_complaint(respond_ref="5", **october, eligible=False, refusal_reason="Over a year old."),
        a_complaint(respond_ref="6", received_on="2026-09-30"),
        a_complaint(respond_ref="7", received_on="2026-10-30", procedure="conference", agency="dorset_police"),
        a_complaint(respond_ref="8"),
    ):
        assert (await client.post("/v1/complaints", json=body)).status_code == 201
    await client.post("/v1/compliments", json=a_compliment())
    assert (await summary(feedback))["changed"] == []
    (waiting,) = (await client.get("/v1/quotations?status=proposed")).json()["items"]
    other = await feedback.client("qa_manager")
    path = f"/v1/quotations/{waiting['id']}/approvals"
    await other.post(path, json={"audience": "boards"}, headers={"If-Match": '"1"'})
    found = await summary(feedback)
    complaints = found["complaints"]
    assert (complaints["received"], complaints["open"], complaints["refused"]) == (6, 2, 1)
    assert (complaints["open_earlier"], complaints["overdue"], complaints["learning_missing"]) == (1, 3, 1)
    assert complaints["outcomes"] == {
        "upheld": 2, "partially_upheld": 0, "not_upheld": 1, "withdrawn": 0, "no_finding": 0, "not_recorded": 0,
    }  # fmt: skip
    conference, statutory = complaints["stages"]
    assert conference["title"] == "Answer by the conference chair's manager"
    assert (conference["within_statutory"], conference["past_statutory"]) == (None, None)
    assert (conference["within_target"], conference["past_target"]) == (0, 1)
    assert [statutory[name] for name in ("open", "closed", "within_statutory", "past_statutory")] == [1, 3, 2, 2]
    assert (found["compliments"], found["changed"]) == (1, ["Families are rung first."])
    assert complaints["value_status"] is None


@pytest.mark.parametrize(
    ("level", "units"),
    [("whole_service", {}), ("segment", {"family_support": 16, "children_who_are_disabled": 2}),
     ("local_office", {"fs_portland": 9, "fs_weymouth": 7, "cwd_east": 2}), ("individual", {})],
)  # fmt: skip
async def test_R17_units_are_told_apart_at_the_level_asked_for(filled: Any, level: str, units: dict[str, int]) -> None:
    found = await summary(filled, query=f"period=2026-10&level={level}")
    assert (found["level"], found["views"], counts(found["units"])) == (level, 18, units)


async def test_R17_single_records_are_for_roles_that_may_and_each_reading_is_logged(
    filled: Any, a_complaint: Make
) -> None:
    await (await filled.client("admin")).post("/v1/complaints", json=a_complaint(received_on="2026-10-30"))
    query = "period=2026-10&level=individual&unit=fs_weymouth"
    for role, ids in (("head_of_service", 7), ("complaints_manager", 8)):
        found = await summary(filled, role, query)
        assert len(found["individuals"]) == ids
        assert {one["unit"] for one in found["individuals"]} == {"fs_weymouth"}
        assert "what_works" not in found["individuals"][0]
        async with filled.database.snapshot() as session:
            logged = sa.select(sa.func.count()).where(read_log.c.actor == f"test-{role}")
            assert (await session.execute(logged)).scalar_one() == ids
    for role, unit in (("practitioner", None), ("team_manager", "fs_weymouth")):
        answer = await (await filled.client(role, unit=unit)).get(f"/v1/summary?{query}")
        assert (answer.status_code, answer.json()["needed_scope"]) == (403, "feedback:figures")


async def test_a_channel_closed_before_the_period_is_not_called_silent(feedback: Any) -> None:
    client = await feedback.client("admin")
    content = (await client.get("/v1/framework/channels/young_inspectors")).json()["content"]
    item = {"kind": "channels", "code": "young_inspectors", "content": content | {"valid_to": "2026-09-30"}}
    assert (await client.post("/v1/framework/applications", json={"items": [item]})).status_code == 200
    assert "young_inspectors" not in (await summary(feedback))["silent_channels"]
    assert "young_inspectors" in (await summary(feedback, query="period=2026-09"))["silent_channels"]
