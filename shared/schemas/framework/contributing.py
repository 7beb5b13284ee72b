"""What a report is sent by others: who contributes, what they are asked for, by when, and how they are chased (R85)."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from shared.faults import SafeValueError
from shared.schemas.base import Code, Label
from shared.schemas.framework.fields import Part, repeated


class Contributor(Part):
    """A unit or agency that must send its part."""

    unit: Code | None = None
    agency: Code | None = None

    @model_validator(mode="after")
    def _is_one_of_two(self) -> Self:
        if (self.unit is None) == (self.agency is None):
            raise SafeValueError("a contributor is a unit or an agency, one of the two")
        return self

    @property
    def code(self) -> str:
        return str(self.agency or self.unit)


class AskedPart(Part):
    """One thing every contributor is asked for, such as core data."""

    code: Code
    title: Label


class Asking(Part):
    """How contributors are asked: the parts they send, their day before the report's, and when they are chased.

    Days are working days. Reminders come so long before the contribution is due; once it is late, a chase comes on the
    first day and then as often as said, until it has come or the report itself is due.
    """

    parts: Annotated[tuple[AskedPart, ...], Field(max_length=20)] = ()
    due_days_before_report: Annotated[int, Field(ge=0, le=260)] = 5
    remind_days_before: Annotated[tuple[Annotated[int, Field(ge=1, le=60)], ...], Field(max_length=5)] = (3,)
    chase_every_days: Annotated[int, Field(ge=1, le=60)] = 2

    @model_validator(mode="after")
    def _names_each_part_once(self) -> Self:
        if repeated([part.code for part in self.parts]):
            raise SafeValueError("two parts have the same code; give each its own")
        return self
