"""Small frameworks for the audit tests: tools and programmes that differ from Dorset's."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import httpx
import yaml

_DORSET = Path(__file__).resolve().parents[2] / "framework" / "dorset"


def dorset_tool(**changed: Any) -> dict[str, Any]:
    """The case audit as Dorset's files have it, to be changed."""
    text = (_DORSET / "audit_tools.yaml").read_text(encoding="utf-8")
    tool = next(one for one in yaml.safe_load(text)["tools"] if one["code"] == "case_audit")
    return deepcopy(tool) | changed


def dorset_programme(**changed: Any) -> dict[str, Any]:
    """The monthly programme as Dorset's files have it, to be changed."""
    text = (_DORSET / "audit_programmes.yaml").read_text(encoding="utf-8")
    programme = next(one for one in yaml.safe_load(text)["programmes"] if one["code"] == "monthly_case_audit")
    for slot in programme["slots"]:
        slot["effective_from"] = str(slot["effective_from"])
    return deepcopy(programme) | changed


def second_edition() -> dict[str, Any]:
    """The case audit's next edition: one question more, one answer's options fewer."""
    tool = dorset_tool(version=2)
    section = next(one for one in tool["sections"] if one["code"] == "outcomes")
    section["questions"].insert(
        0, {"code": "heard_since", "text": "Has the child been heard since?", "kind": "yes_no_na"}
    )
    return tool


def tool_of_type(code: str, *types: str) -> dict[str, Any]:
    """The case audit's questions as a tool for other types of audit."""
    return dorset_tool(code=code, title=f"Tool {code}", audit_types=list(types))


def programme_of_type(code: str, audit_type: str, tool: str, **changed: Any) -> dict[str, Any]:
    """A programme of any type, by default one that makes its rounds as decided."""
    plain = {"code": code, "title": f"Programme {code}", "audit_type": audit_type, "tool": tool}
    decided: dict[str, Any] = {"cadence": "as_decided", "due_working_days_after_period": 10}
    return {name: value for name, value in (plain | decided | changed).items() if value is not None}


async def apply(client: httpx.AsyncClient, kind: str, *items: dict[str, Any], **options: Any) -> httpx.Response:
    """Apply items of one kind."""
    body = {"items": [{"kind": kind, "code": item["code"], "content": item} for item in items], **options}
    return await client.post("/v1/framework/applications", json=body)


async def close_unit(admin: httpx.AsyncClient, code: str, on: str, *successors: str) -> None:
    """End a unit, and say what came after it."""
    unit = (await admin.get(f"/v1/framework/units/{code}")).json()["content"]
    kept = {name: value for name, value in unit.items() if value not in (None, [])}
    changed = kept | {"valid_to": on} | ({"successors": list(successors)} if successors else {})
    assert (await apply(admin, "units", changed)).status_code == 200
