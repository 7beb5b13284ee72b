"""Small numbers of people are hidden from callers without the scope to see figures (METHODS 2.11)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from services.indicator_api.definitions import Definition
from shared.schemas.figures import ValueStatus
from shared.suppression import Cell, protect

Figure = dict[str, Any]


# Whether a hidden figure changed when it was sent again with 1, 2, 3 … in turn would tell what it is.
_OF_ITS_CHANGES: Figure = {
    "revised": False, "revision": None, "import_id": None, "recorded_at": None, "recorded_by": None
}  # fmt: skip


def protected(figures: Iterable[Figure], definitions: Mapping[str, Definition], threshold: int) -> list[Figure]:
    """The figures as a caller without `indicator:figures` gets them."""
    return [_protected(figure, definitions[figure["indicator"]], threshold) for figure in figures]


def without_hidden_past(history: Iterable[Figure]) -> list[Figure]:
    """A protected history, not telling how often a hidden figure was changed."""
    return [figure for figure in history if figure["revision"] is not None or figure["superseded_at"] is None]


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
    return (
        figure
        | _OF_ITS_CHANGES
        | {
            "value": None if shown.value is None else str(shown.value),
            "value_status": shown.status,
            "numerator": None if shown.numerator is None else str(shown.numerator),
            "denominator": None if shown.denominator is None else str(shown.denominator),
        }
    )


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
