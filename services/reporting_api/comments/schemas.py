"""Remarks on an edition on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import ConfigDict, Field

from services.reporting_api.document import held_back
from shared.auth.caller import Caller
from shared.schemas.base import Code, Id, OutModel, StrictModel, Text


class CommentIn(StrictModel):
    """A remark that begins a thread, on a section or the whole report; or an answer in a thread."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"section": "key_indicators", "text": "Is October's figure provisional?"}]}
    )

    text: Text
    section: Code | None = Field(default=None, description="the section's code; left out in an answer")
    in_reply_to: Id | None = Field(default=None, description="the remark that began the thread")


class CommentOut(OutModel):
    """A remark and what became of it; `content_hash` names the content it was made of."""

    id: str
    report: str
    section: str | None
    in_reply_to: str | None
    text: str
    content_hash: str | None = Field(description="null for those who may not see figures as they are")
    about_this_content: bool = Field(description="whether the report still reads as it did then")
    author: str
    written_at: datetime
    resolved_at: datetime | None
    resolved_by: str | None
    version: int
    allowed_actions: list[str]

    @classmethod
    def of(cls, row: Any, edition: Any, caller: Caller, *, copy: bool) -> CommentOut:
        """`copy` is for those who see no small numbers: words that tell a number are held back, and the hash."""
        begins = row.in_reply_to is None and row.resolved_at is None and caller.may("reporting:write")
        return cls(
            id=str(row.id), report=str(row.report), section=row.section,
            in_reply_to=str(row.in_reply_to) if row.in_reply_to else None,
            text=held_back(row.content) or "" if copy else row.content, content_hash=None if copy else row.content_hash,
            about_this_content=row.content_hash == edition.content_hash, author=row.author,
            written_at=row.written_at, resolved_at=row.resolved_at, resolved_by=row.resolved_by,
            version=row.version, allowed_actions=["reply", "resolve"] if begins else [],
        )  # fmt: skip
