"""Draws as they are asked for, and what may be asked to be changed of them."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator

from services.audit_api.cases import CaseReference, StaffAccount
from services.audit_api.words import Trigger
from shared.faults import SafeValueError
from shared.schemas.base import Code, Id, LocalDate, Reference, StrictModel, Text
from shared.schemas.framework.audit_selection import Months

CaseAuditType = Literal["single_case", "thematic", "multi_agency", "serious_case", "peer"]
ReplacedBecause = Literal[
    "case_closed", "case_transferred", "outside_the_tool", "other_enquiry_under_way", "record_not_available",
    "conflict_of_interest", "other",
]  # fmt: skip
_VALUE = re.compile(r"[a-z0-9][a-z0-9_-]{0,79}")


def _whole_weights(given: dict[str, Any]) -> dict[str, Any]:
    if not all(type(weight) is int and 1 <= weight <= 100 and _VALUE.fullmatch(name) for name, weight in given.items()):
        raise SafeValueError("give each stratum, by its code, a whole number from 1 to 100")
    return given


# Checked here and not by pydantic, whose pointers would name the keys, which may be anything.
Weights = Annotated[
    dict[str, Any],
    Field(max_length=40),
    AfterValidator(_whole_weights),
    WithJsonSchema({"type": "object", "additionalProperties": {"type": "integer", "minimum": 1, "maximum": 100}}),
]
_OF_SEVERAL = frozenset(
    {"tool", "count", "audit_type", "trigger", "trigger_reference", "due_on", "stratify_by", "weights"}
)


_DRAW: dict[str, Any] = {
    "unit": "fs_weymouth", "tool": "case_audit", "count": 1, "seed": "csdg-2026-11",
}  # fmt: skip


class DrawIn(StrictModel):
    """One slot, all free slots of a round, or several cases of a unit and those below it."""

    model_config = StrictModel.model_config | {"json_schema_extra": {"examples": [_DRAW]}}

    slot: Id | None = None
    round: Id | None = None
    unit: Code | None = Field(default=None, description="draw from the lists of this unit and those below it")
    tool: Code | None = Field(default=None, description="with unit; a slot has that of its round")
    count: Annotated[int, Field(ge=1, le=100)] = Field(default=1, description="how many cases, with unit")
    audit_type: CaseAuditType | None = None
    trigger: Trigger | None = Field(default=None, description="required of thematic audits (R07)")
    trigger_reference: Reference | None = None
    due_on: LocalDate | None = Field(default=None, description="when the audits are due, with unit")
    seed: Annotated[str, Field(max_length=200)] | None = Field(
        default=None, description="1 to 64 of A-Z a-z 0-9 . _ -; made at random and recorded if left out"
    )
    stratify_by: Code | None = Field(default=None, description="a grouping of the posted cases, or `unit`; with unit")
    weights: Weights = Field(default={}, description="by stratum; one of weight 2 counts as twice as large")
    avoid_audited_within_months: Months | None = Field(
        default=None, description="as the programme says if left out; 12 without a programme"
    )

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if sum(place is not None for place in (self.slot, self.round, self.unit)) != 1:
            raise SafeValueError("name one place to draw for: a slot, a round or a unit")
        if self.unit is not None and self.tool is None:
            raise SafeValueError("a draw from a unit names the tool to audit with")
        if self.unit is None and self.model_fields_set & _OF_SEVERAL:
            raise SafeValueError("a slot takes one case and has its tool from the round; the rest goes with unit")
        if self.weights and self.stratify_by is None:
            raise SafeValueError("weights are of strata; give stratify_by with them")
        return self


class ReplacementIn(StrictModel):
    """Which drawn case cannot be audited, and why."""

    model_config = StrictModel.model_config | {
        "json_schema_extra": {"examples": [{"case_reference": "CMS-204417", "reason": "other_enquiry_under_way"}]}
    }

    case_reference: CaseReference
    reason: ReplacedBecause
    note: Text | None = Field(default=None, description="required where the reason is `other`")

    @model_validator(mode="after")
    def _other_is_explained(self) -> Self:
        if self.reason == "other" and self.note is None:
            raise SafeValueError("say in note what the other reason is")
        return self


class AssignmentIn(StrictModel):
    """Another auditor for a drawn case, chosen by a manager who says why."""

    model_config = StrictModel.model_config | {
        "json_schema_extra": {
            "examples": [
                {"case_reference": "CMS-204417", "auditor": "auditor-07", "reason": "The first one is on long leave."}
            ]
        }
    }

    case_reference: CaseReference
    auditor: StaffAccount
    reason: Text
