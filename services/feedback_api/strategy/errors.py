"""The named problems of the participation strategy."""

from __future__ import annotations

from shared.problems import BrokenRule, Forbidden


class EvidenceMissing(BrokenRule):
    """A commitment is done when something shows it: name an activity, a summary of views, a challenge or a document."""

    slug, title = "commitment-evidence-missing", "Nothing shows that the commitment is done"


class NotTheirCommitment(Forbidden):
    """A caller tied to one unit tells of that unit's commitments only: ask one who looks after the whole strategy."""

    slug, title = "not-their-commitment", "The commitment is not one of this caller's unit"
