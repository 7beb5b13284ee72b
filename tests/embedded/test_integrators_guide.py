"""The guides do what they say."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import jsonschema
import pytest

from shared.activity.sealer import seal_all
from shared.auth.local_issuer import LocalIssuer
from shared.auth.roles import read_roles
from shared.settings import SERVICES
from tests.conftest import ROOT

GUIDE = (ROOT / "docs" / "integrators.md").read_text(encoding="utf-8")
FOLDERS = ("indicators", "audits", "feedback", "reporting", "privacy")
TOPICS = sorted(page for topic in FOLDERS for page in (ROOT / "docs" / topic).glob("*.md"))
BLOCK = re.compile(r"^```http\n(.*?)^```$", re.MULTILINE | re.DOTALL)
REQUEST = re.compile(r"^(GET|POST|PUT|PATCH|DELETE) (\S+)$")
ANSWER = re.compile(r"# (->|again ->) (\d{3})(?: (\{.*\})| ([\w-]+): (.+))?", re.DOTALL)
KEEP = re.compile(r"# keep (\w+) = (?:header (\S+)|(/\S+))")
NAME = re.compile(r"\{([a-z_]+)(?:@([a-z_]+))?\}")
BOOK = read_roles(ROOT / "framework" / "dorset" / "roles.yaml")
ROLES = BOOK.roles


@dataclass
class Example:
    """One request of the guide with what it says of the answer."""

    line: int
    method: str
    path: str
    headers: dict[str, str] = field(default_factory=dict)
    body: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def examples(guide: str) -> Iterator[Example]:
    """The requests in order; a token goes with every request of its block."""
    for block in BLOCK.finditer(guide):
        token, one, in_head = "", None, False
        for line, text in enumerate(block[1].splitlines(), guide[: block.start(1)].count("\n") + 1):
            request = REQUEST.match(text)
            if request:
                if one is not None:
                    yield one
                one = Example(line, request[1], request[2], {"Authorization": token} if token else {})
                in_head = True
                continue
            assert one is not None, f"line {line}: a block begins with its request"
            if text.startswith("#   "):
                one.notes[-1] += text[1:]
            elif text.startswith("# "):
                one.notes.append(text)
            elif in_head and text:
                name, _, value = text.partition(": ")
                one.headers[name] = value
                token = one.headers.get("Authorization", token)
            elif in_head:
                in_head = False
            else:
                one.body.append(text)
        if one is not None:
            yield one


def missing(shown: Any, real: Any, at: str = "") -> list[str]:
    """Where the part of the answer the guide shows is not in the real one."""
    if isinstance(shown, dict) and isinstance(real, dict):
        return [
            fault
            for key, value in shown.items()
            for fault in (missing(value, real[key], f"{at}/{key}") if key in real else [f"{at}/{key} is not there"])
        ]
    if isinstance(shown, list) and isinstance(real, list) and len(shown) <= len(real):
        return [fault for n, value in enumerate(shown) for fault in missing(value, real[n], f"{at}/{n}")]
    return [] if shown == real else [f"{at}: {real!r}"]


def pick(document: Any, pointer: str) -> str:
    for part in pointer.split("/")[1:]:
        document = document[int(part)] if isinstance(document, list) else document[part]
    return str(document)


class World:
    """What `make run` serves, in this process, and the values kept so far."""

    def __init__(self, root: Any, issuer: LocalIssuer, client: httpx.AsyncClient) -> None:
        self.root, self.client, self.issuer = root, client, issuer
        # Where it is really run, a role that needs a unit opens nothing without one: no page may show it so.
        whole = [role for role in ROLES if not BOOK.unplaced([role], None)]
        self.kept = {role: issuer.token(f"guide-{role}", [role]) for role in whole}

    def filled(self, text: str) -> str:
        return NAME.sub(lambda found: self.of_unit(*found.groups()) if found[2] else self.kept[found[1]], text)

    def of_unit(self, role: str, unit: str) -> str:
        return self.issuer.token(f"guide-{role}", [role], unit)

    async def send(self, one: Example) -> httpx.Response:
        headers = {name: self.filled(value) for name, value in one.headers.items()}
        body = self.filled("\n".join(one.body))
        if body:
            headers.setdefault("Content-Type", "application/json")
        if "/v1/activity" in one.path or "/v1/publications" in one.path:
            for app in self.root.state.apps.values():
                await seal_all(app.state.database)
        return await self.client.request(one.method, self.filled(one.path), headers=headers, content=body)

    async def run(self, one: Example, page: str = "integrators.md") -> None:
        """Send it and hold the answer to every note; a second time where the guide says so."""
        answer = await self.send(one)
        checked = False
        for note in one.notes:
            kept, said = KEEP.fullmatch(note), ANSWER.fullmatch(note)
            assert kept or said, f"{page} line {one.line}: {note}"
            if kept:
                self.kept[kept[1]] = answer.headers[kept[2]] if kept[2] else pick(answer.json(), kept[3])
            if said:
                if said[1] == "again ->":
                    answer = await self.send(one)
                checked = True
                assert answer.status_code == int(said[2]), f"{page} line {one.line}: {answer.status_code} {answer.text}"
                assert not said[3] or missing(json.loads(said[3]), answer.json()) == [], f"{page} line {one.line}"
                assert not said[4] or answer.headers.get(said[4]) == said[5], f"{page} line {one.line}"
        assert checked or answer.is_success, f"{page} line {one.line}: {answer.status_code} {answer.text}"


@pytest.fixture
async def world(made_run: Any, issuer: LocalIssuer) -> World:
    """All four services after `make run`: Dorset's framework, the examples, a published report."""
    return World(made_run.root, issuer, await made_run(None))


async def test_every_example_of_the_guide_does_what_it_says(world: World) -> None:
    found = list(examples(GUIDE))
    assert len(found) >= 20
    for one in found:
        await world.run(one)
    assert {one.path.split("/")[1] for one in found} >= set(SERVICES)
    headers = {"Authorization": f"Bearer {world.kept['board_reader']}"}
    schema = (await world.client.get("/reporting/v1/schemas/board-report", headers=headers)).json()
    report = await world.client.get(f"/reporting/v1/reports/{world.kept['report']}", headers=headers)
    jsonschema.Draft202012Validator(schema).validate(report.json())
    assert report.headers["etag"] == f'"{report.json()["content_hash"]}"'


async def test_every_example_of_the_pages_by_topic_does_what_it_says(world: World) -> None:
    for page in TOPICS:
        for one in examples(page.read_text(encoding="utf-8")):
            await world.run(one, page.name)


def test_the_guide_is_short_and_names_only_roles_there_are() -> None:
    assert len(GUIDE.splitlines()) < 200
    assert len(BLOCK.findall(GUIDE)) == GUIDE.count("```http")
    table = GUIDE.split("| You are | Role |")[1].split("\n\n")[0]
    assert set(re.findall(r"`(\w+)`", table)) | set(re.findall(r"ROLE=(\w+)", GUIDE)) <= set(ROLES)


def test_the_first_page_of_each_topic_leads_to_all_its_others() -> None:
    for topic in FOLDERS:
        pages = {page.name for page in TOPICS if page.parent.name == topic}
        told = set(re.findall(r"\]\(([\w-]+\.md)\)", (ROOT / "docs" / topic / "README.md").read_text(encoding="utf-8")))
        assert told | {"README.md"} == pages, topic
