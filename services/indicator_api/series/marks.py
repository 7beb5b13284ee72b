"""Which of the figures in an answer callers without the scope for true figures are not shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.definitions import Definition
from services.indicator_api.series.known import Known, Veil, prepared
from services.indicator_api.series.places import Map, Place
from services.indicator_api.series.queries import Figures
from services.indicator_api.series.roll_up import Ground

# The figures of an indicator by place.
Series = Mapping[Place, Sequence[Known]]


@dataclass(frozen=True)
class Told:
    """What an answer is made of; `newest` says how many points of each place it shows."""

    definitions: Mapping[str, Definition]
    known: Map
    stored: Figures
    newest: int | None

    def shown(self, figures: Sequence[Known]) -> Sequence[Known]:
        return figures if self.newest is None else figures[-self.newest :]


async def hidden_figures(
    session: AsyncSession, told: Told, series: Mapping[str, Series], threshold: int
) -> dict[str, list[dict[str, Any]]]:
    """Of each indicator the figures an answer shows that its protected form does not, as places and periods."""
    periods = {one.period for places in series.values() for figures in places.values() for one in told.shown(figures)}
    figures = {key: [one for one in found if one.period in periods] for key, found in told.stored.items()}
    veil = await prepared(session, Veil(False, threshold), told.definitions, figures)

    def hidden(code: str) -> list[dict[str, Any]]:
        ground = Ground.of(told.definitions[code], told.definitions, told.known, figures, veil)
        found = []
        for place, shown in series[code].items():
            protected = {one.period: one.value for one in ground.series(place)}
            found += [
                {"area": place.code, "period": one.period.code}
                for one in told.shown(shown)
                if one.value is not None and protected.get(one.period) is None
            ]
        return found

    return {code: hidden(code) for code in series}
