"""Every operation as three scopes see it: the whole council, the unit of the record, and another unit.

The records are those of the request examples, so an operation that is added is tried here by itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from services.documentation import openapi_path
from shared.auth.local_issuer import LocalIssuer
from shared.settings import SERVICES, ServiceName
from tests.architecture.access_table import Reach, rows_of
from tests.doses import tell
from tests.embedded.records import FAMILIES, family_of, parameters_of, record_of
from tests.embedded.test_request_examples import Caller, Operation, operations

# For the operations whose description holds no example.
VIEW = {
    "source": "case_management", "source_ref": "V-7001", "channel": "review_process", "consent": "anonymous",
    "respondent_group": "young_person", "unit": "fs_weymouth", "given_on": "2026-11-12", "what_works": "She listens.",
}  # fmt: skip
SHEET = {
    "source": "paper",
    "source_ref": "SHEET-070",
    "answered_on": "2026-11-20",
    "unit": "fs_weymouth",
    "answers": {},
}
BODIES: dict[str, tuple[str, Any]] = {
    "apply_framework_items": ("application/json", {"items": [], "dry_run": True}),
    "import_views": ("application/json", {"items": [VIEW]}),
    "import_survey_responses": ("application/json", {"items": [SHEET]}),
}
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
# Made for everybody to see: who stands in for whom, and what agencies learned.
FOR_EVERYBODY = {"/reporting/v1/delegations", "/feedback/v1/shared-learning"}
# Drawn anew at each asking, which takes a second or more; the test of the request examples asks.
SLOW = {"get_report_pdf", "get_report_workbook", "export_figures"}


# Not there for the record's own unit either: what is merged into, a public copy, a key action of the plan.
ABSENT = {"merge_complaint", "merge_compliment", "get_public_report", "remove_key_action"}


@dataclass
class World:
    """One service with a record of every kind, and the three who ask for them."""

    service: ServiceName
    known: dict[str, Operation]
    callers: dict[str, httpx.AsyncClient]
    records: dict[str, dict[str, str]] = field(default_factory=dict)
    cells: int = 0
    wrong: list[str] = field(default_factory=list)

    async def ask(self, who: str, one: Operation) -> httpx.Response:
        """An operation with its first example, at the record of its family."""
        caller = Caller(self.callers[who], self.known)
        if parameters_of(one.path):
            family = family_of(one.path)
            if family not in self.records:
                self.records[family] = await record_of(family, Caller(self.callers["council"], self.known))
            caller.kept = dict(self.records[family])
        given = {name: value for name, value in caller.kept.items() if name in one.parameters}
        body = BODIES.get(one.name) or (one.bodies[0] if one.bodies else None)
        self.cells += 1
        return await caller.send(one.name, body, given)

    def expect(self, good: bool, one: Operation, answer: httpx.Response) -> None:
        if not good:
            self.wrong.append(f"{one.name}: {answer.status_code} {answer.text[:300]}")

    def rows(self, *reaches: Reach) -> Iterator[Operation]:
        """The operations of these reaches, readings first, so that a change spoils no reading."""
        table = rows_of(self.service)
        for one in sorted(self.known.values(), key=lambda one: METHODS.index(one.method)):
            if table[one.name].reach in reaches:
                yield one


@pytest.fixture
async def worlds(made_run: Any, issuer: LocalIssuer) -> AsyncIterator[list[World]]:
    async with AsyncExitStack() as stack:
        callers = {}
        for who, unit in {"council": None, "own": "dorset_council", "another": "youth_services"}.items():
            headers = {"Authorization": f"Bearer {issuer.token(f'admin-of-{who}', ['admin'], unit)}"}
            transport = httpx.ASGITransport(made_run.root, raise_app_exceptions=False)
            client = httpx.AsyncClient(transport=transport, base_url="http://qapf", headers=headers, timeout=60)
            callers[who] = await stack.enter_async_context(client)
        found = []
        for service in SERVICES:
            document = json.loads(openapi_path(service).read_text(encoding="utf-8"))
            known = {one.name: one for one in operations(document, f"/{service}")}
            found.append(World(service, known, callers))
        yield found


def kind_of(answer: httpx.Response) -> str:
    return str(answer.json()["type"].rpartition("/")[2])


async def records_of_another_unit(world: World) -> int:
    """Each id swapped to another scope answers 404, exactly as one that is not there, for reading and for changing."""
    before = world.cells
    for one in world.rows("record", "sender"):
        answer = await world.ask("another", one)
        world.expect(answer.status_code == 404 and kind_of(answer) == "not-found", one, answer)
    return world.cells - before


async def what_is_named_or_for_the_council(world: World) -> None:
    """A body cannot name another unit's, and what is the whole council's needs a token of the whole council."""
    for one in world.rows("named"):
        answer = await world.ask("another", one)
        world.expect(answer.status_code in (404, 422), one, answer)
    for one in world.rows("council"):
        for who in ("another", "own"):
            answer = await world.ask(who, one)
            world.expect(answer.status_code == 403 and "needed_scope" not in answer.json(), one, answer)


async def what_is_the_same_for_everyone(world: World) -> None:
    """What no unit owns is word for word the same, whatever the token's unit."""
    for one in world.rows("everyone"):
        answers = [await world.ask(who, one) for who in ("council", "another")]
        same = one.method != "GET" or answers[0].content == answers[1].content
        world.expect(same and {answer.status_code for answer in answers} == {200}, one, answers[1])


async def lists_and_sums(world: World) -> set[str]:
    """No list shows another unit a record by its id; the records that the unit itself finds in one."""
    kept = {name: record for name, record in world.records.items() if name not in FOR_EVERYBODY}
    ids = {value for record in kept.values() for value in record.values() if UUID.fullmatch(value)}
    shown: set[str] = set()
    for one in world.rows("part"):
        if one.method == "GET" and one.name not in SLOW:
            answer = await world.ask("another", one)
            told = ids & set(UUID.findall(answer.text))
            world.expect(answer.status_code in (200, 404, 409, 422) and not told, one, answer)
            shown |= ids & set(UUID.findall((await world.ask("own", one)).text))
    return shown


async def records_of_the_own_unit(world: World) -> set[str]:
    """The same addresses lead the record's own unit to it; the operations that find nothing there."""
    absent = set()
    for one in world.rows("record"):
        if one.name not in SLOW:
            answer = await world.ask("own", one)
            world.expect(answer.status_code not in (401, 405, 415) and answer.status_code < 500, one, answer)
            if answer.status_code == 404:
                absent.add(one.name)
    return absent


async def test_every_operation_keeps_the_organisation_scope_that_the_table_gives_it(worlds: list[World]) -> None:
    swapped, shown, absent = 0, set[str](), set[str]()
    for world in worlds:
        swapped += await records_of_another_unit(world)
        await what_is_named_or_for_the_council(world)
        await what_is_the_same_for_everyone(world)
        shown |= await lists_and_sums(world)
        absent |= await records_of_the_own_unit(world)
    wrong = [f"{world.service} {one}" for world in worlds for one in world.wrong]
    assert not wrong, "\n".join(wrong)
    assert absent <= ABSENT
    assert swapped > 230 and len(shown) > 20 and sum(world.cells for world in worlds) > 700
    assert {name for world in worlds for name in world.records} == set(FAMILIES)
    tell(swapped_ids=swapped, calls_by_scope=sum(world.cells for world in worlds))
