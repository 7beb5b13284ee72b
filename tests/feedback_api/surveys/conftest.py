"""Waves and answers for the tests of surveys; every answer is invented."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

Body = dict[str, Any]
PARENTS: Body = {
    "survey": "parents_questionnaire",
    "unit": "family_support",
    "respondent_groups": ["parent_carer"],
    "languages": ["en", "pl"],
    "opens_on": "2026-11-02",
    "closes_on": "2026-12-11",
}
STAFF: Body = {
    "survey": "staff_survey",
    "unit": "childrens_services",
    "opens_on": "2026-11-02",
    "closes_on": "2026-11-30",
}


class Surveying:
    """A running service with the steps that tests of surveys repeat."""

    def __init__(self, feedback: Any) -> None:
        self.feedback = feedback

    async def plan(self, body: Body, **fields: Any) -> Body:
        client = await self.feedback.client("admin")
        answer = await client.post("/v1/survey-waves", json=body | fields)
        assert answer.status_code == 201, answer.text
        wave: Body = answer.json()
        return wave

    async def answer(self, wave: Body, items: list[Body]) -> None:
        client = await self.feedback.client("admin")
        path = f"/v1/survey-waves/{wave['id']}/responses/imports"
        report = await client.post(path, json={"items": items})
        assert report.status_code == 200, report.text
        assert report.json()["created"] == len(items)

    async def results(self, wave: Body, role: str = "admin", unit: str | None = None, **query: str) -> Body:
        client = await self.feedback.client(role, unit)
        answer = await client.get(f"/v1/survey-waves/{wave['id']}/results", params=query)
        assert answer.status_code == 200, answer.text
        found: Body = answer.json()
        return found

    def days_pass(self, days: int) -> None:
        self.feedback.clock.advance(timedelta(days=days))


def many(unit: str, group: str, question: str, counts: dict[Any, int]) -> list[Body]:
    """So many respondents of a unit and group for each answer to one question."""
    return [
        {"unit": unit, "respondent_group": group, "answers": {question: answer}}
        for answer, times in counts.items()
        for _ in range(times)
    ]


@pytest.fixture
def surveying(feedback: Any) -> Surveying:
    return Surveying(feedback)


@pytest.fixture
def in_surveys(start: Any) -> Callable[..., Awaitable[Surveying]]:
    """The same with settings of one's own."""

    async def begin(**settings: Any) -> Surveying:
        return Surveying(await start("feedback", **settings))

    return begin
