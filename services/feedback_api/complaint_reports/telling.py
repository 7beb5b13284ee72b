"""What an edition of a complaints report would tell together with other reports (METHODS 2.11.5). Pure.

Compared are the true figures of the unit asked for with those of every unit above, with those of all earlier editions
of the same period, of the year with its quarters and of a quarter with its year; and each figure over the whole tree
of units, so that no parent less the children shown leaves a small number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from services.feedback_api.complaint_reports.following import FOLLOWED
from services.feedback_api.complaint_reports.tally import COUNCIL, STAGE_COUNTS, Figures, upwards
from services.feedback_api.protection import Cell, Shield, telling_cells
from shared.suppression import is_small
from shared.suppression_sums import Sum, hidden_in_sums

ALONE = ("received", "closed", "compliments", "learning_complete", "learning_missing")
LISTS = (
    "statuses", "procedures", "units", "agencies", "groups", "themes", "refusals", "outcomes",
    "learning_missing_units", "compliment_units", "compliment_agencies", "compliment_groups", "compliment_themes",
)  # fmt: skip
# The lists that break a total down, by their total.
BROKEN_DOWN = {
    "received": ("statuses", "procedures", "units", "agencies", "groups"),
    "closed": ("outcomes",),
    "learning_missing": ("learning_missing_units",),
    "compliments": ("compliment_units", "compliment_agencies", "compliment_groups"),
}
Counts = dict[Cell, int]
ByUnit = Mapping[str, Figures]


@dataclass(frozen=True)
class Others:
    """The other reports a reader can lay beside this one: each its figures by unit."""

    earlier: Sequence[ByUnit] = ()
    year: ByUnit | None = None
    quarters: Sequence[ByUnit] = field(default=())


def cells_of(figures: Figures | None) -> Counts:
    """Every count of people in a report, by the name it is shown under."""
    if figures is None:
        return {}
    found: Counts = {(name,): figures[name] for name in ALONE}
    for name in LISTS:
        found |= {(name, code): count for code, count in figures[name].items()}
    for kind in FOLLOWED:
        # An edition of before these were counted has none of them.
        found |= {(kind, name): count for name, count in figures.get(kind, {}).items()}
    for row in figures["stages"]:
        about = ("stages", row["procedure"], row["stage"])
        found |= {(*about, name): row[name] for name in STAGE_COUNTS}
    return found


def telling(
    unit: str, by_unit: ByUnit, parents: Mapping[str, str | None], others: Others, threshold: int
) -> frozenset[Cell]:
    """The cells of this unit's report that would give a small number away."""
    own = cells_of(by_unit.get(unit))
    found: set[Cell] = set()
    for code in _above(unit, parents):
        wider = cells_of(by_unit.get(code))
        # A unit that is all there is of the one above differs from it by nothing, which tells nothing.
        found |= set(telling_cells(own, wider, threshold))
    for report in others.earlier:
        found |= set(telling_cells(own, cells_of(report.get(unit)), threshold))
    if others.year is not None and unit in others.year:
        found |= set(telling_cells(own, cells_of(others.year[unit]), threshold))
    found |= _left_by_quarters(own, [cells_of(one.get(unit)) for one in others.quarters], threshold)
    return frozenset(found | _left_in_the_tree(unit, own, by_unit, parents, threshold))


def hidden_above(
    unit: str, by_unit: ByUnit, parents: Mapping[str, str | None], others: Others, threshold: int
) -> frozenset[Cell]:
    """The cells that a report above hides and this one counts the same: with its total they would tell the rest."""
    own, found = cells_of(by_unit.get(unit)), set()
    for code in _above(unit, parents):
        if (figures := by_unit.get(code)) is None:
            continue
        told = telling(code, by_unit, parents, others, threshold)
        shield = Shield(threshold, narrowed=code != COUNCIL, telling=told)
        for total, names in BROKEN_DOWN.items():
            _, lists = shield.lists(total, figures[total], {name: figures[name] for name in names})
            for name, shown in zip(names, lists, strict=True):
                hidden = {(name, part): figures[name][part] for part, count in shown.items() if count is None}
                found |= {cell for cell, count in hidden.items() if count and own.get(cell) == count}
    return frozenset(found)


def _above(unit: str, parents: Mapping[str, str | None]) -> tuple[str, ...]:
    return () if unit == COUNCIL else (COUNCIL, *upwards(unit, parents)[1:])


def _left_by_quarters(own: Counts, quarters: Sequence[Counts], threshold: int) -> set[Cell]:
    """Cells of a year from which the quarters that are shown leave a small number."""
    found = set()
    for cell, count in own.items():
        parts = [one.get(cell, 0) for one in quarters]
        small = [part for part in parts if is_small(part, threshold)]
        rest = count - sum(part for part in parts if not is_small(part, threshold))
        if quarters and (len(small) == 1 or is_small(abs(rest), threshold)):
            found.add(cell)
    return found


def _left_in_the_tree(
    unit: str, own: Counts, by_unit: ByUnit, parents: Mapping[str, str | None], threshold: int
) -> set[Cell]:
    """Cells hidden for this unit so that no unit's figure less those of its parts leaves a small number."""
    every = {code: cells_of(figures) for code, figures in by_unit.items()}
    children: dict[str, list[str]] = {}
    for code in every:
        if code != COUNCIL:
            parent = parents.get(code) or COUNCIL
            children.setdefault(parent if parent in every else COUNCIL, []).append(code)
    found = set()
    for cell, count in own.items():
        # A small count is hidden anyway; here are those that others' small counts need hidden.
        if count == 0 or is_small(count, threshold):
            continue
        counts: dict[tuple[str, ...], int | None] = {(code,): cells.get(cell, 0) for code, cells in every.items()}
        if not any(is_small(one, threshold) for one in counts.values()):
            continue
        sums = []
        for parent, below in children.items():
            direct = every[parent].get(cell, 0) - sum(every[code].get(cell, 0) for code in below)
            counts[(parent, "itself")] = direct
            sums.append(Sum((parent,), (*((code,) for code in below), (parent, "itself"))))
        if (unit,) in hidden_in_sums(counts, sums, threshold=threshold):
            found.add(cell)
    return found
