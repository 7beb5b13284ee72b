"""The named refusals of commentary."""

from __future__ import annotations

from shared.problems import BrokenRule, Forbidden


class NotTheIndicatorsOwner(Forbidden):
    """`owner_role` answers for the indicator: whoever holds that role for the whole place comments on its figures."""

    slug, title = "not-the-indicators-owner", "The indicator belongs to another owner"


class AlreadyAsked(BrokenRule):
    """A comment on this figure has been asked for by another day and is still open: chase it instead."""

    slug, title = "already-asked", "A comment on this figure has been asked for already"


class NothingToChase(BrokenRule):
    """Chase a comment that is open: this one has been written, or the figure it was to be about has not come."""

    slug, title = "nothing-to-chase", "Nobody owes a comment on this figure"
