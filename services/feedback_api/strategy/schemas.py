"""The wire of the participation strategy."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from shared.faults import SafeValueError
from shared.schemas.base import LocalDate, OutModel, Reference, StrictModel, Text

Status = Literal["not_started", "on_track", "at_risk", "late", "done"]
EvidenceKind = Literal["activity", "view_summary", "challenge", "document"]


class EvidenceIn(StrictModel):
    """What shows how it stands: an activity or challenge by its id, a summary of views by its period, a document."""

    kind: EvidenceKind
    ref: Reference


class StatusIn(StrictModel):
    """How a commitment stands, in words and with what shows it."""

    model_config = StrictModel.model_config | {
        "json_schema_extra": {
            "examples": [
                {
                    "status": "on_track",
                    "stood_on": "2026-10-30",
                    "words": "All nine channels were heard in the second quarter; two were silent in the first.",
                    "evidence": [{"kind": "view_summary", "ref": "FY2026-27-Q2"}],
                }
            ]
        }
    }

    status: Status
    stood_on: LocalDate
    words: Text
    evidence: Annotated[list[EvidenceIn], Field(max_length=20)] = []

    @model_validator(mode="after")
    def _once_each(self) -> Self:
        if len({(one.kind, one.ref) for one in self.evidence}) < len(self.evidence):
            raise SafeValueError("a piece of evidence stands twice; give each once")
        return self


class EvidenceOut(OutModel):
    kind: EvidenceKind
    ref: str


class StatusOut(OutModel):
    """How it stood, as somebody told it."""

    version: int
    status: Status
    stood_on: date
    words: str
    evidence: list[EvidenceOut]
    recorded_by: str
    recorded_at: datetime


class CommitmentRow(OutModel):
    """A commitment of the strategy with how it stands now."""

    code: str
    title: str
    owner_role: str
    owner_unit: str | None
    due_on: date
    status: Status = Field(description="as last told; not_started where nobody has told yet")
    overdue: bool = Field(description="the day has passed and it is not done, whatever was told")
    stood_on: date | None = Field(description="the day of which that was told")
    evidence: list[EvidenceOut]
    version: int = Field(description="0 where nobody has told yet")


class CommitmentOut(CommitmentRow):
    promise: str
    seen_by: str = Field(description="how one sees that it is done")
    source: str | None
    history: list[StatusOut] = Field(description="every status told, the newest first")
    allowed_actions: list[str]


class OwnerTally(OutModel):
    owner_role: str
    commitments: int
    done: int
    overdue: int


class OverviewOut(OutModel):
    """How far the strategy has come (R12)."""

    commitments: int
    statuses: dict[str, int]
    overdue: list[CommitmentRow] = Field(description="the longest due first")
    done_with_evidence: int
    never_told: list[str] = Field(description="codes of commitments of which nobody has told how they stand")
    owners: list[OwnerTally]
    fully_implemented: bool = Field(description="every commitment is done")
    as_at: datetime
