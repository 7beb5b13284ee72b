"""The named problems of views."""

from __future__ import annotations

from shared.problems import BrokenRule


class ViewReferenceInUse(BrokenRule):
    """The source has a view of this reference that this caller may not change: check the reference."""

    slug, title = (
        "view-reference-in-use",
        "The source's reference belongs to a view this caller may not change",
    )
