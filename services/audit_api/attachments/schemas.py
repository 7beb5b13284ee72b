"""Evidence attached to audits, on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import ConfigDict, Field

from services.audit_api.attachments.contents import ANY, ENDINGS
from shared.schemas.base import Label, OutModel, Reference, StrictModel, Text

_BINARY = {"type": "string", "format": "binary"}
_EXAMPLE = "Chronology read on 14 September: twelve entries, two of them late.\n"
FILE_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "text/plain": {"schema": {"type": "string"}, "example": _EXAMPLE},
            **{media: {"schema": _BINARY} for media in (*ENDINGS, ANY) if media != "text/plain"},
        },
    }
}
FILE: dict[int | str, dict[str, Any]] = {
    200: {"description": "the file as it was sent", "content": {media: {"schema": _BINARY} for media in ENDINGS}}
}


class ReferenceIn(StrictModel):
    """Evidence that is kept elsewhere."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"kind": "record", "ref": "CMS-204417/chronology", "note": "Read up to 14 September."}]
        }
    )

    kind: Literal["record", "document", "feedback", "indicator", "research"]
    ref: Reference = Field(description="where it is: never a name")
    note: Label | None = None


class RemovalIn(StrictModel):
    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "It is about another family."}]})

    reason: Text


class AttachmentOut(OutModel):
    id: str
    kind: str
    ref: str | None
    note: str | None
    name: str | None = Field(description="of a file, made safe")
    media_type: str | None = Field(description="of a file, as found in its content")
    size: int | None
    sha256: str | None
    added_by: str
    added_at: datetime
    removed_by: str | None
    removed_at: datetime | None
    removed_why: str | None
    allowed_actions: list[str]
