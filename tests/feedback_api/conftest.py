"""What the tests of the feedback service send."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from shared.auth.local_issuer import LocalIssuer
from tests.conftest import Server
from tests.feedback_api.year_steps import Year, begun
from tests.feedback_api.year_told import live

Body = dict[str, Any]


@pytest.fixture
def a_view() -> Callable[..., Body]:
    """A view that is in order, with the given fields put in or changed."""

    def make(**fields: Any) -> Body:
        return {
            "channel": "review_process",
            "respondent_group": "young_person",
            "unit": "fs_weymouth",
            "given_on": "2026-10-14",
            "sentiment": "positive",
            "themes": ["communication"],
            "consent": "shared",
        } | fields

    return make


@pytest.fixture
def a_complaint() -> Callable[..., Body]:
    """A complaint that is in order; received on a Thursday, its first stage due on 26 November 2026."""

    def make(**fields: Any) -> Body:
        return {
            "respond_ref": "CSC-2026-0118",
            "procedure": "statutory",
            "received_on": "2026-11-12",
            "unit": "fs_weymouth",
        } | fields

    return make


@pytest.fixture
def a_compliment() -> Callable[..., Body]:
    def make(**fields: Any) -> Body:
        return {"respond_ref": "CPL-2026-0051", "received_on": "2026-10-09", "unit": "hearing_support"} | fields

    return make


@pytest.fixture
def an_activity() -> Callable[..., Body]:
    """An activity of a team in October 2026, with twelve young people."""

    def make(**fields: Any) -> Body:
        return {
            "unit": "fs_weymouth",
            "title": "What should the hub be like?",
            "method": "group_discussion",
            "began_on": "2026-10-14",
            "who": [{"respondent_group": "young_person", "people": 12}],
            "asked": "What would make you come?",
        } | fields

    return make


@pytest.fixture
def approve_learning(feedback: Any) -> Callable[..., Awaitable[list[str]]]:
    """A second person approves for boards whatever learning waits; gives the ids of the quotations."""

    async def approve(running: Any = None) -> list[str]:
        client = await (running or feedback).client("qa_manager", subject="second.person")
        waiting = (await client.get("/v1/quotations?status=proposed&subject_kind=complaint")).json()["items"]
        for one in waiting:
            path, headers = f"/v1/quotations/{one['id']}/approvals", {"If-Match": f'"{one["version"]}"'}
            answer = await client.post(path, json={"audience": "boards"}, headers=headers)
            assert answer.status_code == 200, answer.text
        return [one["id"] for one in waiting]

    return approve


@pytest.fixture(scope="session")
async def year(server: Server, template: Callable[..., str], issuer: LocalIssuer) -> AsyncIterator[Year]:
    """The year of feedback, lived once for all that is asked of it."""
    async with begun(server, template, issuer) as told:
        await live(told)
        yield told
