"""One theme and one team through all four services, as real callers of different reach see them."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

THEME = "/reporting/v1/triangulation?theme=supervision&period=FY2026-27-Q3"
TEAM = "/reporting/v1/teams/fs_weymouth/impact-summary?period=FY2026-27-Q3"


@pytest.fixture
async def world(made_run: Any) -> Any:
    """What `make run` serves, and more on supervision: late figures, praise by staff, an action, a challenge."""
    admin = await made_run("admin")
    months = [f"2025-{month:02}" for month in range(10, 13)] + [f"2026-{month:02}" for month in range(1, 11)]
    figures = [
        {"indicator": "supervision_in_time", "area": "E06000059", "period": period, "numerator": 60, "denominator": 100}
        for period in months
    ]
    await post(admin, "/indicator/v1/observations/imports", {"items": figures})
    for number in range(12):
        view = {
            "source": "survey", "source_ref": f"SV-{number}", "channel": "staff_survey", "unit": "fs_weymouth",
            "respondent_group": "practitioner", "given_on": "2026-10-20", "what_works": "We reflect together.",
            "consent": "anonymous", "themes": ["supervision"], "sentiment": "positive",
        }  # fmt: skip
        await post(admin, "/feedback/v1/views", view)
    challenge = {
        "raised_by_body": "ctb", "raised_on": "2026-10-20", "unit": "fs_weymouth",
        "about": {"kind": "theme", "ref": "supervision"}, "question": "Why is supervision late?",
    }  # fmt: skip
    await post(admin, "/feedback/v1/challenges", challenge)
    learning = {
        "unit": "fs_weymouth", "title": "Book supervision for the quarter", "kind": "new", "visibility": "organisation",
        "audience": ["practitioner"], "themes": ["supervision"], "disseminate": True,
        "sources": [{"kind": "serious_case_review", "reference": "SCR-2025-S21"}],
    }  # fmt: skip
    await post(admin, "/audit/v1/learning", learning)
    return made_run


async def post(client: httpx.AsyncClient, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = await client.post(path, json=body)
    assert answer.status_code in (200, 201), answer.text
    found: dict[str, Any] = answer.json()
    return found


def voices_of(answer: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["voice"]: one for one in answer["voices"]}


async def test_R08_one_theme_shows_evidence_of_three_services_side_by_side_and_flags_disagreement(world: Any) -> None:
    client = await world("analyst")
    answer = (await client.get(THEME)).json()
    voices = voices_of(answer)
    assert set(answer["services_heard"]) == {"audit", "indicator", "feedback"}
    assert {name: one["says"] for name, one in voices.items()} | {"families": ""} == {
        "numbers": "concern", "audits": "concern", "families": "", "staff": "strength", "complaints": "silent",
        "partners": "concern",
    }  # fmt: skip
    assert answer["agreement"]["disagreement"] is True
    assert answer["agreement"]["sentence"].startswith("Staff speak of a strength, the numbers, audits and partners")
    assert [one["ref"] for one in voices["numbers"]["evidence"]] == [
        "reflective_practice_groups",
        "supervision_in_time",
    ]
    assert any(one["text"] == "Book supervision for the quarter" for one in answer["done"]["lines"])
    overview = (await client.get("/reporting/v1/triangulation/themes?period=FY2026-27-Q3")).json()
    first = overview["items"][0]
    assert (first["theme"], first["verdict"]) == ("supervision", "disagree")
    assert {one["voice"]: one["says"] for one in first["voices"]}["numbers"] == "concern"


def sources_of(answer: dict[str, Any]) -> list[dict[str, Any]]:
    parts = [*answer.get("voices", []), *answer.get("parts", []), *([answer["done"]] if "done" in answer else [])]
    return [source for part in parts for source in part["sources"]]


def numbers_in(voice: dict[str, Any]) -> list[float]:
    counted = ("views", "complaints", "compliments")
    return [one["value"] for one in voice["evidence"] if one["kind"] in counted and one["value"] is not None]


def numbers_of(analysis: dict[str, Any]) -> list[float]:
    """What the theme analysis tells this very caller of the theme."""
    rows = [one for one in analysis["themes"] if one["theme"] == "supervision"]
    return [
        value
        for row in rows
        for value in (*row["counts"].values(), *(row["sentiment"] or {}).values())
        if isinstance(value, int)
    ]


CALLERS = (
    ("analyst", None), ("practitioner", None), ("practitioner", "fs_weymouth"), ("head_of_service", "family_support"),
    ("complaints_manager", None), ("board_reader", None),
)  # fmt: skip


async def test_R08_nobody_is_told_by_way_of_reporting_what_the_source_would_not_tell_him(world: Any) -> None:
    """Every source can be asked again with the same token, and answers, or refuses, as it did for the report."""
    for role, unit in CALLERS:
        client = await world(role, unit)
        for path in (THEME, TEAM):
            answer = (await client.get(path)).json()
            sources = sources_of(answer)
            assert sources
            for one in sources:
                await hold_to_its_source(client, answer, one)
            if role == "board_reader":
                assert {one["reason"] for one in sources} == {"forbidden"}
                assert answer.get("services_heard", []) == []


async def hold_to_its_source(client: httpx.AsyncClient, answer: dict[str, Any], one: dict[str, Any]) -> None:
    again = await client.get(f"/{one['service']}{one['path']}")
    assert (again.status_code == 200) == (one["availability"] == "available"), one
    if one["path"].startswith("/v1/themes/analysis") and "voices" in answer and again.status_code == 200:
        voice = next(voice for voice in answer["voices"] if one in voice["sources"])
        assert set(numbers_in(voice)) <= set(numbers_of(again.json())), voice


async def test_R08_small_numbers_are_hidden_from_a_caller_without_figures_and_his_voices_are_not_guessed(
    world: Any,
) -> None:
    analyst, practitioner = await world("analyst"), await world("practitioner")
    told, hidden = [voices_of((await one.get(THEME)).json()) for one in (analyst, practitioner)]
    assert (told["staff"]["says"], hidden["staff"]["says"]) == ("strength", "not_told")
    assert hidden["staff"]["headline"] == "A quarter is told once, a month after its end, as it stands then."
    assert all(line["kind"] == "words" or line["value"] is None for line in hidden["staff"]["evidence"])
    assert "12" not in hidden["staff"]["headline"]


async def test_R18_a_team_reads_of_its_own_work_its_partners_and_what_was_learned(world: Any) -> None:
    client = await world("team_manager", "fs_weymouth")
    answer = (await client.get(TEAM)).json()
    parts = {one["part"]: one for one in answer["parts"]}
    assert list(parts) == ["indicators", "audits", "feedback", "partners", "learned"]
    assert all(one["availability"] == "available" for one in parts.values())
    assert "Why is supervision late?" in [one["sentence"] for one in parts["partners"]["lines"]]
    assert [one["title"] for one in parts["learned"]["lines"]] == ["From audits"]
    assert {one["kind"] for one in parts["audits"]["lines"]} >= {"grades", "strength", "area_for_improvement", "action"}
    everyone = await (await world("analyst")).get(TEAM)
    counts = {one["title"]: one["display"] for one in everyone.json()["parts"][2]["lines"] if one["kind"] == "count"}
    assert counts["Views"] == "14"
