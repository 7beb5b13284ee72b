"""Activities in which people take part, and truthfully those in which nobody did."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from services.feedback_api.participation.schemas import ActivityIn
from shared.tables import read_log

Make = Callable[..., dict[str, Any]]
NOBODY = {
    "unit": "fs_weymouth",
    "title": "Review of short breaks",
    "took_place": False,
    "began_on": "2026-10-30",
    "why_nobody": "Half term.",
    "what_follows": "Families choose the time.",
}
PATH = "/v1/participation/activities"


async def test_R10_R14_an_activity_is_kept_with_its_method_its_people_and_its_stage(
    feedback: Any, an_activity: Make
) -> None:
    client = await feedback.client("team_manager", unit="fs_weymouth")
    who = [
        {"respondent_group": "young_person", "people": 14, "age_bands": ["10-15", "16+"]},
        {"respondent_group": "parent_carer", "people": 3, "age_bands": []},
    ]
    sent = an_activity(who=who, commissioning_stage="tendering", commission="Short breaks", evidence=["DOC-1"])
    made = await client.post(PATH, json=sent)
    assert made.status_code == 201, made.text
    found = (await client.get(made.headers["location"])).json()
    assert found == made.json()
    assert sorted(found["who"], key=lambda one: one["people"], reverse=True) == who
    assert (found["how_many"], found["ended_on"], found["commission"]) == (17, "2026-10-14", "Short breaks")
    assert found["allowed_actions"] == ["edit", "withdraw", "add_change"]
    for query, number in (
        ("method=group_discussion", 1), ("method=questionnaire", 0), ("commissioning_stage=tendering", 1),
        ("unit=fs_weymouth&from=2026-10-14&to=2026-10-14", 1), ("to=2026-10-13", 0), ("took_place=false", 0),
    ):  # fmt: skip
        assert len((await client.get(f"{PATH}?{query}")).json()["items"]) == number, query


async def test_R11_that_nobody_took_part_is_kept_with_why_and_what_follows(feedback: Any) -> None:
    client = await feedback.client("admin")
    found = (await client.post(PATH, json=NOBODY)).json()
    assert (found["took_place"], found["why_nobody"], found["how_many"]) == (False, "Half term.", 0)
    change = {"said": "Nothing.", "did": "Nothing."}
    refused = await client.post(f"{PATH}/{found['id']}/changes", json=change)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/nobody-took-part")


async def test_the_documented_examples_are_accepted(feedback: Any) -> None:
    client = await feedback.client("admin")
    for example in ActivityIn.model_config["json_schema_extra"]["examples"]:  # type: ignore[index,call-overload,misc,union-attr]
        assert (await client.post(PATH, json=example)).status_code == 201


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [({"unit": "nowhere"}, "/unit"), ({"method": "shouting"}, "/method"), ({"method": None}, ""),
     ({"who": []}, ""), ({"asked": None}, ""), ({"why_nobody": "x"}, ""), ({"took_place": False}, ""),
     ({"who": [{"respondent_group": "child", "people": 0}]}, "/who/0/people"),
     ({"who": [{"respondent_group": "robots", "people": 9}]}, "/who/0/respondent_group"),
     ({"who": [{"respondent_group": "child", "people": 9}] * 2}, ""), ({"began_on": "2026-11-24"}, "/began_on"),
     ({"ended_on": "2026-11-24"}, "/ended_on"), ({"ended_on": "2026-10-13"}, ""), ({"commission": "Hubs"}, ""),
     ({"commissioning_stage": "wishing"}, "/commissioning_stage"), ({"themes": ["nothing"]}, "/themes/0")],
)  # fmt: skip
async def test_what_cannot_be_is_pointed_at(
    feedback: Any, an_activity: Make, fields: dict[str, Any], pointer: str
) -> None:
    client = await feedback.client("admin")
    answer = await client.post(PATH, json=an_activity(**fields))
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]


async def test_a_change_keeps_what_was_said_before_and_sent_again_changes_nothing(
    feedback: Any, an_activity: Make
) -> None:
    client = await feedback.client("admin")
    made = (await client.post(PATH, json=an_activity())).json()
    more = an_activity(who=[{"respondent_group": "child", "people": 31}], reason="Two came later.")
    path = f"{PATH}/{made['id']}"
    for _ in range(2):
        changed = (await client.put(path, json=more, headers={"If-Match": '"1", "2"'})).json()
        assert (changed["version"], changed["how_many"]) == (2, 31)
    assert (await client.put(path, json=more, headers={"If-Match": '"1"'})).status_code == 412
    assert (await client.put(path, json=more)).status_code == 428
    new, old = (await client.get(f"{path}/history")).json()["items"]
    assert (new["version"], new["reason"], new["changed"]) == (2, "Two came later.", ["who"])
    assert old["content"]["who"] == [{"respondent_group": "young_person", "people": 12, "age_bands": []}]


async def test_a_withdrawn_activity_stays_to_be_read_and_is_changed_no_more(feedback: Any, an_activity: Make) -> None:
    client = await feedback.client("admin")
    made = (await client.post(PATH, json=an_activity())).json()
    path, match = f"{PATH}/{made['id']}", {"If-Match": '"1", "2"'}
    gone = (await client.put(f"{path}/withdrawal", json={"reason": "Recorded twice."}, headers=match)).json()
    assert (gone["withdrawn"], gone["withdrawn_because"], gone["allowed_actions"]) == (True, "Recorded twice.", [])
    for answer in (
        await client.put(path, json=an_activity(reason="x"), headers=match),
        await client.put(f"{path}/withdrawal", json={"reason": "x"}, headers=match),
        await client.post(f"{path}/changes", json={"said": "x", "did": "y"}),
    ):
        assert (answer.status_code, answer.json()["type"]) == (409, "/problems/activity-withdrawn")


async def test_only_whoever_recorded_it_and_those_who_manage_change_it(feedback: Any, an_activity: Make) -> None:
    owner = await feedback.client("team_manager", unit="fs_weymouth")
    made = (await owner.post(PATH, json=an_activity())).json()
    path, match = f"{PATH}/{made['id']}", {"If-Match": '"1"'}
    change = an_activity(title="Another", reason="x")
    other = await feedback.client("practitioner", unit="fs_weymouth")
    assert (await other.get(path)).json()["allowed_actions"] == ["add_change"]
    refused = await other.put(path, json=change, headers=match)
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/not-theirs-to-change")
    manager = await feedback.client("qa_manager")
    assert (await manager.put(path, json=change, headers=match)).status_code == 200


async def test_how_few_came_to_one_activity_is_for_the_team_and_for_true_figures(
    feedback: Any, an_activity: Make
) -> None:
    few = an_activity(who=[{"respondent_group": "care_leaver", "people": 2}])
    made = (await (await feedback.client("admin")).post(PATH, json=few)).json()
    path = f"{PATH}/{made['id']}"
    council_wide = await feedback.client("practitioner")
    for one in (path, PATH, f"{path}/history"):
        assert (await council_wide.get(one)).status_code == 403
    own = await feedback.client("practitioner", unit="fs_weymouth")
    assert (await own.get(path)).json()["how_many"] == 2
    elsewhere = await feedback.client("qa_manager", unit="sen_team")
    for one in (path, f"{path}/history"):
        assert (await elsewhere.get(one)).status_code == 404
    assert (await elsewhere.get(PATH)).json()["items"] == []
    async with feedback.database.snapshot() as session:
        reads = (await session.execute(sa.select(read_log.c.operation))).scalars().all()
    assert reads == ["get_participation"]


async def test_neither_words_nor_numbers_of_people_are_in_the_log(feedback: Any, an_activity: Make) -> None:
    client = await feedback.client("admin")
    await client.post(PATH, json=an_activity(asked="zebracanary", who=[{"respondent_group": "child", "people": 4477}]))
    await feedback.seal()
    (deed,) = (await client.get("/v1/activity")).json()["items"][1:]
    assert deed["action"] == "participation.recorded"
    assert "zebracanary" not in str(deed) and "4477" not in str(deed["data"])
