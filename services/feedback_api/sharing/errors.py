"""The named problems of sharing somebody's words."""

from __future__ import annotations

from shared.problems import BrokenRule


class ConsentForbids(BrokenRule):
    """Whoever said this did not agree that it is shared. Count it; do not quote it."""

    slug, title = "consent-forbids", "These words may not be shared"


class QuotationSettled(BrokenRule):
    """It has been approved, refused or withdrawn, so its words stay as they are. Put the words forward anew."""

    slug, title = "quotation-settled", "This quotation is not waiting to be approved"


class QuotationNotLive(BrokenRule):
    """It was refused or withdrawn before, so nobody can read it and there is nothing to take back."""

    slug, title = "quotation-not-live", "This quotation can no longer be read by anyone"


class SameHand(BrokenRule):
    """The framework asks for two people: whoever wrote any of these words may not approve them. Ask another."""

    slug, title = "same-hand", "Whoever redacted the words may not approve them"


class WordsBlocked(BrokenRule):
    """Something in the words must be dealt with first; `errors` says what. Take it out, or for words that read like
    harm have the duty role decide the flag.
    """

    slug, title = "words-blocked", "These words cannot be shared as they stand"


class WordsGone(BrokenRule):
    """The record no longer says what was put forward. Put forward what it says now."""

    slug, title = "words-gone", "The record no longer says this"
