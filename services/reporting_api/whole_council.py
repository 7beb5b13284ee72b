"""What is made for the whole council is not made by those whose token is for a part of it."""

from __future__ import annotations

from shared.auth.caller import Caller
from shared.problems import Forbidden


class WholeCouncilNeeded(Forbidden):
    """Ask with a token that names no organisation unit: the schedule and a report's figures are the whole council's."""

    slug, title = "whole-council-needed", "A token for one organisation unit cannot make this"


def check_whole_council(caller: Caller) -> None:
    """Raises WholeCouncilNeeded: asked in such a caller's name, the neighbours leave out the rest of the council."""
    if caller.unit is not None:
        raise WholeCouncilNeeded()
