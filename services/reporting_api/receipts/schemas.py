"""Acknowledgements on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import ConfigDict, Field, StringConstraints

from shared.schemas.base import Label, OutModel, StrictModel, Text


class AcknowledgementIn(StrictModel):
    """A body's word that it has a report, and which content it has."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"board": "csdg", "content_hash": "0" * 64, "note": "On the agenda."}]}
    )

    board: Label = Field(description="its code, name or an alias")
    content_hash: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    note: Text | None = None


class RecipientOut(OutModel):
    """One body that a report goes to, and whether it has it."""

    board: str
    name: str
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    content_hash: str | None
    note: str | None
    waiting_days: int | None = Field(description="since publication, while it is outstanding")


class ReceiptsOut(OutModel):
    """Who has a report and who has not said so."""

    report: str
    required: bool = Field(description="whether each recipient must acknowledge it (R33)")
    complete: bool = Field(description="whether all have")
    outstanding: list[str]
    recipients: list[RecipientOut]
    allowed_actions: list[str]


class OutstandingOut(OutModel):
    """A report that a body must acknowledge and has not."""

    report: str
    code: str
    title: str
    period: str
    edition: int
    board: str
    name: str
    published_at: datetime
    waiting_days: int
    document: str
