"""One figure with all it is set beside, as plain data: what positions and standings are computed from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.indicator_api.comparators.sets import ComparatorSet
from services.indicator_api.definitions import Definition
from services.indicator_api.series.known import Known
from services.indicator_api.series.places import Place
from shared.schemas.periods import Period


@dataclass(frozen=True, slots=True)
class Subject:
    """One indicator in one place at one period.

    `figures` end with that period; `edition` is the definition its figure was recorded under. `others` are the
    figures of that very period by area, as this caller may see them; `authorities` all there were on its last day.
    """

    definition: Definition
    edition: Definition
    place: Place
    breakdown: str
    period: Period | None
    figures: Sequence[Known]
    sets: Sequence[ComparatorSet]
    others: Mapping[str, Known]
    authorities: Sequence[str]
    names: Mapping[str, str]
    ranked: bool

    @property
    def own(self) -> Known | None:
        """The figure of the period; None where there is none."""
        return self.figures[-1] if self.figures and self.figures[-1].period == self.period else None

    def like(self, code: str) -> Known | None:
        """Another area's figure where it counts the same way; figures of two definitions are not compared."""
        found = self.others.get(code)
        return found if found is not None and found.version == self.edition.version else None

    def name_of(self, code: str) -> str:
        return self.names.get(code, code)


def is_reportable(definition: Definition) -> bool:
    """Whether somebody outside asks for it: an official body publishes it, or a plan of the council names it."""
    return definition.published_by is not None or bool(definition.content["plans"])
