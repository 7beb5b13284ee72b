"""Suggestions for records, what people decide of them, and what is told of their accuracy."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from services.feedback_api.models import ThemeLesson, ViewHistory, table_of
from shared.tables import activity, read_log

Make = Callable[..., dict[str, Any]]
WORDS = "Nobody returned my calls for weeks."


async def new_view(client: Any, a_view: Make, **fields: Any) -> dict[str, Any]:
    answer = await client.post("/v1/views", json=a_view(**({"themes": [], "what_works": WORDS} | fields)))
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def decide(client: Any, path: str, confirmed: list[str], version: int = 1, **more: Any) -> Any:
    body = {"confirmed": confirmed, **more}
    return await client.post(f"{path}/theme-decisions", json=body, headers={"If-Match": f'"{version}"'})


async def test_a_text_is_suggested_themes_for_and_nothing_is_stored(feedback: Any) -> None:
    client = await feedback.client("practitioner")
    text = "  The short breaks stopped, and no letters came."
    answer = await client.post("/v1/themes/suggestions", json={"text": text})
    found = answer.json()
    assert answer.status_code == 200
    assert [one["theme"] for one in found["suggestions"]] == ["communication", "disability_and_send"]
    (ground,) = found["suggestions"][1]["grounds"]
    assert text[ground["start"] : ground["end"]] == ground["words"] == "short breaks"
    assert (ground["pointer"], ground["source"], found["learned_from"]) == ("/text", "keyword", 0)
    async with feedback.database.snapshot() as session:
        deeds = sa.select(sa.func.count()).where(activity.c.actor == "test-practitioner")
        assert (await session.execute(deeds)).scalar_one() == 0


async def test_R61_suggestions_for_a_view_stand_beside_its_themes_and_their_reading_is_logged(
    feedback: Any, a_view: Make
) -> None:
    client = await feedback.client("practitioner", unit="fs_weymouth")
    view = await new_view(client, a_view, what_should_change="A plan we can read.")
    answer = await client.get(f"/v1/views/{view['id']}/theme-suggestions")
    found = answer.json()
    assert [(one["theme"], one["grounds"][0]["pointer"]) for one in found["suggestions"]] == [
        ("communication", "/what_works"), ("planning", "/what_should_change"),
    ]  # fmt: skip
    assert (found["themes"], found["decided_at"], answer.headers["ETag"]) == ([], None, '"1"')
    async with feedback.database.snapshot() as session:
        rows = (await session.execute(sa.select(read_log.c.operation, read_log.c.subject_id))).all()
    assert rows == [("suggest_view_themes", view["id"])]


async def test_R61_a_suggestion_counts_in_no_figure_until_a_person_confirms_it(feedback: Any, a_view: Make) -> None:
    client = await feedback.client("admin")
    view = await new_view(client, a_view)
    path = f"/v1/views/{view['id']}"
    assert (await client.get(f"{path}/theme-suggestions")).json()["suggestions"][0]["theme"] == "communication"

    async def counted() -> dict[str, int]:
        found = (await client.get("/v1/summary?period=2026-10")).json()["themes"]
        return {one["code"]: one["count"] for one in found}

    assert (await client.get(path)).json()["themes"] == []
    assert await counted() == {}
    answer = await decide(client, path, ["communication"])
    assert (answer.status_code, answer.headers["ETag"]) == (201, '"2"')
    assert (await client.get(path)).json()["themes"] == ["communication"]
    assert await counted() == {"communication": 1}


async def test_a_decision_keeps_what_was_suggested_and_what_the_record_said_before(feedback: Any, a_view: Make) -> None:
    client = await feedback.client("admin")
    view = await new_view(client, a_view, themes=["planning"], links=[{"kind": "review", "ref": "R-1"}])
    path = f"/v1/views/{view['id']}"
    found = (await decide(client, path, ["supervision"], rejected=["communication"])).json()
    assert (found["suggested"], found["added"], found["dropped"]) == (
        ["communication"], ["supervision"], ["communication"],
    )  # fmt: skip
    corrected = await client.patch(path, json={"rating": 2}, headers={"If-Match": '"2"'})
    assert corrected.status_code == 200
    async with feedback.database.snapshot() as session:
        history = table_of(ViewHistory)
        first, second = (await session.execute(sa.select(history).order_by(history.c.version))).all()
        decided = sa.select(activity.c.data).where(activity.c.action == "view.themes_decided")
        (deed,) = (await session.execute(decided)).scalars().all()
    assert first.content["themes"] == ["planning"]
    # A decision keeps the record in just the form in which a correction keeps it.
    assert first.content | {"themes": ["supervision"]} == second.content
    assert (deed["suggested"], deed["themes"]) == (["communication"], ["supervision"])


async def test_a_complaint_and_a_compliment_are_decided_alike(
    feedback: Any, a_complaint: Make, a_compliment: Make
) -> None:
    client = await feedback.client("complaints_manager")
    await client.post("/v1/complaints", json=a_complaint(learning="Ring first: nobody answered the calls."))
    await client.post("/v1/compliments", json=a_compliment(words="The short breaks were a joy."))
    for path, theme in (
        ("/v1/complaints/CSC-2026-0118", "communication"), ("/v1/compliments/CPL-2026-0051", "disability_and_send"),
    ):  # fmt: skip
        found = (await client.get(f"{path}/theme-suggestions")).json()["suggestions"]
        assert [one["theme"] for one in found] == [theme]
        answer = await decide(client, path, [theme])
        assert (answer.status_code, answer.json()["version"]) == (201, 2)
        assert (await client.get(path)).json()["themes"] == [theme]
    edited = await client.patch(
        "/v1/complaints/CSC-2026-0118", json={"improvement": "A rota."}, headers={"If-Match": '"2"'}
    )
    assert (edited.status_code, edited.json()["themes"]) == (200, ["communication"])
    sql = "SELECT content FROM complaint_history ORDER BY version"
    async with feedback.database.snapshot() as session:
        first, second = (await session.execute(sa.text(sql))).scalars().all()
    assert set(first) == set(second)
    assert first["stages"] == second["stages"]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [({"confirmed": ["no_such_theme"]}, "/confirmed/0"),
     ({"confirmed": ["planning"], "rejected": ["nil"]}, "/rejected/0"),
     ({"confirmed": ["planning", "planning"]}, ""), ({"confirmed": ["planning"], "rejected": ["planning"]}, "")],
)  # fmt: skip
async def test_a_decision_names_themes_of_the_taxonomy_each_once(
    feedback: Any, a_view: Make, body: dict[str, Any], pointer: str
) -> None:
    client = await feedback.client("admin")
    view = await new_view(client, a_view)
    path = f"/v1/views/{view['id']}/theme-decisions"
    answer = await client.post(path, json=body, headers={"If-Match": '"1"'})
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]
    assert "no_such_theme" not in answer.text


async def test_a_decision_needs_the_version_that_was_read(feedback: Any, a_view: Make) -> None:
    client = await feedback.client("admin")
    path = f"/v1/views/{(await new_view(client, a_view))['id']}"
    assert (await client.post(f"{path}/theme-decisions", json={"confirmed": []})).status_code == 428
    assert (await decide(client, path, ["planning"], version=7)).status_code == 412


async def test_only_who_may_read_a_view_sees_its_suggestions_or_decides(feedback: Any, a_view: Make) -> None:
    path = f"/v1/views/{(await new_view(await feedback.client('admin'), a_view))['id']}"
    council = await feedback.client("team_manager")
    other = await feedback.client("team_manager", unit="cwd_east")
    assert (await council.get(f"{path}/theme-suggestions")).status_code == 403
    assert (await decide(council, path, ["planning"])).status_code == 403
    assert (await other.get(f"{path}/theme-suggestions")).status_code == 404
    assert (await decide(other, path, ["planning"])).status_code == 404
    assert (await council.get("/v1/themes/undecided")).status_code == 403
    for role, unit in (("board_reader", None), ("ingest_client", None)):
        client = await feedback.client(role, unit=unit)
        assert (await client.get(f"{path}/theme-suggestions")).status_code == 403
    assert (await other.get("/v1/themes/accuracy")).status_code == 403
    assert (await other.post("/v1/themes/lessons")).status_code == 403


async def test_what_waits_for_a_decision_is_listed_until_it_is_made(
    feedback: Any, a_view: Make, a_compliment: Make
) -> None:
    client = await feedback.client("admin")
    older = await new_view(client, a_view, given_on="2026-10-01")
    newer = await new_view(client, a_view, given_on="2026-10-20", unit="cwd_east")
    await new_view(client, a_view, what_works=None)
    await new_view(client, a_view, themes=["planning"])
    await client.post("/v1/compliments", json=a_compliment(words="Thank you."))

    async def waiting(query: str = "", someone: Any = client) -> list[str]:
        found, after = [], ""
        while after is not None:
            page = (await someone.get(f"/v1/themes/undecided?limit=1{query}{after}")).json()
            found += [one["ref"] for one in page["items"]]
            after = page["next"] and f"&after={page['next']}"
        return found

    assert await waiting() == [newer["id"], "CPL-2026-0051", older["id"]]
    assert await waiting("&kind=view") == [newer["id"], older["id"]]
    assert await waiting("&unit=cwd_east") == [newer["id"]]
    assert await waiting(someone=await feedback.client("practitioner", unit="fs_weymouth")) == [older["id"]]
    await decide(client, f"/v1/views/{older['id']}", [])
    assert await waiting("&kind=view") == [newer["id"]]
    feedback.clock.advance(timedelta(hours=1))
    await client.patch(f"/v1/views/{older['id']}", json={"what_works": "Other words."}, headers={"If-Match": '"1"'})
    assert await waiting("&kind=view") == [newer["id"], older["id"]]


async def test_what_people_decide_is_learned_and_rare_words_are_not_kept(feedback: Any, a_view: Make) -> None:
    client = await feedback.client("admin")
    said = ["Nobody rang us back"] * 6 + ["Zebediah kept a floor plan"] * 4
    for words in said:
        view = await new_view(client, a_view, what_works=words)
        await decide(client, f"/v1/views/{view['id']}", ["communication"] if "rang" in words else [])
    lessons = (await client.post("/v1/themes/lessons")).json()
    assert (lessons["records"], lessons["themes"]) == (10, {"communication": 6})
    async with feedback.database.snapshot() as session:
        kept = (await session.execute(sa.select(table_of(ThemeLesson).c.word))).scalars().all()
    assert set(kept) == {"", "nobody", "rang", "back"}
    again = await client.post("/v1/themes/suggestions", json={"text": "Nobody ever rang back."})
    found = again.json()
    assert found["classifier"] == lessons["classifier"]
    assert [one["theme"] for one in found["suggestions"]] == ["communication"]
    assert found["suggestions"][0]["grounds"][0]["source"] == "learned"


async def test_accuracy_is_told_by_theme_and_version_beside_a_baseline(feedback: Any, a_view: Make) -> None:
    client = await feedback.client("admin")
    for words, chosen in (
        (WORDS, ["communication"]), (WORDS, ["communication"]), (WORDS, ["communication", "planning"]),
        (WORDS, []), ("A plan.", ["planning"]), ("Fine.", ["communication"]),
    ):  # fmt: skip
        view = await new_view(client, a_view, what_works=words)
        assert (await decide(client, f"/v1/views/{view['id']}", chosen)).status_code == 201
    found = (await client.get("/v1/themes/accuracy")).json()
    score = found["score"]
    assert (score["records"], score["right"], score["wrong"], score["missed"]) == (6, 4, 1, 2)
    assert (score["precision"]["value"], score["recall"]["value"], score["f1"]["value"]) == (0.8, 0.6667, 0.7273)
    assert score["exact"] == {"value": 0.5, "lower": 0.1876, "upper": 0.8124}
    assert (found["baseline_theme"], found["baseline"]["right"], found["baseline"]["wrong"]) == ("communication", 4, 2)
    by_theme = {one["theme"]: one["score"] for one in found["themes"]}
    assert (by_theme["planning"]["right"], by_theme["planning"]["missed"]) == (1, 1)
    assert [one["score"]["records"] for one in found["classifiers"]] == [6]
    assert (await client.get("/v1/themes/accuracy?to=2026-11-22")).json()["score"]["records"] == 0
    assert (await client.get("/v1/themes/accuracy?from=2026-11-23&kind=view")).json()["score"]["records"] == 6


async def test_no_decision_is_judged_by_what_was_learned_from_it_or_later(feedback: Any, a_view: Make) -> None:
    client = await feedback.client("admin")
    view = await new_view(client, a_view)
    path = f"/v1/views/{view['id']}"
    await decide(client, path, ["planning"])
    feedback.clock.advance(timedelta(hours=1))
    await client.post("/v1/themes/lessons")
    await decide(client, path, ["communication"], version=2)
    found = (await client.get("/v1/themes/accuracy")).json()
    assert (found["score"]["records"], found["score"]["right"], found["not_judged"]) == (1, 0, 1)
    other = await new_view(client, a_view)
    await decide(client, f"/v1/views/{other['id']}", ["communication"])
    found = (await client.get("/v1/themes/accuracy")).json()
    assert (found["score"]["records"], found["not_judged"], len(found["classifiers"])) == (2, 1, 2)
    # Learned in the very moment of the decision: it cannot be told which came first.
    await client.post("/v1/themes/lessons")
    third = await new_view(client, a_view)
    await decide(client, f"/v1/views/{third['id']}", ["communication"])
    assert (await client.get("/v1/themes/accuracy")).json()["not_judged"] == 2
