"""What a quarter left out: silent channels, single-method teams, stages without anybody involved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.feedback_api.coverage.diversity import Way, of_standing, team_methods
from shared.schemas.periods import FIRST_YEAR, LAST_YEAR

Make = Callable[..., dict[str, Any]]
CHANNELS_OF_FAMILIES = {
    "key_worker_assessment", "review_process", "case_audit", "childrens_rights_service", "childrens_advocates",
    "young_inspectors", "questionnaires", "ehc_assessment_end", "ehc_annual_review",
}  # fmt: skip


async def post(client: Any, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = await client.post(path, json=body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def read(feedback: Any, path: str, role: str = "admin", unit: str | None = None) -> Any:
    answer = await (await feedback.client(role, unit=unit)).get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.fixture
async def heard(feedback: Any, a_view: Make, an_activity: Make) -> Any:
    """Weymouth used two ways and Portland one in the third quarter; the second heard Weymouth's case audits too."""
    client = await feedback.client("admin")
    views = [a_view()] * 7 + [a_view(channel="case_audit", unit="fs_portland")] * 2
    views += [a_view(channel="case_audit", given_on="2026-09-30"), a_view(given_on="2026-08-03")]
    assert (await client.post("/v1/views/imports", json={"items": views})).status_code == 200
    await post(client, "/v1/participation/activities", an_activity(commissioning_stage="tendering"))
    return feedback


async def test_R13_the_silent_channels_of_a_quarter_are_listed_with_who_is_asked_to_act(heard: Any) -> None:
    found = await read(heard, "/v1/coverage?period=FY2026-27-Q3")
    silent = set(found["silent_channels"])
    assert silent & CHANNELS_OF_FAMILIES == CHANNELS_OF_FAMILIES - {"review_process", "case_audit"}
    assert {"staff_survey", "partnership_boards"} <= silent
    asked = {ask["code"]: ask["role"] for ask in found["asks"] if ask["about"] == "channel"}
    assert set(asked) == silent and asked["young_inspectors"] == "qa_manager"
    assert (found["previous"], found["ended"]) == ("FY2026-27-Q2", False)


async def test_R13_a_channel_is_heard_through_an_activity_and_a_challenge_too(heard: Any, an_activity: Make) -> None:
    client = await heard.client("admin")
    await post(client, "/v1/participation/activities", an_activity(method="young_inspection"))
    challenge = {
        "raised_by_body": "dscb",
        "raised_on": "2026-10-20",
        "about": {"kind": "free"},
        "unit": "family_support",
        "question": "Why?",
    }
    await post(client, "/v1/challenges", challenge)
    silent = set((await read(heard, "/v1/coverage?period=FY2026-27-Q3"))["silent_channels"])
    assert not silent & {"young_inspectors", "partnership_boards"}
    assert "learning_partnership" in silent


async def test_R13_what_has_moved_since_the_quarter_before_is_told(heard: Any) -> None:
    client = await heard.client("admin")
    for _ in range(2):
        found = await read(heard, "/v1/coverage?period=FY2026-27-Q3")
    moved = {one["code"]: one["movement"] for one in found["channels"]}
    assert (moved["review_process"], moved["case_audit"]) == ("still_covered", "still_covered")
    assert moved["questionnaires"] == "still_uncovered"
    assert {one["code"]: one["movement"] for one in found["stages"]}["tendering"] == "newly_covered"
    assert found["newly_single_or_none"] == []
    later = await read(heard, "/v1/coverage?period=FY2026-27-Q4")
    assert {one["code"]: one["movement"] for one in later["channels"]}["review_process"] == "newly_uncovered"
    assert later["newly_single_or_none"] == ["fs_weymouth"]
    assert (await client.get("/v1/coverage?period=2026-10")).status_code == 422


async def test_R14_the_stages_of_commissioning_without_anybody_involved_are_listed(heard: Any) -> None:
    found = await read(heard, "/v1/coverage?period=FY2026-27-Q3")
    assert found["uncovered_stages"] == ["understanding_needs", "strategy_development", "review"]
    assert [(one["code"], one["activities"]) for one in found["stages"]][2] == ("tendering", 1)
    assert {ask["code"] for ask in found["asks"] if ask["about"] == "stage"} == set(found["uncovered_stages"])


