"""Registers of providers that need watching: which judgements call for support, how often each entry is reviewed."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from shared.faults import SafeValueError
from shared.schemas.base import Code, Label, Text
from shared.schemas.framework.fields import Item, Part, repeated
from shared.schemas.periods import PeriodKind


class ProviderKind(StrEnum):
    """What sort of provider it is."""

    school = "school"
    early_years_setting = "early_years_setting"
    alternative_provision = "alternative_provision"
    residential_setting = "residential_setting"


class ReviewCycle(StrEnum):
    """How often an entry is looked at again: six times a school year, three times, or when there is reason to."""

    half_termly = "half_termly"
    termly = "termly"
    when_needed = "when_needed"

    @property
    def period_kind(self) -> PeriodKind | None:
        return _PERIOD_KINDS.get(self)


_PERIOD_KINDS = {ReviewCycle.half_termly: PeriodKind.half_term, ReviewCycle.termly: PeriodKind.term}


class CallForSupport(Part):
    """Grades of one judgement under one inspection framework that call for support and a report to members.

    Both are named, because grades of different frameworks are not comparable.
    """

    framework: Code
    judgement: Code
    grades: Annotated[tuple[Code, ...], Field(min_length=1, max_length=10)]


class ProviderRegister(Item):
    """A register such as Schools Causing Concern (R54)."""

    name: Label
    description: Text | None = None
    provider_kinds: Annotated[tuple[ProviderKind, ...], Field(min_length=1, max_length=4)]
    categories: Annotated[tuple[Code, ...], Field(min_length=1, max_length=20)]
    review_cycle: ReviewCycle
    report_to_members_within_days: Annotated[int, Field(ge=0, le=400)]
    calls_for_support: Annotated[tuple[CallForSupport, ...], Field(max_length=40)] = ()

    @model_validator(mode="after")
    def _names_each_thing_once(self) -> Self:
        calls = [f"{one.framework} {one.judgement}" for one in self.calls_for_support]
        if repeated(self.categories) or repeated(calls) or repeated(self.provider_kinds):
            raise SafeValueError("a category, kind or judgement stands twice; give each once")
        return self
