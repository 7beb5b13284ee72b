"""The figure a comment is about: whether it may be commented on, by whom, and what it is now."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.commentary.errors import NotTheIndicatorsOwner
from services.indicator_api.days import first_day
from services.indicator_api.definitions import Definition, answers_for, read_definitions
from services.indicator_api.places import read_places
from services.indicator_api.series.derived import with_parts
from services.indicator_api.series.known import Known, Veil, prepared
from services.indicator_api.series.places import read_map
from services.indicator_api.series.queries import read_figures
from services.indicator_api.series.roll_up import Ground
from shared.auth.caller import Caller
from shared.clock import Clock
from shared.problems import Fault, Malformed, NotFound
from shared.schemas.periods import Period, PeriodError

# An indicator, a place and a period.
Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Subject:
    """A figure that may be commented on, its place under the code it is stored by."""

    definition: Definition
    area: str
    period: str

    @property
    def key(self) -> Key:
        return self.definition.code, self.area, self.period


def key_text(key: Key) -> str:
    return ".".join(key)


def read_key(text: str) -> Key:
    """The figure a key names; raises NotFound for what is no key."""
    parts = text.split(".")
    if len(parts) != 3:
        raise NotFound()
    return parts[0], parts[1], parts[2]


async def find_subject(session: AsyncSession, caller: Caller, key: Key) -> Subject:
    """The figure to be commented on by or for this caller; raises NotFound for one they may not speak of."""
    code, area, period = key
    definition = (await read_definitions(session, [code])).get(code)
    place = (await read_places(session, caller)).get(area)
    if definition is None or not place:
        raise NotFound()
    return Subject(definition, place, period)


def check_period(subject: Subject, clock: Clock, pointer: str) -> None:
    """Raises Malformed for a period of another kind, and for one that has not begun."""
    try:
        period = Period.parse(subject.period)
    except PeriodError:
        raise NotFound() from None
    code, detail = "", ""
    if period.kind is not subject.definition.period_kind:
        words = subject.definition.period_kind.value.replace("_", " ")
        code, detail = "period_kind", f"this indicator has a figure for each {words}"
    elif first_day(period) > clock.today():
        code, detail = "period_not_begun", "this period has not begun; there is nothing to say of it yet"
    if code:
        raise Malformed("There is no such figure; see errors.", errors=[Fault(pointer, code, detail)])


def owns(caller: Caller, definition: Definition) -> bool:
    """Whether the caller answers for the indicator."""
    return answers_for(caller, definition.content["owner_role"])


def require_owner(caller: Caller, definition: Definition) -> None:
    if not owns(caller, definition):
        role = definition.content["owner_role"]
        raise NotTheIndicatorsOwner("Whoever holds its owner role comments on it.", owner_role=role)


async def read_now(
    session: AsyncSession, caller: Caller, keys: Collection[Key], definitions: Mapping[str, Definition], veil: Veil
) -> dict[Key, Known]:
    """The figures as they stand, sums over units included, as this caller may know them."""
    areas = sorted({area for _, area, _ in keys})
    if not areas:
        return {}
    known = await read_map(session, caller, areas)
    every = await with_parts(session, definitions)
    stored = await read_figures(session, every, known.codes())
    veil = await prepared(session, veil, every, stored)
    found: dict[Key, Known] = {}
    for code, area in {(code, area) for code, area, _ in keys}:
        ground = Ground.of(definitions[code], every, known, stored, veil)
        found |= {(code, area, one.period.code): one for one in ground.series(known.places[area])}
    return found
