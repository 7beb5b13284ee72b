"""What an exception means, in one or two plain sentences a board member can read."""

from __future__ import annotations

from services.indicator_api.days import day_in_words, in_words
from services.indicator_api.definitions import Definition
from services.indicator_api.exceptions.case import Case, Finding
from services.indicator_api.exceptions.lateness import due_on
from services.indicator_api.exceptions.seasons import is_seasonal
from services.indicator_api.places import is_ons_code
from services.indicator_api.series.known import Known
from services.indicator_api.series.wording import LESS_BEFORE, inside, lacking_words, said, shown, summed_words
from shared.schemas.figures import Polarity, SpcRule

_BY_CHANCE = "by more than chance would explain"
_OF_THE_SEASON = " (set beside the same time of earlier years)"
_ANEW = "It is counted in another way since, so whether this still stands is not known."
_LESS_NOW = " But the latest figure lacks more teams than that one, so it may be a smaller part of the whole."


def sentence(case: Case, finding: Finding) -> str:
    """The exception in words; every number in it is one of the row's own."""
    words = {
        "SIGNIFICANT_CHANGE": _changed,
        "OUT_OF_STEP_NATIONAL": _out_of_step,
        "OUT_OF_STEP_NEIGHBOURS": _out_of_step,
        "TARGET_NOT_ASSURED": _off_target,
        "DATA_LATE": _late,
    }[finding.trigger](case, finding)
    if finding.resolved:
        over = _ANEW if finding.recounted else "This no longer stands."
        return f"{case.definition.title}: {words}.{_was_a_part(finding.figure)} {over}{_LESS_NOW * finding.less_now}"
    judgement = {True: " That is good news.", False: " That is a concern.", None: ""}[finding.favourable]
    told = "" if finding.trigger == "TARGET_NOT_ASSURED" else judgement
    before = f" {LESS_BEFORE}" if finding.less_before else ""
    return f"{case.definition.title}: {words}.{told}{_part_of_the_whole(finding.figure)}{before}"


def _part_of_the_whole(figure: Known | None) -> str:
    if figure is None or figure.value is None or not figure.units or not figure.silent:
        return ""
    return f" The figure is {summed_words(figure.units, figure.silent)}, so it may be a part of the whole."


def _was_a_part(figure: Known | None) -> str:
    if figure is None or figure.value is None or not figure.units or not figure.silent:
        return ""
    return f" That figure {lacking_words(figure.silent)}, so it may be a part of the whole."


def _where(case: Case) -> str:
    name = case.place.name
    return inside(name) if is_ons_code(case.place.code) else f"in {name},"


def _told_apart(definition: Definition, value: float | None, other: float | None) -> str:
    """The value with one more decimal place where it would read like the other: no figure lies above itself."""
    text = shown(definition, value)
    return shown(definition, value, finer=1) if text == shown(definition, other) else text


def _was(case: Case, one: Known | None) -> str:
    """`in Dorset the figure for 2025 was 24.8%`."""
    assert one is not None and one.value is not None
    return f"{_where(case)} the figure for {in_words(one.period)} was {said(case.definition, one.value)}"


def _changed(case: Case, finding: Finding) -> str:
    if finding.segment is None:
        return _five_years(case, finding)
    return _signalled(case, finding) + (_OF_THE_SEASON if is_seasonal(case.definition) else "")


def _signalled(case: Case, finding: Finding) -> str:
    definition, segment, figure = case.definition, finding.segment, finding.figure
    assert figure is not None and figure.value is not None and segment is not None
    assert segment.mean is not None and segment.lpl is not None and segment.upl is not None
    high, mean = finding.direction in ("high", "up"), _told_apart(definition, segment.mean, figure.value)
    latest = f"{said(definition, figure.value)} for {in_words(figure.period)}"
    if finding.rule == SpcRule.trend:
        return f"{_where(case)} the figure has {'risen' if high else 'fallen'} six times running, to {latest}"
    if finding.rule == SpcRule.shift:
        side = "above" if high else "below"
        run = f"at least seven figures in a row lie {side} their average of {mean}"
        return f"{_where(case)} {run}; the latest is {latest}"
    side = "high" if high else "low"
    usual = f"figures usually lie {_usual(case, segment.lpl, segment.upl)}"
    if finding.rule == SpcRule.two_in_three:
        return (
            f"{_where(case)} at least two of the last three figures are unusually {side};"
            f" the latest is {latest}, and {usual}"
        )
    return f"{_was(case, figure)}, unusually {side}: {usual}"


