"""Frameworks of inspection and review: what they judge, and in which words, the best first (R36)."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from shared.faults import SafeValueError
from shared.schemas.base import Code, Label
from shared.schemas.framework.fields import Item, Lasting, repeated


class ScrutinyFramework(Item, Lasting):
    """One edition of an inspectorate's framework; grades of different frameworks are not comparable."""

    name: Label
    judgements: Annotated[tuple[Code, ...], Field(min_length=1, max_length=30)]
    grades: Annotated[tuple[Code, ...], Field(min_length=2, max_length=12)]

    @model_validator(mode="after")
    def _names_each_once(self) -> Self:
        if repeated(self.judgements) or repeated(self.grades):
            raise SafeValueError("a judgement or grade stands twice; give each once")
        return self
