"""What an extract refuses."""

from __future__ import annotations

from shared.problems import BrokenRule


class ExtractRestarted(BrokenRule):
    """A backup was restored since. Load the table anew, without `after`, and follow from the new `Extract-Next`."""

    slug, title = "extract-restarted", "What follows this mark is not known any more"
