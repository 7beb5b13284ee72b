"""The problems of the checkpoints of statutory assessments."""

from __future__ import annotations

from shared.problems import BrokenRule


class AssessmentKnown(BrokenRule):
    """An assessment is recorded once: read the one that has this reference, or correct the reference."""

    slug, title = "assessment-known", "An assessment with this reference is recorded already"


class AssessmentEnded(BrokenRule):
    """The assessment ended without a plan, so that there is nothing to check: correct the record of its end first."""

    slug, title = "assessment-ended", "The assessment has ended"


class CheckpointAgreed(BrokenRule):
    """A checkpoint is passed once; sign-off is given again only after the panel has returned the assessment."""

    slug, title = "checkpoint-agreed", "The assessment has passed this checkpoint already"


class PanelNotIndependent(BrokenRule):
    """The panel looks at it anew: let somebody sign for it who has not signed the assessment off, and record it too."""

    slug, title = "panel-not-independent", "The same person stands on both sides of the panel"
