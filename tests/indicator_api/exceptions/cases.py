"""Cases for the pure evaluation, made from Dorset's own definitions."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from services.indicator_api.definitions import Definition, definition_of
from services.indicator_api.exceptions.case import Case
from services.indicator_api.series.known import Known
from services.indicator_api.series.places import Place
from shared.schemas.figures import ValueStatus
from shared.schemas.framework.catalogue import parse_item
from shared.schemas.framework.tree import read_tree
from shared.schemas.periods import Period

DORSET = Place("E06000059", "Dorset")


@cache
def _entries() -> dict[str, Any]:
    tree = read_tree(Path(__file__).resolve().parents[3] / "framework" / "dorset")
    return {one["code"]: one["content"] for one in tree.entries_for("indicator") if one["kind"] == "indicators"}


def definition(code: str, **changes: Any) -> Definition:
    content = parse_item("indicators", _entries()[code]).model_dump(mode="json")
    return definition_of(content | changes)


def figures(first: str, values: Iterable[float | None]) -> list[Known]:
    """A series from its first period on; None is a figure that is not available."""
    found = []
    period = Period.parse(first)
    for value in values:
        found.append(Known(period, value, None if value is not None else ValueStatus.x))
        period = period.successor
    return found


def shares(first: str, items: Iterable[tuple[float, float]]) -> list[Known]:
    """A series of percentages from its numerators and denominators."""
    found = []
    period = Period.parse(first)
    for numerator, denominator in items:
        value = round(100 * numerator / denominator, 1)
        found.append(Known(period, value, None, numerator, denominator))
        period = period.successor
    return found


def case(code: str, known: Iterable[Known], **changes: Any) -> Case:
    return Case(definition(code, **changes), DORSET, list(known))
