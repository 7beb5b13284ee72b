"""What a mapping must be to give whole figures: each fault with where it is in the mapping."""

from __future__ import annotations

from collections.abc import Iterator

from services.indicator_api.mappings.schemas import MappedFigureIn, MappingIn
from shared.problems import Fault
from shared.schemas.dfe_periods import from_dfe
from shared.schemas.periods import PeriodError

_REQUIRED = ("indicator", "area", "period")
_FIGURE = ("value", "numerator", "value_status")


def faults_of(mapping: MappingIn) -> list[Fault]:
    """Every fault that can be seen without a file."""
    found = [*_period_faults(mapping), *_breakdown_faults(mapping)]
    for at, figure in enumerate(mapping.figures or [MappedFigureIn()]):
        where = f"/figures/{at}" if mapping.figures else ""
        found += _figure_faults(mapping, figure, where)
    return found


def _figure_faults(mapping: MappingIn, figure: MappedFigureIn, where: str) -> Iterator[Fault]:
    given: set[str] = set()
    parts = (
        ("/columns", mapping.columns),
        ("/constants", mapping.constants),
        (f"{where}/columns", figure.columns),
        (f"{where}/constants", figure.constants),
        ("/period", ["period"] if mapping.period else []),
        ("/breakdown", ["breakdown"] if mapping.breakdown else []),
    )
    for pointer, columns in parts:
        for column in columns:
            if column in given:
                place = pointer if pointer.endswith(column) else f"{pointer}/{column}"
                yield Fault(place, "given_twice", "this column is given in another place too")
            given.add(column)
    for column in _REQUIRED:
        if column not in given:
            yield Fault(where or "/columns", "missing_column", f"say where {column} comes from")
    if given.isdisjoint(_FIGURE):
        yield Fault(where or "/columns", "no_figure", "say where the value comes from, or what it is made of")


def _period_faults(mapping: MappingIn) -> Iterator[Fault]:
    period = mapping.period
    if period is None:
        return
    if period.reading == "date":
        if len(period.columns) != 1:
            yield Fault("/period/columns", "columns", "a date stands in one column")
        if period.identifier is not None:
            yield Fault("/period/identifier", "identifier", "a date has no identifier")
        if period.kind in ("term", "half_term"):
            yield Fault("/period/kind", "kind", "a day of a holiday lies in no term; map the term itself")
    elif (len(period.columns) == 2) == (period.identifier is not None):
        yield Fault("/period", "identifier", "give either a second column or an identifier that stands for it")
    elif period.identifier is not None and not _is_identifier(period.identifier):
        yield Fault("/period/identifier", "identifier", "give AY, FY, T1 to T3, RY, CY or a month")


def _is_identifier(words: str) -> bool:
    for digits in ("2018", "201819"):
        try:
            from_dfe(digits, words)
        except PeriodError:
            continue
        return True
    return False


def _breakdown_faults(mapping: MappingIn) -> Iterator[Fault]:
    if mapping.area_by == "la_number" and "area" in mapping.constants:
        yield Fault("/area_by", "area_by", "an area that is constant is given by its code")
