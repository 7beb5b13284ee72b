"""What a return to a department is refused for; none of these can be overridden."""

from __future__ import annotations

from shared.problems import BrokenRule, Malformed


class ReturnOpen(BrokenRule):
    """Go on with the submission that is open; one that was submitted is taken up with `POST .../resubmissions`."""

    slug, title = "return-open", "This return is on record for the period already"


class ReturnInAnotherState(BrokenRule):
    """Look at `allowed_actions` of the return; the step does not fit how it stands."""

    slug, title = "return-in-another-state", "The return does not stand at this step"


class UnfitSpan(Malformed):
    """Give `to` on the day of `from` or later, at most two years on."""

    slug, title = "unfit-returns-span", "The days cannot be used"


class UnfitPeriod(Malformed):
    """Give a period of the return's own kind, whose dates are known."""

    slug, title = "unfit-return-period", "The return is not made for such a period"


class NotTheReviewer(BrokenRule):
    """The role named in `reviewer_role` reviews it, by its holder for this service or by a delegate for today (R81)."""

    slug, title = "not-the-reviewer", "Another role reviews this return"


class ReviewNotIndependent(BrokenRule):
    """Whoever prepared a return does not review it; its reviewer, or whoever the review was for, does not submit it."""

    slug, title = "review-not-independent", "The same person may not prepare or submit a return and review it"


class ReturnContentDiffers(BrokenRule):
    """Read the return again: what is signed and submitted is exactly the content whose hash it has now."""

    slug, title = "return-content-differs", "The content hash is not that of the return as it stands"


class ReviewMissing(BrokenRule):
    """The appropriate Head of Service, or a delegate, signs exactly this content first (R81)."""

    slug, title = "return-review-missing", "Nobody has reviewed exactly this content"
