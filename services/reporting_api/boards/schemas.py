"""Boards on the wire: who they are, when they meet, what they get and what their members may see."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from services.reporting_api.meeting_days import Meeting, MeetingStatus, days_of
from shared.auth.caller import Caller
from shared.auth.roles import RoleBook
from shared.schemas.base import OutModel
from shared.schemas.framework.reporting import Board, DisclosureLevel

Copy = Literal["full", "protected"]
_FIGURES = frozenset({"indicator:figures", "feedback:figures"})


class MemberRoleOut(OutModel):
    """Who sits on the board, and what the role they read with lets them see."""

    title: str
    role: str | None = Field(description="the role with which they read; null where the framework names none")
    copy_seen: Copy | None = Field(description="of the board's reports; null where the role reads none")
    sees_drafts: bool
    may_sign: bool


class NextMeetingOut(OutModel):
    planned_on: date
    meets_on: date
    status: MeetingStatus
    starts_at: str | None = Field(description="HH:MM in London")
    place: str | None


class PublishedOut(OutModel):
    report_id: str
    period: str
    published_on: date


class BoardReportOut(OutModel):
    """A report the board gets."""

    report: str
    title: str
    cadence: str
    goes_to: Literal["audience", "via"] = Field(description="the board it is for, or the one it goes through")
    disclosure: Copy = Field(description="the strictest of all the boards that see it")
    next_due_on: date | None = Field(description="of the next open occurrence that is not late")
    late: int = Field(description="occurrences that are late or missed and still open")
    latest: PublishedOut | None = Field(description="the newest that was published")


class BoardOut(OutModel):
    """A body that reports go to, by whichever of its names it is asked for."""

    code: str
    name: str
    aliases: list[str]
    disclosure: Copy
    disclosure_words: str
    parent: str | None
    meets: str | None
    meeting_dates: list[date] = Field(description="the days on which it meets, as they now stand")
    next_meeting: NextMeetingOut | None
    member_roles: list[MemberRoleOut]
    your_copy: Copy = Field(description="what this caller may see of the reports that are the board's alone")
    requires_participation_statement: bool
    reports: list[BoardReportOut] | None = Field(default=None, description="in the answer for one board")

    @classmethod
    def of(cls, board: Board, meetings: tuple[Meeting, ...], book: RoleBook, caller: Caller, today: date) -> BoardOut:
        coming = (one for one in meetings if one.meets_on >= today and not one.cancelled)
        return cls(
            code=board.code, name=board.name, aliases=list(board.aliases), disclosure=board.disclosure.value,
            disclosure_words=_WORDS[board.disclosure], parent=board.parent, meets=board.meets,
            meeting_dates=days_of(meetings), next_meeting=_next(next(coming, None)),
            member_roles=[_member(board, one.title, one.role, book) for one in board.member_roles],
            your_copy=copy_for(board, caller.scopes),
            requires_participation_statement=board.requires_participation_statement,
        )  # fmt: skip


_WORDS = {
    DisclosureLevel.full: "Sees true figures: a reader with both figures permissions reads the report itself.",
    DisclosureLevel.protected: "Sees small numbers hidden, whoever reads.",
}


def copy_for(board: Board, scopes: frozenset[str]) -> Copy:
    """What a reader with these permissions sees of a report for this board alone."""
    return "full" if board.disclosure is DisclosureLevel.full and scopes >= _FIGURES else "protected"


def _next(one: Meeting | None) -> NextMeetingOut | None:
    if one is None:
        return None
    return NextMeetingOut(
        planned_on=one.planned_on, meets_on=one.meets_on, status=one.status,
        starts_at=f"{one.starts_at:%H:%M}" if one.starts_at else None, place=one.place,
    )  # fmt: skip


def _member(board: Board, title: str, role: str | None, book: RoleBook) -> MemberRoleOut:
    scopes = book.scopes_of([role] if role else [])
    return MemberRoleOut(
        title=title, role=role, copy_seen=copy_for(board, scopes) if "reporting:read" in scopes else None,
        sees_drafts=bool(scopes & {"reporting:write", "reporting:sign", "reporting:publish"}),
        may_sign="reporting:sign" in scopes,
    )  # fmt: skip
