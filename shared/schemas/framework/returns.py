"""Returns to a department of state: what is owed, and which service's head reviews it first (R81)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Self

from pydantic import Field, model_validator

from shared.faults import SafeValueError
from shared.schemas.base import Code, Label
from shared.schemas.framework.fields import Item, Lasting, Reference
from shared.schemas.periods import PeriodKind


class Return(Lasting, Item):
    """A return, the service it is about, the role that reviews it, and the days after its period till it is due."""

    title: Label
    department: Label
    period_kind: PeriodKind
    calendar: Code | None = None
    unit: Code
    reviewer: Code
    due_days: Annotated[int, Field(ge=0, le=730)]

    @model_validator(mode="after")
    def _terms_have_dates(self) -> Self:
        if self.period_kind in (PeriodKind.term, PeriodKind.half_term) and self.calendar is None:
            raise SafeValueError("a return by term or half term names the calendar its terms come from")
        return self

    def references(self) -> Iterator[Reference]:
        yield Reference("units", self.unit, "/unit")
        yield Reference("roles", self.reviewer, "/reviewer")
        if self.calendar:
            yield Reference("calendars", self.calendar, "/calendar")
