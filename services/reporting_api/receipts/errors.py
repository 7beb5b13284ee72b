"""What an acknowledgement is refused for."""

from __future__ import annotations

from shared.problems import BrokenRule


class NotCurrent(BrokenRule):
    """Only the published edition in force is acknowledged; of a superseded one its successor is."""

    slug, title = "acknowledged-edition-not-in-force", "This edition is not the one in force"


class NotARecipient(BrokenRule):
    """Acknowledge for one of the report's audiences; `recipients` lists them."""

    slug, title = "not-a-recipient", "The report does not go to this body"


class OtherContent(BrokenRule):
    """Send the `content_hash` of the copy the body was given: that is what it says it has."""

    slug, title = "acknowledged-content-differs", "The content hash is that of no copy of this report"


class AlreadyAcknowledged(BrokenRule):
    """Nothing more is needed: the body has said that it has the report, and that stays on record."""

    slug, title = "already-acknowledged", "This body has acknowledged the report"
