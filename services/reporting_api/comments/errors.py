"""What a remark on a report is refused for."""

from __future__ import annotations

from shared.problems import BrokenRule, Malformed


class UnfitComment(Malformed):
    """Remark on a section of this report, or answer the remark that began a thread of it; see `errors`."""

    slug, title = "unfit-comment", "The remark does not belong to this report"


class CommentResolved(BrokenRule):
    """The thread has been resolved; begin a new one."""

    slug, title = "comment-resolved", "The thread is closed"
