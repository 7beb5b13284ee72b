"""Figures of people as the rule of small numbers takes them: the counts behind each, and why it might be hidden."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import TypeVar

K = TypeVar("K", bound=Hashable)

# The numbers of people a figure rests on, each added up by itself: those counted, and the rest or the whole.
Counts = tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure as it stood: `small` by itself, `official` if it comes back as published, `withheld` if it came as c."""

    counts: Counts
    small: bool = False
    official: bool = False
    withheld: bool = False


State = Mapping[K, Figure]
