"""How a figure of an indicator reads: in a table, and in a sentence."""

from __future__ import annotations

from services.indicator_api.definitions import Definition
from shared.schemas.figures import Measure, ValueStatus, display_text

PER_CENT_SIGN, POUND = "%", "£"
LESS_BEFORE = "Some earlier figures lack more teams than the latest, so they may be a smaller part of the whole."


def shown(definition: Definition, value: float | None, status: ValueStatus | None = None, *, finer: int = 0) -> str:
    """The figure as it stands in a table, symbol included; a grade by its name. `finer` adds decimal places."""
    if value is not None and definition.measure is Measure.ordinal:
        label = _grade(definition, value)
        if label is not None:
            return f"{label} {status}" if status else label
    # Events for every hundred pupils are a percentage by measure, but not a share of anything.
    share = definition.measure is not Measure.percentage or definition.content["unit"] == PER_CENT_SIGN
    measure = definition.measure if share else Measure.mean
    return display_text(value, status, places=definition.decimal_places + finer, measure=measure)


def said(definition: Definition, value: float) -> str:
    """The figure in a sentence, with its unit where the title does not already say it."""
    text, unit = shown(definition, value), str(definition.content["unit"])
    if definition.measure is Measure.ordinal or unit == PER_CENT_SIGN:
        return text
    if unit.startswith(POUND):
        return f"{text} {unit.removeprefix(POUND).strip()}".strip()
    if unit.startswith("score"):
        return f"a score of {text}"
    title = definition.title.lower()
    if unit.lower() in title or (unit.startswith("per ") and " per " in title):
        return text
    return f"{text} {unit}"


def summed_words(units: int, missing: int) -> str:
    """`summed from 1 unit; 11 more teams have sent no figure yet`."""
    teams = f"{missing} more team{'s have' if missing > 1 else ' has'}"
    return f"summed from {units} unit{'s' if units > 1 else ''}; {teams} sent no figure yet"


def lacking_words(missing: int) -> str:
    """`lacks 11 teams`; of a figure that others have followed, for some of the teams may have sent theirs since."""
    return f"lacks {missing} team{'s' if missing > 1 else ''}"


def inside(name: str) -> str:
    """`in Dorset`; a name with a comma of its own is closed by another: `in Bristol, City of,`."""
    return f"in {name}," if "," in name else f"in {name}"


def moved(definition: Definition, before: float, after: float, *, places: int = 0) -> str:
    """`3% higher`; percentages differ by points, for a per cent of per cents misleads; a grade by no amount."""
    side = "higher" if after > before else "lower"
    if definition.measure is Measure.percentage and definition.content["unit"] == PER_CENT_SIGN:
        return f"{abs(after - before):.{max(1, definition.decimal_places)}f} percentage points {side}"
    if not before or definition.measure is Measure.ordinal:
        return side
    return f"{abs(after - before) * 100 / abs(before):.{places}f}% {side}"


def _grade(definition: Definition, value: float) -> str | None:
    scale = definition.content["scale"] or {"grades": []}
    return next((grade["label"] for grade in scale["grades"] if grade["order"] == value), None)
