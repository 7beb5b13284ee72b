"""What was made of the very same figures before is not made again: monthly figures are looked at all month."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, Generic, TypeVar

from shared.room import Room

Made = TypeVar("Made")


class Memo(Generic[Made]):
    """The last answer in each place, with everything it was made of; those asked for longest ago give way.

    There is room for so many places, or for so much as the answers weigh together.

    Nothing can be out of date: an answer is taken only where what it is to be made of now is equal in every part,
    and whoever may see less is computed from other figures.
    """

    def __init__(self, room: int, weigh: Callable[[Made], int] = lambda made: 1) -> None:
        self._kept: Room[Hashable, tuple[Any, Made]] = Room(room, lambda kept: weigh(kept[1]))

    def made(self, place: Hashable, of: Any, make: Callable[[], Made]) -> Made:
        """The answer made of this, which the receiver must not change."""
        kept = self._kept.get(place)
        if kept is None or kept[0] != of:
            kept = (of, make())
            self._kept.put(place, kept)
        return kept[1]
