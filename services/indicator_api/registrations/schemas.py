"""The register of staff checks on the wire."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from services.indicator_api.registrations.standing import State
from shared.batches import batch_body
from shared.faults import SafeValueError
from shared.schemas.base import Code, LocalDate, OutModel, StrictModel
from shared.schemas.framework.workforce import RegistrationKind

MAX_ITEMS = 10_000
_EXAMPLE: dict[str, Any] = {
    "staff_ref": "HR-004711", "unit": "fs_weymouth", "role_family": "social_worker",
    "kind": "professional_registration", "body": "social_work_england", "valid_from": "2025-12-01",
    "expires_on": "2026-11-30", "joined_on": "2021-09-06",
}  # fmt: skip


_NATIONAL_INSURANCE = re.compile(r"[A-Za-z]{2}\d{6}[A-Da-d]")


def _says_nobodys_name(reference: str) -> str:
    if not any(character.isdigit() for character in reference) or _NATIONAL_INSURANCE.fullmatch(reference):
        raise SafeValueError("give the source's own number of the person: never a name or a national insurance number")
    return reference


StaffRef = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$"),
    AfterValidator(_says_nobodys_name),
    Field(description="the source's own number of the person, never a name", examples=["HR-004711"]),
]


class RegistrationIn(StrictModel):
    """One check that a member of staff holds; without `valid_from` one that the post requires and nobody has seen."""

    model_config = StrictModel.model_config | {"json_schema_extra": {"examples": [_EXAMPLE]}}

    staff_ref: StaffRef
    unit: Code
    role_family: Code = Field(description="what posts of the family require is in the framework")
    kind: Annotated[RegistrationKind, Field(strict=False)]
    body: Code | None = Field(default=None, description="who registers; of a professional registration only")
    valid_from: LocalDate | None = Field(default=None, description="null: none is held")
    expires_on: LocalDate | None = Field(default=None, description="the last day it holds")
    next_check_due: LocalDate | None = Field(default=None, description="the last day before the council checks again")
    joined_on: LocalDate | None = Field(default=None, description="the first day in post; null: before any day asked")
    left_on: LocalDate | None = Field(default=None, description="the last day in post")

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if (self.kind is RegistrationKind.professional_registration) != (self.body is not None):
            raise SafeValueError("a professional registration has a body, and a DBS check has none")
        ends = [day for day in (self.expires_on, self.next_check_due) if day is not None]
        if ends and (self.valid_from is None or min(ends) < self.valid_from):
            raise SafeValueError("give valid_from, a day not after expires_on and next_check_due")
        if self.joined_on and self.left_on and self.left_on < self.joined_on:
            raise SafeValueError("left_on lies before joined_on; correct one of the two dates")
        return self


class RegistrationFaultOut(OutModel):
    row: int = Field(description="its place among the items, from 1")
    column: str | None = Field(description="null where the fault is the row's as a whole")
    pointer: str
    code: str
    detail: str


class RegistrationImportOut(OutModel):
    """What became of the rows: each is created, changed, unchanged or rejected."""

    id: UUID | None = Field(description="null for a dry run, which leaves nothing behind")
    mode: Literal["atomic", "partial"]
    dry_run: bool
    rows: int
    created: int
    changed: int
    unchanged: int
    rejected: int
    replayed: bool = Field(description="every row was there already, so nothing changed")
    errors: list[RegistrationFaultOut] = Field(description="the first thousand")
    errors_truncated: bool


class CountsOut(OutModel):
    """Checks, not people: somebody who needs two is counted twice."""

    required: int
    valid: int
    lapsed: int = Field(description="held once, but expired or due to be checked again")
    missing: int = Field(description="required, and none was ever held")
    valid_percentage: float | None = Field(description="valid of required; null where none is required")
    expiring_30: int = Field(description="valid on the day and lapsing within 30 days")
    expiring_60: int
    expiring_90: int


class UnitCountsOut(CountsOut):
    unit: str
    name: str


class KindCountsOut(CountsOut):
    kind: RegistrationKind


class BodyCountsOut(CountsOut):
    body: str
    name: str


class FamilyCountsOut(CountsOut):
    role_family: str
    name: str
    kind: RegistrationKind
    without: int = Field(description="of the family, how many have no valid check of this kind")


class RegistrationSummaryOut(OutModel):
    """The checks of everybody in post on a day."""

    on: LocalDate
    unit: str | None
    kind: RegistrationKind | None
    staff: int = Field(description="people in post on the day")
    total: CountsOut
    by_unit: list[UnitCountsOut] = Field(description="each with the units below it, from the top")
    by_kind: list[KindCountsOut]
    by_body: list[BodyCountsOut]
    by_role_family: list[FamilyCountsOut]


class CheckOut(OutModel):
    """One required check of one member of staff."""

    staff_ref: str
    unit: str
    role_family: str
    kind: RegistrationKind
    body: str | None
    state: State
    valid_from: date | None
    expires_on: date | None
    next_check_due: date | None
    lapses_on: date | None = Field(description="the last day it holds: the earlier of the two before")
    days_left: int | None = Field(description="until it lapses; below 0 it has; null where it does not lapse")


class CheckPage(OutModel):
    on: LocalDate
    items: list[CheckOut]
    next: str | None = Field(description="give this as `after` for the next page; null at the end")


class RecordOut(OutModel):
    """What the register says or said of one check."""

    kind: RegistrationKind
    body: str | None
    revision: int
    unit: str
    role_family: str
    valid_from: date | None
    expires_on: date | None
    next_check_due: date | None
    joined_on: date | None
    left_on: date | None
    recorded_by: str
    recorded_at: datetime
    superseded_by: str | None = Field(description="null for what stands")
    superseded_at: datetime | None


class StaffMemberOut(OutModel):
    """One member of staff: how the required checks stand today, and everything recorded of them."""

    staff_ref: str
    unit: str
    role_family: str
    joined_on: date | None
    left_on: date | None
    checks: list[CheckOut] = Field(description="none after the last day in post")
    records: list[RecordOut] = Field(description="the latest first")
    allowed_actions: list[str] = Field(description="what this caller may do now")


class FigureItem(OutModel):
    """A figure in the form in which it is imported."""

    indicator: str
    area: str
    period: str
    breakdown: str | None
    numerator: float | None
    denominator: float | None
    value: float | None
    value_status: str | None
    source_ref: str


class RegistrationFiguresOut(OutModel):
    """Figures of the indicators that the register answers, to be sent to `/v1/observations/imports` as they are."""

    items: list[FigureItem]


ITEMS = batch_body(RegistrationIn, MAX_ITEMS, example={"items": [_EXAMPLE]})
