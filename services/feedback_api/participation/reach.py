"""Who reads single activities and words that nobody has approved for sharing."""

from __future__ import annotations

from shared.auth.caller import Caller
from shared.problems import Forbidden


def require_cases(caller: Caller) -> None:
    """How many came to one activity may be few: a team reads its own, and with true figures one reads all."""
    if caller.unit is None and not caller.may("feedback:figures"):
        words = "Single activities need a token for a unit, or the scope feedback:figures."
        raise Forbidden(words, needed_scope="feedback:figures")
