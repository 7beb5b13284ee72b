"""A memory with room for so much: what was used longest ago gives way."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Kept = TypeVar("Kept")


class Room(Generic[Key, Kept]):
    """What was kept last, as far as it weighs no more together than there is room for.

    What is too heavy by itself is not kept, and nothing gives way to it. Whoever receives something must not change it.
    """

    def __init__(self, most: int, weigh: Callable[[Kept], int]) -> None:
        self._most, self._weigh, self._taken = most, weigh, 0
        self._by_key: dict[Key, Kept] = {}

    def get(self, key: Key) -> Kept | None:
        """What is kept under this key, which is used last now."""
        found = self._by_key.pop(key, None)
        if found is not None:
            self._by_key[key] = found
        return found

    def put(self, key: Key, found: Kept) -> None:
        """Keep this, in place of what was kept under the key."""
        self.drop(key)
        weight = self._weigh(found)
        if weight > self._most:
            return
        while self._taken + weight > self._most:
            self.drop(next(iter(self._by_key)))
        self._by_key[key] = found
        self._taken += weight

    def drop(self, key: Key) -> None:
        """Keep nothing under this key."""
        found = self._by_key.pop(key, None)
        if found is not None:
            self._taken -= self._weigh(found)
