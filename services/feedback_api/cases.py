"""Who reads records one by one, and so may be told what they come to."""

from __future__ import annotations

from shared.auth.caller import Caller
from shared.problems import Forbidden


def reads_cases(caller: Caller) -> bool:
    """Whether the caller reads single records of the units they see: their own unit's, or with true figures all."""
    return caller.may("feedback:read") and (caller.unit is not None or caller.may("feedback:figures"))


def require_cases(caller: Caller) -> None:
    """One team's cases are its own affair; those of the whole council are for those who see true figures."""
    if not reads_cases(caller):
        words = "Single records need a token for a unit, or the scope feedback:figures."
        raise Forbidden(words, needed_scope="feedback:figures")
