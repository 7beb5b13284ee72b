"""Secret calendar addresses on the wire."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, StringConstraints

from shared.auth.caller import Caller
from shared.schemas.base import Label, OutModel, StrictModel


class CalendarAddressIn(StrictModel):
    """An address for a calendar program that cannot send a token, such as Outlook."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "My Outlook", "board": "csoc"}]})

    name: Label = Field(description="by which its holder knows it")
    board: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = Field(
        default=None, description="code, name or alias; all boards if none"
    )


class CalendarAddressOut(OutModel):
    """An address as it stands; the address itself was told once."""

    id: str
    name: str
    board: str | None
    unit: str | None = Field(description="the part of the council it shows; null is the whole")
    holder: str
    status: Literal["in_use", "expired", "revoked"]
    made_at: datetime
    expires_on: date = Field(description="the last day it answers")
    revoked_at: datetime | None
    revoked_by: str | None
    version: int
    allowed_actions: list[str]

    @classmethod
    def of(cls, row: Any, caller: Caller, today: date) -> CalendarAddressOut:
        open_still = row.revoked_at is None and row.expires_on >= today
        standing: Any = "in_use" if open_still else "revoked" if row.revoked_at is not None else "expired"
        revoke = open_still and caller.may("reporting:read")
        return cls(
            id=str(row.id), name=row.name, board=row.board, unit=row.unit, holder=row.holder, status=standing,
            made_at=row.made_at, expires_on=row.expires_on, revoked_at=row.revoked_at, revoked_by=row.revoked_by,
            version=row.version, allowed_actions=["revoke"] if revoke else [],
        )  # fmt: skip


class CalendarAddressMade(OutModel):
    """A new address and where it is: told this once, and whoever has it reads the calendar."""

    address: CalendarAddressOut
    url: str | None = Field(
        description="to be given to the calendar program; null in the answer to a repetition of the request"
    )
