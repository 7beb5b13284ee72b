"""Webhooks on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from shared.faults import SafeValueError
from shared.schemas.base import Label, OutModel, StrictModel

Event = Literal["report.published", "report.superseded", "report.acknowledged"]
Address = Annotated[str, StringConstraints(min_length=10, max_length=2_000, pattern=r"^https?://[!-~]+$")]
Events = Annotated[list[Event], Field(min_length=1, max_length=10, description="what to be told of")]
BoardNames = Annotated[
    list[Label], Field(max_length=100, description="code, name or alias of each board; none is every board")
]
_EXAMPLE: dict[str, Any] = {
    "name": "Committee system", "url": "https://committees.example.org/hooks/reports",
    "events": ["report.published", "report.superseded"], "boards": ["csdg"],
}  # fmt: skip


class WebhookIn(StrictModel):
    """A receiver and what it asks to be told."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    name: Label
    url: Address
    events: Events = ["report.published", "report.superseded"]
    boards: BoardNames = []
    after: Annotated[int, Field(ge=0, le=2**53)] | None = Field(
        default=None, description="begin after this position of `GET /v1/publications`; 0 is all there ever was"
    )


class WebhookEdit(StrictModel):
    """What is to be different; a key left out stays."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"status": "paused"}]})

    name: Label | None = None
    url: Address | None = None
    events: Events | None = None
    boards: BoardNames | None = None
    status: Literal["active", "paused"] | None = Field(
        default=None, description="`active` also takes up again what was disabled, where it stopped"
    )

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if all(getattr(self, name) is None for name in type(self).model_fields):
            raise SafeValueError("name at least one thing to change")
        return self


class WebhookOut(OutModel):
    """A receiver, what it is told, and how it takes it."""

    id: str
    name: str
    url: str
    events: list[str]
    boards: list[str]
    unit: str | None = Field(description="whose reports it is told of: those of this unit and below; null is all")
    status: Literal["active", "paused", "disabled"]
    disabled_reason: Literal["gone", "unreachable"] | None
    failing_since: datetime | None = Field(description="since when nothing was acknowledged that was sent")
    next_attempt_at: datetime | None = Field(description="until when it is left alone, after it failed or asked for it")
    waiting: int = Field(description="deliveries not yet acknowledged")
    given_up: int = Field(description="deliveries that were tried for a day and a half; ask for them again")
    last_acknowledged_at: datetime | None
    earlier_secret_until: datetime | None = Field(description="until when the secret before this one signs as well")
    created_by: str
    created_at: datetime
    version: int
    allowed_actions: list[str]

    @classmethod
    def of(cls, row: Any) -> Self:
        other = "pause" if row.status == "active" else "resume"
        return cls(
            id=str(row.id), name=row.name, url=row.url, events=row.events, boards=row.boards, unit=row.unit,
            status=row.status, disabled_reason=row.disabled_reason, failing_since=row.failing_since,
            next_attempt_at=row.not_before, waiting=row.waiting, given_up=row.given_up,
            last_acknowledged_at=row.last_acknowledged, earlier_secret_until=row.earlier_secret_until,
            created_by=row.created_by, created_at=row.created_at, version=row.version,
            allowed_actions=["edit", other, "ping", "rotate_secret", "redeliver", "remove"],
        )  # fmt: skip


class WebhookSecretOut(OutModel):
    """A webhook and its secret, which is told this once: with it the receiver checks each signature."""

    webhook: WebhookOut
    secret: str | None = Field(
        description="as Standard Webhooks writes it; null in the answer to a repetition of the request",
        examples=["whsec_aW52ZW50ZWQgZm9yIHRoaXMgcGFnZQ=="],
    )
