"""What was made of the very same figures before is not made again: monthly figures are looked at all month."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, Generic, TypeVar

Made = TypeVar("Made")


class Memo(Generic[Made]):
    """The last answer in each place, with everything it was made of; the oldest places give way.

    There is room for so many places, or for so much as the answers weigh together.

    Nothing can be out of date: an answer is taken only where what it is to be made of now is equal in every part,
    and whoever may see less is computed from other figures.
    """

    def __init__(self, room: int, weigh: Callable[[Made], int] = lambda made: 1) -> None:
        self._room, self._weigh, self._taken = room, weigh, 0
        self._kept: dict[Hashable, tuple[Any, Made]] = {}

    def made(self, place: Hashable, of: Any, make: Callable[[], Made]) -> Made:
        """The answer made of this, which the receiver must not change."""
        kept = self._kept.get(place)
        if kept is None or kept[0] != of:
            kept = (of, make())
        before = self._kept.pop(place, None)
        self._taken += self._weigh(kept[1]) - (self._weigh(before[1]) if before is not None else 0)
        self._kept[place] = kept
        while self._taken > self._room:
            _, oldest = self._kept.pop(next(iter(self._kept)))
            self._taken -= self._weigh(oldest)
        return kept[1]
