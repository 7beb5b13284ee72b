"""The problems of drawing cases and giving them to auditors."""

from __future__ import annotations

from shared.problems import BrokenRule, Malformed


class SeedUnusable(Malformed):
    """A seed is 1 to 64 letters, digits, points, dashes or underscores: send such a one, or leave it out."""

    slug, title = "seed-unusable", "The seed cannot be used"


class CaseListMissing(BrokenRule):
    """Cases are drawn from what the case system posted: have it post the unit's open cases, then draw."""

    slug, title = "case-list-missing", "No list of open cases was posted for the unit"


class CaseListTooOld(BrokenRule):
    """What has changed since is not in the list: have the case system post the open cases of today, then draw."""

    slug, title = "case-list-too-old", "The list of open cases is too old to draw from"


class NoEligibleCase(BrokenRule):
    """Fewer cases may be drawn than are asked for; `excluded` counts the others by reason. Void the slot with a reason,
    ask for fewer, or avoid the recently audited for a shorter time."""

    slug, title = "no-eligible-case", "There are not enough cases that may be drawn"


class NoAuditorFree(BrokenRule):
    """Nobody is available, trained, independent of the team and below the month's capacity; `excluded` says what stands
    against whom. Record another auditor, or a greater capacity."""

    slug, title = "no-auditor-free", "No auditor may take the case"


class TooFewToStratify(BrokenRule):
    """With fewer places than strata the small ones would be left out every time: draw more, or without stratify_by."""

    slug, title = "too-few-to-stratify", "Fewer cases are asked for than there are strata"


class NothingToDraw(BrokenRule):
    """No slot of the round could be given a case; `errors` says of each why not."""

    slug, title = "nothing-to-draw", "No case could be drawn for any slot of the round"


class DrawnAuditBegun(BrokenRule):
    """A case is replaced, and given to another auditor, only until its audit is begun: read the audit."""

    slug, title = "drawn-audit-begun", "The audit of the drawn case has been begun"


class CaseReplaced(BrokenRule):
    """Another case stands in its place already: read the draw, and name the case that stands now."""

    slug, title = "case-replaced", "The case was replaced already"


class OwnTeamsCase(BrokenRule):
    """A team does not choose which of its cases is audited, or by whom: ask someone above it."""

    slug, title = "own-teams-case", "The case is of the caller's own team"
