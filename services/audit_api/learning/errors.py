"""The problems of learning."""

from __future__ import annotations

from shared.problems import BrokenRule


class LearningNotDraft(BrokenRule):
    """What has been passed on is not rewritten: withdraw the item with a reason and write another."""

    slug, title = "learning-not-draft", "The learning item is no longer a draft"


class LearningNotDisseminated(BrokenRule):
    """Only what has been passed on and not withdrawn is acknowledged or put into training."""

    slug, title = "learning-not-disseminated", "The learning item is not passed on at present"


class LearningWithdrawn(BrokenRule):
    """A withdrawn item stays withdrawn: write another one."""

    slug, title = "learning-withdrawn", "The learning item has been withdrawn already"


class LearningOfClosedAudit(BrokenRule):
    """A closed audit keeps what was learned: pass on another item from the audit first, then withdraw this one."""

    slug, title = "learning-of-closed-audit", "The item is the last learning of a closed audit"


class SourceNotFinal(BrokenRule):
    """Something is learned from an audit once it is submitted: submit it first."""

    slug, title = "source-not-final", "An audit that the learning names has not been submitted"
