"""The named problems of challenges."""

from __future__ import annotations

from shared.problems import BrokenRule, Forbidden


class ChallengeClosed(BrokenRule):
    """A challenge that was closed stays as it is: where the board asks again, record another."""

    slug, title = "challenge-closed", "The challenge is closed"


class ChallengeUnanswered(BrokenRule):
    """The board decides on a response: record the response first, or end the challenge."""

    slug, title = "challenge-unanswered", "There is no response to decide on"


class ChallengeAnswered(BrokenRule):
    """The response lies with the board: it accepts it or sends it back, and then another may be written."""

    slug, title = "challenge-answered", "The response lies with the board"


class OwnResponse(Forbidden):
    """The board's decision is recorded by somebody else than wrote the response: ask a colleague who may."""

    slug, title = "own-response", "The response is this caller's own"


class DevelopmentActionMissing(BrokenRule):
    """An area for development that is accepted is answered by an action: name it in the response, then close."""

    slug, title = "development-action-missing", "The area for development has no action"
