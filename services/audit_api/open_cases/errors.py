"""The problems of lists of open cases."""

from __future__ import annotations

from shared.problems import Malformed


class CaseListRefused(Malformed):
    """A list replaces the one before it, so it is taken whole or not at all: correct the rows that `errors` names."""

    slug, title = "case-list-refused", "Some of the cases cannot be stored, so the list was not taken"
