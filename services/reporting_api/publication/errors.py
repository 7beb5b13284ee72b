"""What a public copy is refused for."""

from __future__ import annotations

from shared.problems import NotFound


class NotForThePublic(NotFound):
    """Only reports to a body that meets in public have a public copy; `public_copy` of the report's state says so."""

    slug, title = "not-for-the-public", "This report has no public copy"
