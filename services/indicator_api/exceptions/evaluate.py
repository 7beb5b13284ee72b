"""The exceptions of one case (R50): a pure function, so that same inputs give same rows wherever it runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import chain

from services.indicator_api.exceptions import change, lateness, out_of_step
from services.indicator_api.exceptions.case import Case, Finding


def evaluate(case: Case, day: date, since: date) -> list[Finding]:
    """Every trigger that stands at the latest figure and what is owed on the day; new is what did not stand before.

    `since` is the earlier day it is told of: a trigger of the same direction that stood at its end is not new.
    """
    found = _standing(case) if case.figures and not lateness.has_ended(case, day) else []
    if found:
        earlier = replace(case, figures=lateness.known_at_end_of(since, case.definition, case.figures))
        before = {(one.trigger, one.direction) for one in _standing(earlier)}
        found = [replace(one, new=(one.trigger, one.direction) not in before) for one in found]
    late = lateness.finding(case, day, since)
    return [*found, late] if late else found


def _standing(case: Case) -> list[Finding]:
    if not case.figures or case.figures[-1].value is None:
        return []
    sources: Iterator[Finding] = chain(change.findings(case), out_of_step.findings(case))
    return list(sources)
