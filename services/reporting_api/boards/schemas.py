"""Boards on the wire."""

from __future__ import annotations

from datetime import date

from shared.schemas.base import OutModel
from shared.schemas.framework.reporting import Board


class BoardOut(OutModel):
    """A body that reports go to, by whichever of its names it is asked for."""

    code: str
    name: str
    aliases: list[str]
    disclosure: str
    parent: str | None
    meets: str | None
    meeting_dates: list[date]
    member_roles: list[str]
    requires_participation_statement: bool

    @classmethod
    def of(cls, board: Board) -> BoardOut:
        return cls(
            code=board.code, name=board.name, aliases=list(board.aliases), disclosure=board.disclosure,
            parent=board.parent, meets=board.meets, meeting_dates=list(board.meeting_dates),
            member_roles=list(board.member_roles),
            requires_participation_statement=board.requires_participation_statement,
        )  # fmt: skip
