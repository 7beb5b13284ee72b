"""What goes out to people without a login and comes in from them, and the tokens that let them in."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from services.feedback_api.contacts import ContactOut
from services.feedback_api.surveys.schemas import FormOut
from shared.schemas.base import Code, OutModel, StrictModel

_TOKEN = "7K3QF-9M2XA-C4TBE-HR8DW"  # noqa: S105
THANKS = "Thank you. If you need help now, do not wait for us: call one of these numbers."


class TokensIn(StrictModel):
    """Tokens for one group of a wave, to be given out so that nobody notes who had which."""

    model_config = StrictModel.model_config | {
        "json_schema_extra": {"examples": [{"respondent_group": "parent_carer", "unit": "fs_weymouth", "count": 84}]}
    }

    respondent_group: Code
    unit: Code | None = Field(default=None, description="the wave's unit or one below; the wave's own unless given")
    count: int = Field(ge=1, le=5_000, description="more than a few: one of two people is as good as named")


class TokensOut(OutModel):
    """A new batch of tokens. Sent again with the same Idempotency-Key the answer is without them."""

    batch: UUID = Field(description="what it is called among the batches, where it can be revoked")
    wave: UUID
    unit: str
    respondent_group: str
    issued: int
    expires_at: datetime
    tokens: list[str] = Field(description="told this once and kept nowhere")


class PublicFormIn(BaseModel):
    """The token of somebody who wants to see the questions; it is not used up by looking."""

    model_config = {"json_schema_extra": {"examples": [{"token": _TOKEN, "language": "pl", "easy": True}]}}

    token: str
    language: str | None = Field(default=None, description="one of the wave's languages; English where it is none")
    easy: bool | None = Field(default=None, description="the words for younger readers, where there are any")
    respondent_group: str | None = Field(default=None, description="only where the token does not say it")


class PublicFormOut(OutModel):
    """The questions, and whom to call now."""

    languages: list[str]
    form: FormOut
    call_now: list[ContactOut]


class PublicResponseIn(BaseModel):
    """Answers given without a login. Only the token is needed; an answer that cannot be read is set aside, and what
    was written is kept wherever it stands."""

    model_config = {
        "json_schema_extra": {
            "examples": [
                {
                    "token": _TOKEN,
                    "language": "en",
                    "answers": {"treated_with_respect": 5, "what_should_change": "Fewer changes of worker."},
                }
            ]
        }
    }

    token: str = Field(description="as it was given out; small letters, spaces and dashes are no matter")
    answers: dict[str, Any] = Field(default={}, description="by the code of the question, as for a recorder")
    language: str | None = None
    respondent_group: str | None = Field(default=None, description="only where the token does not say it")
    age_band: Literal["under 1", "1-4", "5-9", "10-15", "16+"] | None = None
    pair_code: str | None = Field(default=None, description="a code of one's own, the same at each part")


class TakenOut(OutModel):
    """That the answers were received, and whom to call now."""

    received: Literal[True] = True
    set_aside: int = Field(description="how many answers could not be read; all others were kept")
    message: str = THANKS
    call_now: list[ContactOut]
