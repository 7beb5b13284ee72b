"""The named problems of review participation codes."""

from __future__ import annotations

from shared.problems import BrokenRule, Malformed


class NoPseudonymKey(BrokenRule):
    """No reference of a child is kept as it is: set QAPF_PSEUDONYM_KEY, or QAPF_PSEUDONYM_KEY_FILE, keep it safe, and
    send the file again."""

    slug, title = "no-pseudonym-key", "This service has no key for pseudonyms"


class ReviewsRefused(Malformed):
    """Mend the rows that `errors` points at and send the file again, or send it with mode=partial."""

    slug, title = "reviews-refused", "Some rows of the file cannot be taken"
