"""Figures put in, and the exceptions asked for over HTTP."""

from __future__ import annotations

from typing import Any

from shared.schemas.exceptions import ExceptionsOut
from tests.conftest import Running
from tests.indicator_api.published import load


async def ask(indicator: Running, role: str = "analyst", unit: str | None = None, **query: Any) -> Any:
    client = await indicator.client(role, unit)
    answer = await client.get("/v1/exceptions", params=query)
    assert answer.status_code == 200, answer.text
    ExceptionsOut.model_validate_json(answer.content)
    return answer.json()


async def store(indicator: Running, figures: list[dict[str, Any]]) -> None:
    await load(await indicator.client("analyst"), figures)


def rows(found: Any, trigger: str) -> list[Any]:
    return [row for row in found["items"] if row["trigger"] == trigger]
