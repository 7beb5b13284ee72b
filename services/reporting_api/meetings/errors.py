"""What a change to a board's meetings is refused for."""

from __future__ import annotations

from shared.problems import BrokenRule


class BoardMeetsThatDay(BrokenRule):
    """Choose another day, or move the meeting that is on this one first; the board's `meetings` lists them."""

    slug, title = "board-meets-that-day", "The board already has a meeting on that day"


class MeetingOver(BrokenRule):
    """What is past is not re-dated: give a day from today on, of a meeting that is still to come."""

    slug, title = "meeting-over", "The meeting, or the day it is to be on, is past"


class MeetingCancelled(BrokenRule):
    """Reinstate the meeting before anything else is changed; look at `allowed_actions`."""

    slug, title = "meeting-cancelled", "The meeting is cancelled"


class MeetingNotCancelled(BrokenRule):
    """Only a cancelled meeting is reinstated; look at `allowed_actions`."""

    slug, title = "meeting-not-cancelled", "The meeting is not cancelled"
