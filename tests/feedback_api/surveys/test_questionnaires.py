"""Questionnaires as data: versions that never change, several languages, easy words and pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from shared.schemas.framework.catalogue import parse_item
from shared.schemas.framework.surveys import Survey
from shared.schemas.framework.tree import read_tree
from tests.feedback_api.surveys.conftest import PARENTS

DORSET = Path(__file__).resolve().parents[3] / "framework" / "dorset"
SMALL: dict[str, Any] = {
    "code": "small",
    "version": 1,
    "status": "published",
    "title": {"en": "Small"},
    "channel": "questionnaires",
    "respondent_groups": ["child"],
    "scales": [
        {"code": "two", "points": [{"value": at, "label": {"en": str(at)}} for at in (1, 2)], "top": [2]},
    ],
    "questions": [{"code": "one", "label": {"en": "One?"}, "kind": "scale", "scale": "two"}],
}

ADDRESS = {"ref": "https://pictures.example/ear.png", "shows": {"en": "An ear"}}


async def apply(surveying: Any, **fields: Any) -> Any:
    client = await surveying.feedback.client("admin")
    items = [{"kind": "surveys", "code": "small", "content": SMALL | fields}]
    return await client.post("/v1/framework/applications", json={"items": items})


async def test_a_published_version_never_changes_and_an_edit_is_a_new_one(surveying: Any) -> None:
    assert (await apply(surveying)).status_code == 200
    changed = await apply(surveying, title={"en": "Smaller"})
    assert (changed.status_code, changed.json()["type"]) == (409, "/problems/published-survey-changed")
    assert (await apply(surveying, title={"en": "Smaller"}, version=2)).status_code == 200
    older = await apply(surveying)
    assert (older.status_code, older.json()["type"]) == (409, "/problems/survey-version-not-newer")
    client = await surveying.feedback.client("practitioner")
    newest = (await client.get("/v1/surveys/small")).json()
    assert (newest["title"], newest["version"], newest["versions"]) == ("Smaller", 2, [1, 2])
    first = (await client.get("/v1/surveys/small/versions/1")).json()
    assert (first["title"], first["status"], first["allowed_actions"]) == ("Small", "retired", [])
    assert (await client.get("/v1/surveys/small/versions/3")).status_code == 404


async def test_a_wave_keeps_the_version_it_was_planned_with_and_a_retired_survey_starts_none(surveying: Any) -> None:
    await apply(surveying)
    body = PARENTS | {"survey": "small", "respondent_groups": ["child"], "languages": ["en"]}
    wave = await surveying.plan(body)
    await apply(surveying, version=2, questions=[SMALL["questions"][0] | {"code": "other"}])
    client = await surveying.feedback.client("admin")
    sent = {"respondent_group": "child", "answers": {"one": 2}}
    assert (await client.post(f"/v1/survey-waves/{wave['id']}/responses", json=sent)).status_code == 201
    await apply(surveying, version=2, status="retired", questions=[SMALL["questions"][0] | {"code": "other"}])
    refused = await client.post("/v1/survey-waves", json=body)
    assert refused.json()["errors"][0]["code"] == "unknown_survey"
    assert (await client.post(f"/v1/survey-waves/{wave['id']}/responses", json=sent)).status_code == 201


async def test_a_draft_is_in_the_framework_alone(surveying: Any) -> None:
    assert (await apply(surveying, status="draft")).status_code == 200
    client = await surveying.feedback.client("admin")
    assert (await client.get("/v1/surveys/small")).status_code == 404


async def test_the_form_has_easy_words_pictures_by_name_and_english_where_a_language_has_none(surveying: Any) -> None:
    client = await surveying.feedback.client("practitioner")
    path = "/v1/surveys/childrens_questionnaire/form"
    easy = (await client.get(f"{path}?easy=true&respondent_group=child")).json()["fields"][0]
    formal = (await client.get(path)).json()["fields"][0]
    assert easy["label"] == "Does your worker listen to you?"
    assert formal["label"].startswith("My worker listens to me")
    assert easy["picture"] == {"ref": "ear", "shows": "An ear"}
    polish = (await client.get(f"{path}?language=pl")).json()["fields"][0]
    assert (polish["options"][4]["label"], polish["picture"]["shows"]) == ("Tak, zawsze", "An ear")
    for query in ("language=fr", "respondent_group=manager", "month=3"):
        assert (await client.get(f"{path}?{query}")).status_code == 422


async def test_R57_the_parts_of_an_evaluation_ask_their_own_questions(surveying: Any) -> None:
    client = await surveying.feedback.client("practitioner")
    path = "/v1/surveys/course_evaluation/form?month="
    asked = [[one["code"] for one in (await client.get(f"{path}{month}")).json()["fields"]] for month in (0, 3)]
    assert asked == [
        ["confident", "uses_it", "well_taught"],
        ["confident", "uses_it", "what_changed", "what_stands_in_the_way"],
    ]


async def test_the_questionnaires_are_listed_and_read_with_an_etag(surveying: Any) -> None:
    client = await surveying.feedback.client("practitioner")
    listed = (await client.get("/v1/surveys?limit=4")).json()
    rest = (await client.get(f"/v1/surveys?limit=4&after={listed['next']}")).json()
    codes = [one["code"] for one in listed["items"] + rest["items"]]
    assert codes == sorted(codes)
    assert len(codes) == 6
    read = await client.get("/v1/surveys/staff_survey")
    again = await client.get("/v1/surveys/staff_survey", headers={"If-None-Match": read.headers["etag"]})
    assert again.status_code == 304


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"title": {"pl": "Mała"}}, "English"),
        ({"questions": SMALL["questions"] * 2}, "same code"),
        ({"questions": [SMALL["questions"][0] | {"scale": "three"}]}, "names one of them"),
        ({"questions": [SMALL["questions"][0] | {"scale": None}]}, "has a scale"),
        ({"questions": [SMALL["questions"][0] | {"groups": ["school"]}]}, "does not have"),
        ({"questions": [SMALL["questions"][0] | {"months": [3]}]}, "does not have"),
        ({"questions": [{"code": "a", "label": {"en": "A"}, "kind": "choice"}]}, "two options"),
        ({"questions": [{"code": "a", "label": {"en": "A"}, "kind": "text", "multiple": True}]}, "multiple"),
        ({"scales": [SMALL["scales"][0] | {"top": [1]}]}, "good end"),
        ({"scales": [SMALL["scales"][0] | {"top": [1, 2]}]}, "not all of them"),
        ({"questions": [SMALL["questions"][0] | {"picture": ADDRESS}]}, "pattern"),
    ],
)  # fmt: skip
def test_a_questionnaire_that_cannot_be_is_refused_with_what_to_do(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError) as caught:
        parse_item("surveys", SMALL | fields)
    assert words in str(caught.value)


def test_every_group_of_the_surveys_of_dorset_has_what_it_needs_in_words() -> None:
    surveys = read_tree(DORSET).of(Survey)
    children = surveys["childrens_questionnaire"]
    assert all((question.easy_label and question.picture) or question.kind.value in ("choice", "text")
               for question in children.questions)  # fmt: skip
    assert all(question.easy_label for question in children.questions)
    assert surveys["staff_survey"].questions[0].indicator == "attitude_to_audit"
    assert set(surveys["stakeholder_survey"].respondent_groups) == {
        "child", "young_person", "parent_carer", "school", "setting",
    }  # fmt: skip
    assert surveys["course_evaluation"].months == (0, 3)
