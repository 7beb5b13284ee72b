"""The wire of review participation codes: what an import did, and how children took part in a period."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from shared.schemas.base import OutModel

MEANINGS = {
    "PN0": "Under four at the time of the review",
    "PN1": "Attended and spoke for themselves",
    "PN2": "Attended, and an advocate spoke for them",
    "PN3": "Attended, and conveyed their views without words",
    "PN4": "Attended, and neither spoke nor conveyed their views",
    "PN5": "Did not attend, and an advocate was briefed to speak for them",
    "PN6": "Did not attend, and conveyed their views by other means",
    "PN7": "Did not attend, and their views were not conveyed",
}
_EXAMPLE = "CHILD,DOB,REVIEW,REVIEW_CODE\n900001,27/03/2011,30/08/2026,PN6\n900002,02/11/2023,14/09/2026,PN0\n"
FILE: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"text/csv": {"schema": {"type": "string"}, "example": _EXAMPLE}},
    }
}


class ReviewRowOut(OutModel):
    """A row that was not taken, or one to look at."""

    row: int = Field(description="its line in the file; the heading is 1")
    column: str
    code: str
    detail: str


class ReviewImportOut(OutModel):
    """What an import did, or with `dry_run` would do. Neither the child's number nor the date of birth is kept."""

    import_id: UUID | None
    mode: Literal["atomic", "partial"]
    dry_run: bool
    received: int
    created: int
    corrected: int = Field(description="the file gives another code or unit for a review that is known")
    unchanged: int
    rejected: int
    rejected_rows: list[ReviewRowOut]
    warnings: list[ReviewRowOut] = Field(description="taken, though the code does not fit the age at the review")


class CodeTally(OutModel):
    """Reviews with one code."""

    code: str
    meaning: str
    count: int


class ReviewShareOut(OutModel):
    """A share of the reviews that count, in per cent, with the limits of its 95% interval (Wilson)."""

    count: int
    of: int
    percent: float | None = Field(description="null of nobody")
    lower: float | None
    upper: float | None


class ParticipationOut(OutModel):
    """How children took part in their reviews of a period. Those under four (PN0) are in no share."""

    period: str
    start: date
    end: date
    unit: str | None
    reviews: int
    under_four: int
    considered: int = Field(description="reviews of children of four and over")
    codes: list[CodeTally]
    took_part: ReviewShareOut = Field(description="their views were heard, there or from afar: PN1, PN2, PN3, PN5, PN6")
    spoke: ReviewShareOut = Field(description="they were there and spoke for themselves: PN1")
    as_at: datetime
