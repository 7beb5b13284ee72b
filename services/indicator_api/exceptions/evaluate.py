"""The exceptions of one case (R50): a pure function, so that same inputs give same rows wherever it runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain

from services.indicator_api.exceptions import change, lateness, out_of_step
from services.indicator_api.exceptions.case import Case, Finding


@dataclass(frozen=True, slots=True)
class Verdict:
    """What stands on the day, and what stood at the end of the earlier one and does so no more."""

    standing: list[Finding]
    resolved: list[Finding]
    # The case as it could be known on the earlier day: what the resolved findings speak of.
    earlier: Case


def evaluate(case: Case, day: date, since: date) -> list[Finding]:
    """Every trigger that stands at the latest figure and what is owed on the day; new is what did not stand before.

    `since` is the earlier day it is told of: a trigger of the same direction that stood at its end is not new.
    """
    return judge(case, day, since).standing


def judge(case: Case, day: date, since: date, *, calm: bool = False) -> Verdict:
    """What stands and what no longer does; `calm` says it is known that no figure raises anything on either day."""
    found: list[Finding] = []
    gone: list[Finding] = []
    earlier = case
    if case.figures and not calm and not lateness.has_ended(case, day):
        earlier = replace(case, figures=lateness.known_at_end_of(since, case.definition, case.figures))
        found, before = _standing(case), _standing(earlier)
        signs = {one.sign for one in before}
        found = [replace(one, new=one.sign not in signs) for one in found]
        # A latest figure without a value says nothing either way, so nothing is over because of it.
        if case.figures[-1].value is not None:
            signs = {one.sign for one in found}
            gone = [replace(one, new=False, resolved=True) for one in before if one.sign not in signs]
    late = lateness.finding(case, day, since)
    return Verdict([*found, late] if late else found, gone, earlier)


def _standing(case: Case) -> list[Finding]:
    if not case.figures or case.figures[-1].value is None:
        return []
    sources: Iterator[Finding] = chain(change.findings(case), out_of_step.findings(case))
    return list(sources)
