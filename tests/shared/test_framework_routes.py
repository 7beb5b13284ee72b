"""Applying a framework: planned, whole, versioned, and found again the same."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.conftest import Running, Start

PATH = "/v1/framework/applications"


@pytest.fixture
async def audit(start: Start) -> Running:
    return await start("audit", dorset=False)


def theme(code: str, **more: Any) -> dict[str, Any]:
    content = {
        "code": code,
        "name": code.title(),
        "scope": "local",
        "description": "For a test.",
        "valid_from": "2020-01-01",
    }
    return {"kind": "themes", "code": code, "content": content | more}


def unit(code: str, parent: str | None, **more: Any) -> dict[str, Any]:
    content = {"code": code, "name": code, "kind": "team", "parent": parent, "valid_from": "2020-01-01"}
    if parent is None:
        content = {
            "code": code,
            "name": code,
            "kind": "council",
            "ons_code": "E06000059",
            "valid_from": "2020-01-01",
        }
    return {"kind": "units", "code": code, "content": content | more}


async def test_a_dry_run_shows_the_plan_and_changes_nothing(audit: Running) -> None:
    client = await audit.client()
    plan = (await client.post(PATH, json={"items": [theme("a")], "dry_run": True})).json()
    assert [(one["code"], one["change"]) for one in plan["changes"]] == [("a", "create")]
    assert (await client.get("/v1/framework/themes")).json()["items"] == []


async def test_applied_twice_it_changes_nothing(audit: Running) -> None:
    client = await audit.client()
    body = {"items": [theme("a"), theme("b")]}
    assert len((await client.post(PATH, json=body)).json()["changes"]) == 2
    assert (await client.post(PATH, json=body)).json() == {"dry_run": False, "changes": [], "unchanged": 2}


async def test_a_change_starts_a_version_and_keeps_the_old_one(audit: Running) -> None:
    client = await audit.client()
    await client.post(PATH, json={"items": [theme("a")]})
    plan = (await client.post(PATH, json={"items": [theme("a", name="Renamed")]})).json()
    assert (plan["changes"][0]["change"], plan["changes"][0]["fields"]) == ("change", ["name"])
    answer = await client.get("/v1/framework/themes/a")
    assert (answer.json()["version"], answer.headers["etag"]) == (2, '"2"')
    versions = (await client.get("/v1/framework/themes/a/versions")).json()["items"]
    assert [(one["version"], one["content"]["name"]) for one in versions] == [(2, "Renamed"), (1, "A")]


async def test_what_is_missing_is_retired_only_when_asked_and_can_come_back(audit: Running) -> None:
    client = await audit.client()
    await client.post(PATH, json={"items": [theme("a"), theme("b")]})
    assert (await client.post(PATH, json={"items": [theme("a")]})).json()["changes"] == []
    plan = (await client.post(PATH, json={"items": [theme("a")], "retire_missing": True})).json()
    assert [(one["code"], one["change"]) for one in plan["changes"]] == [("b", "retire")]
    assert [one["code"] for one in (await client.get("/v1/framework/themes")).json()["items"]] == ["a"]
    again = (await client.post(PATH, json={"items": [theme("b")]})).json()
    assert again["changes"][0]["change"] == "reinstate"


async def test_a_list_keeps_its_tag_until_the_framework_changes(audit: Running) -> None:
    client = await audit.client()
    await client.post(PATH, json={"items": [theme("a")]})
    tag = (await client.get("/v1/framework/themes")).headers["etag"]
    held = await client.get("/v1/framework/themes", headers={"If-None-Match": tag})
    assert (held.status_code, held.content, held.headers["etag"]) == (304, b"", tag)
    # Another release may give the same items other fields.
    audit.app.version += "+next"
    assert (await client.get("/v1/framework/themes", headers={"If-None-Match": tag})).status_code == 200
    await client.post(PATH, json={"items": [theme("a", name="Renamed")]})
    found = await client.get("/v1/framework/themes", headers={"If-None-Match": tag})
    assert (found.status_code, found.json()["items"][0]["content"]["name"]) == (200, "Renamed")
    # Whoever is not shown everything sees nothing in the tag of what is kept from him.
    less = await audit.client("auditor")
    before = (await less.get("/v1/framework/themes")).headers["etag"]
    await client.post(PATH, json={"items": [unit("council", None)]})
    assert (await less.get("/v1/framework/themes")).headers["etag"] == before
    assert (await client.get("/v1/framework/themes")).headers["etag"] != found.headers["etag"]


async def test_one_bad_item_and_nothing_is_applied(audit: Running) -> None:
    client = await audit.client()
    answer = await client.post(PATH, json={"items": [theme("a"), theme("b", scope="galactic")]})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/items/1/content/scope"
    assert "galactic" not in answer.text
    assert (await client.get("/v1/framework/themes")).json()["items"] == []


async def test_a_circle_of_units_or_an_unknown_parent_is_refused(audit: Running) -> None:
    client = await audit.client()
    for items in ([unit("a", "b"), unit("b", "a")], [unit("a", "nowhere")]):
        answer = await client.post(PATH, json={"items": items})
        assert answer.status_code == 422, answer.text
    assert (await client.get("/v1/framework/units")).json()["items"] == []


async def test_units_are_listed_as_they_stood_on_a_day(audit: Running) -> None:
    client = await audit.client()
    items = [
        unit("council", None),
        unit("old", "council", valid_to="2024-03-31", successors=["new"]),
        unit("new", "council", valid_from="2024-04-01"),
    ]
    assert (await client.post(PATH, json={"items": items})).status_code == 200

    async def on(day: str) -> list[str]:
        found = (await client.get(f"/v1/organisation/units?on={day}")).json()["items"]
        return [one["code"] for one in found]

    assert await on("2024-03-31") == ["council", "old"]
    assert await on("2024-04-01") == ["council", "new"]


async def test_a_scoped_caller_sees_its_units_and_those_below(audit: Running) -> None:
    client = await audit.client()
    items = [
        unit("council", None),
        unit("a", "council", kind="service"),
        unit("a1", "a"),
        unit("b", "council"),
    ]
    await client.post(PATH, json={"items": items})
    scoped = await audit.client("admin", unit="a")
    found = (await scoped.get("/v1/organisation/units")).json()["items"]
    assert [one["code"] for one in found] == ["a", "a1"]


async def test_two_applications_at_once_are_applied_one_after_the_other(audit: Running) -> None:
    client = await audit.client()
    bodies = [{"items": [theme("a", name=f"Name {number}")]} for number in range(6)]
    answers = await asyncio.gather(*(client.post(PATH, json=body) for body in bodies))
    assert {answer.status_code for answer in answers} == {200}
    assert (await client.get("/v1/framework/themes/a")).json()["version"] == 6


async def test_pages_hold_every_item_once(audit: Running) -> None:
    client = await audit.client()
    await client.post(PATH, json={"items": [theme(f"t{number:02}") for number in range(23)]})
    codes, path = [], "/v1/framework/themes?limit=10"
    while path:
        answer = await client.get(path)
        codes += [one["code"] for one in answer.json()["items"]]
        following = answer.json()["next"]
        assert ("link" in answer.headers) == (following is not None)
        held = await client.get(path, headers={"If-None-Match": answer.headers["etag"]})
        assert (held.status_code, held.headers.get("link")) == (304, answer.headers.get("link"))
        path = f"/v1/framework/themes?limit=10&after={following}" if following else ""
    assert codes == [f"t{number:02}" for number in range(23)]


async def test_who_may_read_may_not_apply(audit: Running) -> None:
    reader = await audit.client("practitioner")
    assert (await reader.post(PATH, json={"items": []})).status_code == 403


async def test_a_caller_of_one_unit_cannot_draw_other_units_under_it(audit: Running) -> None:
    client = await audit.client()
    await client.post(PATH, json={"items": [unit("top", None), unit("a", "top"), unit("b", "top")]})
    scoped = await audit.client("admin", unit="a")
    assert (await scoped.post(PATH, json={"items": [unit("b", "a")]})).status_code == 403
    assert (await client.get("/v1/framework/units/b")).json()["content"]["parent"] == "top"
