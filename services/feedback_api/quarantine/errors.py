"""The named problems of the quarantine."""

from __future__ import annotations

from shared.problems import BrokenRule, Malformed


class SubmissionDecided(BrokenRule):
    """It has been released, merged or set aside already: read it; what was not released can be taken back first."""

    slug, title = "submission-decided", "Somebody has decided on this submission already"


class SubmissionNotReturnable(BrokenRule):
    """What waits needs no taking back, and what was released is a view by now: correct the view."""

    slug, title = "submission-not-returnable", "This submission cannot be taken back into the quarantine"


class NotToBeMergedInto(BrokenRule):
    """A duplicate goes to the first of its kind, which is another submission in reach that was not merged itself."""

    slug, title = "submission-not-merged-into", "The submission cannot be merged into that one"


class ConsentNotGiven(Malformed):
    """Nobody may allow more with somebody's words than they did themselves: choose what they chose, or less."""

    slug, title = "consent-not-given", "The person did not consent to this"


class ReleaseIncomplete(Malformed):
    """A view needs what `errors` names and neither the submission nor its token says: give it with the release."""

    slug, title = "release-incomplete", "Something is missing for the view"
