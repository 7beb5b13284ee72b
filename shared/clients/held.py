"""Answers of a neighbour that are held, so that one which still stands need not be sent and read again."""

from __future__ import annotations

from collections.abc import Hashable
from typing import NamedTuple

from pydantic import BaseModel

from shared.room import Room


class HeldAnswer(NamedTuple):
    """What was read, its tag, and how long it was."""

    data: BaseModel
    etag: str
    size: int


def room_for(most: int) -> Room[Hashable, HeldAnswer]:
    """Room for so many bytes of answers, by what was asked. Whether one still stands, for this caller, is asked each
    time."""
    return Room(most, lambda answer: answer.size)
