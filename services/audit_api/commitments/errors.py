"""The problems of commitments."""

from __future__ import annotations

from shared.problems import Malformed


class FinancialYearNeeded(Malformed):
    """A commitment runs from April to March: give a financial year."""

    slug, title = "financial-year-needed", "A commitment is kept by financial year"
