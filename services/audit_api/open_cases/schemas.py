"""Open cases on the wire: references, dates and groups, and nothing that says who a child is."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator

from services.audit_api.cases import CaseReference, StaffAccount
from shared.faults import SafeValueError
from shared.schemas.base import LocalDate, OutModel, StrictModel

MAX_ITEMS = 10_000
_MOST_STRATA = 8
_CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,79}")
_EXAMPLE: dict[str, Any] = {
    "case_reference": "CMS-204417", "opened_on": "2026-03-02", "strata": {"status": "child_in_need"},
    "workers": ["sw-0217"], "managers": ["tm-0031"],
}  # fmt: skip


def _codes(given: dict[str, Any]) -> dict[str, Any]:
    words = [*given, *given.values()]
    if not all(isinstance(word, str) and _CODE.fullmatch(word) for word in words):
        raise SafeValueError("name each grouping and its value by codes of lower-case letters, digits, _ and -")
    return given


# Checked here and not by pydantic, whose pointers would name the keys, which may be anything.
Strata = Annotated[
    dict[str, Any],
    Field(max_length=_MOST_STRATA),
    AfterValidator(_codes),
    WithJsonSchema({"type": "object", "additionalProperties": {"type": "string"}, "maxProperties": _MOST_STRATA}),
]
Staff = Annotated[list[StaffAccount], Field(max_length=20)]


class OpenCaseIn(StrictModel):
    """A case that is open on the day, or was closed lately."""

    model_config = StrictModel.model_config | {"json_schema_extra": {"examples": [_EXAMPLE]}}

    case_reference: CaseReference = Field(description="pseudonymous, as the case system has it")
    opened_on: LocalDate
    closed_on: LocalDate | None = Field(default=None, description="from this day on it is not drawn")
    strata: Strata = Field(default={}, description="what draws may be stratified by, such as the case's status")
    workers: Staff = Field(default=[], description="accounts of who works on it, who may therefore not audit it")
    managers: Staff = Field(default=[], description="accounts of who supervises it")

    @model_validator(mode="after")
    def _closes_after_it_opens(self) -> Self:
        if self.closed_on is not None and self.closed_on < self.opened_on:
            raise SafeValueError("closed_on lies before opened_on; correct one of the two dates")
        return self


class CaseListOut(OutModel):
    """A team's list of open cases as at a day, without the cases."""

    unit: str
    as_at: date
    revision: int = Field(description="1, and one more each time the list of that day was replaced")
    cases: int
    hash: str = Field(description="of what was posted; the same list has the same")
    strata: dict[str, dict[str, int]] = Field(description="how many cases of each value of each grouping")
    unchanged: bool = Field(description="the same list was there already, so nothing was stored")
    posted_by: str
    posted_at: datetime


class CaseListRow(OutModel):
    """How fresh a team's list is."""

    unit: str
    as_at: date
    revision: int
    cases: int
    days_old: int
    posted_at: datetime


class OpenCaseOut(OutModel):
    case_reference: str
    opened_on: date
    closed_on: date | None
    strata: dict[str, str]
    workers: list[str]
    managers: list[str]


class OpenCasePage(OutModel):
    """The cases of a list, in order of reference."""

    unit: str
    as_at: date
    revision: int
    cases: int = Field(description="of the whole list")
    items: list[OpenCaseOut]
    next: str | None = Field(description="give this as `after` for the next page; null at the end")


def body_of_list() -> dict[str, Any]:
    """The body for OpenAPI; it is read apart, because every row that is wrong is pointed at."""
    rows = {"type": "array", "maxItems": MAX_ITEMS, "items": OpenCaseIn.model_json_schema()}
    day = {"type": "string", "format": "date", "description": "the day the list is true of; not after today"}
    schema = {
        "type": "object", "additionalProperties": False, "required": ["as_at", "items"],
        "properties": {"as_at": day, "items": rows},
    }  # fmt: skip
    lines = {"type": "string", "description": "one case in JSON a line; `as_at` is then given in the address"}
    content = {
        "application/json": {"schema": schema, "example": {"as_at": "2026-11-20", "items": [_EXAMPLE]}},
        "application/x-ndjson": {"schema": lines},
    }
    return {"requestBody": {"required": True, "content": content}}
