"""The named problems of public submissions."""

from __future__ import annotations

from shared.problems import BrokenRule


class BatchNotOpen(BrokenRule):
    """None of these tokens is good any longer, so there is nothing to take back."""

    slug, title = "token-batch-not-open", "The batch has been revoked or has expired"
