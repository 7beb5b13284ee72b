"""What two summaries would tell together: a count taken from that of more people must not leave a small number.

Compared are the true counts of the summary asked for and those of every summary that holds it and could be asked
for as easily: the whole council and each unit above, with and without the theme, of the same period; and the same
units and theme over each longer period. Where two counts differ by 1 to the threshold, the narrower one is hidden.

Not covered: several summaries taken from one together (all teams but one from their service, all months but one
from their quarter), periods that overlap without one holding the other, and the same summary read again after a
record was added.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from services.feedback_api.protection import Cell
from services.feedback_api.summary.queries import ComplaintCounts, Scope, ViewCounts
from shared.schemas.periods import Period, PeriodError, PeriodKind

_LONGER = (
    PeriodKind.financial_quarter,
    PeriodKind.financial_year,
    PeriodKind.calendar_year,
    PeriodKind.academic_year,
)


def wider_scopes(scope: Scope, span: Period, above: Iterable[list[str]]) -> list[Scope]:
    """The scopes that hold this one; `above` are the units at and below each unit above its own."""
    found = []
    for units in (scope.units, *above, None):
        found += [replace(scope, units=units, theme=theme) for theme in (scope.theme, None)]
    for kind in _LONGER:
        try:
            longer = span.within(kind)
        except PeriodError:
            continue
        found.append(replace(scope, first=longer.start, last=longer.end))
    return [one for place, one in enumerate(found) if one != scope and one not in found[:place]]


def cells(views: ViewCounts, complaints: ComplaintCounts) -> dict[Cell, int]:
    """Every count of people by the name it is shown under."""
    found: dict[Cell, int] = {
        ("views",): views.total,
        ("rated",): views.rated,
        ("compliments",): complaints.compliments,
    }
    found |= {("complaints", name): count for name, count in (complaints.totals | complaints.outcomes).items()}
    found[("received",)] = found.pop(("complaints", "received"))
    for name in ("channels", "groups", "units", "sentiments", "themes"):
        found |= {(name, code): count for code, count in getattr(views, name).items()}
    for row in complaints.stages:
        about = ("stages", row["procedure"], row["stage"])
        found |= {(*about, name): row[name] for name in row if name not in ("procedure", "stage")}
    return found
