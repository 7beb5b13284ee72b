"""Publications and deliveries on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, Self

from pydantic import Field

from shared.schemas.base import OutModel

DeliveryStatus = Literal["waiting", "acknowledged", "given_up"]


class PublicationOut(OutModel):
    """One thing that became of a report, at a position that is never used again."""

    position: int = Field(description="keep the last one you dealt with and ask after it")
    event: str = Field(description="the same id as in the header `webhook-id` of a message")
    type: Literal["report.published", "report.superseded", "report.acknowledged"]
    at: datetime
    report: str
    code: str
    title: str
    period: str
    edition: int
    boards: list[str]
    board: str | None = Field(description="which board acknowledged it")
    status: Literal["published", "superseded"] = Field(description="how it stands now, whatever it was then")
    content_hash: str = Field(description="of the copy this caller may read: the ETag of the document")
    supersedes: str | None
    document: str


class DeliveryRow(OutModel):
    """One message to one receiver, and what is known of its arrival."""

    id: str
    event: str
    event_type: str
    status: DeliveryStatus = Field(description="`acknowledged` only where the receiver answered with a 2xx")
    attempts: int
    last_outcome: str | None
    last_status: int | None
    next_attempt_at: datetime | None
    acknowledged_at: datetime | None
    created_at: datetime

    @classmethod
    def of(cls, row: Any) -> Self:
        return cls(
            id=str(row.id), event=str(row.event), event_type=row.event_type, status=row.status, attempts=row.attempts,
            last_outcome=row.outcome, last_status=row.response_status, acknowledged_at=row.acknowledged_at,
            next_attempt_at=row.next_attempt_at if row.status == "waiting" else None, created_at=row.created_at,
        )  # fmt: skip


class AttemptOut(OutModel):
    """One request and how it ended; what else the receiver said is not read."""

    number: int
    attempted_at: datetime
    outcome: str = Field(examples=["acknowledged", "timeout", "rate_limited", "gone", "private_address"])
    response_status: int | None
    took_ms: int

    @classmethod
    def of(cls, row: Any) -> Self:
        return cls(
            number=row.number, attempted_at=row.attempted_at, outcome=row.outcome, took_ms=row.took_ms,
            response_status=row.response_status,
        )  # fmt: skip


class DeliveryOut(OutModel):
    """A message with its very bytes and every attempt to bring it."""

    delivery: DeliveryRow
    body: str = Field(description="what is signed and sent")
    attempts: list[AttemptOut]
    allowed_actions: list[str]


class RedeliveriesOut(OutModel):
    """How many messages wait to be sent again."""

    waiting: int
