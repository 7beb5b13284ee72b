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
    """A closed action stays as it is: raise a new one if there is more to do."""

    slug, title = "action-closed", "The action is closed already"


class NotTheOwner(Forbidden):
    """An action is completed by its owner: ask the owner, or whoever holds the post it was given to."""

    slug, title = "not-the-owner", "The action belongs to another owner"


class ImpactNeeded(BrokenRule):
    """An action closes with the difference it made and evidence for it, or waits for that until a review date."""

    slug, title = "impact-needed", "The action cannot close without its impact"


class FindingNotFinal(BrokenRule):
    """An action rests on what was found: submit the audit first, then raise the action."""

    slug, title = "finding-not-final", "The finding's audit has not been submitted"
