"""The row of a board report that tells of one return to a department."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from shared.schemas.base import OutModel


class ReturnItem(OutModel):
    """One return that fell due: who reviewed exactly what was submitted, and when it went (R81)."""

    type: Literal["return"] = "return"
    code: str
    title: str
    period: str
    period_label: str
    due_on: date
    status: Literal["not_prepared", "prepared", "signed", "submitted"]
    status_label: str
    submission: int | None = Field(default=None, description="higher than 1 where it was submitted again")
    reviewed_by: str | None = None
    reviewed_for: str | None = Field(default=None, description="whose right it was, where it was delegated")
    submitted_by: str | None = None
    submitted_on: date | None = None
    on_time: bool | None = Field(default=None, description="of the first submission; null while it is not yet due")
    content_hash: str | None = Field(default=None, description="of the file that was reviewed")
