"""The problems of plans."""

from __future__ import annotations

from shared.problems import BrokenRule


class TooManyKeyActions(BrokenRule):
    """Key actions are few in number: take one out of the plan first, or raise the limit the plan declares (R44)."""

    slug, title = "too-many-key-actions", "The plan has as many key actions as it may have"


class KeyActionWithoutEvidence(BrokenRule):
    """A key action rests on evidence: raise the action from a finding or name what it rests on (R44)."""

    slug, title = "key-action-without-evidence", "The action rests on no evidence"


class KeyActionEnded(BrokenRule):
    """A plan looks ahead: put in actions that are not closed or cancelled yet."""

    slug, title = "key-action-ended", "The action is closed or cancelled"
