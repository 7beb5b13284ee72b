"""The exceptions of one case (R50): a pure function, so that same inputs give same rows wherever it runs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from services.indicator_api.exceptions import change, lateness, out_of_step
from services.indicator_api.exceptions.case import Case, Finding


class Look(NamedTuple):
    """What has to be looked at; a screen rules out what certainly raises nothing, and nothing else.

    `now` and `before` are what the series says of itself on the day and on the earlier one, `beside` comparisons.
    """

    now: bool = True
    before: bool = True
    beside: bool = True


EVERYTHING = Look()


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


def judge(case: Case, day: date, since: date, look: Look = EVERYTHING) -> Verdict:
    """What stands on the day and what no longer does."""
    found: list[Finding] = []
    gone: list[Finding] = []
    earlier = case
    if case.figures and any(look) and not lateness.has_ended(case, day):
        earlier = replace(case, figures=lateness.known_at_end_of(since, case.definition, case.figures))
        found = _standing(case, itself=look.now, beside=look.beside)
        before = _standing(earlier, itself=look.before, beside=look.beside)
        signs = {one.sign for one in before}
        found = [replace(one, new=one.sign not in signs) for one in found]
        # A latest figure without a value says nothing either way, so nothing is over because of it.
        if case.figures[-1].value is not None:
            signs = {one.sign for one in found}
            now, then = case.figures[-1], earlier.figures[-1] if before else case.figures[-1]
            anew, less = now.version != then.version, now.silent > then.silent
            gone = [
                replace(one, new=False, resolved=True, recounted=anew, less_now=less)
                for one in before
                if one.sign not in signs
            ]
    late = lateness.finding(case, day, since)
    return Verdict([*found, late] if late else found, gone, earlier)


def _standing(case: Case, *, itself: bool, beside: bool) -> list[Finding]:
    if not case.figures or case.figures[-1].value is None:
        return []
    case = case.under(case.figures[-1])
    found = list(change.findings(case)) if itself else []
    return [*found, *out_of_step.findings(case)] if beside else found