async def test_R10_methods_are_told_by_team_and_single_method_teams_are_listed(heard: Any) -> None:
    found = await read(heard, "/v1/method-diversity?period=2026-10")
    teams = {one["unit"]: one for one in found["teams"]}
    assert teams["fs_weymouth"]["methods"] == ["group_discussion", "review_process"]
    assert (found["single"], len(found["none"])) == (["fs_portland"], len(teams) - 2)
    assert found["methods"] == {"group_discussion": 1}
    coverage = await read(heard, "/v1/coverage?period=FY2026-27-Q3")
    assert (coverage["single_method_teams"], coverage["no_method_teams"]) == (["fs_portland"], found["none"])
    narrowed = await read(heard, "/v1/method-diversity?period=FY2026-27&unit=fs_portland")
    assert [one["unit"] for one in narrowed["teams"]] == ["fs_portland"]


async def test_R10_a_method_that_is_a_channel_counts_once_and_staff_are_not_families(
    heard: Any, an_activity: Make
) -> None:
    client = await heard.client("admin")
    audited = {"unit": "fs_portland", "method": "questionnaire"}
    await post(client, "/v1/participation/activities", an_activity(**audited))
    staff = [{"respondent_group": "practitioner", "people": 9}]
    await post(client, "/v1/participation/activities", an_activity(unit="sen_team", method="workshop", who=staff))
    view = {"channel": "questionnaires", "unit": "fs_portland", "respondent_group": "child", "given_on": "2026-10-02"}
    await post(client, "/v1/views", view | {"consent": "shared"})
    teams = {one["unit"]: one for one in (await read(heard, "/v1/method-diversity?period=2026-10"))["teams"]}
    assert teams["fs_portland"]["methods"] == ["case_audit", "questionnaires"]
    assert teams["sen_team"]["standing"] == "none"


async def test_a_withdrawn_activity_and_one_in_which_nobody_took_part_cover_nothing(
    feedback: Any, an_activity: Make
) -> None:
    client = await feedback.client("admin")
    made = await post(client, "/v1/participation/activities", an_activity(commissioning_stage="tendering"))
    path = f"/v1/participation/activities/{made['id']}/withdrawal"
    assert (await client.put(path, json={"reason": "x"}, headers={"If-Match": '"1"'})).status_code == 200
    nobody = {"unit": "fs_weymouth", "title": "None", "took_place": False, "began_on": "2026-10-30"}
    nobody |= {"why_nobody": "x", "what_follows": "y", "commissioning_stage": "review", "method": "young_inspection"}
    await post(client, "/v1/participation/activities", nobody)
    found = await read(feedback, "/v1/coverage?period=FY2026-27-Q3")
    assert len(found["uncovered_stages"]) == 4
    assert "young_inspectors" in found["silent_channels"] and "fs_weymouth" in found["no_method_teams"]


async def test_R13_each_team_is_told_by_itself(heard: Any) -> None:
    found = await read(heard, "/v1/coverage/units?period=FY2026-27-Q3&unit=family_support")
    rows = {one["unit"]: one for one in found["items"]}
    assert set(rows["fs_weymouth"]["silent_channels"]) == CHANNELS_OF_FAMILIES - {"review_process"}
    assert (rows["fs_weymouth"]["standing"], rows["fs_weymouth"]["stages"]) == ("several", ["tendering"])
    assert set(rows["fs_portland"]["silent_channels"]) == CHANNELS_OF_FAMILIES - {"case_audit"}
    assert "sen_team" not in rows


