"""The sets of areas a figure may be set beside, and which of them hold for an area and a day."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.indicator_api.places import Authority
from shared.framework.store import items_in_force
from shared.schemas.framework.areas import ComparatorKind

KIND = "comparator_sets"
ALL_AUTHORITIES = "all_authorities"
# Nobody withholds so many in the published files; where more are missing, they were not loaded.
_SMALLEST_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class ComparatorSet:
    """One edition of a set; `subject` is the area it was made for, where it was made for one."""

    code: str
    name: str
    kind: ComparatorKind
    version: str
    subject: str | None
    members: tuple[str, ...]
    applies_from: date | None
    applies_to: date | None
    # Counts every change of the entry: with it a past answer names exactly the members it was made of.
    framework_version: int = 1

    def in_force(self, day: date) -> bool:
        return not (self.applies_from and day < self.applies_from) and not (self.applies_to and day > self.applies_to)

    def fits(self, area: str) -> bool:
        """Whether the area may be set beside it: it is not somebody else's, nor only the area itself."""
        return self.subject in (None, area) and any(member != area for member in self.members)

    def members_on(self, day: date) -> tuple[str, ...]:
        return self.members

    def speaks(self, n_available: int, n_members: int) -> bool:
        """Whether so many of its members stand for it."""
        return True


@dataclass(frozen=True, slots=True)
class Everyone:
    """All local authorities there were, as if they were a set: who they are differs from day to day."""

    authorities: tuple[Authority, ...]
    code: ClassVar[str] = ALL_AUTHORITIES
    kind: ClassVar[str] = ALL_AUTHORITIES
    name: ClassVar[str] = "All local authorities in England"
    version: ClassVar[str] = "those there were on the last day of each period"

    @property
    def members(self) -> tuple[str, ...]:
        return tuple(one.code for one in self.authorities)

    def in_force(self, day: date) -> bool:
        return True

    def fits(self, area: str) -> bool:
        return True

    def members_on(self, day: date) -> tuple[str, ...]:
        return tuple(one.code for one in self.authorities if one.was_there(day))

    def speaks(self, n_available: int, n_members: int) -> bool:
        return is_enough(n_available, n_members)


def is_enough(n_available: int, n_authorities: int) -> bool:
    """Whether so many figures stand for all authorities."""
    return n_available > 0 and n_available >= _SMALLEST_SHARE * n_authorities


def set_of(content: dict[str, Any], framework_version: int = 1) -> ComparatorSet:
    return ComparatorSet(
        code=content["code"],
        name=content["name"],
        kind=ComparatorKind(content["kind"]),
        version=content["version"],
        subject=content["subject"],
        members=tuple(member["area"] for member in content["members"]),
        applies_from=_day(content["applies_from"]),
        applies_to=_day(content["applies_to"]),
        framework_version=framework_version,
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def resolve(sets: Iterable[ComparatorSet], area: str, day: date) -> list[ComparatorSet]:
    """The sets that hold for an area on a day: the neighbours it had then, the nation and region of any time."""
    return [one for one in sets if one.fits(area) and one.in_force(day)]


async def read_sets(
    session: AsyncSession, codes: Collection[str] | None = None, as_at: datetime | None = None
) -> dict[str, ComparatorSet]:
    """The applied sets by code, in order of code; those named, where names are given; as they stand or stood."""
    item = items_in_force(KIND, as_at).c
    statement = sa.select(item.content, item.version).where(~item.retired)
    if codes is not None:
        statement = statement.where(item.code.in_(codes))
    rows = (await session.execute(statement.order_by(item.code))).all()
    return {content["code"]: set_of(content, version) for content, version in rows}
