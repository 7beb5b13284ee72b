"""Answers of a neighbour that are held, so that one which still stands need not be sent and read again."""

from __future__ import annotations

from collections.abc import Hashable
from typing import NamedTuple

from pydantic import BaseModel


class HeldAnswer(NamedTuple):
    """What was read, its tag, and how long it was."""

    data: BaseModel
    etag: str
    size: int


class Held:
    """The answers read last by what was asked; so many bytes of them, the oldest give way.

    Whether one still stands, for this caller, is asked each time; who receives one must not change it.
    """

    def __init__(self, most: int) -> None:
        self._room = most
        self._by_question: dict[Hashable, HeldAnswer] = {}

    def get(self, question: Hashable) -> HeldAnswer | None:
        found = self._by_question.pop(question, None)
        if found is not None:
            self._by_question[question] = found
        return found

    def put(self, question: Hashable, answer: HeldAnswer) -> None:
        before = self._by_question.pop(question, None)
        self._room += (before.size if before else 0) - answer.size
        self._by_question[question] = answer
        while self._room < 0:
            self._room += self._by_question.pop(next(iter(self._by_question))).size
