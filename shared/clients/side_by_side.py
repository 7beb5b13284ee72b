"""The neighbours of a service kept together, and asked together."""

import asyncio
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any, TypeVar

from shared.clients.answers import NeighbourUnavailable
from shared.clients.neighbour import Neighbour

Key = TypeVar("Key")
Result = TypeVar("Result")


class Neighbours(Mapping[str, Neighbour]):
    """The neighbours of one service by name, closed together: `async with neighbours: ...`."""

    def __init__(self, *neighbours: Neighbour) -> None:
        self._by_name = {neighbour.name: neighbour for neighbour in neighbours}

    def __getitem__(self, name: str) -> Neighbour:
        return self._by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self._by_name)

    async def __aenter__(self) -> "Neighbours":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        async with AsyncExitStack() as stack:
            for neighbour in self._by_name.values():
                stack.push_async_callback(neighbour.aclose)


async def gather(
    calls: Mapping[Key, Coroutine[Any, Any, Result]],
) -> dict[Key, Result | NeighbourUnavailable]:
    """Make many calls side by side; each key gets its answer or the reason it has none."""

    async def settle(call: Coroutine[Any, Any, Result]) -> Result | NeighbourUnavailable:
        try:
            return await call
        except NeighbourUnavailable as failure:
            return failure

    async with asyncio.TaskGroup() as group:
        tasks = {key: group.create_task(settle(call)) for key, call in calls.items()}
    return {key: task.result() for key, task in tasks.items()}
