"""The problems of moderation."""

from __future__ import annotations

from shared.problems import BrokenRule, Forbidden, Malformed


class AuditNotModerated(BrokenRule):
    """Moderation begins with a submitted audit: submit it first; one that was closed is opened again and submitted."""

    slug, title = "audit-not-to-moderate", "The audit cannot be moderated from where it stands"


class NotGraded(BrokenRule):
    """Moderation compares the grades of the three domains: the tool of this audit asks for none."""

    slug, title = "audit-not-graded", "The audit has no grades to moderate"


class NothingToSample(BrokenRule):
    """No submitted audit is there to draw: choose another period, tool or programme, or sample before audits close."""

    slug, title = "nothing-to-sample", "There is no audit to draw from"


class SampleTooWide(BrokenRule):
    """A sample is drawn from at most 5,000 audits: choose a shorter period, a tool, or a unit."""

    slug, title = "sample-too-wide", "There are too many audits for one draw"


class GraderNotIndependent(BrokenRule):
    """Whoever grades again is not of the audited team, not on the case, and has not graded it: choose somebody else."""

    slug, title = "grader-not-independent", "The grader is not independent of the audit"


class GradesDoNotFit(Malformed):
    """Grade exactly the domains asked for, with codes of the tool's scale, and give reasons where graders differ."""

    slug, title = "grades-do-not-fit", "Some grades do not fit the audit's tool"


class ModerationElsewhere(BrokenRule):
    """Each step follows another: read the moderation for its status and its `allowed_actions`."""

    slug, title = "moderation-elsewhere", "The moderation is not at this step"


class NotYourPart(Forbidden):
    """First and second grader settle what they differ on; neither acts for the other, nor settles a conflict of their
    own: read `allowed_actions`."""

    slug, title = "not-your-part", "This step of the moderation is somebody else's"
