"""The problems of escalations."""

from __future__ import annotations

from shared.problems import BrokenRule, Forbidden


class EscalationEnded(BrokenRule):
    """A closed or withdrawn escalation stays as it is: raise a new one if the concern is still there."""

    slug, title = "escalation-ended", "The escalation has ended"


class PolicyNotForThis(BrokenRule):
    """A policy says what it is about: choose a policy of the framework whose `about` has this."""

    slug, title = "policy-not-for-this", "The policy is not for concerns of this kind"


class SubjectMayNotDecide(Forbidden):
    """A concern is never closed, moved or withdrawn by the person, post or unit it is against, in whatever role."""

    slug, title = "subject-may-not-decide", "The concern is against the caller"


class NotOfThisLevel(Forbidden):
    """The policy says who may close at the present level (`closed_by`): ask one of them."""

    slug, title = "not-of-this-level", "The caller's roles do not close at this level"


class AnsweredAtLowerLevel(Forbidden):
    """Whoever answered a concern at a level it has left does not close it above: ask another of the present level."""

    slug, title = "answered-at-lower-level", "The caller answered this at a lower level"


class NotTheirsToMove(Forbidden):
    """Whoever raised it, the roles of the present level and those who manage audits move it or tell its subject."""

    slug, title = "not-theirs-to-move", "The escalation is not the caller's to move"


class NoLevelAbove(BrokenRule):
    """It stands at the policy's highest level: it can only be closed there."""

    slug, title = "no-level-above", "There is no level above the present one"


class NotTheRaiser(Forbidden):
    """A concern is withdrawn by whoever raised it: close it instead, if the policy lets the caller."""

    slug, title = "not-the-raiser", "The concern was raised by somebody else"


class WithdrawalNotAllowed(BrokenRule):
    """Concerns of this policy are looked into and closed, never withdrawn."""

    slug, title = "withdrawal-not-allowed", "The policy does not let a concern be withdrawn"
