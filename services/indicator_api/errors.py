"""The named problems of the indicator service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from shared.problems import BrokenRule, Malformed


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


class UnfitMapping(Malformed):
    """Mend the mapping as `errors` says: each column is given once, and every code it names is applied; nothing was
    saved."""

    slug, title = "unfit-mapping", "The mapping does not give whole figures"


class ImportJobEnded(BrokenRule):
    """It succeeded, failed or was cancelled before; read its status. What was stored stays stored."""

    slug, title = "import-job-ended", "The job has ended and cannot be cancelled"


class ImportJobNotToRepeat(BrokenRule):
    """Wait until it ends; one that succeeded has done its work, and to import anew the file is sent anew."""

    slug, title = "import-job-not-to-repeat", "This job cannot be run again"


class ImportBodyForgotten(BrokenRule):
    """Bodies are kept for two weeks after a job failed or was cancelled. Send the file again."""

    slug, title = "import-body-forgotten", "The body of this job is no longer kept"
