"""The named problems of areas of focus."""

from __future__ import annotations

from shared.problems import Problem


class NotTheirsToName(Problem):
    """Whoever owns an indicator or focus area (its `owner_role`) names it, or an administrator. Ask them to."""

    slug, status, title = "not-theirs-to-name", 403, "This belongs to another owner"
