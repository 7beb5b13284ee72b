"""The wire of public submissions and of the tokens that let them in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, Field

from services.feedback_api.contacts import ContactOut
from shared.auth.caller import Caller
from shared.schemas.base import Code, OutModel, StrictModel

AgeBand = Literal["under 1", "1-4", "5-9", "10-15", "16+"]
Consent = Literal["shared", "anonymous", "internal_only"]
Rating = Annotated[int, Field(ge=1, le=5, description="1 is worst, 5 is best")]
State = Literal["open", "expired", "revoked"]
THANKS = "Thank you. Somebody will read this. If you need help now, do not wait for us: call one of these numbers."

_VIEW: dict[str, Any] = {
    "token": "7K3QF-9M2XA-C4TBE-HR8DW",
    "what_works": "My worker comes when she says she will.",
    "what_should_change": "Meetings should be after school.",
    "rating": 4,
    "age_band": "10-15",
    "consent": "anonymous",
}


class PublicViewIn(BaseModel):
    """What somebody says without a login. Only the token is needed; whatever else is sent is kept as it is, also where
    it is not what is described here."""

    model_config = {"json_schema_extra": {"examples": [_VIEW]}}

    token: str = Field(description="as it was given out; small letters, spaces and dashes are no matter")
    what_works: str | None = None
    what_should_change: str | None = None
    rating: Rating | None = None
    age_band: AgeBand | None = None
    channel: Code | None = Field(default=None, description="only where the token does not say it")
    respondent_group: Code | None = Field(default=None, description="only where the token does not say it")
    consent: Consent | None = Field(
        default=None, description="what may be done with the words; without it they are for reading inside only"
    )


class ReceivedOut(OutModel):
    """That it was received, and whom to call now; the same for everybody, whatever was sent."""

    received: Literal[True] = True
    message: str = THANKS
    call_now: list[ContactOut]


class ContactsOut(OutModel):
    call_now: list[ContactOut] = Field(description="the most urgent first")


class BatchIn(StrictModel):
    """Tokens to be given out, one to each person who is asked for a view."""

    model_config = StrictModel.model_config | {
        "json_schema_extra": {
            "examples": [
                {
                    "unit": "fs_weymouth",
                    "channel": "questionnaires",
                    "respondent_group": "young_person",
                    "count": 20,
                    "valid_days": 60,
                }
            ]
        }
    }

    unit: Code
    channel: Code | None = Field(default=None, description="how these people are asked; left open it may be said later")
    respondent_group: Code | None = None
    count: int = Field(ge=1, le=5_000, description="more than a few: one of two people is as good as named")
    valid_days: int = Field(default=90, ge=1, le=366)


class BatchOut(OutModel):
    """A batch of tokens. How many were used is told only so far as it tells of nobody whether they answered."""

    id: UUID
    kind: Literal["view", "survey"]
    about: str | None = Field(description="the wave, where the tokens are for a survey")
    unit: str
    channel: str | None
    respondent_group: str | None
    issued: int
    used_at_least: int = Field(description="by the end of yesterday, in steps, and never told as all of them")
    state: State
    issued_by: str
    issued_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    version: int
    allowed_actions: list[str]

    @classmethod
    def of(cls, row: Mapping[str, Any], used: int, threshold: int, now: datetime, caller: Caller) -> Self:
        """The batch as anybody may have it; there is no caller who may know who answered."""
        state: State = "revoked" if row["revoked_at"] else "expired" if row["expires_at"] <= now else "open"
        told = min(used, row["issued"] - threshold - 1)
        plain = {name: row[name] for name in cls.model_fields if name in row}
        return cls(
            **plain,
            used_at_least=max(told - told % threshold, 0),
            state=state,
            allowed_actions=["revoke"] if state == "open" and caller.may("feedback:write") else [],
        )


class IssuedOut(BatchOut):
    """A new batch with its tokens, which are told this once. Sent again with the same Idempotency-Key, the answer is
    the batch without them: revoke it and issue another."""

    tokens: list[str]


class RevocationIn(StrictModel):
    """Why the tokens of a batch are to be good no longer."""

    model_config = StrictModel.model_config | {
        "json_schema_extra": {"examples": [{"reason": "The letters went to the wrong addresses."}]}
    }

    reason: Annotated[str, Field(min_length=1, max_length=500)]
