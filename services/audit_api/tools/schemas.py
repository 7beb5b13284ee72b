"""Tools on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, Self

from pydantic import Field

from services.audit_api.questionnaires import tool_of
from shared.auth.caller import Caller
from shared.schemas.base import OutModel
from shared.schemas.framework.audit import AuditType, Section
from shared.schemas.framework.scales import Scale

Status = Literal["published", "retired"]


class ToolRow(OutModel):
    code: str
    version: int
    status: Status = Field(description="a retired tool starts no new audit")
    title: str
    audit_types: list[str]
    published_at: datetime


class ToolOut(OutModel):
    """One published edition; its content never changes."""

    code: str
    version: int
    versions: list[int] = Field(description="every edition ever published")
    status: Status
    title: str
    audit_types: list[AuditType]
    scale: Scale
    sections: list[Section]
    supervision_omitted_reason: str | None = Field(description="why supervision is not looked at (R31)")
    published_at: datetime
    allowed_actions: list[str]

    @classmethod
    def of(cls, row: Any, caller: Caller) -> Self:
        tool = tool_of(row.content)
        usable = row.status == "published" and caller.may("audit:write")
        return cls(
            code=row.tool,
            version=row.version,
            versions=sorted(row.versions),
            status=row.status,
            title=tool.title,
            audit_types=list(tool.audit_types),
            scale=tool.scale,
            sections=list(tool.sections),
            supervision_omitted_reason=tool.supervision_omitted_reason,
            published_at=row.published_at,
            allowed_actions=["start_audit"] if usable else [],
        )
