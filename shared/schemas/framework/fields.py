"""The bounded field types and the base model that every kind of framework item is built from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple, Self

from pydantic import BaseModel, ConfigDict, model_validator

from shared.faults import SafeValueError
from shared.schemas.base import Code, LocalDate, Text


class Part(BaseModel):
    """A piece of an item: strict, closed and frozen, as the items are."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)


class Reference(NamedTuple):
    """One item naming another, with the place where it does so."""

    kind: str
    code: str
    pointer: str


class Item(Part):
    """One item of the framework, addressed by its kind and code."""

    code: Code
    note: Text | None = None
    source: Text | None = None

    def references(self) -> Iterator[Reference]:
        """Every other item this one names; whoever holds that kind checks that it is there."""
        yield from ()


class Lasting(Part):
    """Something in force from one day to another, both days included; an open end is null."""

    valid_from: LocalDate | None = None
    valid_to: LocalDate | None = None

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise SafeValueError("valid_to lies before valid_from; correct one of the two dates")
        return self

    def in_force(self, day: date) -> bool:
        """Whether it is in force on that day."""
        return not (self.valid_from and day < self.valid_from) and not (self.valid_to and day > self.valid_to)


def repeated(values: Sequence[str]) -> list[str]:
    """The values that occur more than once, each named once, in order."""
    return [value for value, times in Counter(values).items() if times > 1]
