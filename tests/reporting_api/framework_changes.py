"""Items of Dorset's framework as a test changes and applies them."""

from __future__ import annotations

from functools import cache
from typing import Any

import httpx

from shared.schemas.framework.catalogue import content_of
from shared.schemas.framework.tree import Framework, read_tree
from tests.conftest import ROOT


@cache
def dorset_framework() -> Framework:
    return read_tree(ROOT / "framework" / "dorset")


def framework_item(kind: str, code: str) -> dict[str, Any]:
    """The content of one item as the files have it."""
    return content_of(dorset_framework().items[kind][code])


async def apply_change(client: httpx.AsyncClient, kind: str, content: dict[str, Any]) -> None:
    body = {"items": [{"kind": kind, "code": content["code"], "content": content}]}
    answer = await client.post("/v1/framework/applications", json=body)
    assert answer.status_code == 200, answer.text
