"""The problems of actions."""

from __future__ import annotations

from shared.problems import BrokenRule, Forbidden


class ActionNotOpen(BrokenRule):
    """Only an open action is re-dated or completed: read it to see where it stands."""

    slug, title = "action-not-open", "The action is no longer open"


class ActionNotCompleted(BrokenRule):
    """An action is closed after its owner has completed it: ask the owner to complete it first."""

    slug, title = "action-not-completed", "The action has not been completed"


class ActionClosed(BrokenRule):
    """A closed or cancelled action stays as it is: raise a new one if there is more to do."""

    slug, title = "action-closed", "The action is closed or cancelled already"


class NotTheOwner(Forbidden):
    """An action is completed by its owner: ask the owner, or whoever holds the post it was given to."""

    slug, title = "not-the-owner", "The action belongs to another owner"


class ImpactNeeded(BrokenRule):
    """An action closes with the difference it made and evidence for it, or waits for that until a review date."""

    slug, title = "impact-needed", "The action cannot close without its impact"


class FindingNotFinal(BrokenRule):
    """An action rests on what was found: submit the audit first, then raise the action."""

    slug, title = "finding-not-final", "The finding's audit has not been submitted"


class ActionNotVerified(BrokenRule):
    """An action closes after another person than who completed it has verified it: have it verified first."""

    slug, title = "action-not-verified", "The action has not been verified"


class ActionVerified(BrokenRule):
    """A completion is verified once: read the action to see where it stands."""

    slug, title = "action-verified", "The action has been verified already, or has ended"


class VerifiedByAnother(BrokenRule):
    """Nobody verifies the own work: ask somebody else who may write for the action's unit."""

    slug, title = "verified-by-another", "An action is verified by another person than who completed it"


class OwnAction(BrokenRule):
    """An owner does not excuse the own action: ask another who manages audits to approve that it is cancelled."""

    slug, title = "own-action", "An action is not cancelled by its owner"


class NothingToFollow(BrokenRule):
    """Only an action that was closed with no effect or a negative one is followed by another."""

    slug, title = "nothing-to-follow", "The action that is followed was not closed without a good effect"


class NotComparable(BrokenRule):
    """A re-audit is a submitted, later audit of the same unit, or one with a finding on the same theme."""

    slug, title = "re-audit-not-comparable", "The audit cannot show whether this changed"


class ReAuditKnown(BrokenRule):
    """What this audit showed of it is recorded already: read the re-audits of the action or finding."""

    slug, title = "re-audit-recorded", "The re-audit has been recorded already"
