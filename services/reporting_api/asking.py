"""Questions put to the neighbours in the name of a caller, all at once: with his token and never with our own."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode

from pydantic import BaseModel

from shared.auth.caller import Caller
from shared.clients.answers import NeighbourUnavailable
from shared.clients.neighbour import Neighbour
from shared.schemas.board_report import Source

# So many questions of one neighbour at a time: its other callers want its connections too.
_AT_ONCE = 8


class Question(NamedTuple):
    """One question; the same one needed in two places is put once."""

    service: str
    path: str
    params: tuple[tuple[str, str], ...]
    model: type[BaseModel]

    @property
    def address(self) -> str:
        return f"{self.path}?{urlencode(self.params)}" if self.params else self.path


def question(service: str, path: str, model: type[BaseModel], **params: str | Sequence[str] | None) -> Question:
    """A question; a parameter that is None is left out, several values are repeated. `from_` stands for `from`."""
    pairs: list[tuple[str, str]] = []
    for name, value in params.items():
        values = [value] if isinstance(value, str) else value or []
        pairs += [(name.rstrip("_"), one) for one in values]
    return Question(service, path, tuple(pairs), model)


@dataclass
class Answers:
    """What came back, or why nothing did."""

    asked_at: datetime
    found: dict[Question, BaseModel] = field(default_factory=dict)
    as_of: dict[Question, datetime] = field(default_factory=dict)
    reasons: dict[Question, str] = field(default_factory=dict)

    def of(self, one: Question) -> Any | None:
        return self.found.get(one)

    def source(self, one: Question) -> Source:
        """Where it came from, so that anyone can ask again, or the reason there is nothing."""
        good = one in self.found
        return Source(
            service=one.service, path=one.address, fetched_at=self.asked_at if good else None,
            as_of=self.as_of.get(one), availability="available" if good else "unavailable",
            reason=None if good else self.reasons.get(one, "not_asked"),
        )  # fmt: skip


async def ask_as(
    caller: Caller, neighbours: Mapping[str, Neighbour], questions: Iterable[Question], now: datetime
) -> Answers:
    """Put every question once, side by side, in the caller's name; never raises for a neighbour's sake.

    What a neighbour keeps from him it keeps from us: no question goes out without his token.
    """
    answers = Answers(now)
    rooms = {name: asyncio.Semaphore(_AT_ONCE) for name in neighbours}

    async def put(one: Question) -> None:
        neighbour = neighbours.get(one.service)
        if neighbour is None or caller.bearer is None:
            answers.reasons[one] = "no_token" if neighbour else "not_configured"
            return
        try:
            async with rooms[one.service]:
                answer = await neighbour.get(one.path, _grouped(one.params), one.model, token=caller.bearer)
        except NeighbourUnavailable as failure:
            answers.reasons[one] = failure.reason
            return
        answers.found[one] = answer.data
        answers.as_of[one] = answer.as_of

    async with asyncio.TaskGroup() as group:
        for one in dict.fromkeys(questions):
            group.create_task(put(one))
    return answers


def _grouped(params: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in params:
        found.setdefault(name, []).append(value)
    return found
