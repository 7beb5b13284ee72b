"""Refusing single records to those who see protected figures."""

from __future__ import annotations

from services.feedback_api.references import reads_cases
from shared.auth.caller import Caller
from shared.problems import Forbidden


def require_cases(caller: Caller) -> None:
    """How many came to one activity may be few: raises Forbidden for those who see protected figures."""
    if not reads_cases(caller):
        words = "Single activities need a token for a unit, or the scope feedback:figures."
        raise Forbidden(words, needed_scope="feedback:figures")