async def test_the_silence_of_a_part_of_the_council_is_hidden_where_small_numbers_are(heard: Any) -> None:
    """Portland was heard twice through case audits and Wimborne never: the two must look alike."""
    for path in ("/v1/coverage?period=FY2026-27-Q3&unit={}", "/v1/method-diversity?period=2026-10&unit={}"):
        answers = []
        for unit in ("fs_portland", "fs_bridport"):
            text = str(await read(heard, path.format(unit), role="practitioner"))
            answers.append(text.replace(unit, "").replace("Portland", "").replace("Bridport", ""))
        assert answers[0] == answers[1], path
    rows = (await read(heard, "/v1/coverage/units?period=FY2026-27-Q3", role="practitioner"))["items"]
    assert {one["silent_channels_status"] for one in rows} == {"c"}
    assert {one["unit"]: one["standing"] for one in rows if one["standing"]} == {"fs_weymouth": "several"}
    whole = await read(heard, "/v1/coverage?period=FY2026-27-Q3", role="practitioner")
    assert whole["protected"] and "young_inspectors" in whole["silent_channels"]
    own = await read(heard, "/v1/coverage?period=FY2026-27-Q3", role="team_manager", unit="fs_portland")
    assert own["silent_channels_status"] is None and "case_audit" not in own["silent_channels"]


async def test_the_first_and_the_last_period_there_are_do_no_harm(feedback: Any) -> None:
    client = await feedback.client("practitioner")
    for path in ("/v1/coverage", "/v1/coverage/units", "/v1/method-diversity", "/v1/participation-statement"):
        for code in (f"FY{FIRST_YEAR}-{(FIRST_YEAR + 1) % 100:02}", f"FY{LAST_YEAR}-{(LAST_YEAR + 1) % 100:02}"):
            for period in (code, f"{code}-Q1", f"{code}-Q4"):
                assert (await client.get(f"{path}?period={period}")).status_code in (200, 422), (path, period)
    assert (await client.get(f"/v1/coverage?period=FY{FIRST_YEAR}-{(FIRST_YEAR + 1) % 100:02}-Q1")).status_code == 422


async def test_another_units_coverage_is_not_there(heard: Any) -> None:
    client = await heard.client("qa_manager", unit="sen_team")
    for path in ("/v1/coverage", "/v1/coverage/units", "/v1/method-diversity"):
        assert (await client.get(f"{path}?period=FY2026-27-Q3&unit=fs_weymouth")).status_code == 404
    found = (await client.get("/v1/method-diversity?period=FY2026-27-Q3")).json()
    assert ([one["unit"] for one in found["teams"]], found["methods"]) == (["sen_team"], {})


async def test_a_channel_put_out_of_use_is_not_missed(heard: Any) -> None:
    client = await heard.client("admin")
    content = (await client.get("/v1/framework/channels/young_inspectors")).json()["content"]
    item = {"kind": "channels", "code": "young_inspectors", "content": content | {"valid_to": "2026-09-30"}}
    assert (await client.post("/v1/framework/applications", json={"items": [item]})).status_code == 200
    assert "young_inspectors" not in (await read(heard, "/v1/coverage?period=FY2026-27-Q3"))["silent_channels"]
    assert "young_inspectors" in (await read(heard, "/v1/coverage?period=FY2026-27-Q2"))["silent_channels"]


WAYS = st.lists(
    st.builds(Way, st.sampled_from(["a", "b"]), st.sampled_from("pqr"), st.integers(0, 9), st.booleans()), max_size=6,
    unique_by=lambda way: (way.unit, way.code),
)  # fmt: skip


@given(WAYS, st.integers(0, 5), st.sampled_from("pqr"))
def test_none_and_a_few_views_look_alike_to_those_who_see_protected_figures(
    ways: list[Way], few: int, channel: str
) -> None:
    teams = {"a": "A", "b": "B"}
    rest = [way for way in ways if (way.unit, way.code) != ("a", channel)]
    with_few = [*rest, Way("a", channel, few, False)] if few else rest
    assert team_methods(teams, with_few, 5, protected=True) == team_methods(teams, rest, 5, protected=True)
    true = team_methods(teams, ways, 5, protected=False)
    assert len(of_standing(true, "several", "single", "none")) == 2


async def test_R13_the_summary_of_a_report_names_the_same_silent_channels(heard: Any, an_activity: Make) -> None:
    client = await heard.client("admin")
    await post(client, "/v1/participation/activities", an_activity(method="young_inspection"))
    summary = await read(heard, "/v1/summary?period=FY2026-27-Q3")
    assert summary["silent_channels"] == sorted(
        (await read(heard, "/v1/coverage?period=FY2026-27-Q3"))["silent_channels"]
    )
    assert "young_inspectors" not in summary["silent_channels"]
