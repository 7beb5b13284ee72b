"""The named problems of the indicator service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from shared.problems import Malformed


class UnfitFramework(Malformed):
    """Apply items that fit each other: what an item names is applied too, and a definition that counts differently
    has a higher `version`; nothing was applied."""

    slug, title = "unfit-framework", "The indicators' framework does not fit together"


class UnreadableFile(Malformed):
    """Send a file in the documented form: UTF-8, the documented columns or keys, RFC 4180 quoting in CSV; nothing
    was stored."""

    slug, title = "unreadable-file", "The file is not in a form that can be read"


class RowsRefused(Malformed):
    """Correct the rows named in `errors` and send the file again, or use `mode=partial` to store the good ones; in
    atomic mode nothing was stored."""

    slug, title = "rows-refused", "Some rows cannot be stored, so none was"

    def __init__(self, detail: str, rows: Sequence[dict[str, Any]], counts: Mapping[str, Any]) -> None:
        super().__init__(detail, **counts)
        # Each fault as everywhere, with its row and column besides.
        self.extra["errors"] = list(rows)


class UnfitFigure(Malformed):
    """Correct the figure as `errors` says; nothing was stored."""

    slug, title = "unfit-figure", "The figure does not fit its indicator"
