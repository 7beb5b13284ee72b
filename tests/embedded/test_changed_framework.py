"""A framework is data and changes under records that stand: after the changes that are taken, every reading answers.

The records are those of the request examples. The changes are made of the items themselves: a field taken away, an
entry of a list dropped, another item's value put in. What the services refuse is as good as what they take.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from shared.schemas.framework.catalogue import APPLIED_TO, KINDS, content_of, parse_item
from shared.settings import SERVICES, ServiceName
from tests.doses import dose, tell
from tests.embedded.test_organisation_scope import World, worlds
from tests.reporting_api.framework_changes import dorset_framework

__all__ = ["worlds"]
_Path = tuple[str | int, ...]
_Changed = tuple[str, str, Mapping[str, Any]]
# So many times so many items of different kinds are changed together before everything is read.
_TIMES, _TOGETHER = dose(1, 200), 6
_OFTEN = {
    "indicators": 4,
    "tools": 3,
    "reports": 3,
    "surveys": 2,
    "units": 2,
    "programmes": 2,
    "complaint_procedures": 2,
}
# Of kinds with many items those that the records are of.
_IN_USE = {
    "indicators": ("absence", "rereferrals", "referrals_monthly", "supervision_in_time"),
    "areas": ("E06000059", "E92000001"),
    "reports": ("csdg_monthly",),
    "tools": ("case_audit", "supervision_audit"),
    "units": ("fs_weymouth", "dorset_council"),
}
# Another code is another item, and versions are counted here.
_KEPT = ("code", "version")


def leaves(content: Any, at: _Path = ()) -> Iterator[tuple[_Path, Any]]:
    """Every value inside with the way to it; of a list the first and the last entry."""
    if at:
        yield at, content
    if isinstance(content, dict):
        for name, value in content.items():
            yield from leaves(value, (*at, name))
    if isinstance(content, list) and content:
        for place in sorted({0, len(content) - 1}):
            yield from leaves(content[place], (*at, place))


def form(at: _Path) -> _Path:
    """The way to a value, whichever entry of a list it leads through."""
    return tuple("*" if isinstance(one, int) else one for one in at)


def put(content: Mapping[str, Any], at: _Path, value: Any) -> dict[str, Any]:
    """The content with a value put in; taken away where it is None."""
    changed: Any = deepcopy(content)
    inner = changed
    for one in at[:-1]:
        inner = inner[one]
    if value is None:
        del inner[at[-1]]
    else:
        inner[at[-1]] = value
    return dict(changed)


def others(value: Any, seen: Sequence[Any]) -> list[Any]:
    """What may stand in a value's place; None for nothing."""
    found: list[Any] = [None, *[one for one in seen if one != value][:3]]
    if isinstance(value, bool):
        found.append(not value)
    elif isinstance(value, int | float):
        found += [value + 1, 0]
    elif isinstance(value, list) and len(value) > 1:
        found += [value[:-1], value[1:], value[::-1]]
    return found


def changes(kind: str) -> list[tuple[str, dict[str, Any]]]:
    """Items of a kind, each changed in one place to what its model takes."""
    items = {code: content_of(item) for code, item in dorset_framework().items[kind].items()}
    seen: dict[_Path, list[Any]] = defaultdict(list)
    for content in items.values():
        for at, value in leaves(content):
            if value not in seen[form(at)]:
                seen[form(at)].append(value)
    found = []
    for code in _IN_USE.get(kind, tuple(items)):
        for at, value in leaves(items[code]):
            for other in others(value, seen[form(at)]) if at[-1] not in _KEPT else []:
                changed = put(items[code], at, other)
                try:
                    parse_item(kind, changed)
                except ValidationError:
                    continue
                found.append((code, changed))
    return found


class Walk:
    """Changes items, reads everything, and puts the items back."""

    def __init__(self, worlds: Sequence[World]) -> None:
        self._worlds = {world.service: world for world in worlds}
        self.taken, self.refused, self.read = 0, 0, 0
        self.wrong: list[str] = []

    async def step(self, changed: Sequence[_Changed]) -> None:
        took: list[tuple[ServiceName, str, str, dict[str, Any]]] = []
        what = []
        for kind, code, content in changed:
            before = {name: await self._content(name, kind, code) for name in SERVICES if kind in APPLIED_TO[name]}
            taken = [name for name, old in before.items() if old and await self._apply(name, kind, code, content)]
            took += [(name, kind, code, before[name]) for name in taken]
            what += [f"{kind} {code} to {content}"] if taken else []
            self.refused += not taken
        self.taken += len(what)
        # The reports ask the others.
        for name in dict.fromkeys((*(name for name, *_ in took), "reporting")):
            await self._read(self._worlds[name], "; ".join(what))
        for name, kind, code, old in reversed(took):
            await self._apply(name, kind, code, old)

    async def _content(self, name: ServiceName, kind: str, code: str) -> dict[str, Any]:
        answer = await self._client(name).get(f"/{name}/v1/framework/{kind}/{code}")
        return dict(answer.json()["content"]) if answer.is_success else {}

    async def _apply(self, name: ServiceName, kind: str, code: str, content: Mapping[str, Any]) -> bool:
        entry = dict(content)
        if isinstance(entry.get("version", 1), int) and "version" in KINDS[kind].model_fields:
            entry["version"] = (await self._content(name, kind, code)).get("version", 1) + 1
        body = {"items": [{"kind": kind, "code": code, "content": entry}]}
        answer = await self._client(name).post(f"/{name}/v1/framework/applications", json=body)
        self._look(answer, f"{kind} {code} to {entry}", f"applying it to {name}")
        return answer.is_success

    async def _read(self, world: World, what: str) -> None:
        for one in world.known.values():
            if one.method == "GET" and "/public/" not in one.path:
                self._look(await world.ask("council", one), what, one.name)
                self.read += 1

    def _look(self, answer: httpx.Response, what: str, asked: str) -> None:
        if answer.status_code >= 500:
            self.wrong.append(f"{asked}: {answer.status_code} after {what}")

    def _client(self, name: ServiceName) -> httpx.AsyncClient:
        return self._worlds[name].callers["council"]


async def test_every_reading_answers_after_changes_of_the_framework(
    worlds: list[World], capsys: pytest.CaptureFixture[str]
) -> None:
    walk, chance = Walk(worlds), random.Random(20_261_129)
    every = {kind: found for kind in KINDS if any(kind in kinds for kinds in APPLIED_TO.values())
             if (found := changes(kind))}  # fmt: skip
    weights = [_OFTEN.get(kind, 1) for kind in every]
    for _ in range(_TIMES):
        kinds = dict.fromkeys(chance.sample(list(every), _TOGETHER, counts=weights))
        await walk.step([(kind, *chance.choice(every[kind])) for kind in kinds])
    assert walk.wrong == [], "\n".join(walk.wrong)
    # What keeps counts in the background tells of what it could not count, and of no mistake of its own.
    assert "TypeError" not in capsys.readouterr().out
    assert walk.taken and walk.read
    tell(changes=walk.taken, refused_changes=walk.refused, readings=walk.read)