def _usual(case: Case, lower: float, upper: float, target: float | None = None) -> str:
    """The range of chance; nothing that is counted can fall below nought."""
    definition = case.definition
    rule = definition.content["quality_rule"] or {}
    least, most = rule.get("minimum"), rule.get("maximum")
    # A bound that reads like the figure or target outside it would look like a slip: it gets one more decimal place.
    outside = {shown(definition, one) for one in (case.figures[-1].value, target) if one is not None}
    finer = int(not outside.isdisjoint((shown(definition, lower), shown(definition, upper))))
    above = None if least is not None and lower <= least else shown(definition, lower, finer=finer)
    below = None if most is not None and upper >= most else shown(definition, upper, finer=finer)
    if above is None and below is not None:
        return f"below {below}"
    if above is not None and below is None:
        return f"above {above}"
    return f"between {above or shown(definition, least)} and {below or shown(definition, most)}"


def _five_years(case: Case, finding: Finding) -> str:
    first, figure = finding.first, finding.figure
    assert first is not None and first.value is not None and figure is not None and figure.value is not None
    moved = "risen" if finding.direction == "up" else "fallen"
    start, end = shown(case.definition, first.value), said(case.definition, figure.value)
    span = f"from {start} for {in_words(first.period)} to {end} for {in_words(figure.period)}"
    return f"{_where(case)} the figure has {moved} over five years {_BY_CHANCE}, {span}"


def _out_of_step(case: Case, finding: Finding) -> str:
    assert finding.figure is not None
    definition, own = case.definition, finding.figure.value
    side = "higher" if finding.direction == "high" else "lower"
    if finding.pooled is not None:
        pooled = _told_apart(definition, finding.pooled, own)
        together = f"the {pooled} that {finding.n} local authorities of England come to together"
        return f"{_was(case, finding.figure)}, {side} than {together} {_BY_CHANCE}"
    seen, reference = finding.beside, finding.reference
    assert seen is not None and reference is not None
    if seen.single is not None:
        other = f"{reference.chosen.name}'s {_told_apart(definition, seen.single.value, own)}"
        return f"{_was(case, finding.figure)}, {side} than {other} {_BY_CHANCE}"
    mean, median = (_told_apart(definition, one, own) for one in (seen.group.mean, seen.group.median))
    councils = "council" if seen.group.n_available == 1 else "councils"
    counted = f"{seen.group.n_available} similar {councils} ({reference.chosen.name})"
    if mean == median:
        return f"{_was(case, finding.figure)}, {side} than the {mean} that is usual in {counted} {_BY_CHANCE}"
    others = f"both the average ({mean}) and the middle value ({median}) of {counted}"
    return f"{_was(case, finding.figure)}, {side} than {others} {_BY_CHANCE}"


def _off_target(case: Case, finding: Finding) -> str:
    definition, segment = case.definition, finding.segment
    assert finding.target is not None and segment is not None
    assert segment.lpl is not None and segment.upl is not None
    bound = "or more" if definition.polarity is Polarity.high_is_good else "or less"
    nearest = segment.upl if definition.polarity is Polarity.high_is_good else segment.lpl
    target = f"its target of {_told_apart(definition, finding.target, nearest)} {bound}"
    usual = _usual(case, segment.lpl, segment.upl, finding.target)
    unlikely = f"as things stand it cannot be expected to reach {target}, because figures usually lie {usual}"
    season = _OF_THE_SEASON if is_seasonal(definition) else ""
    return f"{_was(case, finding.figure)}; {unlikely}{season}"


def _late(case: Case, finding: Finding) -> str:
    due = day_in_words(due_on(case.definition, finding.period))
    owed = f"the figure {_where(case)} for {in_words(finding.period)} was due by {due} and has not arrived"
    if finding.n > 1:
        owed += f", nor {'has the one' if finding.n == 2 else f'have the {finding.n - 1}'} after it"
    if finding.previous is None:
        return f"{owed}; there is none before it"
    before = finding.previous
    if before.value is None:
        return f"{owed}; the one before it, for {in_words(before.period)}, came without a number"
    return f"{owed}; the latest is for {in_words(before.period)} ({shown(case.definition, before.value)})"
