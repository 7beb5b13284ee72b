"""Small numbers of people are hidden from callers without the scope to see figures (METHODS 2.11)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from services.indicator_api.definitions import Definition
from shared.schemas.figures import ValueStatus
from shared.suppression import Cell, protect

Figure = dict[str, Any]


def protected(figures: Iterable[Figure], definitions: Mapping[str, Definition], threshold: int) -> list[Figure]:
    """The figures as a caller without `indicator:figures` gets them."""
    return [_protected(figure, definitions[figure["indicator"]], threshold) for figure in figures]


def _protected(figure: Figure, definition: Definition, threshold: int) -> Figure:
    if not definition.people:
        return figure
    status = figure["value_status"]
    cell = Cell(
        value=_number(figure["value"]),
        status=None if status is None else ValueStatus(status),
        numerator=_number(figure["numerator"]),
        denominator=_number(figure["denominator"]),
        official=definition.is_official(figure["area"]),
    )
    shown = protect(cell, definition.policy(threshold))
    if shown is cell:
        return figure
    return figure | {
        "value": None if shown.value is None else str(shown.value),
        "value_status": shown.status,
        "numerator": None if shown.numerator is None else str(shown.numerator),
        "denominator": None if shown.denominator is None else str(shown.denominator),
    }


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
