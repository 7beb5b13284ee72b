"""Comparator sets on the wire."""

from __future__ import annotations

from pydantic import Field

from shared.schemas.base import LocalDate, OutModel
from shared.schemas.framework.areas import ComparatorKind


class MemberOut(OutModel):
    area: str = Field(description="the ONS code", examples=["E10000008"])
    name: str
    rank: int | None = Field(description="1 is the closest, where the model ranks them")


class ComparatorOut(OutModel):
    """One edition of a set; it applies to periods whose last day lies in its dates, both included."""

    code: str = Field(examples=["dfe_neighbours_2025"])
    name: str
    kind: ComparatorKind
    model: str
    version: str = Field(description="the edition, in its publisher's words", examples=["May 2025"])
    subject: str | None = Field(description="the area it was made for")
    subject_name: str | None
    applies_from: LocalDate | None
    applies_to: LocalDate | None
    members: list[MemberOut]
    members_unknown: str | None = Field(description="why no member is listed; nothing is set beside it until one is")
    note: str | None
    source: str | None
    framework_version: int = Field(description="counts every change of the entry")
    allowed_actions: list[str] = Field(description="what this caller may do now; a set changes with the framework")
