"""What a record may name: units and codes of the applied framework, and whose units a caller sees."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from shared.auth.caller import Caller
from shared.database import driver_connection
from shared.organisation.units import units_below, visible_units
from shared.problems import Fault, Malformed, NotFound

UNITS = "units"

# For the driver: whatever is recorded asks this first. The last part are the units the caller sees.
_LOOKUP = """
SELECT 'units' AS kind, code, valid_from, valid_to FROM org_unit WHERE code = ANY($1::text[])
UNION ALL
SELECT kind, code, CAST(content->>'valid_from' AS date), CAST(content->>'valid_to' AS date)
FROM framework_item WHERE kind = ANY($2::text[]) AND code = ANY($1::text[]) AND NOT retired
UNION ALL
SELECT NULL, code, NULL, NULL FROM (
  WITH RECURSIVE below AS (
    SELECT code FROM org_unit WHERE code = $3
    UNION SELECT child.code FROM org_unit AS child JOIN below ON child.parent = below.code)
  SELECT code FROM below) AS seen
"""


_ABOVE = sa.text(
    """
    WITH RECURSIVE above(code, parent) AS (
      SELECT code, parent FROM org_unit WHERE code = :unit
      UNION SELECT higher.code, higher.parent FROM org_unit higher JOIN above ON higher.code = above.parent)
    SELECT code FROM above WHERE code <> :unit
    """
)


@dataclass(frozen=True, slots=True)
class Named:
    """A code in a body: where it stands, which kind it is of, and the day it must be in force."""

    pointer: str
    kind: str
    code: str
    on: date


@dataclass(frozen=True)
class Known:
    """The codes that exist, with their validity, and the units this caller may write for (None: all)."""

    valid: dict[tuple[str, str], tuple[date | None, date | None]]
    allowed: frozenset[str] | None

    def faults(self, named: Iterable[Named]) -> list[Fault]:
        """One fault for each code that cannot be used."""
        return [fault for one in named if (fault := self._fault(one)) is not None]

    def _fault(self, one: Named) -> Fault | None:
        span = self.valid.get((one.kind, one.code))
        if one.kind == UNITS:
            outside = self.allowed is not None and one.code not in self.allowed
            # Unknown, closed and not yours look alike: the difference would tell which units exist elsewhere.
            if span is None or outside or not _in_force(span, one.on):
                words = "this is not a unit in force that day that this caller may write for"
                return Fault(one.pointer, "unknown_unit", words)
            return None
        words = one.kind.replace("_", " ")
        if span is None:
            return Fault(one.pointer, "unknown_code", f"this is not the code of one of the {words} of the framework")
        if not _in_force(span, one.on):
            return Fault(one.pointer, "not_in_force", f"this code of the {words} was not in force that day")
        return None


def _in_force(span: tuple[date | None, date | None], on: date) -> bool:
    begins, ends = span
    return (begins is None or begins <= on) and (ends is None or on <= ends)


async def look_up(session: AsyncSession, caller: Caller, named: Iterable[Named]) -> Known:
    """Everything known of these codes, in one statement however many records name them."""
    pairs = {(one.kind, one.code) for one in named}
    asked = list({code for _, code in pairs}), list({kind for kind, _ in pairs}), caller.unit
    rows = await (await driver_connection(session)).fetch(_LOOKUP, *asked)
    valid = {(kind, code): (begins, ends) for kind, code, begins, ends in rows if kind is not None}
    seen = None if caller.unit is None else frozenset(code for kind, code, *_ in rows if kind is None)
    return Known(valid, seen)


async def require_known(session: AsyncSession, caller: Caller, named: list[Named]) -> None:
    """Raises Malformed naming every code that cannot be used."""
    faults = (await look_up(session, caller, named)).faults(named)
    if faults:
        raise Malformed("A code cannot be used; see errors.", errors=faults)


async def units_in_view(session: AsyncSession, caller: Caller, unit: str | None) -> list[str] | None:
    """The units a list covers: the one asked for and those below, within the caller's; None is all.

    Raises NotFound where the unit is unknown or not the caller's: the two look alike.
    """
    allowed = await visible_units(session, caller)
    if unit is None:
        return None if allowed is None else sorted(allowed)
    below = await units_below(session, unit)
    if not below or (allowed is not None and unit not in allowed):
        raise NotFound()
    return sorted(below)


async def codes_above(session: AsyncSession, unit: str) -> list[str]:
    """The units above this one, whatever is below them."""
    return list((await session.execute(_ABOVE, {"unit": unit})).scalars())
