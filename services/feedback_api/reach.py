"""Who reads records one by one, and so may be told what they come to."""

from __future__ import annotations

from shared.auth.caller import Caller
from shared.problems import Forbidden


def reads_cases(caller: Caller) -> bool:
    """A team reads its own records, and with true figures one reads all; to others small numbers are hidden."""
    return caller.unit is not None or caller.may("feedback:figures")


def require_cases(caller: Caller) -> None:
    """How many came to one activity may be few: raises Forbidden for those who see protected figures."""
    if not reads_cases(caller):
        words = "Single activities need a token for a unit, or the scope feedback:figures."
        raise Forbidden(words, needed_scope="feedback:figures")
