"""Audit programmes and commitments: which teams and managers are asked when, and how many cases a year are promised."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from shared.faults import SafeValueError
from shared.schemas.base import Code, Label, LocalDate
from shared.schemas.base import Reference as ExternalReference
from shared.schemas.framework.audit import REVIEWS, AuditType, ObservationSetting, SampleKind, Trigger, ViewOf
from shared.schemas.framework.audit_selection import Selection
from shared.schemas.framework.fields import Item, Part, Reference

# `as_decided`: rounds are made when somebody decides so, for the units named then. `each_manager`: every manager's own.
Cadence = Literal["monthly", "quarterly", "annual", "as_decided", "each_manager"]


class Slot(Part):
    """One team's place in a programme, from one day to another, both included."""

    unit: Code
    effective_from: LocalDate
    effective_to: LocalDate | None = None

    def in_force(self, day: date) -> bool:
        """Whether the team has its place on that day."""
        return self.effective_from <= day and (self.effective_to is None or day <= self.effective_to)


class Programme(Item):
    """A standing programme of audits: one case from each slot in force on the first day of the period."""

    title: Label
    audit_type: AuditType
    tool: Code
    cadence: Cadence
    due_working_days_after_period: Annotated[int, Field(ge=0, le=120)] | None = None
    every_months: Annotated[int, Field(ge=1, le=24)] | None = None
    required_views: Annotated[tuple[ViewOf, ...], Field(max_length=3)] = ()
    announced: bool = True
    instigators: Annotated[tuple[Code, ...], Field(max_length=20)] = ()
    trigger: Trigger | None = None
    trigger_reference: ExternalReference | None = None
    observation_setting: ObservationSetting | None = None
    sample_kind: SampleKind | None = None
    selection: Selection = Selection()
    slots: Annotated[tuple[Slot, ...], Field(max_length=500)] = ()

    @property
    def regular(self) -> bool:
        """Whether each period has its round without anybody deciding so."""
        return self.cadence in ("monthly", "quarterly", "annual")

    def slots_on(self, day: date) -> list[Slot]:
        """The slots in force on that day: the denominator of a round."""
        return [slot for slot in self.slots if slot.in_force(day)]

    @model_validator(mode="after")
    def _one_slot_a_team(self) -> Self:
        last: dict[str, Slot] = {}
        for slot in sorted(self.slots, key=lambda each: each.effective_from):
            if slot.effective_to and slot.effective_to < slot.effective_from:
                raise SafeValueError("a slot ends before it begins; correct effective_from or effective_to")
            before = last.get(slot.unit)
            if before and (before.effective_to is None or before.effective_to >= slot.effective_from):
                raise SafeValueError("a unit has two slots at the same time; end the first before the second begins")
            last[slot.unit] = slot
        return self

    @model_validator(mode="after")
    def _fits_its_cadence(self) -> Self:
        if (self.cadence == "as_decided") == bool(self.slots):
            raise SafeValueError("a programme has slots, unless its units are named as_decided, and then it has none")
        if (self.cadence == "each_manager") != (self.every_months is not None):
            raise SafeValueError("every_months belongs to the cadence each_manager, which needs it")
        if (self.cadence == "each_manager") == (self.due_working_days_after_period is not None):
            raise SafeValueError("due_working_days_after_period belongs to every cadence but each_manager")
        own = self.cadence in ("as_decided", "each_manager")
        if self.instigators and not (own and self.announced):
            words = "instigators belong to an announced programme of the cadence as_decided or each_manager (R34, R35)"
            raise SafeValueError(words)
        return self

    @model_validator(mode="after")
    def _fits_its_type(self) -> Self:
        settled = self.cadence != "as_decided"
        of_type = (
            ("trigger", AuditType.thematic, self.trigger),
            ("observation_setting", AuditType.observation, self.observation_setting),
            ("sample_kind", AuditType.sample, self.sample_kind),
        )
        for name, kind, given in of_type:
            if given is not None and self.audit_type is not kind:
                raise SafeValueError(f"{name} belongs to a programme of type {kind.value}")
            if given is None and self.audit_type is kind and settled:
                raise SafeValueError(f"a programme of type {kind.value} with slots gives its {name}")
        if self.trigger in REVIEWS and self.trigger_reference is None:
            raise SafeValueError("give the trigger_reference of the review or audit that set this off (R07)")
        return self

    def references(self) -> Iterator[Reference]:
        yield Reference("tools", self.tool, "/tool")
        for place, slot in enumerate(self.slots):
            yield Reference("units", slot.unit, f"/slots/{place}/unit")
        for place, role in enumerate(self.instigators):
            yield Reference("roles", role, f"/instigators/{place}")


class Commitment(Item):
    """How many cases are to be audited in a financial year by audits of some types, whoever audits them (R23)."""

    title: Label
    cases_a_year: Annotated[int, Field(ge=1, le=10_000)]
    audit_types: Annotated[tuple[AuditType, ...], Field(min_length=1, max_length=9)]
