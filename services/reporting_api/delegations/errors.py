"""What a delegation is refused for."""

from __future__ import annotations

from shared.problems import BrokenRule, Malformed


class RoleNotYours(BrokenRule):
    """Delegate a role that your token carries: a right that was handed to you is not handed on."""

    slug, title = "role-not-yours", "Only the holder of a role delegates it"


class UnfitDelegation(Malformed):
    """Name another person, days from today on, and at most a year; see `errors`."""

    slug, title = "unfit-delegation", "The delegation cannot be made like this"


class DelegationOver(BrokenRule):
    """Nothing is left to end; look at its `status`."""

    slug, title = "delegation-over", "The delegation has ended already"


class NotYoursToEnd(BrokenRule):
    """Whoever gave the right ends it, whoever got it, or who holds the role for the whole council."""

    slug, title = "not-yours-to-end", "Somebody else ends this delegation"
