"""Ordered grades, shared by audit tools and by indicators whose value is a judgement."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from shared.faults import SafeValueError
from shared.schemas.base import Code, Label
from shared.schemas.figures import OfstedGrade
from shared.schemas.framework.fields import Part, repeated


class Grade(Part):
    """One step of a scale; `order` rises with quality."""

    code: Code
    label: Label
    order: Annotated[int, Field(ge=1, le=20)]
    ofsted: OfstedGrade | None = None


class Scale(Part):
    """A named set of grades in order, with the judgement framework it belongs to."""

    code: Code
    title: Label
    framework: Label | None = None
    grades: Annotated[tuple[Grade, ...], Field(min_length=2, max_length=20)]

    @model_validator(mode="after")
    def _each_step_once(self) -> Self:
        if repeated([grade.code for grade in self.grades]):
            raise SafeValueError("two grades have the same code; give each its own")
        if repeated([str(grade.order) for grade in self.grades]):
            raise SafeValueError("two grades have the same order; number them from the lowest quality up")
        return self

    def grade(self, code: str) -> Grade | None:
        """The grade of that code, or nothing."""
        return next((grade for grade in self.grades if grade.code == code), None)
