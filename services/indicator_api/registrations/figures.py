"""The register's answer to the indicators that name it, in the form in which figures are imported."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.definitions import Definition, read_definitions
from services.indicator_api.registrations import service
from services.indicator_api.registrations.schemas import FigureItem
from services.indicator_api.registrations.service import Wanted
from services.indicator_api.registrations.standing import HORIZONS, Counts, Group, Tally, count_by, tally
from shared.auth.caller import Caller
from shared.problems import Fault, Malformed
from shared.schemas.periods import Period
from shared.tables import framework_item

BODY_DIMENSION, HORIZON_DIMENSION = "registration_body", "expires_within"


async def figures_of(session: AsyncSession, caller: Caller, period: Period, on: date) -> list[FigureItem]:
    """The figures at the end of a period, for each unit with those below it; the council's stand under its area."""
    checks, _ = await service.read_checks(session, caller, Wanted(on))
    tallied = tally(checks, on)
    areas = await _areas(session)
    items: list[FigureItem] = []
    definitions = await read_definitions(session)
    asking = [one for one in definitions.values() if one.content.get("registrations")]
    if all(one.period_kind is not period.kind for one in asking):
        detail = "no indicator that the register answers has figures for periods of this kind"
        raise Malformed("There is nothing to count.", errors=[Fault("/query/period", "period_kind", detail)])
    for definition in asking:
        if definition.period_kind is period.kind:
            wanted = {group: times for group, times in tallied.items() if _concerns(definition, group)}
            for unit, counts in (await service.by_unit(session, caller, None, wanted)).items():
                whole = wanted if unit in areas else {}
                items += _items(definition, areas.get(unit, unit), period, on, counts, whole)
    return items


async def _areas(session: AsyncSession) -> dict[str, str]:
    """The unit that is a whole council, and the area its figures stand under."""
    ons_code = framework_item.c.content["ons_code"].astext
    statement = sa.select(framework_item.c.code, ons_code).where(
        framework_item.c.kind == "units", ~framework_item.c.retired, ons_code.is_not(None)
    )
    return {row[0]: row[1] for row in (await session.execute(statement)).all()}


def _concerns(definition: Definition, group: Group) -> bool:
    asked = definition.content["registrations"]
    families = asked["role_families"]
    return group.kind in asked["kinds"] and (not families or group.role_family in families)


def _expiring(definition: Definition) -> bool:
    return bool(definition.content["registrations"]["expiring"])


def _items(
    definition: Definition, place: str, period: Period, on: date, counts: Counts, whole: Tally
) -> Iterator[FigureItem]:
    dimensions = {one["code"] for one in definition.content["dimensions"]}
    if _expiring(definition):
        yield _item(definition, place, period, on, None, value=float(counts.expiring[HORIZONS[-1]]))
        if HORIZON_DIMENSION in dimensions:
            for days in HORIZONS:
                part = f"{HORIZON_DIMENSION}=days_{days}"
                yield _item(definition, place, period, on, part, value=float(counts.expiring[days]))
        return
    yield _share(definition, place, period, on, None, counts)
    if BODY_DIMENSION in dimensions:
        by_body = count_by(whole, lambda group: [group.body])
        for body in sorted(by_body):
            yield _share(definition, place, period, on, f"{BODY_DIMENSION}={body}", by_body[body])


def _share(
    definition: Definition, place: str, period: Period, on: date, breakdown: str | None, counts: Counts
) -> FigureItem:
    return _item(
        definition, place, period, on, breakdown, numerator=float(counts.valid), denominator=float(counts.required)
    )


def _item(
    definition: Definition, place: str, period: Period, on: date, breakdown: str | None, **numbers: Any
) -> FigureItem:
    empty = {"numerator": None, "denominator": None, "value": None, "value_status": None}
    source = f"Register of staff checks at {on.isoformat()}"
    return FigureItem(
        indicator=definition.code, area=place, period=period.code, breakdown=breakdown, source_ref=source,
        **(empty | numbers),
    )  # fmt: skip
