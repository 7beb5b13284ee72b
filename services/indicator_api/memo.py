"""What was made of the very same figures before is not made again: monthly figures are looked at all month."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, Generic, TypeVar

Made = TypeVar("Made")


class Memo(Generic[Made]):
    """The last answer in each place, with everything it was made of; the oldest places give way.

    Nothing can be out of date: an answer is taken only where what it is to be made of now is equal in every part,
    and whoever may see less is computed from other figures.
    """

    def __init__(self, places: int) -> None:
        self._places = places
        self._kept: dict[Hashable, tuple[Any, Made]] = {}

    def made(self, place: Hashable, of: Any, make: Callable[[], Made]) -> Made:
        """The answer made of this, which the receiver must not change."""
        kept = self._kept.pop(place, None)
        if kept is None or kept[0] != of:
            kept = (of, make())
        self._kept[place] = kept
        if len(self._kept) > self._places:
            del self._kept[next(iter(self._kept))]
        return kept[1]
