"""Personal data on the wire: what is held, holds, erasures, what is held of somebody, and who read it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from shared.faults import SafeValueError
from shared.schemas.base import Label, OutModel, Reference, StrictModel

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{1,59}$")]
# As a log or a path may hold it, a key of several parts divided by strokes.
Key = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._/:#\\-]*$")]
Ground = Literal[
    "no_longer_needed", "consent_withdrawn", "objection", "unlawful", "legal_obligation", "recorded_in_error"
]


def _example(**body: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [body]})


class KindOut(OutModel):
    kind: str
    what: str
    whose: list[str] = Field(description="whose personal data it is")
    tables: list[str]
    retention: str = Field(description="the code of its period in the framework's `retention`")
    keep_years: int | None = Field(description="null: no period is applied, so it is kept")
    basis: str | None
    counted_from: str = Field(description="the day the period is counted from, as SQL over the record `r`")
    found_by: list[str] = Field(description="by which references it is found: `case`, always `record`")
    held: int
    due: int = Field(description="kept long enough, on hold or not")
    stopped: int = Field(description="of those due, what a legal hold keeps")
    next_due: date | None = Field(description="the next day on which one will be due")


class RetentionOut(OutModel):
    """A dry run of the purge: it counts by kind and names nobody."""

    as_of: date
    automatic: bool = Field(description="whether this service purges by itself every hour (`QAPF_PURGE`)")
    kinds: list[KindOut]
    impersonal: dict[str, str] = Field(description="the tables without a period, and why each has none")


class PurgeIn(StrictModel):
    model_config = _example(most=500)

    most: Annotated[int, Field(ge=1, le=2000, description="at most so many records of each kind, oldest first")] = 500


class PurgeOut(OutModel):
    records: dict[str, int] = Field(description="what left, by kind")
    more: bool = Field(description="more is due: send it again")


class HoldIn(StrictModel):
    model_config = _example(scope="case", reference="CMS-204417", reason="Inquiry 2026/7: keep until its report is out")

    scope: Literal["everything", "retention", "record", "case"]
    kind: Name | None = Field(default=None, description="of a record: its kind, as GET /v1/privacy/retention has it")
    reference: Key | None = Field(default=None, description="the case, the record's id, or the code of the period")
    reason: Label = Field(description="why, without naming anybody: your own file's number")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.scope == "everything") != (self.reference is None):
            raise SafeValueError("give a reference for every scope but everything")
        if (self.scope == "record") != (self.kind is not None):
            raise SafeValueError("give the kind of a record, and of nothing else")
        return self


class LiftIn(StrictModel):
    model_config = _example(because="The inquiry has reported")

    because: Label


class HoldOut(OutModel):
    id: UUID
    scope: str
    kind: str | None
    reference: str | None
    reason: str
    placed_by: str
    placed_at: datetime
    lifted_by: str | None
    lifted_at: datetime | None
    lifted_because: str | None
    version: int
    allowed_actions: list[str]


class SubjectIn(StrictModel):
    """By what somebody is found. In the body, for addresses end up in logs."""

    by: Literal["case", "record", "person"] = Field(description="`person`: an account or staff number, as it is stored")
    kind: Name | None = Field(default=None, description="of a record: its kind")
    reference: Key

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.by == "record") != (self.kind is not None):
            raise SafeValueError("give the kind of a record, and of nothing else")
        return self


class AccessIn(StrictModel):
    model_config = _example(subject={"by": "case", "reference": "CMS-204417"})

    subject: SubjectIn
    tables: Annotated[list[Name], Field(max_length=100)] | None = Field(
        default=None, description="only these, where more is held than one answer takes"
    )


class HeldOut(OutModel):
    table: str
    kind: str | None
    what: str | None
    concerns_others: bool = Field(
        description="these records are about others too, or only mention the subject: take out what is theirs before"
        " anything is handed over"
    )
    left_out: list[str] = Field(description="columns of bytes: contents of files, digests and keys")
    rows: list[dict[str, Any]]


class AccessOut(OutModel):
    """Everything this service holds of a subject, for the person who answers the request: others may stand in it."""

    as_of: datetime
    found_by: list[str] = Field(description="by what somebody is found here; by anything else nothing is held")
    held: list[HeldOut]
    deeds: list[dict[str, Any]] = Field(description="what the activity log says of it, or that the person did")
    readings: list[dict[str, Any]] = Field(description="who read it, or what the person read")


class ErasureIn(StrictModel):
    model_config = _example(
        subject={"by": "case", "reference": "CMS-299999"}, ground="unlawful", request_reference="DPO-2026-014",
        dry_run=True,
    )  # fmt: skip

    subject: SubjectIn
    ground: Ground
    request_reference: Reference = Field(description="the number of the request in your own file; no name")
    dry_run: bool = Field(default=False, description="count what would go, and erase nothing")


class ErasureOut(OutModel):
    erasure: UUID | None = Field(description="under this id the activity log has it; null for a dry run or for nothing")
    dry_run: bool
    records: dict[str, int] = Field(description="by kind")
    rows: dict[str, int] = Field(description="by table; empty for a dry run")
    mentions: dict[str, int] = Field(description="rows by table that stay, and in which the reference is struck out")
    kept: dict[str, str] = Field(description="kinds of which something stays, and why: it may be for you to decide")
    deeds_unlinked: int = Field(description="deeds of the log whose reason, data and salt are gone")


class ReadingOut(OutModel):
    id: UUID
    at: datetime
    actor: str
    operation: str
    subject_type: str
    subject_id: str | None
    request_id: str | None


class DisposalOut(OutModel):
    id: UUID
    at: datetime
    why: str = Field(description="`retention` or `erasure`")
    ground: str | None
    request_reference: str | None = Field(description="the number of the request in your own file")
    done_by: str
    records: dict[str, int] = Field(description="by kind; empty once its deed has left the log")
